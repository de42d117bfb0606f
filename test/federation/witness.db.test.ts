import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { migrate } from "#kernel/database/migrations";
import { testDatabase } from "#kernel/database/testing";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { readNote } from "#kernel/ledger/checkpoints";
import type { LedgerEntry } from "#kernel/ledger/entry";
import { ledgerKeys } from "#kernel/ledger/keys";
import { LEDGER_MIGRATIONS, Ledger } from "#kernel/ledger/ledger";
import { lastCosignatures, WITNESSING_MIGRATIONS } from "#kernel/witnessing/cosignatures";
import { seenLogs, seenRows } from "#kernel/witnessing/seen-rows";
import { cosigningKey, Witness } from "#kernel/witnessing/witness";
import { type Witness as ReachedWitness, Witnessing } from "#kernel/witnessing/witnessing";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { formatWitnessKey, openCosignatures, witnessKey } from "#lib/merkle/cosignature";
import { noteVerifier, parseNote } from "#lib/merkle/note";
import { formatSuccession } from "#lib/merkle/succession";
import { formatWitnessRequest } from "#lib/merkle/witness-request";
import { SeenCheckpointFiles } from "../../src/node/witness/seen-checkpoints.ts";
import { witnessAt } from "../../src/node/witness/witness-client.ts";
import { witnessServer } from "../../src/node/witness/witness-server.ts";

const ORIGIN = "ledger.example/qingyuan";
const logKey = ed25519FromSeed(new Uint8Array(32).fill(4));
const signer = checkpointSigner(
  ORIGIN,
  logKey,
  [5, 6].map((at) => ed25519FromSeed(new Uint8Array(32).fill(at))),
);
/** As whoever has a key that was followed would sign: with followers of his own. */
const thief = checkpointSigner(ORIGIN, logKey, [ed25519FromSeed(new Uint8Array(32).fill(7))]);
const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(6) });

const entry = (operation: string): LedgerEntry => ({
  type: "read",
  at: "2026-03-02T01:00:00Z",
  room: "population",
  operation,
  actor: { kind: "official", id: "official-1" },
  purpose: "case",
  legalBasis: [],
  subjects: [],
  outcome: "answered",
});

