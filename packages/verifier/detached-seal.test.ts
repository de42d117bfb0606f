import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readCertificates } from "./src/certificate.ts";
import { verifyFile } from "./src/verify-file.ts";

interface Vectors {
  /** base64. */
  readonly document: string;
  /** PEM. */
  readonly roots: readonly string[];
  readonly at: string;
  readonly cases: readonly {
    readonly why: string;
    readonly expect: string;
    readonly code: string;
    readonly seal: string;
    readonly document?: string;
    readonly roots?: readonly string[];
    readonly at?: string;
  }[];
}

const FILE = join(import.meta.dirname, "../../conformance/vectors/detached-seals.json");
const { cases, ...common } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

describe("detached seals", () => {
  assert.ok(cases.length > 0);
  for (const { why, expect, code, seal, ...own } of cases) {
    test(why, async () => {
      const { document, roots, at } = { ...common, ...own };
      const report = await verifyFile(new TextEncoder().encode(seal), {
        roots: roots.flatMap((pem) => [...readCertificates(new TextEncoder().encode(pem))]),
        atMs: Date.parse(at),
        documents: document === "" ? [] : [new Uint8Array(Buffer.from(document, "base64"))],
      });
      assert.equal(report.verdict, expect, JSON.stringify(report.findings));
      assert.ok(
        report.findings.some((finding) => finding.code === code),
        JSON.stringify(report.findings),
      );
      if (expect === "invalid") assert.deepEqual(report.facts, {});
    });
  }
});
