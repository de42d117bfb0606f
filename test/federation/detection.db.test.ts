/**
 * What a dishonest operator can do to the ledger, with all rights on the database and with the node's own key, and what sees it:
 * the node's verification, a kept checkpoint or receipt, a witness.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { testDatabase } from "#kernel/database/testing";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { type ClockReading, clockStep, watchClock } from "#kernel/ledger/clock-watch";
import type { LedgerEntry } from "#kernel/ledger/entry";
import { ledgerKeys } from "#kernel/ledger/keys";
import { LEDGER_MIGRATIONS, Ledger } from "#kernel/ledger/ledger";
import { CLOCK_ACTOR } from "#kernel/ledger/limits";
import { WITNESSING_MIGRATIONS } from "#kernel/witnessing/cosignatures";
import { oddTimes } from "#kernel/witnessing/entry-times";
import { cosigningKey, Witness } from "#kernel/witnessing/witness";
import { Witnessing } from "#kernel/witnessing/witnessing";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { witnessKey } from "#lib/merkle/cosignature";
import { noteVerifier } from "#lib/merkle/note";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { checkLedgerTree } from "../../src/node/backup/ledger-tree.ts";
import { migrationSets } from "../../src/node/migration-sets.ts";
import { SeenCheckpointFiles } from "../../src/node/witness/seen-checkpoints.ts";

const ORIGIN = "ledger.example/qingyuan";
const logKey = ed25519FromSeed(new Uint8Array(32).fill(4));
const signer = checkpointSigner(ORIGIN, logKey);
const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(6) });
const START_MS = Date.parse("2026-03-02T01:00:00Z");

const entry = (at: number, operation = `findPerson${at}`): LedgerEntry => ({
  type: "read",
  at: new Date(START_MS + at * 60_000).toISOString(),
  room: "population",
  operation,
  actor: { kind: "official", id: "official-1" },
  purpose: "case",
  legalBasis: [],
  subjects: [{ kind: "person", id: `person-${at}`, attributes: ["name"] }],
  outcome: "answered",
});

/** A log of twenty entries under four checkpoints, one witness that saw them, and what an honest reader kept at the third. */
async function openLog(context: TestContext) {
  const sets = (await migrationSets()).filter(({ scope }) => ["ledger", "witnessing", "system"].includes(scope));
  assert.ok(sets.some(({ scope }) => scope === LEDGER_MIGRATIONS.scope));
  assert.ok(sets.some(({ scope }) => scope === WITNESSING_MIGRATIONS.scope));
  const { database, close } = await testDatabase({ migrations: sets });
  context.after(close);
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-witness-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const key = ed25519FromSeed(new Uint8Array(32).fill(21));
  const name = "witness.example/1";
  let nowMs = START_MS;
  const witness = new Witness({
    ...{ key: cosigningKey(name, key), seen: await SeenCheckpointFiles.in(folder) },
    ...{ now: () => Math.floor(nowMs / 1_000), logs: () => [noteVerifier(ORIGIN, publicKeyOf(logKey))] },
  });
  const reached = {
    key: witnessKey(name, publicKeyOf(key)),
    send: async (body: string) => await witness.addCheckpoint(new TextEncoder().encode(body)),
  };
  const faults: string[] = [];
  const ledger = new Ledger({ database, signer, keys });
  const witnessing = new Witnessing({
    database,
    ledger,
    witnesses: () => [reached],
    onFault: ({ code }) => faults.push(code),
  });
  const witnessed = async () => {
    await witnessing.round();
    return faults.splice(0);
  };
  for (let round = 0; round < 4; round += 1) {
    nowMs = START_MS + (round * 5 + 5) * 60_000;
    await ledger.append(
      database,
      Array.from({ length: 5 }, (_, at) => entry(round * 5 + at)),
    );
    await ledger.sequenceNow();
    if (round === 2) await witnessed();
  }
  await witnessed();
  const kept = (await ledger.checkpointCovering(15)) ?? "";
  const receipt = await ledger.receiptFor(17);
  const asSuperuser = (sql: string) =>
    database.transaction((tx) => tx.script(`SET LOCAL session_replication_role = replica; ${sql}`));
  /** Signs whatever stands there now as if it had always been so. */
  const signAnew = async () => {
    await asSuperuser("DELETE FROM ledger.checkpoint; DELETE FROM ledger.node; DELETE FROM witnessing.cosignature");
    await new Ledger({ database, signer, keys }).sequenceNow();
  };
  const setNow = (ms: number) => {
    nowMs = ms;
  };
  return { database, ledger, kept, receipt, asSuperuser, signAnew, witnessed, setNow };
}

