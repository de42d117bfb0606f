import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";
import { openDocuments } from "#kernel/documents/documents";
import { sealPdf } from "#kernel/documents/pdf-seal";
import { DOCUMENT_SIGNING_USE, type SealFault, verifySealedPdf } from "#kernel/documents/pdf-seal-verification";
import type { DocumentSigner } from "#kernel/documents/signed-data";
import { extendedKeyUsage, keyUsage } from "#lib/certificate/extensions";
import { writeRsaScheme } from "#lib/certificate/rsa";
import { PKCS1_SHA256, PSS_SHA256, RsaAuthority, rsaPair, rsaSign } from "#lib/x509/testing/rsa-authority";
import { type Hierarchy, openHierarchy } from "./certificates/hierarchy.ts";
import { openFileKeys } from "./keys/file-key-store.ts";

const run = promisify(execFile);
const AT = Temporal.Instant.from("2026-11-21T08:00:00Z");
const NOTE = { reason: "食品经营许可证 JY29901210000172", name: "清源县市场监督管理局", at: AT };
const LABEL = "seal/990121-scjg/licensing";

describe("sealed PDF", () => {
  let folder = "";
  let hierarchy: Hierarchy;
  let signer: DocumentSigner;
  let person: DocumentSigner;
  let pdf: Uint8Array;
  let sealed: Uint8Array;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "zhengtong-seal-"));
    const { store } = await openFileKeys(folder);
    hierarchy = await openHierarchy({ keys: store, folder, operator: "清源县（演示）", at: AT });
    const signerOf = async (label: string, profile: "seal" | "person"): Promise<DocumentSigner> => {
      const key = await store.ensureKey(label, "p256");
      const subject = { commonName: "清源县市场监督管理局（样本）" };
      const certificate = await hierarchy.issue({ profile, subject, publicKeyInfo: key.info, at: AT });
      return {
        certificate,
        issuers: [hierarchy.issuer("seal").certificate.der],
        sign: (data) => store.sign(label, data),
      };
    };
    signer = await signerOf(LABEL, "seal");
    person = await signerOf("person/one", "person");
    const source = '#set document(title: "x")\n#set text(font: "Noto Serif SC", lang: "zh")\n许可证';
    const kind = { kind: "test", main: "/test.typ", sources: { "/test.typ": source }, data: z.object({}) };
    const documents = await openDocuments({ kinds: [kind] });
    const rendered = await documents.render({ kind: "test", data: {} }).finally(() => documents.close());
    assert.ok("pdf" in rendered);
    pdf = rendered.pdf;
    sealed = await sealPdf(pdf, signer, NOTE);
  });
  after(() => rm(folder, { recursive: true }));

  async function verdict(bytes: Uint8Array, atMs = AT.epochMilliseconds + 1000): Promise<SealFault | "ok"> {
    const answer = await verifySealedPdf(bytes, { roots: [hierarchy.root], atMs });
    return answer.ok ? "ok" : answer.fault;
  }

  for (const scheme of [PKCS1_SHA256, PSS_SHA256])
    it(`verifies with the RSA keys of another authority (${scheme.padding}), and not once changed`, async () => {
      const root = new RsaAuthority("外部根（样本）", scheme, rsaPair());
      const pair = rsaPair();
      const certificate = root.issue({
        ...{ commonName: "清源县市场监督管理局（样本）", info: pair.info },
        extensions: [keyUsage(["digitalSignature"]), extendedKeyUsage([DOCUMENT_SIGNING_USE])],
      });
      const outside = {
        ...{ certificate, issuers: [], algorithm: writeRsaScheme(scheme) },
        sign: async (data: Uint8Array) => rsaSign(pair.key, scheme, data),
      };
      const bytes = await sealPdf(pdf, outside, NOTE);
      const judge = (one: Uint8Array, roots: readonly Uint8Array[]) =>
        verifySealedPdf(one, { roots, atMs: AT.epochMilliseconds + 1000 });
      const good = await judge(bytes, [hierarchy.root, root.certificate]);
      assert.equal(good.ok && good.sealedBy, "清源县市场监督管理局（样本）", JSON.stringify(good));
      assert.deepEqual(await judge(bytes, [hierarchy.root]), { ok: false, fault: "untrusted" });
      const changed = Uint8Array.from(bytes);
      changed[100] = (changed[100] ?? 0) ^ 1;
      assert.deepEqual(await judge(changed, [root.certificate]), { ok: false, fault: "changed" });
    });

  it("verifies, and says who sealed it and when", async () => {
    const answer = await verifySealedPdf(sealed, { roots: [hierarchy.root], atMs: AT.epochMilliseconds });
    assert.ok(answer.ok);
    assert.equal(answer.sealedBy, "清源县市场监督管理局（样本）");
    assert.equal(answer.claimedAtMs, AT.epochMilliseconds);
    assert.equal(answer.path.length, 3);
  });

  it("keeps what was sealed byte for byte and adds the seal after it", () => {
    assert.deepEqual(Buffer.from(sealed.subarray(0, pdf.length)).compare(pdf), 0);
  });

  it("finds every single changed byte, wherever it is", async () => {
    const step = Math.floor(sealed.length / 150);
    for (let index = 0; index < sealed.length; index += step) {
      const changed = Uint8Array.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      assert.notEqual(await verdict(changed), "ok", `byte ${index}`);
    }
  });

  it("refuses bytes appended, an update appended, the middle cut, no seal, and no PDF", async () => {
    const more = (tail: Uint8Array): Uint8Array => Buffer.concat([sealed, tail]);
    assert.equal(await verdict(more(Buffer.from("\n"))), "changed");
    assert.equal(await verdict(more(sealed.subarray(pdf.length))), "changed");
    assert.equal(await verdict(Buffer.concat([sealed.subarray(0, 200), sealed.subarray(300)])), "changed");
    assert.equal(await verdict(pdf), "not-sealed");
    assert.equal(await verdict(new Uint8Array()), "not-sealed");
    assert.equal(await verdict(Buffer.from("/ByteRange [0 1 2 3")), "malformed");
    assert.equal(await verdict(Buffer.from("/ByteRange [0 4 9 39 ]    /Contents <00>   ")), "changed");
  });

  it("refuses another root, a person's key, a certificate that is over, a second seal by the same hand", async () => {
    const elsewhere = await verifySealedPdf(sealed, {
      roots: [hierarchy.issuer("seal").certificate.der.slice(0, 20)],
      atMs: AT.epochMilliseconds,
    });
    assert.deepEqual(elsewhere, { ok: false, fault: "malformed" });
    assert.deepEqual(await verifySealedPdf(sealed, { roots: [], atMs: AT.epochMilliseconds }), {
      ok: false,
      fault: "untrusted",
    });
    assert.equal(await verdict(await sealPdf(pdf, person, NOTE)), "wrong-use");
    assert.equal(await verdict(sealed, Date.UTC(2037, 0, 1)), "expired");
    await assert.rejects(sealPdf(sealed, signer, NOTE), RangeError);
    await assert.rejects(sealPdf(pdf, signer, { ...NOTE, reason: "长".repeat(121) }), RangeError);
  });

  it("is not misled by a document that carries the words of a signature", async () => {
    const posing = { ...NOTE, reason: "/ByteRange [0 1 2 3] /Contents <00>" };
    assert.equal(await verdict(await sealPdf(pdf, signer, posing)), "ok");
  });

  it("passes pdfsig", async (test) => {
    const path = join(folder, "sealed.pdf");
    await writeFile(path, sealed);
    const installed = await run("pdfsig", ["-v"]).catch(() => undefined);
    if (installed === undefined) return test.skip("pdfsig (poppler-utils) is not installed");
    const { stdout } = await run("pdfsig", ["-nocert", path]);
    assert.match(stdout, /Signature Validation: Signature is Valid/);
    assert.match(stdout, /Signature Type: ETSI\.CAdES\.detached/);
    assert.match(stdout, /Total document signed/);
    assert.match(stdout, /Signing Hash Algorithm: SHA-256/);
  });
});
