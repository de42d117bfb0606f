/**
 * The ledger against plain INSERTs of the same size in the same run: acts with their entry, one transaction each; entries in
 * batches of 100; how long until an entry is provable; how fast the whole log is verified. Run alone: `node bench/ledger.ts`. DATABASE_URL names a server to
 * measure; without it a durable PostgreSQL is started in a temporary folder.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterAccount } from "#kernel/database/cluster/account";
import { findBinaries } from "#kernel/database/cluster/binaries";
import { initialiseCluster, startCluster } from "#kernel/database/cluster/cluster";
import { openDatabase } from "#kernel/database/database";
import { migrate } from "#kernel/database/migrations";
import type { Database } from "#kernel/database/sql";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import type { LedgerEntry } from "#kernel/ledger/entry";
import { ledgerKeys } from "#kernel/ledger/keys";
import { LEDGER_MIGRATIONS, Ledger } from "#kernel/ledger/ledger";
import { randomBytes } from "#kernel/random";
import { ed25519FromSeed } from "#lib/crypto/keys";

/** One measured figure with what it is to be compared with. */
export interface LedgerFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: "/s" | "ms" | "×" | "µs";
  /** At least (for rates and ratios) or at most (for times). */
  readonly goal?: number;
}

const ROUNDS = 3;
const ROUND_MS = 4_000;
const WRITERS = 32;
const BATCH_WRITERS = 4;
const BATCH_ENTRIES = 100;
const STEADY_RATE = 300;
const ASKING_ONE_IN = 8;

/** Measures on a database that may be filled. Each figure is the median of interleaved rounds. */
export async function benchLedger(database: Database): Promise<readonly LedgerFigure[]> {
  await migrate(database, [LEDGER_MIGRATIONS]);
  await database.query(
    "CREATE TABLE IF NOT EXISTS public.bench_act (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)",
  );
  const signer = checkpointSigner("ledger.bench.example", ed25519FromSeed(new Uint8Array(32).fill(1)));
  const sequenced: { readonly size: number; readonly atMs: number }[] = [];
  const ledger = new Ledger({
    database,
    signer,
    keys: ledgerKeys({ masterKey: () => new Uint8Array(32).fill(2) }),
    onCheckpoint: ({ size }) => sequenced.push({ size, atMs: performance.now() }),
  });
  const begun = new Map<number, number>();
  ledger.start();
  const rates = { act: [] as number[], actWithEntry: [] as number[], rows: [] as number[], entries: [] as number[] };
  const waits = { busy: [] as number[], steady: [] as number[] };
  for (let round = -1; round < ROUNDS; round++) {
    const durationMs = round < 0 ? ROUND_MS / 4 : ROUND_MS; // the first one warms up
    const act = await rate(WRITERS, durationMs, () => writeAct(database));
    const actWithEntry = await rate(WRITERS, durationMs, () => writeActWithEntry(database, ledger, begun));
    const busy = await untilProvable(database, { begun, sequenced });
    const rows = await rate(BATCH_WRITERS, durationMs, () => writeRows(database));
    const entries = await rate(BATCH_WRITERS, durationMs, () => writeBatch(database, ledger));
    await untilProvable(database, { begun, sequenced });
    await steadily(durationMs, () => writeActWithEntry(database, ledger, begun));
    const steady = await untilProvable(database, { begun, sequenced });
    if (round < 0) continue;
    rates.act.push(act);
    rates.actWithEntry.push(actWithEntry);
    rates.rows.push(rows * BATCH_ENTRIES);
    rates.entries.push(entries * BATCH_ENTRIES);
    waits.busy.push(percentile(busy, 0.99));
    waits.steady.push(percentile(steady, 0.99));
  }
  await ledger.stop();
  await ledger.sequenceNow();
  const log = await verificationRate(ledger, { contents: false });
  const contents = await verificationRate(ledger, { contents: true });
  const rateOfActs = median(rates.actWithEntry);
  const rateOfEntries = median(rates.entries);
  return [
    { name: "acts, plain INSERT, one transaction each", value: median(rates.act), unit: "/s" },
    { name: "acts with their entry, one transaction each", value: rateOfActs, unit: "/s", goal: 5_000 },
    { name: "… against plain INSERT", value: rateOfActs / median(rates.act), unit: "×" },
    { name: "rows in batches of 100, plain INSERT", value: median(rates.rows), unit: "/s" },
    { name: "entries in batches of 100", value: rateOfEntries, unit: "/s", goal: 50_000 },
    { name: "… against plain INSERT", value: rateOfEntries / median(rates.rows), unit: "×" },
    { name: "p99 until provable, at full load of single acts", value: median(waits.busy), unit: "ms", goal: 100 },
    { name: `p99 until provable, at ${STEADY_RATE} acts/s`, value: median(waits.steady), unit: "ms", goal: 100 },
    { name: "verification of the log: leaves, tree, checkpoints", value: log.rate, unit: "/s" },
    { name: "verification of all, with what each entry commits to", value: contents.rate, unit: "/s", goal: 300_000 },
    { name: "… processor time of Node an entry, of all its threads", value: contents.cpuUs, unit: "µs" },
  ];
}

/** Entries in a second, and what each takes of a processor, not counting PostgreSQL. */
async function verificationRate(
  ledger: Ledger,
  options: { readonly contents: boolean },
): Promise<{ readonly rate: number; readonly cpuUs: number }> {
  const rates: number[] = [];
  const times: number[] = [];
  for (let run = 0; run < (options.contents ? 1 : ROUNDS); run++) {
    const start = performance.now();
    const before = process.cpuUsage();
    const { intact, size } = await ledger.verify(options);
    if (!intact) throw new Error("the ledger that was measured is not intact");
    rates.push((size * 1_000) / (performance.now() - start));
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / size);
  }
  return { rate: median(rates), cpuUs: median(times) };
}

