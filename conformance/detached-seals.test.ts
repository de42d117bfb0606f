/** The node's own verifier, held to the vectors that the stand-alone one is held to. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { verifyDetachedSeal } from "../src/kernel/documents/detached-seal.ts";
import { readPem } from "../src/lib/asn1/pem.ts";

interface Case {
  readonly why: string;
  readonly expect: string;
  readonly seal: string;
  readonly document?: string;
  readonly roots?: readonly string[];
  readonly at?: string;
}

const FILE = join(import.meta.dirname, "vectors/detached-seals.json");
const { cases, ...common } = JSON.parse(readFileSync(FILE, "utf8")) as {
  readonly document: string;
  readonly roots: readonly string[];
  readonly at: string;
  readonly cases: readonly Case[];
};

for (const { why, expect, seal, ...own } of cases) {
  test(why, async () => {
    const { document, roots, at } = { ...common, ...own };
    const verdict = await verifyDetachedSeal(new TextEncoder().encode(seal), Buffer.from(document, "base64"), {
      roots: roots.flatMap((pem) => readPem(pem).map(({ der }) => der)),
      atMs: Date.parse(at),
    });
    // What is open for a reader who trusts nobody yet, a node refuses: it has its roots, and the document.
    assert.equal(verdict.ok, expect === "valid", JSON.stringify(verdict));
  });
}