type Log = Awaited<ReturnType<typeof openLog>>;

/** What the stand-alone verifier says of the whole log to whoever kept a checkpoint. */
async function judgedWith(log: Log, keptCheckpoint: string): Promise<string | undefined> {
  const lines = await Array.fromAsync(log.ledger.export({ contents: true }));
  const report = await verifyFile(new TextEncoder().encode(lines.join("")), {
    roots: [],
    atMs: Date.now(),
    logKey: parseLogKey(signer.verifierKey),
    keptCheckpoint,
  });
  return report.verdict === "valid" ? undefined : report.findings.at(-1)?.code;
}

async function contradicts(log: Log): Promise<boolean> {
  return log.database
    .transaction((tx) => checkLedgerTree(tx, [log.kept]))
    .then(
      () => false,
      (error: { code?: string }) => {
        assert.equal(error.code, "ERR_BACKUP_DAMAGED");
        return true;
      },
    );
}

const REWRITES: readonly {
  readonly name: string;
  readonly sql: string;
  /** What the verifier says to whoever kept a checkpoint. */
  readonly code: string;
  readonly witness: string;
}[] = [
  {
    name: "a rewritten entry, its content with it",
    sql: `UPDATE ledger.entry e SET leaf = o.leaf, sealed = o.sealed, subject = o.subject FROM ledger.entry o
           WHERE (e.id, o.id) IN ((3, 4), (4, 3))`,
    code: "rewritten",
    witness: "ERR_WITNESS_REFUSED",
  },
  {
    name: "a dropped tail",
    sql: "DELETE FROM ledger.entry WHERE id > 12",
    code: "shorter",
    witness: "ERR_WITNESS_AHEAD",
  },
  {
    name: "an entry taken out of the middle",
    sql: "DELETE FROM ledger.entry WHERE id = 7",
    code: "rewritten",
    witness: "ERR_WITNESS_AHEAD",
  },
  {
    name: "a forked tree: the same beginning, another end",
    sql: `UPDATE ledger.entry e SET leaf = o.leaf, sealed = o.sealed, subject = o.subject FROM ledger.entry o
           WHERE (e.id, o.id) IN ((13, 14), (14, 13))`,
    code: "rewritten",
    witness: "ERR_WITNESS_REFUSED",
  },
];

test("nothing is found in a log that nobody touched", async (context) => {
  const log = await openLog(context);
  assert.equal((await log.ledger.verify()).intact, true);
  assert.equal(await contradicts(log), false);
  assert.equal(await judgedWith(log, log.kept), undefined);
  assert.deepEqual(await oddTimes(log.database, { timeoutMs: 10_000 }), []);
  assert.deepEqual(await log.witnessed(), []);
});

