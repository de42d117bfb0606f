import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { base64 } from "./src/bytes.ts";
import { readCertificates } from "./src/certificate.ts";
import { parseLogKey } from "./src/checkpoint.ts";
import { verifyFile } from "./src/verify-file.ts";

interface Vectors {
  /** PEM. */
  readonly roots: readonly string[];
  readonly at: string;
  /** Base64; a case names one by its place. */
  readonly files: readonly string[];
  readonly cases: readonly {
    readonly why: string;
    readonly expect: string;
    readonly code: string;
    readonly file: number;
    readonly roots?: readonly string[];
    readonly at?: string;
    readonly logKey?: string;
    readonly issuanceRequired?: boolean;
  }[];
}

const FILE = join(import.meta.dirname, "../../conformance/vectors/long-term.json");
const { files, cases, ...common } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

describe("seals that outlive their certificates, and proofs that certificates were issued on record", () => {
  assert.ok(cases.length > 0);
  for (const { why, expect, code, file, logKey, issuanceRequired, ...own } of cases) {
    test(why, async () => {
      const { roots, at } = { ...common, ...own };
      const report = await verifyFile(base64(files[file]), {
        roots: roots.flatMap((pem) => [...readCertificates(new TextEncoder().encode(pem))]),
        atMs: Date.parse(at),
        logKey: logKey === undefined ? undefined : parseLogKey(logKey),
        issuanceRequired,
      });
      assert.equal(report.verdict, expect, JSON.stringify(report.findings));
      assert.ok(
        report.findings.some((finding) => finding.code === code),
        `${code} in ${JSON.stringify(report.findings)}`,
      );
      if (expect === "invalid") assert.deepEqual(report.facts, {});
    });
  }
});
