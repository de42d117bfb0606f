/**
 * A register on one node and its copy on another: a process and a database each, on one durable server and the same cores, every call as JSON
 * between them (without the exchange's frames and TLS). The first snapshot, changes that wait, one version that differs among all of them. Run alone: `node bench/datasets.ts`.
 * ZHENGTONG_BENCH_PERSONS sets the size (default 1,000,000); of more than 2,000,000, reconciling alone is measured, and all but one of the rows are
 * made in SQL on both sides.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { cite, LICENSING_LAW } from "#kernel/contract/citation";
import { defineContract, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { isRefusal, Refusal } from "#kernel/contract/refusal";
import { clusterAccount } from "#kernel/database/cluster/account";
import { findBinaries } from "#kernel/database/cluster/binaries";
import { initialiseCluster, startCluster } from "#kernel/database/cluster/cluster";
import { CLUSTER_SETTINGS } from "#kernel/database/cluster/settings";
import { openDatabase } from "#kernel/database/database";
import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import { migrate } from "#kernel/database/migrations";
import type { Database, Transaction } from "#kernel/database/sql";
import { sumUp } from "#kernel/feeds/begin-feed";
import { frontOf } from "#kernel/http/pages";
import { migrateJobs } from "#kernel/jobs/jobs";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import type { Transport } from "#kernel/ports";
import { namesOf } from "#kernel/registers/definition";
import type { ImportRow } from "#kernel/registers/import-entries";
import type { Act, Principal } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { defineSystem } from "#kernel/system/system";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { text } from "#lib/language/text";
import { datasets as contract, PUBLISH, RECEIVE } from "../src/infrastructure/datasets/contract.ts";
import { sumCopyUp } from "../src/infrastructure/datasets/copies/tables.ts";
import datasets from "../src/infrastructure/datasets/system.ts";
import { tendCopy, tendPublications } from "../src/infrastructure/datasets/tending.ts";
import { composeKernel } from "../src/node/compose.ts";
import { migrationSets } from "../src/node/migration-sets.ts";

const DEFAULT_PERSONS = 1_000_000;
const CHANGES = 50_000;
/** With more, what both sides have is made in SQL: the first snapshot of so many was measured with fewer. */
const SNAPSHOT_MAX_PERSONS = 2_000_000;
const MEGABYTE = 1_000_000;

const title = text("属性", "Attribute");
const BASIS = [cite(LICENSING_LAW, "第一条")];

const PERSON = register({
  title: text("人口基础信息", "Persons"),
  schema: z.object({
    name: field(z.string().trim().min(1).max(100), { title }),
    documentNumber: field(z.string().min(1).max(40), { title, sensitive: true, lookup: "unique" }),
    sex: field(z.string().max(10), { title }),
    birthDate: field(z.iso.date(), { title, sensitive: true }),
    division: field(z.string().regex(/^\d{6}$/), { title }),
    address: field(z.string().trim().min(1).max(200), { title, sensitive: true }),
    mobile: field(z.string().max(20).optional(), { title, sensitive: true }),
    lifeStatus: field(z.string().max(10), { title }),
  }),
  subject: { kind: "person", by: "key" },
  legalBasis: BASIS,
  retention: "permanent",
});
const ROOM = defineSystem(
  defineContract({ id: "bench", version: "1.0", title, steward: title, registers: { person: PERSON } }),
  {},
);
const REGISTER = "bench.person";

function person(at: number): Record<string, unknown> {
  return {
    name: `王${at % 977}`,
    documentNumber: `990102${String(at).padStart(11, "0")}X`,
    sex: at % 2 === 0 ? "male" : "female",
    birthDate: new Date(Date.UTC(1940, 0, 1 + (at % 30_000))).toISOString().slice(0, 10),
    division: "990102",
    address: `清源县中山路${at % 977}号${at % 41}单元${at % 1_009}室`,
    mobile: `199${String(at % 100_000_000).padStart(8, "0")}`,
    lifeStatus: "alive",
  };
}

function* persons(from: number, to: number): Generator<ImportRow> {
  for (let at = from; at < to; at++) yield { value: person(at) };
}

/** What goes over the way between the nodes. */
const wire = { bytes: 0 };

