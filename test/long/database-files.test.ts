/** Whoever has the disk changes the files of a stopped database, checksums and all: the ledger tells, or a kept checkpoint does. */
import assert from "node:assert/strict";
import { chmod, chown, cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { clusterAccount } from "#kernel/database/cluster/account";
import { findBinaries } from "#kernel/database/cluster/binaries";
import { type ClusterPlace, initialiseCluster, startCluster } from "#kernel/database/cluster/cluster";
import { openDatabase } from "#kernel/database/database";
import { migrate } from "#kernel/database/migrations";
import type { Database } from "#kernel/database/sql";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import type { LedgerEntry } from "#kernel/ledger/entry";
import { ledgerKeys } from "#kernel/ledger/keys";
import { LEDGER_MIGRATIONS, Ledger } from "#kernel/ledger/ledger";
import { WITNESSING_MIGRATIONS } from "#kernel/witnessing/cosignatures";
import { oddTimes } from "#kernel/witnessing/entry-times";
import { utf8 } from "#lib/crypto/bytes";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { RelationFile } from "../harness/database-pages.ts";

const signer = checkpointSigner("ledger.example/qingyuan", ed25519FromSeed(new Uint8Array(32).fill(4)));
const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(6) });
const TABLES = ["entry", "checkpoint", "node", "subject"] as const;
const FIRST = 300;
const WHOLE = 310;

let folder: string;
let place: ClusterPlace;
/** The files as they were when the log had its first 300 entries, and all. */
const copies = { early: "", whole: "" };
/** What somebody outside kept of the whole log. */
let kept: string;
const paths = new Map<string, string>();
const bytesOf = new Map<number, { readonly leaf: Buffer; readonly sealed: Buffer }>();

function entry(at: number, time = "2026-03-02T01:00:00Z"): LedgerEntry {
  return {
    ...{ type: "read", at: time, room: "population", operation: "findPerson", purpose: "case", legalBasis: [] },
    ...{ actor: { kind: "official", id: "official-1" }, outcome: "answered" },
    subjects: [{ kind: "person", id: `person-${at}`, attributes: ["name"] }],
  };
}

const entries = (from: number, to: number, time?: string) =>
  Array.from({ length: to - from }, (_, at) => entry(from + at, time));

/** Runs the server on the files as they are. */
async function running<Value>(work: (database: Database, ledger: Ledger) => Promise<Value>): Promise<Value> {
  const cluster = await startCluster(place, { disposable: true, settings: { autovacuum: "off" } });
  try {
    await using opened = new AsyncDisposableStack();
    const database = await openDatabase({ url: cluster.url(), applicationName: "test" });
    opened.defer(() => database.close());
    return await work(database, new Ledger({ database, signer, keys }));
  } finally {
    await cluster.stop();
  }
}

const data = () => join(place.folder, "data");

async function copied(name: keyof typeof copies): Promise<void> {
  copies[name] = join(folder, name);
  await cp(data(), copies[name], { recursive: true, preserveTimestamps: true });
}

async function restore(name: keyof typeof copies): Promise<void> {
  await rm(data(), { recursive: true });
  await cp(copies[name], data(), { recursive: true, preserveTimestamps: true });
  const { account } = place;
  if (account === undefined) return;
  for (const path of ["", ...(await readdir(data(), { recursive: true }))])
    await chown(join(data(), path), account.uid, account.gid);
}

const table = (name: string) => RelationFile.open(join(data(), paths.get(name) ?? ""));

