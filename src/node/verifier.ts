import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Fault } from "#kernel/errors/fault";
import type { OfferedProgram } from "#kernel/http/site";
import { sha256 } from "#lib/crypto/digest";
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
  return await runApart("verify.ts", args, folder);
}

async function runApart(program: string, args: readonly string[], folder: string): Promise<VerifierAnswer> {
  const child = spawn(process.execPath, ["--no-warnings", join(ROOT, "packages/verifier", program), ...args], {
    cwd: folder,
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
    timeout: VERIFIER_TIMEOUT_MS,
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: code as number | null, stdout, stderr };
}

const PROGRAMS = [
  { name: "zhengtong-verifier.html", mediaType: "text/html; charset=utf-8" },
  { name: "zhengtong-verifier.mjs", mediaType: "text/javascript; charset=utf-8" },
] as const;

let built: Promise<readonly OfferedProgram[]> | undefined;

/**
 * The verifier as plain JavaScript, made from its source once, when it is first asked for.
 * @throws ERR_VERIFIER_BUILD
 */
export function offeredVerifier(): Promise<readonly OfferedProgram[]> {
  built ??= buildVerifier().catch((error: unknown) => {
    built = undefined;
    throw error;
  });
  return built;
}

async function buildVerifier(): Promise<readonly OfferedProgram[]> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-verifier-"));
  try {
    const { code, stderr } = await runApart("build.ts", [folder], folder);
    if (code !== 0) throw new Fault("ERR_VERIFIER_BUILD", { message: stderr });
    return await Promise.all(
      PROGRAMS.map(async ({ name, mediaType }) => {
        const bytes = new Uint8Array(await readFile(join(folder, name)));
        return { name, mediaType, bytes, sha256: Buffer.from(sha256(bytes)).toString("hex") };
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