/** A witness of its own over HTTP. */
async function openWitness(context: TestContext, fill: number): Promise<ReachedWitness> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-witness-"));
  const key = ed25519FromSeed(new Uint8Array(32).fill(fill));
  const name = `witness.example/${fill}`;
  const own = witnessKey(name, publicKeyOf(key));
  const logs = [noteVerifier(ORIGIN, publicKeyOf(logKey))];
  const seen = await SeenCheckpointFiles.in(folder);
  const witness = new Witness({ key: cosigningKey(name, key), logs: () => logs, seen, now: () => 1_790_000_000 });
  const server = witnessServer(witness, formatWitnessKey(own));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await rm(folder, { recursive: true, force: true });
  });
  return witnessAt(own, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

/** The log of one database, with its witnesses. All logs of this file bear one name and one key, as a dishonest operator's would. */
async function openLog(context: TestContext, witnesses: readonly ReachedWitness[]) {
  const { database, close } = await testDatabase();
  context.after(close);
  await migrate(database, [LEDGER_MIGRATIONS, WITNESSING_MIGRATIONS]);
  const ledger = new Ledger({ database, signer, keys });
  const faults: string[] = [];
  const witnessing = new Witnessing({
    database,
    ledger,
    witnesses: () => witnesses,
    onFault: ({ code }) => faults.push(code),
  });
  const grow = async (...operations: readonly string[]) => {
    await ledger.append(database, operations.map(entry));
    await ledger.sequenceNow();
    await witnessing.round();
    return faults.splice(0);
  };
  /** Another key follows the log's with the next round. */
  const follow = async () => {
    await ledger.append(database, [entry("follow")]);
    assert.ok(await ledger.wantSuccession(database));
    await ledger.sequenceNow();
  };
  return { database, ledger, witnessing, grow, follow };
}

test("a log that grows is witnessed, and a witness that is away holds up nobody", async (context) => {
  const one = await openWitness(context, 11);
  const other = await openWitness(context, 12);
  const away = witnessAt(witnessKey("witness.example/away", publicKeyOf(logKey)), "http://127.0.0.1:9");
  const { database, ledger, witnessing, grow } = await openLog(context, [one, other, away]);
  const told = async () =>
    (await lastCosignatures(database)).map(({ witness, size, behindSince }) => [witness, size, behindSince !== null]);
  assert.deepEqual(await grow("a", "b", "c"), ["ERR_WITNESS_UNREACHABLE"]);
  await ledger.append(database, [entry("d")]);
  await ledger.sequenceNow();
  assert.deepEqual(await told(), [
    ["witness.example/11", 3, true],
    ["witness.example/12", 3, true],
  ]);
  assert.deepEqual(await grow(), ["ERR_WITNESS_UNREACHABLE"]);
  assert.deepEqual(await told(), [
    ["witness.example/11", 4, false],
    ["witness.example/12", 4, false],
  ]);
  const newest = await ledger.checkpoint();
  assert.equal(newest?.size, 4);
  const note = newest.note + (await witnessing.lines(4)).join("");
  assert.deepEqual(
    openCosignatures(note, [one.key, other.key])?.map(({ witness }) => witness.name),
    ["witness.example/11", "witness.example/12"],
  );
  // Two of three are more than half.
  assert.equal(await witnessing.witnessedSize(), 4);
});

test("a witness that lost sight of our last answer is asked again from what it saw", async (context) => {
  const witness = await openWitness(context, 13);
  const first = await openLog(context, [witness]);
  assert.deepEqual(await first.grow("a", "b"), []);
  const lost = { ...witness, send: async (body: string) => ({ ...(await witness.send(body)), status: 503 }) };
  const deaf = new Witnessing({ database: first.database, ledger: first.ledger, witnesses: () => [lost] });
  await first.ledger.append(first.database, [entry("c")]);
  await first.ledger.sequenceNow();
  await deaf.round();
  assert.deepEqual(await first.witnessing.lines(3), []);
  assert.deepEqual(await first.grow("d"), []);
  assert.equal((await first.witnessing.lines(4)).length, 1);
});

test("another history under the same name and key is refused: a split view comes to light", async (context) => {
  const witness = await openWitness(context, 14);
  const shown = await openLog(context, [witness]);
  const hidden = await openLog(context, [witness]);
  assert.deepEqual(await shown.grow("a", "b", "c"), []);
  // A round in which the log takes no entry does not lose what has to be entered.
  await hidden.ledger.append(hidden.database, ["a", "another", "c"].map(entry));
  await hidden.ledger.sequenceNow();
  await hidden.database.execute("ALTER TABLE ledger.entry ADD CONSTRAINT takes_nothing CHECK (false) NOT VALID");
  await hidden.witnessing.round();
  await hidden.database.execute("ALTER TABLE ledger.entry DROP CONSTRAINT takes_nothing");
  assert.deepEqual((await hidden.ledger.byKind("failed-checks")).records, []);
  assert.deepEqual(await hidden.grow(), ["ERR_WITNESS_REFUSED", "ERR_WITNESS_REFUSED"]);
  assert.deepEqual(await hidden.grow("d", "e"), ["ERR_WITNESS_REFUSED"]);
  assert.equal(await hidden.witnessing.witnessedSize(), undefined);
  // It stands in that log itself, once however often it is asked: whoever keeps it from its witnesses cannot keep it from its auditors.
  const { records } = await hidden.ledger.byKind("failed-checks");
  assert.deepEqual(
    records.map(({ content }) => [content?.outcome, content?.detail]),
    [["ERR_WITNESS_REFUSED", { witness: "witness.example/14" }]],
  );
  assert.deepEqual(await shown.grow("d"), []);
});

/** A node as witness: two processes of it share one database. */
async function openNodeWitness(context: TestContext) {
  const { database, close } = await testDatabase();
  context.after(close);
  await migrate(database, [WITNESSING_MIGRATIONS]);
  const key = cosigningKey("city/witness-1", ed25519FromSeed(new Uint8Array(32).fill(31)));
  const open = () =>
    new Witness({
      ...{ key, seen: seenRows(database, () => "2026-11-29T00:00:00Z"), now: () => 1_790_000_000 },
      logs: () => [noteVerifier(ORIGIN, publicKeyOf(logKey))],
    });
  const reach = (witness: Witness): ReachedWitness => ({
    key: key.key,
    send: async (body) => await witness.addCheckpoint(new TextEncoder().encode(body)),
  });
  return { database, one: reach(open()), other: reach(open()) };
}

test("a node that is a witness refuses a split view, whichever of its processes is asked", async (context) => {
  const { database, one, other } = await openNodeWitness(context);
  const shown = await openLog(context, [one]);
  const hidden = await openLog(context, [other]);
  assert.deepEqual(await shown.grow("a", "b", "c"), []);
  assert.equal(await shown.witnessing.witnessedSize(), 3);
  assert.deepEqual(await hidden.grow("a", "another", "c"), ["ERR_WITNESS_REFUSED"]);
  assert.deepEqual(await hidden.grow("d"), ["ERR_WITNESS_REFUSED"]);
  assert.equal(await hidden.witnessing.witnessedSize(), undefined);
  assert.deepEqual(await seenLogs(database), [{ origin: ORIGIN, size: 3, at: "2026-11-29T00:00:00Z" }]);
});

test("of histories that reach the processes of a witness at once, one is cosigned", async (context) => {
  const { one, other } = await openNodeWitness(context);
  const logs = await Promise.all(["a", "b", "c", "d"].map(async (_, at) => openLog(context, [at % 2 ? one : other])));
  for (const [at, log] of logs.entries()) {
    await log.ledger.append(log.database, [entry(`history ${at}`)]);
    await log.ledger.sequenceNow();
  }
  await Promise.all(logs.map(({ witnessing }) => witnessing.round()));
  const signed = await Promise.all(logs.map(async ({ witnessing }) => witnessing.witnessedSize()));
  assert.deepEqual(
    signed.filter((size) => size !== undefined),
    [1],
  );
});

test("the database itself lets a witness forget nothing and turn to no other tree", async (context) => {
  const { database, one } = await openNodeWitness(context);
  const { grow } = await openLog(context, [one]);
  await grow("a", "b");
  for (const change of [
    "UPDATE witnessing.seen_checkpoint SET size = 1",
    "UPDATE witnessing.seen_checkpoint SET root = sha256('another')",
    "UPDATE witnessing.seen_checkpoint SET origin = 'else'",
    "DELETE FROM witnessing.seen_checkpoint",
  ])
    await assert.rejects(database.execute(change), /a witness does not forget/, change);
});

test("a log with its tail cut off, as after an older backup, is told", async (context) => {
  const witness = await openWitness(context, 15);
  const whole = await openLog(context, [witness]);
  const cut = await openLog(context, [witness]);
  assert.deepEqual(await whole.grow("a", "b", "c", "d"), []);
  assert.deepEqual(await cut.grow("a", "b"), ["ERR_WITNESS_AHEAD"]);
});

for (const [kind, openKind] of [
  ["a program of its own", (context: TestContext) => openWitness(context, 16)],
  ["a node", async (context: TestContext) => (await openNodeWitness(context)).one],
] as const) {
  test(`${kind} that is a witness follows the log from one key to the next, also where it slept`, async (context) => {
    const witness = await openKind(context);
    const { ledger, witnessing, grow, follow } = await openLog(context, [witness]);
    assert.deepEqual(await grow("a", "b"), []);
    await follow();
    await follow();
    assert.deepEqual(await grow("c"), []);
    assert.equal(await witnessing.witnessedSize(), 5);
    for (const size of [2, 3, 4, 5]) assert.equal((await witnessing.lines(size)).length, 1, String(size));
    assert.equal((await ledger.keysOfToday()).generation, 3);
    assert.deepEqual(await grow("d"), []);
  });

  test(`${kind} that is a witness refuses what the former key signs above, and another succession of it`, async (context) => {
    const witness = await openKind(context);
    const log = await openLog(context, [witness]);
    assert.deepEqual(await log.grow("a", "b"), []);
    await log.follow();
    assert.deepEqual(await log.grow(), []);
    const stated = (await log.ledger.checkpoint()) ?? assert.fail();
    const send = async (note: string, size: number) =>
      await witness.send(formatWitnessRequest({ oldSize: 3, proof: await log.ledger.consistency(3, size), note }));
    const sign = async (text: string, ...signers: readonly (typeof signer)[]) =>
      `${text}\n${(await Promise.all(signers.map((one) => one.sign(text)))).join("")}`;
    const { root } = readNote(stated.note);
    const next = (await thief.successor?.()) ?? assert.fail();
    const another = formatSuccession(
      { origin: ORIGIN, size: 3, root },
      { former: [signer.verifierKey], next: [next.verifierKey] },
    );
    assert.equal((await send(await sign(another, signer, next), 3)).status, 403);
    await log.ledger.append(log.database, [entry("c")]);
    await log.ledger.sequenceNow();
    const newest = (await log.ledger.checkpoint()) ?? assert.fail();
    const { text } = parseNote(newest.note) ?? assert.fail();
    assert.equal((await send(await sign(text, signer), 4)).status, 403);
    assert.equal((await send(newest.note, 4)).status, 200);
  });
}

test("the database of a node that is a witness forgets no succession", async (context) => {
  const { database, one } = await openNodeWitness(context);
  const { grow, follow } = await openLog(context, [one]);
  await grow("a");
  await follow();
  assert.deepEqual(await grow(), []);
  for (const change of ["successions = '{}'", "successions = '{another}'"])
    await assert.rejects(
      database.execute(`UPDATE witnessing.seen_checkpoint SET ${change}`),
      /a witness does not forget/,
    );
});
