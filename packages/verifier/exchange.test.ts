import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { base64 } from "./src/bytes.ts";
import { parseLogKey } from "./src/checkpoint.ts";
import { verifyFile } from "./src/verify-file.ts";

interface Vectors {
  readonly logKey: string;
  readonly peerLogKey: string;
  readonly nodeKeys: readonly { readonly node: string; readonly spki: string }[];
  readonly cases: readonly {
    readonly why: string;
    readonly expect: string;
    readonly code: string;
    readonly evidence: object;
  }[];
}

const FILE = join(import.meta.dirname, "../../conformance/vectors/exchange.json");
const vectors = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;
const nodeKeys = vectors.nodeKeys.map(({ node, spki }) => ({ node, spki: base64(spki) }));
const trust = {
  roots: [],
  atMs: Date.parse("2026-12-01T00:00:00Z"),
  logKey: parseLogKey(vectors.logKey),
  peerLogKey: parseLogKey(vectors.peerLogKey),
  nodeKeys,
};

describe("evidence of calls between nodes", () => {
  assert.ok(vectors.cases.length > 0);
  const judge = (evidence: object, given: object = trust) =>
    verifyFile(new TextEncoder().encode(JSON.stringify(evidence)), { ...trust, ...given });
  for (const { why, expect, code, evidence } of vectors.cases) {
    test(why, async () => {
      const report = await judge(evidence);
      assert.equal(report.verdict, expect, JSON.stringify(report.findings));
      assert.ok(
        report.findings.some((finding) => finding.code === code),
        JSON.stringify(report.findings),
      );
      if (expect === "invalid") assert.deepEqual(report.facts, {});
    });
  }

  test("without the keys of logs and nodes nobody knows whose it is; with another node's key it is not valid", async () => {
    const [good] = vectors.cases;
    assert.ok(good);
    for (const missing of [{ logKey: undefined }, { peerLogKey: undefined }, { nodeKeys: undefined }]) {
      assert.equal((await judge(good.evidence, missing)).verdict, "unanchored");
    }
    const swapped = nodeKeys.map(({ node }, at) => ({ node, spki: nodeKeys[1 - at]?.spki ?? new Uint8Array() }));
    assert.equal((await judge(good.evidence, { nodeKeys: swapped })).verdict, "invalid");
  });
});
