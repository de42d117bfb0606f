import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Fault } from "../../errors/fault.ts";

const FAST_TIMEOUT_MS = 15_000;
const IMMEDIATE_TIMEOUT_MS = 15_000;
const POLL_INTERVAL_MS = 20;

/**
 * Stops the server that a killed process left running on this cluster: fast, then at once (which its log recovers).
 * A `postmaster.pid` that names another program, since the number was given out again, is removed: the server would not start.
 */
export async function stopLeftover(folder: string): Promise<void> {
  const data = join(folder, "data");
  const pidFile = join(data, "postmaster.pid");
  const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  if (!(await commandOf(pid)).includes(data)) {
    await rm(pidFile, { force: true });
    return;
  }
  for (const [signal, timeoutMs] of [
    ["SIGINT", FAST_TIMEOUT_MS],
    ["SIGQUIT", IMMEDIATE_TIMEOUT_MS],
  ] as const) {
    signalled(pid, signal);
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      if (!(await commandOf(pid)).includes(data)) return;
      await sleep(POLL_INTERVAL_MS);
    }
  }
  throw new Fault("ERR_CLUSTER_START", { message: `PostgreSQL of an earlier process (PID ${pid}) does not stop` });
}

/** The command line of a process; empty when there is none, or when it has ended and nobody asked for its status. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === "linux") {
    return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
  }
  if (process.platform === "win32") return signalled(pid, 0) ? "running" : "";
  return (await promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({ stdout: "" }))).stdout;
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