function entry(): LedgerEntry {
  return {
    type: "act",
    at: "2026-05-06T01:00:00.000Z",
    room: "quality",
    operation: "accept",
    actId: "01970000-0000-7000-8000-000000000001",
    actor: {
      kind: "official",
      id: "01970000-0000-7000-8000-000000000002",
      post: "acceptance-clerk",
      authority: "scjg",
    },
    purpose: "case",
    legalBasis: ["中华人民共和国行政许可法 第三十二条"],
    caseId: randomBytes(16).toHex(),
    subjects: [{ kind: "organization", id: randomBytes(16).toHex(), attributes: ["name", "premises"] }],
    outcome: "done",
    policies: ["post-holder-may-act"],
  };
}

async function writeAct(database: Database): Promise<void> {
  await database.transaction(async (tx) => void insertAct(tx));
}

let asked = 0;

async function writeActWithEntry(database: Database, ledger: Ledger, begun: Map<number, number>): Promise<void> {
  const start = performance.now();
  const { text, values } = ledger.appending([entry()]);
  // An act does not ask for its entry's number; one in so many does here, to be found again when it is provable.
  const asks = asked++ % ASKING_ONE_IN === 0;
  // Both leave with BEGIN and COMMIT in one write, as the last statements of an act do (`UnitOfWork.commit`).
  const rows = await database.transaction(async (tx) => {
    void insertAct(tx);
    return { answer: tx.query<{ readonly id: number }>(asks ? `${text} RETURNING id` : text, values) };
  });
  for (const { id } of await rows.answer) begun.set(id, start);
}

async function insertAct(sql: Pick<Database, "query">): Promise<void> {
  await sql.query("INSERT INTO public.bench_act (body) VALUES ($1)", [Buffer.from(randomBytes(200))]);
}

async function writeRows(database: Database): Promise<void> {
  const bodies = Array.from({ length: BATCH_ENTRIES }, () => Buffer.from(randomBytes(200)));
  await database.query("INSERT INTO public.bench_act (body) SELECT unnest($1::bytea[])", [bodies]);
}

async function writeBatch(database: Database, ledger: Ledger): Promise<void> {
  await ledger.append(database, Array.from({ length: BATCH_ENTRIES }, entry));
}

/** How often writers, each waiting for its own answer, get something done in a second. */
async function rate(writers: number, durationMs: number, write: () => Promise<void>): Promise<number> {
  const start = performance.now();
  let done = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() - start < durationMs) {
      await write();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return (done * 1_000) / (performance.now() - start);
}

/** Writes at a fixed rate, whether or not earlier writes were answered. */
async function steadily(durationMs: number, write: () => Promise<void>): Promise<void> {
  const start = performance.now();
  const under: Promise<void>[] = [];
  for (let sent = 0; performance.now() - start < durationMs; ) {
    const due = Math.floor(((performance.now() - start) * STEADY_RATE) / 1_000);
    for (; sent < due; sent++) under.push(write());
    await sleep(2);
  }
  await Promise.all(under);
}

/** Waits until all is sequenced, then tells of each entry how long it took from the start of its act to its checkpoint. */
async function untilProvable(
  database: Database,
  seen: { readonly begun: Map<number, number>; readonly sequenced: { readonly size: number; readonly atMs: number }[] },
): Promise<readonly number[]> {
  for (;;) {
    const [waiting] = await database.query<{ readonly waiting: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM ledger.entry WHERE (era, xid, id) >
        (SELECT last_era, last_xid, last_id FROM ledger.checkpoint ORDER BY size DESC LIMIT 1)) AS waiting`,
    );
    if (waiting?.waiting === false) break;
    await sleep(50);
  }
  const sizes = new Map(seen.sequenced.splice(0).map(({ size, atMs }) => [size, atMs]));
  const rounds = await database.query<{ readonly size: number; readonly entry_ids: readonly number[] }>(
    "SELECT size, entry_ids FROM ledger.checkpoint WHERE size = ANY($1::bigint[])",
    [[...sizes.keys()]],
  );
  const waits: number[] = [];
  for (const { size, entry_ids } of rounds) {
    for (const id of entry_ids) {
      const start = seen.begun.get(id);
      if (start !== undefined) waits.push((sizes.get(size) ?? Number.NaN) - start);
    }
  }
  seen.begun.clear();
  return waits;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** A database that keeps what it says it kept: fsync on, as a node has it. */
async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const url = process.env["DATABASE_URL"];
  if (url !== undefined) return await use(url, work);
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-bench-"));
  const account = await clusterAccount();
  const place = {
    account,
    folder: join(folder, "cluster"),
    binaries: await findBinaries(account, join(folder, "binaries")),
  };
  await chmod(folder, 0o711);
  await initialiseCluster(place, randomBytes(16).toHex());
  const cluster = await startCluster(place, { settings: { max_connections: "100", shared_buffers: "256MB" } });
  try {
    return await use(cluster.url("postgres"), work);
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function use<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ url, poolSize: WRITERS + 4, applicationName: "bench" });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

if (import.meta.main) {
  const figures = await withDatabase(benchLedger);
  if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
  for (const { name, value, unit, goal } of process.argv.includes("--json") ? [] : figures) {
    const target = goal === undefined ? "" : `   goal ${unit === "ms" ? "≤" : "≥"} ${goal} ${unit}`;
    console.log(
      `${name.padEnd(50)} ${value.toFixed(unit === "×" ? 2 : unit === "µs" ? 1 : 0).padStart(9)} ${unit}${target}`,
    );
  }
}
