import { execFile } from "node:child_process";
import { readdir, readFile, readlink, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Fault } from "../../errors/fault.ts";

const TIMEOUT_MS = 15_000;
const POLL_INTERVAL_MS = 20;

/**
 * Ends what a killed process left running on this cluster: a whole server, or the sessions of a server that was killed. Two
 * servers on one folder would destroy it, so nothing is started before the last of them is gone.
 */
export async function stopLeftover(folder: string): Promise<void> {
  const data = await realpath(join(folder, "data")).catch(() => undefined);
  if (data === undefined) return;
  const pidFile = join(data, "postmaster.pid");
  const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  if (await isServerOf(pid, data)) await stopServer(pid, data);
  await endSessions(data);
  // The number may belong to another program by now, or to a dead process that nobody asked for its status: then PostgreSQL
  // takes its own lock files for those of a running server.
  if (!isSignalled(pid, 0)) return;
  await rm(pidFile, { force: true });
  await rm(join(folder, "socket"), { recursive: true, force: true });
}

/** A fast shutdown, then one at once, from which the server's log recovers. */
async function stopServer(pid: number, data: string): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    isSignalled(pid, signal);
    if (await comesTrue(async () => !(await isServerOf(pid, data)))) return;
  }
  throw new Fault("ERR_CLUSTER_START", { message: `PostgreSQL of an earlier process (PID ${pid}) does not stop` });
}

/** Sessions end by themselves soon after their server was killed; those that do not are told to. */
async function endSessions(data: string): Promise<void> {
  for (const signal of [undefined, "SIGQUIT", "SIGKILL"] as const) {
    if (signal !== undefined) for (const pid of await processesIn(data)) isSignalled(pid, signal);
    if (await comesTrue(async () => (await processesIn(data)).length === 0)) return;
  }
  throw new Fault("ERR_CLUSTER_START", { message: `sessions of an earlier PostgreSQL in ${data} do not end` });
}

async function comesTrue(condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (await condition()) return true;
    await sleep(POLL_INTERVAL_MS);
  }
  return false;
}

/** Every process of PostgreSQL works in its data folder. Elsewhere than on Linux its own check (shared memory) has to do. */
async function processesIn(data: string): Promise<readonly number[]> {
  if (process.platform !== "linux") return [];
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === data) found.push(pid);
  }
  return found.filter((pid) => pid !== process.pid);
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (process.platform === "linux") return (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === data;
  if (process.platform === "win32") return isSignalled(pid, 0);
  const command = await promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]).catch(() => undefined);
  return command?.stdout.includes(data) === true;
}

function isSignalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