/** What our verifier says of the exported log to whoever kept a checkpoint of the whole. */
async function judged(ledger: Ledger): Promise<string> {
  const lines: string[] = [];
  for await (const line of ledger.export({ contents: false })) lines.push(line);
  const logKey = parseLogKey(signer.verifierKey);
  const trust = { roots: [], atMs: Date.now(), logKey, keptCheckpoint: kept };
  const report = await verifyFile(utf8(lines.join("")), trust);
  return report.findings.at(-1)?.code ?? report.verdict;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zhengtong-pages-"));
  // The server runs under another account where we are root: it must be able to pass.
  await chmod(folder, 0o755);
  const account = await clusterAccount();
  place = { account, folder: join(folder, "cluster"), binaries: await findBinaries(account, folder) };
  await initialiseCluster(place, "only-for-tests", { disposable: true });
  await running(async (database, ledger) => {
    await migrate(database, [LEDGER_MIGRATIONS, WITNESSING_MIGRATIONS]);
    await ledger.append(database, entries(0, FIRST));
    await ledger.sequenceNow();
  });
  await copied("early");
  await running(async (database, ledger) => {
    await ledger.append(database, entries(FIRST, WHOLE));
    await ledger.sequenceNow();
    kept = (await ledger.checkpoint())?.note ?? "";
    for (const name of TABLES) {
      const [row] = await database.query<{ path: string }>(
        `SELECT pg_relation_filepath('ledger.${name}'::regclass) AS path`,
      );
      paths.set(name, row?.path ?? "");
    }
    for (const row of await database.query<{ id: number; leaf: Buffer; sealed: Buffer }>(
      "SELECT id, leaf, sealed FROM ledger.entry",
    ))
      bytesOf.set(row.id, row);
    assert.equal(await judged(ledger), "kept-checkpoint");
  });
  await copied("whole");
});
after(() => rm(folder, { recursive: true, force: true }));

test("rows that are changed or taken away in the files are named, though PostgreSQL finds nothing wrong with them", async () => {
  const entryFile = await table("entry");
  const checkpointFile = await table("checkpoint");
  const nodeFile = await table("node");
  for (const file of [entryFile, checkpointFile, nodeFile]) assert.ok(file.hasRightChecksums());
  const { leaf } = of(5);
  const rewritten = Buffer.from(leaf.toString().replace("findPerson", "findFamily"));
  assert.equal(entryFile.replace(leaf, rewritten), 1);
  assert.equal(entryFile.remove(of(7).leaf), 1);
  const { sealed } = of(9);
  const swapped = Buffer.from(sealed);
  swapped[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  assert.equal(entryFile.replace(sealed, swapped), 1);
  assert.equal(checkpointFile.replace(utf8(`\n${FIRST}\n`), utf8(`\n${FIRST + 1}\n`)), 1);
  for (const file of [entryFile, checkpointFile]) await file.save();
  await running(async (database, ledger) => {
    const { findings } = await ledger.verify();
    const named = findings.map((finding) => `${finding.table} ${finding.row}`);
    for (const one of ["entry 5", "entry 7", "entry 9", `checkpoint ${FIRST}`])
      assert.ok(named.includes(one), `${one} in ${named.join(", ")}`);
    assert.ok(
      named.every((one) => /^(?:entry [579]|checkpoint \d+|subject 7)$/.test(one)),
      named.join(", "),
    );
    const [failures] = await database.query<{ count: number }>(
      "SELECT coalesce(sum(checksum_failures), 0)::int AS count FROM pg_stat_database",
    );
    assert.equal(failures?.count, 0);
    assert.notEqual(await judged(ledger), "kept-checkpoint");
  });
});

test("without the checksum made right, PostgreSQL itself refuses the page", async () => {
  await restore("whole");
  const file = await table("entry");
  const { leaf } = of(5);
  file.replace(leaf, Buffer.from(leaf.toString().replace("findPerson", "findFamily")));
  await file.save({ checksums: false });
  await running((_, ledger) => assert.rejects(ledger.verify(), /invalid page|ERR_DATABASE/));
});

test("a dropped tail: the files of before hold together by themselves, and are shorter than what was kept", async () => {
  await restore("early");
  await running(async (_, ledger) => {
    assert.equal((await ledger.verify()).intact, true);
    assert.equal(await judged(ledger), "shorter");
  });
});

test("a forked tree: another history, signed with the real key, is not the one that was kept", async () => {
  await restore("early");
  await running(async (database, ledger) => {
    await ledger.append(database, entries(FIRST + 100, WHOLE + 100));
    await ledger.sequenceNow();
    assert.equal((await ledger.verify()).intact, true);
    assert.equal(await judged(ledger), "rewritten");
  });
});

test("a clock turned back: what is entered under an earlier time than before it is told", async () => {
  await restore("early");
  await running(async (database, ledger) => {
    await ledger.append(database, entries(FIRST, WHOLE, "2025-01-02T01:00:00Z"));
    await ledger.sequenceNow();
    assert.equal((await ledger.verify()).intact, true);
    const odd = await oddTimes(database, { timeoutMs: 30_000 });
    assert.ok(odd.length > 0 && odd.every(({ kind }) => kind === "back"), JSON.stringify(odd));
  });
});

function of(id: number) {
  return bytesOf.get(id) ?? assert.fail(`entry ${id}`);
}
