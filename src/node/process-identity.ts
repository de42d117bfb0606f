import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Tells a process from another one that got the same number later. */

/**
 * When the process began, in a form of this system that only serves comparison; undefined when there is no such process.
 * Where the system does not tell, a running process has the identity "running".
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") return await linuxIdentity(pid);
  if (!isRunning(pid)) return undefined;
  if (process.platform === "win32") return "running";
  const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() === "" ? undefined : stdout.trim();
}

/** proc_pid_stat(5): the 22nd field, after a name in parentheses that may hold anything, is the start in ticks since boot. */
async function linuxIdentity(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined),
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
  ]);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined || fields[0] === "Z") return undefined;
  return `${boot.trim()}:${fields[19]}`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
