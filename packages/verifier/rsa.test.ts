import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as inBrowsers from "./src/browser-crypto.ts";
import { readCertificates } from "./src/certificate.ts";
import * as inNode from "./src/crypto.ts";
import { readDer } from "./src/der.ts";
import { mayUse, readRsaScheme, rsaFromSpki } from "./src/rsa-form.ts";
import { keyFromSpki, signatureForm, verifies } from "./src/signature.ts";
import { verifyFile } from "./src/verify-file.ts";

interface Vectors {
  readonly at: string;
  /** base64, as all bytes here. */
  readonly message: string;
  readonly publicKeyInfo: string;
  /** PEM. */
  readonly roots: readonly string[];
  readonly signatures: readonly {
    readonly why: string;
    readonly expect: string;
    readonly publicKeyInfo?: string;
    readonly algorithm: string;
    readonly message?: string;
    readonly signature: string;
  }[];
  readonly cases: readonly {
    readonly why: string;
    readonly expect: string;
    readonly code: string;
    readonly roots?: readonly string[];
    readonly file: string;
  }[];
}

const FILE = join(import.meta.dirname, "../../conformance/vectors/rsa.json");
const vectors = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;
const bytes = (encoded: string): Uint8Array => new Uint8Array(Buffer.from(encoded, "base64"));

describe("RSA of authorities that are not ours", () => {
  for (const { why, expect, algorithm, signature, ...own } of vectors.signatures) {
    const { message, publicKeyInfo } = { ...vectors, ...own };
    test(`a signature: ${why}`, async () => {
      const key = keyFromSpki(bytes(publicKeyInfo));
      const form = key && signatureForm(readDer(bytes(algorithm)), key);
      const holds =
        key !== undefined && form !== undefined && (await verifies(key, bytes(message), bytes(signature), form));
      assert.equal(holds, expect === "valid");
    });
  }

  test("each runtime says the same of each signature whose key and form are accepted", async () => {
    let compared = 0;
    for (const { why, algorithm, signature, ...own } of vectors.signatures) {
      const { message, publicKeyInfo } = { ...vectors, ...own };
      const key = rsaFromSpki(bytes(publicKeyInfo));
      const scheme = readRsaScheme(readDer(bytes(algorithm)));
      if (key === undefined || scheme === undefined || !mayUse(key, scheme)) continue;
      const signed = { message: bytes(message), signature: bytes(signature) };
      const [here, there] = [inNode, inBrowsers].map(({ rsaVerifies }) => rsaVerifies(key, scheme, signed));
      assert.equal(await here, await there, why);
      compared += 1;
    }
    assert.ok(compared > 20);
  });

  test("any other byte of key, algorithm or signature", async () => {
    const [first] = vectors.signatures;
    assert.ok(first);
    const parts = {
      info: bytes(vectors.publicKeyInfo),
      algorithm: bytes(first.algorithm),
      signature: bytes(first.signature),
    };
    for (const part of ["info", "algorithm", "signature"] as const)
      for (let at = 0; at < parts[part].length; at += 1) {
        const one = { ...parts, [part]: parts[part].with(at, (parts[part][at] ?? 0) ^ 1) };
        const key = keyFromSpki(one.info);
        const scheme = rsaFromSpki(one.info) && read(() => readRsaScheme(readDer(one.algorithm)));
        const holds = key && scheme && (await verifies(key, bytes(vectors.message), one.signature, scheme));
        assert.notEqual(holds, true, `${part}, byte ${at}`);
      }
  });

  for (const { why, expect, code, file, ...own } of vectors.cases)
    test(`a document: ${why}`, async () => {
      const report = await verifyFile(bytes(file), {
        roots: (own.roots ?? vectors.roots).flatMap((pem) => [...readCertificates(new TextEncoder().encode(pem))]),
        atMs: Date.parse(vectors.at) + 60_000,
      });
      assert.equal(report.verdict, expect, JSON.stringify(report.findings));
      const codes = report.findings.map((finding) => finding.code);
      assert.ok(code === "*" || codes.includes(code), `${code} in ${codes}`);
      if (expect === "invalid") assert.deepEqual(report.facts, {});
    });
});

/** What is no DER is no scheme either. */
function read<T>(how: () => T): T | undefined {
  try {
    return how();
  } catch {
    return undefined;
  }
}