for (const { name, sql, code, witness } of REWRITES) {
  test(`${name} is named by the node's verification; signed again, by a kept checkpoint, a receipt and a witness`, async (context) => {
    const log = await openLog(context);
    await log.asSuperuser(sql);
    assert.equal((await log.ledger.verify()).intact, false, "as the database lies");

    await log.signAnew();
    const { intact } = await log.ledger.verify();
    assert.equal(intact, true, "with the key, the node's own look sees nothing: that is why others keep checkpoints");
    assert.equal(await contradicts(log), true, "`ledger verify --checkpoint`");
    assert.equal(await judgedWith(log, log.kept), code, "the stand-alone verifier");
    // A receipt carries the checkpoint under which it was given: its holder has one without knowing.
    const inReceipt = log.receipt?.log?.checkpoint ?? "";
    assert.notEqual(await judgedWith(log, inReceipt), undefined, "the checkpoint in a receipt");
    assert.deepEqual(await log.witnessed(), [witness], "a witness");
  });
}

test("a split view: of two logs under one name and key, whoever compares one checkpoint sees it", async (context) => {
  const [shown, hidden] = [await openLog(context), await openLog(context)];
  await hidden.asSuperuser(REWRITES[0]?.sql ?? "");
  await hidden.signAnew();
  assert.equal(await judgedWith(hidden, shown.kept), "rewritten");
  assert.equal(await contradicts({ ...hidden, kept: shown.kept }), true);
  assert.equal(await judgedWith(shown, (await hidden.ledger.checkpoint())?.note ?? ""), "rewritten");
});

test("entries under a clock that was turned back contradict those before them, and the witness's time", async (context) => {
  const log = await openLog(context);
  const [backdated = 0] = await log.ledger.append(log.database, [entry(2, "backdated")]);
  log.setNow(START_MS + 60 * 60_000);
  await log.ledger.sequenceNow();
  const found = await oddTimes(log.database, { timeoutMs: 10_000 });
  assert.deepEqual(
    found.map(({ entryId, kind }) => [entryId, kind]),
    [
      [backdated, "back"],
      [backdated, "before-witness"],
    ],
  );
  const [ahead = 0] = await log.ledger.append(log.database, [entry(300, "ahead")]);
  await log.ledger.sequenceNow();
  assert.deepEqual(await log.witnessed(), []);
  const later = await oddTimes(log.database, { timeoutMs: 10_000 });
  assert.ok(later.some(({ entryId, kind }) => entryId === ahead && kind === "after-witness"));
});

test("each step of the clock becomes an entry: while the node runs, and between its starts", async (context) => {
  const { database, ledger } = await openLog(context);
  let reading: ClockReading = { wallMs: START_MS, countedMs: 1_000, boot: "one" };
  const pass = (countedMs: number, byMs = 0) => {
    reading = { ...reading, countedMs: reading.countedMs + countedMs, wallMs: reading.wallMs + countedMs + byMs };
  };
  const steps = async () => {
    const { records } = await ledger.byActor({ kind: "node", id: CLOCK_ACTOR });
    return records.map(({ content }) => [content?.outcome, (content?.detail as { while?: string } | undefined)?.while]);
  };
  const open = () =>
    watchClock({ database, ledger }, { read: async () => reading, onFault: (fault) => assert.fail(String(fault)) });
  const first = await open();
  pass(10_000, 300);
  await first.look();
  assert.deepEqual(await steps(), []);
  // A little at a time adds up to what is seen.
  for (let times = 0; times < 6; times += 1) {
    pass(10_000, -400);
    await first.look();
  }
  assert.deepEqual(await steps(), [["set-back", "running"]]);
  pass(10_000, 3_600_000);
  await first.look();
  await first.stop();
  pass(60_000, -3_600_000);
  const second = await open();
  await second.stop();
  assert.deepEqual(await steps(), [
    ["set-back", "start"],
    ["set-forward", "running"],
    ["set-back", "running"],
  ]);
  // Another start of the machine: only a time that was seen already tells.
  reading = { wallMs: reading.wallMs - 86_400_000, countedMs: 500, boot: "two" };
  await (await open()).stop();
  assert.deepEqual((await steps())[0], ["set-back", "start"]);
  assert.equal(
    clockStep({ wallMs: 0, countedMs: 9, boot: undefined }, { wallMs: 9e9, countedMs: 1, boot: undefined }),
    undefined,
  );
});
