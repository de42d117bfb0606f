/** The node's own verifier, held to the vectors of persons' signatures that the stand-alone one is held to. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readPem } from "../src/lib/asn1/pem.ts";
import { verifyStatement } from "../src/services/certificates/statement-verification.ts";

interface Case {
  readonly why: string;
  readonly expect: string;
  readonly code: string;
  readonly file: string;
  readonly roots?: readonly string[];
  readonly at?: string;
}

const FILE = join(import.meta.dirname, "vectors/statement.json");
const { cases, ...common } = JSON.parse(readFileSync(FILE, "utf8")) as {
  readonly roots: readonly string[];
  readonly at: string;
  readonly cases: readonly Case[];
};

for (const { why, expect, code, file, ...own } of cases)
  test(why, async () => {
    const { roots, at } = { ...common, ...own };
    const verdict = await verifyStatement(file, {
      roots: roots.flatMap((pem) => readPem(pem).map(({ der }) => der)),
      atMs: Date.parse(at),
    });
    // Whether the content fits is the operation's to tell; without a root a node refuses.
    assert.equal(verdict.ok, expect === "valid" || code === "document-missing", verdict.ok ? "" : verdict.fault);
  });
