import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";

/** The root of the checkout. */
export const ROOT = dirname(dirname(import.meta.dirname));

/** Runs one of the checkout's own programs under this Node, with this terminal; signals reach it as well. */
export async function runProgram(path: string, args: readonly string[]): Promise<ExitCode> {
  const child = spawn(process.execPath, [join(ROOT, path), ...args], { stdio: "inherit", cwd: ROOT });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, pass);
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", resolve);
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, pass);
  return code === 0 ? EXIT_CODES.OK : EXIT_CODES.FAILED;
}
