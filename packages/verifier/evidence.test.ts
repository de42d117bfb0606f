import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readCertificates } from "./src/certificate.ts";
import { parseLogKey } from "./src/checkpoint.ts";
import { verifyFile } from "./src/verify-file.ts";

interface Vectors {
  readonly logKey: string;
  readonly cases: readonly {
    readonly why: string;
    readonly expect: string;
    readonly code: string;
    /** PEM. */
    readonly roots?: readonly string[];
    readonly issuanceRequired?: boolean;
    readonly bundle: object;
  }[];
}

const FILE = join(import.meta.dirname, "../../conformance/vectors/evidence.json");
const vectors = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

describe("bundles of evidence", () => {
  assert.ok(vectors.cases.length > 0);
  const judge = (bundle: object, logKey?: string, roots: readonly string[] = [], issuanceRequired = false) =>
    verifyFile(new TextEncoder().encode(JSON.stringify(bundle)), {
      roots: roots.flatMap((pem) => [...readCertificates(new TextEncoder().encode(pem))]),
      issuanceRequired,
      atMs: Date.parse("2026-06-01T00:00:00Z"),
      logKey: logKey === undefined ? undefined : parseLogKey(logKey),
    });
  for (const { why, expect, code, bundle, roots, issuanceRequired } of vectors.cases) {
    test(why, async () => {
      const report = await judge(bundle, vectors.logKey, roots, issuanceRequired);
      assert.equal(report.verdict, expect, JSON.stringify(report.findings));
      assert.ok(
        report.findings.some((finding) => finding.code === code),
        JSON.stringify(report.findings),
      );
      if (expect === "invalid") assert.deepEqual(report.facts, {});
    });
  }

  test("without the log's key nobody knows whose it is", async () => {
    assert.equal((await judge(vectors.cases[0]?.bundle ?? {})).verdict, "unanchored");
  });
});
