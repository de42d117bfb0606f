import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { removeEmbeddedPostgres } from "../../src/node/embedded-postgres.ts";

export const ROOT = dirname(dirname(import.meta.dirname));

export interface NodeProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** All that it said so far. */
  output(): string;
  /** Waits until it has said something that matches. */
  said(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Waits for its end: its exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

const SAID_TIMEOUT_MS = 180_000;

/** What still runs, with its data folder. */
const started = new Map<ChildProcess, string>();

/** The test runner ends a file that took too long: what it started then stops as well. */
process.once("SIGTERM", () => {
  for (const child of started.keys()) child.kill("SIGTERM");
  process.exit(1);
});

/** Starts a program of the checkout under this Node, or a `.mjs` or `.sh` by itself, with only these settings. */
export function startProcess(
  program: readonly [string, ...string[]],
  options: { readonly environment?: Readonly<Record<string, string>>; readonly folder?: string } = {},
): NodeProcess {
  const [path, ...args] = program;
  const child = spawn(process.execPath, [join(ROOT, path), ...args], {
    cwd: options.folder ?? ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", TZ: "UTC", ...options.environment },
  });
  const ended = once(child, "close").then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  started.set(child, options.environment?.["ZHENGTONG_DATA"] ?? "");
  void ended.then(() => started.delete(child));
  let output = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      for (const look of waiting) look();
    });
  }
  const said = (pattern: RegExp, timeoutMs = SAID_TIMEOUT_MS) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        waiting.delete(look);
        settle();
      };
      const look = () => {
        const found = pattern.exec(output);
        if (found !== null) finish(() => resolve(found));
      };
      const fail = (why: string) => finish(() => reject(new Error(`${why} before ${pattern}:\n${output}`)));
      const timer = setTimeout(() => fail("the time was over"), timeoutMs);
      waiting.add(look);
      void ended.then((code) => {
        look();
        fail(`it ended (${code})`);
      });
      look();
    });
  return { child, pid: child.pid ?? 0, output: () => output, said, ended };
}

/** A data folder that is removed after the work, with its database and with what still runs on it. */
export async function withDataFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  const base = await mkdtemp(join(tmpdir(), "zhengtong-long-"));
  const path = join(base, "data");
  try {
    return await work(path);
  } finally {
    for (const [child, data] of started) if (data.startsWith(base)) child.kill("SIGKILL");
    await removeEmbeddedPostgres(path);
    await rm(base, { recursive: true, force: true });
  }
}

/** Every process whose command line names one of the texts, but this one. Linux alone. */
export async function processesNaming(...texts: readonly string[]): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (texts.some((text) => commandLine.includes(text))) found.push(pid);
  }
  return found;
}
