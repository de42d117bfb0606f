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
    readonly file: string;
    readonly document?: string;
    readonly roots?: readonly string[];
    readonly at?: string;
  }[];
}

const FILE = join(import.meta.dirname, "../../conformance/vectors/statement.json");
const { cases, ...common } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("what a person signed with a key of her own", () => {
  for (const { why, expect, code, file, ...own } of cases)
    test(why, async () => {
      const { document, roots, at } = { ...common, ...own };
      const report = await verifyFile(utf8(file), {
        roots: roots.flatMap((pem) => [...readCertificates(utf8(pem))]),
        atMs: Date.parse(at),
        documents: document === "" ? [] : [new Uint8Array(Buffer.from(document, "base64"))],
      });
      assert.equal(report.verdict, expect, JSON.stringify(report.findings));
      const codes = report.findings.map((finding) => finding.code);
      assert.ok(codes.includes(code), `${code} in ${codes}`);
      if (expect === "invalid") assert.deepEqual(report.facts, {});
      if (code === "document") assert.equal(report.facts["words"], "我保证以上内容真实、完整");
    });

  test("what was signed is judged by the statement that is given with it", async () => {
    const content = new Uint8Array(Buffer.from(common.document, "base64"));
    const roots = common.roots.flatMap((pem) => [...readCertificates(utf8(pem))]);
    const judge = (file: string) =>
      verifyFile(content, { roots, atMs: Date.parse(common.at), documents: [content, utf8(file)] });
    for (const { file, expect, ...own } of cases)
      if (own.roots === undefined && own.at === undefined && own.document === undefined) {
        const { verdict } = await judge(file);
        assert.equal(verdict === "valid", expect === "valid", own.why);
      }
    const alone = await verifyFile(content, { roots, atMs: Date.parse(common.at), documents: [content] });
    assert.equal(alone.verdict, "invalid");
  });
});
