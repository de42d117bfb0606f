import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { removeEmbeddedPostgres } from "../../src/node/embedded-postgres.ts";
import settings from "../../src/node/process-settings.json" with { type: "json" };

const ROOT = dirname(dirname(import.meta.dirname));
const READY_TIMEOUT_MS = 180_000;

/** What the node's process uses. */
export interface Usage {
  /** Bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  /** What V8 has reserved for its heap. */
  readonly heapTotal: number;
  /** Buffers and the like, outside of the heap. */
  readonly external: number;
  /** Since its start. */
  readonly cpuMs: number;
  /** Of the collection that came with this look, after `cpuMs` was read. */
  readonly collectedMs: number;
}

/** What a node used between two looks, without the collection that the first one asked for. Milliseconds. */
export function cpuMsBetween(before: Usage, after: Usage): number {
  return after.cpuMs - before.cpuMs - before.collectedMs;
}

/** What the processes beside the node's own use, since they started. Milliseconds; undefined where there is no /proc. */
export interface ProcessorUsage {
  readonly postgresMs: number;
  readonly typesettingMs: number;
}

/** A demonstration node in a process of its own, with its own PostgreSQL, as `npm start` starts it. */
export interface CountyNode {
  readonly address: string;
  readonly readyMs: number;
  usage(): Promise<Usage>;
  /** Whoever signs has proved anew at once: a code that comes each half a minute is not what is measured. */
  nextCodes(): Promise<void>;
  aside(): Promise<ProcessorUsage | undefined>;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export async function startCountyNode(execArgv: readonly string[] = []): Promise<CountyNode> {
  const base = await mkdtemp(join(tmpdir(), "zhengtong-bench-"));
  const data = join(base, "data");
  const port = await freePort();
  const began = performance.now();
  const child = fork(join(ROOT, "test/adversarial/county-program.ts"), [], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: ["--expose-gc", ...settings.flags, ...execArgv],
    env: {
      ...settings.environment,
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      TZ: "UTC",
      ZHENGTONG_DATA: data,
      ZHENGTONG_PORT: String(port),
      ZHENGTONG_LOG_LEVEL: "error",
    },
  });
  await ready(child);
  const readyMs = performance.now() - began;
  return {
    address: `http://127.0.0.1:${port}`,
    readyMs,
    usage: () =>
      new Promise((resolve) => {
        child.once("message", (usage) => resolve(usage as Usage));
        child.send("usage");
      }),
    nextCodes: () =>
      new Promise((resolve) => {
        child.once("message", () => resolve());
        child.send("next-codes");
      }),
    aside: () => processorUsage(child.pid ?? 0),
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
      await removeEmbeddedPostgres(data);
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** `sysconf(_SC_CLK_TCK)` of Linux on every machine that Node runs on. */
const TICK_MS = 10;

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly ownMs: number;
  /** Of the children that ended and were waited for. */
  readonly childrenMs: number;
}

/** PostgreSQL is one child of the node, its backends are children of that one; the others typeset. */
async function processorUsage(node: number): Promise<ProcessorUsage | undefined> {
  if (process.platform !== "linux") return undefined;
  const rows = await processRows();
  const children = (pid: number) => rows.filter(({ parent }) => parent === pid);
  const under = (row: ProcessRow): number =>
    children(row.pid).reduce((sum, child) => sum + under(child), row.ownMs + row.childrenMs);
  const [postgres, typesetting] = [true, false].map((wanted) =>
    children(node)
      .filter(({ name }) => (name === "postgres") === wanted)
      .reduce((sum, row) => sum + under(row), 0),
  );
  return { postgresMs: postgres ?? 0, typesettingMs: typesetting ?? 0 };
}

async function processRows(): Promise<readonly ProcessRow[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""); // it ended meanwhile
      // proc_pid_stat(5): the name may hold anything, the third field follows its last parenthesis.
      const end = stat.lastIndexOf(")");
      const name = stat.slice(stat.indexOf("(") + 1, end);
      const fields = stat
        .slice(end + 2)
        .split(" ")
        .map(Number);
      const [, parent = 0] = fields;
      const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
      return {
        pid: Number(pid),
        parent,
        name,
        ownMs: (user + system) * TICK_MS,
        childrenMs: (childrenUser + childrenSystem) * TICK_MS,
      };
    }),
  );
  return rows;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`not ready in time:\n${said}`)), READY_TIMEOUT_MS);
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      if (!/ready http/.test(said)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("close", (code) => reject(new Error(`it ended (${code}):\n${said}`)));
  });
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** One line that `bench/run.ts` reads. */
export function figure(name: string, value: number, unit: string, goal?: `${"≥" | "≤"} ${number}`): void {
  const shown = value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(value >= 10 ? 1 : 2);
  console.log(`${name.padEnd(64)}  ${shown.padStart(8)} ${unit}${goal ? `  goal ${goal} ${unit}` : ""}`);
}
