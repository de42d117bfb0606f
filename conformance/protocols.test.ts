/** The node's own reading of what nodes say to each other is held to the vectors. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openParcel } from "../src/infrastructure/datasets/parcel.ts";
import { parcelMessage } from "../src/infrastructure/events/between-nodes.ts";
import { transitId } from "../src/infrastructure/events/transit.ts";
import { isFault } from "../src/kernel/errors/fault.ts";
import { fromBase64, toBase64 } from "../src/lib/crypto/base64url.ts";
import { utf8 } from "../src/lib/crypto/bytes.ts";
import { hmacSha256 } from "../src/lib/crypto/digest.ts";
import { publicKeyFromSpki } from "../src/lib/crypto/keys.ts";
import { verifyWith } from "../src/lib/crypto/purposes.ts";
import { openJoining, openNotice } from "../src/lib/directory/joining.ts";
import { openDirectory } from "../src/lib/directory/open.ts";
import { knownOf } from "../src/lib/directory/testing.ts";
import { placeOf } from "../src/lib/reconciliation/range.ts";
import { summaryOf } from "../src/lib/reconciliation/summary.ts";

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, `vectors/${name}.json`), "utf8"));
const bytesOf = (base64: string) => fromBase64(base64) ?? new Uint8Array(0);

test("directories open, or do not, as the vectors say", () => {
  const { anchor, self, directories } = read("directory");
  assert.ok(directories.length > 10);
  for (const { why, expect, now, parts, known = [] } of directories) {
    const before = known.length === 0 ? undefined : openDirectory(known, { anchor, self, now, known: new Map() });
    assert.ok(before === undefined || before.kind === "open", why);
    const opened = openDirectory(parts, { anchor, self, now, known: knownOf(before?.parts ?? []) });
    assert.equal(opened.kind === "open" ? "open" : opened.fault, expect, why);
  }
});

test("requests to join and notices are signed by whom they must be", () => {
  const { joinings, notices } = read("directory");
  for (const { why, expect, note, proofs } of joinings) {
    assert.equal(openJoining({ note, proofs }) === undefined ? "invalid" : "valid", expect, why);
  }
  for (const { why, expect, note, keys } of notices) {
    assert.equal(openNotice(note, keys) === undefined ? "invalid" : "valid", expect, why);
  }
});

test("events between nodes are proved, named and pushed as the vectors say", () => {
  const { key, parcels, transit, pushes } = read("events");
  const verifying = publicKeyFromSpki(bytesOf(key.spki));
  for (const { why, expect, destination, parcel } of parcels) {
    const message = parcelMessage(destination, parcel);
    const isSigned = verifyWith(["international"], {
      ...{ key: verifying, message, signature: bytesOf(parcel.proof.signature) },
    });
    assert.equal(isSigned ? "valid" : "invalid", expect, why);
  }
  for (const { destination, id, transitId: named } of transit) assert.equal(transitId(destination, { id }), named);
  for (const { why, expect, secret, id, timestamp, body, signature } of pushes) {
    const made = hmacSha256(bytesOf(secret.slice("whsec_".length)), utf8(`${id}.${timestamp}.${body}`));
    assert.equal(`v1,${toBase64(made)}` === signature ? "valid" : "invalid", expect, why);
  }
});

test("data sets have the places, sums and parcels of the vectors", () => {
  const { places, summaries, parcels } = read("data-sets");
  for (const { key, place } of places) assert.equal(placeOf(key), place);
  for (const { items, entries, fingerprint } of summaries) {
    const of = items.map(({ key, digest }: { key: string; digest: string }) => ({ key, digest: BigInt(`0x${digest}`) }));
    assert.deepEqual(summaryOf(of), { entries, fingerprint: BigInt(`0x${fingerprint}`) });
  }
  for (const { why, expect, suite, seed, parcel, binding, content } of parcels) {
    const open = () => openParcel(parcel, { suite, seed: Uint8Array.fromHex(seed) }, binding);
    if (expect === "invalid") {
      assert.throws(open, (error) => isFault(error, "ERR_DATASETS_PARCEL"), why);
      continue;
    }
    const { citations, versions } = open();
    const [version] = versions;
    const { key, value, division } = version ?? {};
    assert.deepEqual({ key, value, division, citations: citations[0] }, content, why);
  }
});
