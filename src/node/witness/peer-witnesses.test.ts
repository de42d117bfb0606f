import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { readDocument, writeDocument } from "#lib/directory/document";
import type { NodeEntry } from "#lib/directory/entries";
import { documentOf, nodeOf, signerOf, verifierKeyOf } from "#lib/directory/testing";
import { assemble } from "#lib/directory/view";
import { formatWitnessKey, witnessKey } from "#lib/merkle/cosignature";
import { followedLogs, peerWitnesses } from "./peer-witnesses.ts";

const lineOf = (code: string) =>
  formatWitnessKey(witnessKey(`${code}/witness-1`, publicKeyOf(ed25519FromSeed(new Uint8Array(32).fill(code.length)))));
const listed = (code: string, division: string, said: Partial<NodeEntry> = {}) =>
  nodeOf(code, division, {
    ...{ site: `https://${code}.example`, cosigningKeys: [lineOf(code)] },
    ...{ logKeys: [verifierKeyOf(signerOf(`${code}/ledger`, code.length))], ...said },
  });
const NODES = [
  listed("centre", "000000"),
  listed("province", "990000"),
  listed("city", "990100", { above: "province" }),
  listed("county", "990121", { above: "city" }),
  listed("older", "990122", { above: "city", cosigningKeys: undefined }),
  listed("inner", "990123", { above: "city", zone: "intranet", exchange: undefined, site: undefined }),
];

function viewOf(self: string, nodes: readonly NodeEntry[] = NODES) {
  const view = assemble({
    ...{ self, now: "2026-11-29T00:00:00Z", isPartial: false },
    parts: [documentOf("000000", { nodes })],
  });
  assert.ok("nodes" in view);
  return view;
}
const namesOf = (self: string) => peerWitnesses(viewOf(self)).map(({ key }) => key.name);

test("a node asks those directly above and below it, and follows their logs", () => {
  assert.deepEqual(namesOf("city"), ["province/witness-1", "county/witness-1"]);
  assert.deepEqual(namesOf("county"), ["city/witness-1"]);
  const followed = followedLogs(viewOf("city")).map(({ name }) => name);
  assert.deepEqual(followed, ["province/ledger", "county/ledger", "inner/ledger", "older/ledger"]);
});

test("a node of the intranet asks nobody, and a node of no directory has no witnesses", () => {
  assert.deepEqual(namesOf("inner"), []);
  assert.deepEqual([...peerWitnesses(undefined), ...followedLogs(undefined)], []);
});

test("a log's name that two nodes claim is followed for neither", () => {
  const claimed = [...NODES, listed("thief", "990124", { logKeys: [verifierKeyOf(signerOf("county/ledger", 9))] })];
  assert.ok(!followedLogs(viewOf("city", claimed)).some(({ name }) => name === "county/ledger"));
});

test("the directory lists keys of witnesses where there are any; those before it are read and written as they were", () => {
  const [centre, older] = [NODES[0], NODES[4]] as [NodeEntry, NodeEntry];
  const written = writeDocument(documentOf("000000", { nodes: [centre, older] }));
  const read = readDocument(written);
  assert.deepEqual(read?.nodes[0]?.cosigningKeys, [lineOf("centre")]);
  assert.equal(read.nodes[1]?.cosigningKeys, undefined);
  assert.ok(read !== undefined && writeDocument(read) === written);
  const wrong = { ...centre, cosigningKeys: ["centre/witness-1+00000000+AAAA"] };
  assert.throws(() => writeDocument(documentOf("000000", { nodes: [wrong] })), RangeError);
});
