/**
 * Cases of five user tasks, the state durable at each wait: our engine on rows, and bpmn-engine saving its state into a row and
 * recovering it from there, on the same PostgreSQL, one transaction a step. Ours is measured twice: with each step a transaction of
 * its own (one statement; the process remembers the cases that it moved last and holds what it remembers to the row), and in
 * transactions that are open for what else an act writes. Each round runs in a process of its own, so that
 * neither pays for the other's memory. Run alone: `node bench/procedures.ts`. DATABASE_URL names a server to measure; without
 * it a durable PostgreSQL is started in a temporary folder.
 */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuUsage } from "node:process";
import { promisify } from "node:util";
import { Engine } from "bpmn-engine";
import { clusterAccount } from "#kernel/database/cluster/account";
import { findBinaries } from "#kernel/database/cluster/binaries";
import { initialiseCluster, startCluster } from "#kernel/database/cluster/cluster";
import { openDatabase } from "#kernel/database/database";
import { migrate } from "#kernel/database/migrations";
import type { Database } from "#kernel/database/sql";
import type { Changed } from "#kernel/procedures/changes";
import { openProcedures, PROCEDURE_MIGRATIONS } from "#kernel/procedures/open-procedures";
import type { StepSql } from "#kernel/procedures/procedures";

/** One measured figure with what it is to be compared with. */
export interface ProcedureFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: "/s" | "ms" | "µs" | "×";
  /** At least (for rates and ratios) or at most (for times). */
  readonly goal?: number;
}

const TASKS = 5;
const ROUNDS = 3;
const ROUND_MS = 5_000;
const WARM_UP_MS = 3_000;
const WORKERS = 16;
const AT = "2026-03-02T01:00:00Z";

/** Ours, each step a transaction of its own; the same inside a transaction that is open for more, as acts of rooms do; the peer. */
const SIDES = ["peer", "ours", "ours in acts"] as const;
type Side = (typeof SIDES)[number];

interface Round {
  readonly completions: number;
  readonly completionsPerSecond: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
}

/** Measures on a database that may be filled. Figures are medians of interleaved rounds. */
export async function benchProcedures(database: Database): Promise<readonly ProcedureFigure[]> {
  await migrate(database, [PROCEDURE_MIGRATIONS]);
  await database.query("CREATE TABLE IF NOT EXISTS public.bench_peer (id uuid PRIMARY KEY, state text NOT NULL)");
  const rounds: Record<Side, Round[]> = { peer: [], ours: [], "ours in acts": [] };
  for (let at = 0; at < ROUNDS; at++) {
    for (const side of SIDES) rounds[side].push(await inOwnProcess(side, database.url));
  }
  const ratio = (side: Side) =>
    median(rounds[side].map((round, at) => round.completionsPerSecond / (rounds.peer[at]?.completionsPerSecond ?? 1)));
  const cpu = (side: Side) => median(rounds[side].map(({ cpuUs }) => cpuUs));
  const rate = (side: Side) => median(rounds[side].map(({ completionsPerSecond }) => completionsPerSecond));
  const slowest = (side: Side) => median(rounds[side].map(({ p99Ms }) => p99Ms));
  return [
    { name: `tasks completed, ${WORKERS} at a time`, value: rate("ours"), unit: "/s" },
    { name: "p99 of a completion", value: slowest("ours"), unit: "ms" },
    { name: "CPU of node for a completion", value: cpu("ours"), unit: "µs" },
    { name: "bpmn-engine: tasks completed", value: rate("peer"), unit: "/s" },
    { name: "bpmn-engine: p99 of a completion", value: slowest("peer"), unit: "ms" },
    { name: "bpmn-engine: CPU of node for a completion", value: cpu("peer"), unit: "µs" },
    { name: "… against bpmn-engine", value: ratio("ours"), unit: "×", goal: 20 },
    { name: "tasks completed, each in an open transaction", value: rate("ours in acts"), unit: "/s" },
    { name: "… against bpmn-engine", value: ratio("ours in acts"), unit: "×" },
  ];
}

async function inOwnProcess(side: Side, url: string): Promise<Round> {
  const env = { ...process.env, ZHENGTONG_BENCH_SIDE: side, DATABASE_URL: url };
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename], { env });
  return JSON.parse(stdout) as Round;
}

/** Takes one case through its tasks and records how long each completion took, in milliseconds. */
type Walk = (caseId: string, record: (ms: number) => void) => Promise<void>;

async function measure(side: Side, database: Database): Promise<Round> {
  const walk = await walkOf(side, database);
  await during(WARM_UP_MS, walk);
  return await during(ROUND_MS, walk);
}

export async function walkOf(side: Side, database: Database): Promise<Walk> {
  if (side === "peer") return peer(database);
  return await ours(database, side === "ours" ? (step) => step(database) : (step) => database.transaction(step));
}

