/** The node's own verifiers, held to the vectors of RSA that the stand-alone one is held to. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { verifySealedPdf } from "../src/kernel/documents/pdf-seal-verification.ts";
import { readPem } from "../src/lib/asn1/pem.ts";
import { verifySigned } from "../src/lib/certificate/algorithms.ts";
import { verifyToken } from "../src/services/certificates/verification.ts";

interface Vectors {
  readonly at: string;
  readonly message: string;
  readonly publicKeyInfo: string;
  readonly roots: readonly string[];
  readonly signatures: readonly (Partial<Record<"publicKeyInfo" | "message", string>> &
    Readonly<Record<"why" | "expect" | "algorithm" | "signature", string>>)[];
  readonly cases: readonly (Readonly<Record<"why" | "expect" | "file", string>> & {
    readonly roots?: readonly string[];
  })[];
}

const FILE = join(import.meta.dirname, "vectors/rsa.json");
const { signatures, cases, ...common } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;
const bytes = (encoded: string): Uint8Array => new Uint8Array(Buffer.from(encoded, "base64"));

for (const { why, expect, algorithm, signature, ...own } of signatures)
  test(`a signature: ${why}`, () => {
    const { message, publicKeyInfo } = { ...common, ...own };
    const holds = verifySigned({
      ...{ publicKeyInfo: bytes(publicKeyInfo), algorithm: bytes(algorithm) },
      ...{ signed: bytes(message), signature: bytes(signature) },
    });
    assert.equal(holds, expect === "valid");
  });

for (const { why, expect, file, ...own } of cases)
  test(`a document: ${why}`, async () => {
    const document = bytes(file);
    const trust = {
      roots: (own.roots ?? common.roots).flatMap((pem) => readPem(pem).map(({ der }) => der)),
      atMs: Date.parse(common.at) + 60_000,
    };
    const isPdf = Buffer.from(document.subarray(0, 5)).toString() === "%PDF-";
    const verdict = isPdf
      ? await verifySealedPdf(document, trust)
      : await verifyToken(Buffer.from(document).toString(), trust);
    // What is open for a reader who trusts nobody yet, a node refuses.
    assert.equal(verdict.ok, expect === "valid", verdict.ok ? verdict.sealedBy : verdict.fault);
  });
