import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ROOT } from "./program.ts";

export interface VerifierAnswer {
  /** 0 valid, 1 not valid, 2 usage, 3 undecided */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A file takes milliseconds; whoever waits longer waits for nothing. */
const VERIFIER_TIMEOUT_MS = 120_000;

/** Runs the stand-alone verifier in a process of its own, with an empty environment: it shares nothing with the node. */
export async function runVerifier(args: readonly string[], folder: string): Promise<VerifierAnswer> {
  const child = spawn(process.execPath, [join(ROOT, "packages/verifier/verify.ts"), ...args], {
    cwd: folder,
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
    timeout: VERIFIER_TIMEOUT_MS,
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: code as number | null, stdout, stderr };
}
