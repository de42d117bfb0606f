/**
 * How long `npm start` takes until the node answers that it is ready: the first start, which makes the database and loads the
 * demonstration county, and later ones; and what the node holds in memory then. Run alone: `node bench/start.ts`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeEmbeddedPostgres } from "../src/node/embedded-postgres.ts";

const ROOT = dirname(import.meta.dirname);
const LATER_STARTS = 5;
const READY_TIMEOUT_MS = 120_000;
const POLL_INTERVAL_MS = 10;
/** After being ready, until memory is read: what was only needed to start is collected. */
const REST_MS = 10_000;

interface Start {
  readonly seconds: number;
  readonly launcher: ChildProcess;
}

async function start(dataFolder: string, port: number): Promise<Start> {
  const begun = performance.now();
  const launcher = spawn("node", ["zhengtong.mjs", "start"], {
    cwd: ROOT,
    stdio: "ignore",
    env: { ...process.env, ZHENGTONG_DATA: dataFolder, ZHENGTONG_PORT: String(port) },
  });
  while (performance.now() - begun < READY_TIMEOUT_MS) {
    if (launcher.exitCode !== null) throw new Error(`the node ended with ${launcher.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return { seconds: (performance.now() - begun) / 1000, launcher };
    await sleep(POLL_INTERVAL_MS);
  }
  throw new Error("the node did not become ready");
}

async function stop({ launcher }: Start): Promise<void> {
  launcher.kill("SIGTERM");
  await once(launcher, "exit");
}

/** Resident memory of the node itself, a child of the launcher, in MB; undefined where /proc does not tell. */
async function residentMb({ launcher }: Start): Promise<number | undefined> {
  for (const entry of await readdir("/proc").catch(() => [])) {
    const status = await readFile(`/proc/${entry}/status`, "utf8").catch(() => "");
    if (!new RegExp(`^PPid:\\s+${launcher.pid}$`, "m").test(status)) continue;
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    return (kilobytes * 1024) / 1e6;
  }
  return undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function print(name: string, value: number, unit: string, goal: number): void {
  console.log(`${name.padEnd(50)} ${value.toFixed(2).padStart(9)} ${unit}   goal ≤ ${goal} ${unit}`);
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-bench-"));
  const data = join(folder, "data");
  const port = await freePort();
  try {
    const first = await start(data, port);
    await stop(first);
    print("first start until ready", first.seconds, "s", 10);
    const later: number[] = [];
    for (let round = 0; round < LATER_STARTS; round += 1) {
      const next = await start(data, port);
      later.push(next.seconds);
      if (round === LATER_STARTS - 1) {
        await sleep(REST_MS);
        const megabytes = await residentMb(next);
        if (megabytes !== undefined) print("memory of the node at rest", megabytes, "MB", 250);
      }
      await stop(next);
    }
    print("later start until ready, median", later.sort((one, other) => one - other)[LATER_STARTS >> 1] ?? 0, "s", 3);
  } finally {
    await removeEmbeddedPostgres(data);
    await rm(folder, { recursive: true, force: true });
  }
}
