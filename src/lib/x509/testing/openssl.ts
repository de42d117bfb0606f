/** The `openssl` command as another verifier to compare with. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePem } from "#lib/asn1/pem";
import type { X509Certificate } from "../certificate.ts";

export interface Verdict {
  readonly isValid: boolean;
  readonly output: string;
}

/** Whether the command is there. */
export function hasOpenssl(): boolean {
  return spawnSync("openssl", ["version"]).status === 0;
}

export class Openssl {
  readonly #folder = mkdtempSync(join(tmpdir(), "zhengtong-x509-"));
  #written = 0;

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Puts bytes where the command can read them. */
  file(content: Uint8Array | string): string {
    const path = join(this.#folder, String(this.#written++));
    writeFileSync(path, content);
    return path;
  }

  /** What it wrote. */
  read(path: string): Uint8Array {
    return new Uint8Array(readFileSync(path));
  }

  pem(...certificates: readonly X509Certificate[]): string {
    return this.file(certificates.map(({ der }) => writePem({ label: "CERTIFICATE", der })).join(""));
  }

  /** Runs it; what it writes to both streams. @throws when it cannot be run */
  run(...words: readonly string[]): Verdict {
    const { status, stdout, stderr, error } = spawnSync("openssl", words, { encoding: "utf8" });
    if (error !== undefined) throw error;
    return { isValid: status === 0, output: `${stdout}${stderr}` };
  }

  bytes(...words: readonly string[]): Uint8Array {
    return new Uint8Array(execFileSync("openssl", words, { stdio: ["ignore", "pipe", "pipe"] }));
  }

  /** `openssl verify` of a chain whose first certificate is the anchor. */
  verify(chain: readonly X509Certificate[], atMs: number, ...flags: readonly string[]): Verdict {
    const [anchor, ...below] = chain;
    const holder = below.pop();
    if (anchor === undefined || holder === undefined) throw new RangeError("an anchor and a holder");
    const between = below.length === 0 ? [] : ["-untrusted", this.pem(...below)];
    const seconds = String(Math.floor(atMs / 1000));
    return this.run(
      ...["verify", "-x509_strict", "-policy_check", "-attime", seconds, ...flags],
      ...["-CAfile", this.pem(anchor), ...between, this.pem(holder)],
    );
  }
}