async function node(database: Database, url: string, transport: Transport, self: string): Promise<Kernel> {
  await migrate(database, await migrationSets());
  await migrateJobs(url);
  return await composeKernel({
    database,
    systems: self === "source" ? [ROOM, datasets] : [datasets],
    keys: { masterKey: () => new Uint8Array(32).fill(self.length) },
    checkpointSigner: checkpointSigner(`${self}.bench.example`, ed25519FromSeed(new Uint8Array(32).fill(1))),
    filesFolder: tmpdir(),
    zone: "extranet",
    authorityOf: () => "00000000-0000-4000-8000-000000000001",
    elsewhere: { routes: { self, hostOf: () => ({ kind: "here" }), standsInLine: () => true }, transport },
  });
}

function actOf(kernel: Kernel, principal: Principal): Act {
  return {
    ...{
      id: kernel.newId(),
      principal,
      purpose: "register-keeping",
      legalBasis: BASIS,
      zone: "extranet",
      language: "zh",
    },
    at: kernel.now(),
  };
}

function as(kernel: Kernel, duty: string) {
  const post = { id: "1", title, authority: "1", authorityName: title, duties: [duty], division: "990102" };
  return frontOf(kernel, contract, () => actOf(kernel, { kind: "official", id: "1", post, assurance: 2 }));
}

async function bring(kernel: Kernel, rows: Iterable<ImportRow>): Promise<void> {
  const store = kernel.registers.get(REGISTER);
  if (store === undefined) throw new Error("no register");
  const act = actOf(kernel, { kind: "node", room: "bench" });
  await kernel.database.transaction(
    (tx) => store.importEntries({ tx, act, authority: "bench" }, rows).then(() => undefined),
    { retries: 0, timeoutMs: LONG_TRANSACTION_TIMEOUT_MS },
  );
}

/** Processor time so far, in microseconds: of this process, of the source's, of the database server with all that it started. */
interface Spent {
  readonly receiver: number;
  readonly source: number;
  readonly databases: number;
}

const TICK_MICROSECONDS = 10_000;

/** Of a process and of those that it waited for, from /proc. */
async function ticksOf(pid: string, withEnded: boolean): Promise<number> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = line
    .slice(line.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return user + system + (withEnded ? endedUser + endedSystem : 0);
}

async function spentSoFar(postmaster: string, source: AnsweringProcess): Promise<Spent> {
  const children = (await readFile(`/proc/${postmaster}/task/${postmaster}/children`, "utf8")).trim().split(" ");
  const ticks = await Promise.all(children.map((pid) => ticksOf(pid, false)));
  const own = process.cpuUsage();
  return {
    receiver: own.user + own.system,
    source: await source.cpuMicroseconds(),
    databases: ((await ticksOf(postmaster, true)) + ticks.reduce((sum, one) => sum + one, 0)) * TICK_MICROSECONDS,
  };
}