export async function during(durationMs: number, walk: Walk): Promise<Round> {
  const latencies: number[] = [];
  const begun = performance.now();
  const before = cpuUsage();
  const worker = async () => {
    while (performance.now() - begun < durationMs) await walk(crypto.randomUUID(), (ms) => latencies.push(ms));
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = cpuUsage(before);
  return {
    completions: latencies.length,
    completionsPerSecond: latencies.length / seconds,
    p99Ms: percentile(latencies, 0.99),
    cpuUs: (user + system) / latencies.length,
  };
}

type InPlace = (step: (sql: StepSql) => Promise<Changed>) => Promise<Changed>;

async function ours(database: Database, inPlace: InPlace): Promise<Walk> {
  const procedures = openProcedures();
  await procedures.define(database, { room: "bench", services: ["five"], sources: [fiveTasks()], at: AT });
  return async (caseId, record) => {
    const begun = await inPlace((sql) =>
      procedures.start(sql, {
        caseId,
        number: caseId,
        room: "bench",
        service: "five",
        variables: { amount: 3 },
        by: "applicant",
        at: AT,
      }),
    );
    if (!begun.ok) throw new Error(begun.refusal);
    let [open] = begun.change.opened;
    for (let task = 1; task <= TASKS; task++) {
      const taskId = open?.taskId ?? 0;
      const before = performance.now();
      const done = await inPlace((sql) =>
        procedures.complete(sql, {
          caseId,
          taskId,
          by: "official",
          outcome: "done",
          variables: { step: task },
          at: AT,
        }),
      );
      record(performance.now() - before);
      if (!done.ok) throw new Error(done.refusal);
      if ((done.change.status === "completed") !== (task === TASKS)) throw new Error(`wrong after task ${task}`);
      [open] = done.change.opened;
    }
  };
}

/** As its documentation says: execute and getState; then, at each task, recover, resume, signal, getState. */
function peer(database: Database): Walk {
  const source = fiveTasks();
  return async (caseId, record) => {
    const engine = new Engine({ name: "five", source, variables: { amount: 3 } } as never);
    await engine.execute();
    const first = JSON.stringify(await engine.getState());
    engine.stop();
    await database.transaction((tx) =>
      tx.query("INSERT INTO public.bench_peer (id, state) VALUES ($1, $2)", [caseId, first]),
    );
    for (let task = 1; task <= TASKS; task++) {
      const before = performance.now();
      await database.transaction(async (tx) => {
        const [row] = await tx.query<{ state: string }>(
          "SELECT state FROM public.bench_peer WHERE id = $1 FOR UPDATE",
          [caseId],
        );
        const recovered = new Engine().recover(JSON.parse(row?.state ?? "{}"));
        const execution = await recovered.resume();
        execution.signal({ id: `task${task}`, step: task });
        const state = JSON.stringify(await recovered.getState());
        if ((execution.state === "idle") !== (task === TASKS)) throw new Error(`the peer is wrong after task ${task}`);
        recovered.stop();
        await tx.query("UPDATE public.bench_peer SET state = $2 WHERE id = $1", [caseId, state]);
      });
      record(performance.now() - before);
    }
  };
}

/** The same file for both; the peer does not look at our extension. */
function fiveTasks(): string {
  const ids = ["start", ...Array.from({ length: TASKS }, (_, at) => `task${at + 1}`), "end"];
  const performer = `<bpmn:extensionElements><zt:performer duty="bench.handle"/></bpmn:extensionElements>`;
  const tasks = ids.slice(1, -1).map((id) => `<bpmn:userTask id="${id}" name="${id}">${performer}</bpmn:userTask>`);
  const flows = ids
    .slice(1)
    .map((id, at) => `<bpmn:sequenceFlow id="flow${at}" sourceRef="${ids[at]}" targetRef="${id}"/>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zt="urn:zhengtong:bpmn" id="five" targetNamespace="urn:bench">
<bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="start"/>${tasks.join("")}<bpmn:endEvent id="end"/>${flows.join("")}</bpmn:process>
</bpmn:definitions>`;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** A database that keeps what it says it kept: fsync on, as a node has it. */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
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
  await initialiseCluster(place, randomBytes(16).toString("hex"));
  const cluster = await startCluster(place, { settings: { max_connections: "100", shared_buffers: "256MB" } });
  try {
    return await use(cluster.url("postgres"), work);
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function use<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ url, poolSize: WORKERS, applicationName: "bench" });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

if (import.meta.main) {
  const side = process.env["ZHENGTONG_BENCH_SIDE"];
  if (SIDES.includes(side as Side)) {
    console.log(JSON.stringify(await withDatabase((database) => measure(side as Side, database))));
  } else {
    for (const { name, value, unit, goal } of await withDatabase(benchProcedures)) {
      const target = goal === undefined ? "" : `   goal ${unit === "ms" ? "≤" : "≥"} ${goal} ${unit}`;
      console.log(`${name.padEnd(50)} ${value.toFixed(unit === "/s" ? 0 : 1).padStart(9)} ${unit}${target}`);
    }
  }
}
