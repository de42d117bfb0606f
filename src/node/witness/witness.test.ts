import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { cosigningKey, Witness } from "#kernel/witnessing/witness";
import { utf8 } from "#lib/crypto/bytes";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { formatCheckpoint } from "#lib/merkle/checkpoint";
import { appendLeaves, type CompactRange, rootOf } from "#lib/merkle/compact-range";
import { formatWitnessKey, openCosignatures, witnessKey } from "#lib/merkle/cosignature";
import { leafHash, nodeHash } from "#lib/merkle/hash";
import { noteVerifier, signNote } from "#lib/merkle/note";
import { consistencyProof } from "#lib/merkle/proof";
import { formatWitnessRequest } from "#lib/merkle/witness-request";
import { SeenCheckpointFiles } from "./seen-checkpoints.ts";
import { witnessServer } from "./witness-server.ts";

const LOG = "log.example/county";
const logKey = ed25519FromSeed(new Uint8Array(32).fill(1));
const ownKey = ed25519FromSeed(new Uint8Array(32).fill(2));
const own = witnessKey("witness.example/w", publicKeyOf(ownKey));

/** A log of leaves told by their texts. */
class SampleLog {
  readonly #leaves: Uint8Array[];

  constructor(leaves: readonly string[]) {
    this.#leaves = leaves.map((leaf) => leafHash(utf8(leaf)));
  }

  note(size: number): string {
    return signNote(formatCheckpoint({ origin: LOG, size, root: this.#root(0, size) }), LOG, logKey);
  }

  async request(oldSize: number, size: number): Promise<string> {
    const proof = await consistencyProof(oldSize, size, async (nodes) =>
      nodes.map(({ level, index }) => this.#root(index * 2 ** level, (index + 1) * 2 ** level)),
    );
    return formatWitnessRequest({ oldSize, proof, note: this.note(size) });
  }

  #root(from: number, to: number): Uint8Array {
    const empty: CompactRange = { size: 0, hashes: [] };
    return rootOf(appendLeaves(empty, this.#leaves.slice(from, to), () => undefined));
  }
}

async function open(
  context: TestContext,
): Promise<{ witness: Witness; folder: string; again: () => Promise<Witness> }> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-witness-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const again = async () =>
    new Witness({
      key: cosigningKey(own.name, ownKey),
      logs: () => [noteVerifier(LOG, publicKeyOf(logKey))],
      seen: await SeenCheckpointFiles.in(folder),
      now: () => 1_790_000_000,
    });
  return { witness: await again(), folder, again };
}

const leaves = (count: number, of = "entry") => Array.from({ length: count }, (_, at) => `${of} ${at}`);
const ask = async (witness: Witness, body: string) => await witness.addCheckpoint(utf8(body));

test("a log that grows is vouched for, each time from what was seen last", async (context) => {
  const { witness, again } = await open(context);
  const log = new SampleLog(leaves(40));
  for (const [from, to] of [
    [0, 3],
    [3, 3],
    [3, 17],
    [17, 40],
  ] as const) {
    const answer = await ask(witness, await log.request(from, to));
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(openCosignatures(log.note(to) + answer.body, [own])?.length, 1);
  }
  const other = await again();
  assert.deepEqual(await ask(other, await log.request(17, 40)), {
    status: 409,
    contentType: "text/x.tlog.size",
    body: "40\n",
  });
});

test("a forked, a rewritten and a shortened log are not vouched for", async (context) => {
  const { witness } = await open(context);
  const log = new SampleLog(leaves(20));
  assert.equal((await ask(witness, await log.request(0, 10))).status, 200);
  const forked = new SampleLog([...leaves(10), ...leaves(10, "another")]);
  const rewritten = new SampleLog(["changed", ...leaves(20).slice(1)]);
  assert.equal((await ask(witness, await rewritten.request(10, 10))).status, 409);
  assert.equal((await ask(witness, await rewritten.request(10, 20))).status, 422);
  assert.equal((await ask(witness, await log.request(0, 5))).status, 409);
  assert.equal((await ask(witness, formatWitnessRequest({ oldSize: 10, proof: [], note: log.note(5) }))).status, 400);
  assert.equal((await ask(witness, await forked.request(10, 20))).status, 200);
  // The first to come decides; the other history is refused from then on.
  assert.equal((await ask(witness, await log.request(10, 20))).status, 409);
  assert.equal((await ask(witness, await log.request(20, 20))).status, 409);
});

test("of two continuations at once one is vouched for", async (context) => {
  const { witness } = await open(context);
  const log = new SampleLog(leaves(10));
  assert.equal((await ask(witness, await log.request(0, 10))).status, 200);
  const continuations = ["a", "b", "c", "d"].map((name) => new SampleLog([...leaves(10), ...leaves(4, name)]));
  const answers = await Promise.all(continuations.map(async (one) => ask(witness, await one.request(10, 14))));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
});

test("strangers, forgeries and noise are refused", async (context) => {
  const { witness, folder } = await open(context);
  const log = new SampleLog(leaves(4));
  const request = await log.request(0, 4);
  const stranger = signNote(
    formatCheckpoint({ origin: "else", size: 0, root: nodeHash(leafHash(utf8("")), leafHash(utf8(""))) }),
    "else",
    logKey,
  );
  assert.equal((await ask(witness, formatWitnessRequest({ oldSize: 0, proof: [], note: stranger }))).status, 404);
  const forged = signNote(`${request.slice(request.indexOf("\n\n") + 2).split("\n\n")[0]}\n`, LOG, ownKey);
  assert.equal((await ask(witness, formatWitnessRequest({ oldSize: 0, proof: [], note: forged }))).status, 403);
  assert.equal((await ask(witness, "old 0")).status, 400);
  assert.equal((await witness.addCheckpoint(Uint8Array.of(0xff, 0xfe))).status, 400);
  assert.equal((await ask(witness, request)).status, 200);
  const [file] = (await readdir(folder)).filter((name) => name.endsWith(".checkpoint"));
  await writeFile(join(folder, file ?? ""), "damaged");
  await assert.rejects(ask(witness, await log.request(4, 4)), { code: "ERR_WITNESS_STATE" });
});

test("over HTTP: its key, a signature, and bounds", async (context) => {
  const { witness } = await open(context);
  const server = witnessServer(witness, formatWitnessKey(own));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  context.after(() => server.closeAllConnections());
  context.after(() => server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.equal(await (await fetch(`${address}/key`)).text(), `${formatWitnessKey(own)}\n`);
  const log = new SampleLog(leaves(3));
  const post = async (body: string) => await fetch(`${address}/add-checkpoint`, { method: "POST", body });
  const answer = await post(await log.request(0, 3));
  assert.equal(answer.status, 200);
  assert.equal(openCosignatures(log.note(3) + (await answer.text()), [own])?.length, 1);
  assert.equal((await post("x".repeat(200_000))).status, 413);
  assert.equal((await fetch(`${address}/add-checkpoint`)).status, 405);
  assert.equal((await fetch(`${address}/else`)).status, 404);
});