function printSpent(before: Spent, after: Spent, versions: number): void {
  const a = (of: keyof Spent) => ((after[of] - before[of]) / versions).toFixed(1);
  console.log(
    `  processor µs a version: receiver ${a("receiver")}, source ${a("source")}, databases ${a("databases")}`,
  );
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

function print(name: string, value: number, unit: string, goal?: string): void {
  const digits = unit === "/s" ? 0 : 2;
  console.log(
    `${name.padEnd(56)} ${value.toFixed(digits).padStart(9)} ${unit}${goal === undefined ? "" : `   goal ${goal}`}`,
  );
}

async function bench(source: Kernel, receiver: Kernel, size: number, spent: () => Promise<Spent>): Promise<void> {
  await bring(source, persons(0, size));
  const { id, begun, tend } = await agreed(source, receiver);
  const before = await spent();
  const filled = await seconds(tend);
  const after = await spent();
  print("publishing: index and sums of the register", size / begun, "/s");
  print("first snapshot, until the copy is whole and compared", size / filled, "/s", "≥ 30000 /s");
  printSpent(before, after, size);
  print("  bytes sent a version", wire.bytes / size, "B");
  await bring(source, persons(size, size + CHANGES));
  print("changes that wait", CHANGES / (await seconds(tend)), "/s", "≥ 5000 /s");
  await lose(receiver, await oneOf(source, Math.floor(size / 2)));
  await measureRepair(receiver, { id, tend, size: size + CHANGES });
}

/** Publishes, agrees on both sides; gives how long the first took, and what takes steps with the copy. */
async function agreed(source: Kernel, receiver: Kernel) {
  const attributes = Object.keys(PERSON.schema.shape);
  const said = { register: REGISTER, division: "", attributes, basis: BASIS.map((each) => ({ ...each })) };
  await as(source, PUBLISH).publish({ register: REGISTER });
  const begun = await seconds(() => tendPublications(source));
  await as(source, PUBLISH).offer({ ...said, node: "receiver", endsOn: "2099-12-31" });
  const made = await as(receiver, RECEIVE).subscribe({ ...said, node: "source" });
  if (isRefusal(made)) throw new Error(made.code);
  const tend = async (): Promise<void> => {
    const trouble = await tendCopy(receiver, made.id, 100_000);
    if (trouble !== undefined) throw new Error(trouble);
  };
  return { id: made.id, begun, tend };
}

async function oneOf(source: Kernel, after: number): Promise<string> {
  const { open } = namesOf(source.registers.get(REGISTER)?.shape ?? never());
  const [one] = await source.database.query<{ key: string }>(`SELECT key FROM ${open} OFFSET ${after} LIMIT 1`);
  return one?.key ?? never();
}

/** Takes one version out of the copy, behind its back. */
async function lose(receiver: Kernel, key: string): Promise<void> {
  await receiver.database.transaction(async (tx) => {
    await tx.query("SELECT set_config('datasets.receiving', 'on', true)");
    await tx.execute("DELETE FROM datasets.copy_1 WHERE place = feed.place($1::uuid) AND key = $1::uuid", [key]);
  });
}

async function measureRepair(
  receiver: Kernel,
  { id, tend, size }: { readonly id: number; readonly tend: () => Promise<void>; readonly size: number },
): Promise<void> {
  await as(receiver, RECEIVE).reconcileCopy({ id });
  wire.bytes = 0;
  const found = await seconds(tend);
  const [outcome] = await receiver.database.query<{ missing: number }>(
    "SELECT (reconciled ->> 'missing')::int AS missing FROM datasets.copy",
  );
  if (outcome?.missing !== 1) throw new Error("the version that differs was not found");
  print(`reconciling ${size} versions, one differs and is repaired`, found, "s", "≤ 10 s");
  print("  sent for it", wire.bytes / MEGABYTE, "MB", "≤ 1 MB");
}

/** Rows of one statement. */
const FILL_ROWS = 500_000;
const GENERATED = `SELECT overlay(overlay(md5('key ' || i) placing '4' from 13) placing '8' from 17)::uuid AS key, '2020-01-01Z'::timestamptz AS since, '2026-01-01Z'::timestamptz AS recorded_from,
    jsonb_build_object('name', '王' || i % 977, 'sex', 'male', 'division', '990102', 'lifeStatus', 'alive') AS data
  FROM generate_series($1::bigint, $2::bigint) AS i`;

/** The same rows in a register and in a copy of it, as if they had been brought and fetched: only their envelopes are empty. */
async function fill(source: Kernel, receiver: Kernel, size: number): Promise<void> {
  const store = source.registers.get(REGISTER) ?? never();
  const { current } = namesOf(store.shape);
  const [real] = await source.database.query<{ legal_basis: Buffer; salt: Buffer }>(
    `SELECT v.legal_basis, f.salt FROM ${current} v, feed.feed f LIMIT 1`,
  );
  const { legal_basis: basis, salt } = real ?? never();
  for (let from = 1; from <= size; from += FILL_ROWS) {
    const values = [from, Math.min(size, from + FILL_ROWS - 1), basis];
    await Promise.all([
      withoutTriggers(source, (tx) =>
        tx.execute(
          `INSERT INTO ${current} (key, valid, authority, legal_basis, act_id, data, sealed, recorded_from)
           SELECT key, tstzrange(since, NULL), 'bench', $3, 'bench', data, '', recorded_from FROM (${GENERATED}) AS g`,
          values,
        ),
      ),
      withoutTriggers(receiver, (tx) =>
        tx.execute(
          `INSERT INTO datasets.copy_1 (copy, key, valid_from, recorded_from, authority, legal_basis, act_id, division, digest, data, sealed, bound, found)
           SELECT 1, key, extract(epoch FROM since)::bigint * 1000000, extract(epoch FROM recorded_from)::bigint * 1000000, 'bench', $3,
                  'bench', '', feed.digest($4, key, tstzrange(since, NULL), recorded_from, 'bench', $3, 'bench', data), data, '', '', '{}'
             FROM (${GENERATED}) AS g`,
          [...values, salt],
        ),
      ),
    ]);
  }
  await Promise.all([
    sumUp(source.database, store),
    receiver.database.transaction((tx) => sumCopyUp(tx, 1), { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS, retries: 0 }),
  ]);
}

function withoutTriggers(kernel: Kernel, work: (tx: Transaction) => Promise<unknown>): Promise<void> {
  return kernel.database.transaction(
    async (tx) => {
      await tx.query("SET LOCAL session_replication_role = replica");
      await work(tx);
    },
    { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS, retries: 0 },
  );
}

/** Two sides that have the same many rows, but one. */
async function benchReconciling(source: Kernel, receiver: Kernel, size: number): Promise<void> {
  await bring(source, persons(0, 1));
  const { id, tend } = await agreed(source, receiver);
  await tend();
  // The one that was brought can be opened: the others are looked at by their names alone.
  const real = await oneOf(source, 0);
  await fill(source, receiver, size - 1);
  await tend();
  await lose(receiver, real);
  await measureRepair(receiver, { id, tend, size });
}

const NOWHERE: Transport = { carry: () => Promise.reject(new Error("the source asks nobody")) };

/** The source in a process of its own. */
class AnsweringProcess implements Transport {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, (answer: string) => void>();

  constructor(url: string) {
    this.#child = fork(import.meta.filename, ["answer", url]);
    this.#child.on("message", ([id, answer]: [string, string]) => {
      wire.bytes += answer.length;
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  async carry(_: string, act: Act, call: unknown): Promise<unknown> {
    const asked = JSON.stringify({ act, call });
    wire.bytes += asked.length;
    const answer = JSON.parse(
      await new Promise<string>((resolve) => {
        this.#waiting.set(act.id, resolve);
        this.#child.send([act.id, asked]);
      }),
    );
    return "refusal" in answer ? new Refusal({ room: answer.room, code: answer.refusal, text: answer.text }) : answer;
  }

  /** As the process says itself. */
  async cpuMicroseconds(): Promise<number> {
    const said = await new Promise<string>((resolve) => {
      this.#waiting.set("cpu", resolve);
      this.#child.send(["cpu", ""]);
    });
    return Number(said);
  }

  stop(): void {
    this.#child.kill();
  }
}

/** What that process does. */
async function answer(url: string): Promise<void> {
  const source = await node(await openDatabase({ url, applicationName: "bench" }), url, NOWHERE, "source");
  process.once("SIGTERM", () => process.exit(0));
  process.on("message", async ([id, asked]: [string, string]) => {
    if (id === "cpu") {
      const { user, system } = process.cpuUsage();
      process.send?.([id, String(user + system)]);
      return;
    }
    const { act, call } = JSON.parse(asked);
    process.send?.([id, JSON.stringify(await source.perform({ ...act, origin: { node: "receiver" } }, call))]);
  });
}

function never(): never {
  throw new Error("no register");
}

if (process.argv[2] === "answer") await answer(process.argv[3] ?? "");
else if (import.meta.main) {
  const size = Number(process.env["ZHENGTONG_BENCH_PERSONS"] ?? DEFAULT_PERSONS);
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-bench-"));
  await chmod(folder, 0o711);
  const account = await clusterAccount();
  const binaries = await findBinaries(account, join(folder, "binaries"));
  const place = { account, folder: join(folder, "cluster"), binaries };
  await initialiseCluster(place, randomBytes(16).toString("hex"));
  const cluster = await startCluster(place, { settings: CLUSTER_SETTINGS });
  try {
    await using main = await openDatabase({ url: cluster.url("postgres"), applicationName: "bench" });
    for (const name of ["source", "receiver"]) await main.query(`CREATE DATABASE ${name}`);
    await using there = await openDatabase({ url: cluster.url("source"), applicationName: "bench" });
    await using here = await openDatabase({ url: cluster.url("receiver"), applicationName: "bench" });
    const source = await node(there, cluster.url("source"), NOWHERE, "source");
    const answering = new AnsweringProcess(cluster.url("source"));
    try {
      const receiver = await node(here, cluster.url("receiver"), answering, "receiver");
      await (size > SNAPSHOT_MAX_PERSONS
        ? benchReconciling(source, receiver, size)
        : bench(source, receiver, size, () => spentSoFar(String(cluster.pid), answering)));
    } finally {
      answering.stop();
    }
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
