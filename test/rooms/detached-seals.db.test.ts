/** Seals beside documents: made by trust in the suites of the node, judged by the kernel, by the stand-alone verifier, by openssl. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { trust } from "#infrastructure/trust";
import { type DetachedSealFault, verifyDetachedSeal } from "#kernel/documents/detached-seal";
import { ecdsaDer } from "#kernel/documents/ecdsa";
import { toBase64url } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { readSuiteChoice } from "#lib/crypto/purposes";
import { JWS_HYBRID, JWS_SM2 } from "#lib/jws/jws";
import { readX509 } from "#lib/x509/certificate";
import { hasOpenssl } from "#lib/x509/testing/openssl";
import { readCertificates } from "../../packages/verifier/src/certificate.ts";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { type KeyEvent, keyEntry } from "../../src/infrastructure/trust/key-event.ts";
import { certificateRecords, type OpenTrust, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { carriedProofs } from "../../src/infrastructure/trust/status/proofs.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";

const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";
const OTHER = "0197c7a0-0000-7000-8000-000000000002";
const folder = mkdtempSync(join(tmpdir(), "zhengtong-detached-"));
const node = await testNode({ systems: [trustSystem] });
after(async () => {
  await node.close();
  rmSync(folder, { recursive: true });
});
const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
const atMs = Temporal.Instant.from(TEST_NOW).epochMilliseconds;
const document = utf8("%PDF-1.7 准予许可决定书（样本）");
const about = { authority: AUTHORITY, seal: "licensing", reason: "准予许可决定书", at: TEST_NOW } as const;
const events: KeyEvent[] = [];

async function trustOf(name: string, written: string): Promise<OpenTrust> {
  const opened = await openTrust({
    ...{ folder: join(folder, name), operator: "清源县（演示）", at: "2026-01-01T00:00:00Z" },
    ...{ publicUrl: "http://127.0.0.1:8080", suites: readSuiteChoice(written) ?? assert.fail(written) },
  });
  await opened.connect({
    authorityName: async (id) => (id === AUTHORITY ? "清源县市场监督管理局" : "清源县民政局"),
    demonstration: true,
    records: certificateRecords(own),
    status: { front: own, now: () => TEST_NOW, publicUrl: "http://127.0.0.1:8080" },
    onKeyEvent: async (event) => {
      events.push(event);
      await node.kernel.ledger.append(node.kernel.database, [keyEntry(event)]);
    },
    issuance: carriedProofs(node.kernel),
  });
  return opened;
}

interface Written {
  readonly payload: string;
  readonly signatures: readonly { readonly protected: string; readonly signature: string }[];
  readonly stamp?: string;
  readonly issuance?: readonly unknown[];
}

const partsOf = (seal: Uint8Array): Written => JSON.parse(fromUtf8(seal)) as Written;
const again = (parts: Written, change: Partial<Written>): Uint8Array =>
  utf8(JSON.stringify({ format: "zhengtong-detached-seal/1", ...parts, ...change }));

/** Both verifiers must agree; gives the fault, or the suites. */
async function verdict(opened: OpenTrust, seal: Uint8Array, of = document, when = atMs): Promise<string> {
  const { roots } = opened.hierarchy;
  const answer = await verifyDetachedSeal(seal, of, { roots, atMs: when });
  const report = await verifyFile(seal, {
    ...{ roots: roots.flatMap((root) => readCertificates(root)), atMs: when, documents: [of] },
  });
  assert.equal(report.verdict === "valid", answer.ok, `${JSON.stringify(answer)} ${JSON.stringify(report)}`);
  return answer.ok ? answer.suites.join() : (answer.fault satisfies DetachedSealFault);
}

const national = await trustOf("national", "national");
const seal = await national.signer.sealBeside({ ...about, document });

test("a node seals beside its documents in the suites that it has, and both verifiers accept them", async () => {
  assert.equal(await verdict(national, seal), "national,hybrid");
  assert.deepEqual(
    events.filter(({ what }) => what === "document-sealed-beside").map(({ reason }) => reason),
    ["准予许可决定书", "准予许可决定书"],
    "each use of a key is on the record",
  );
  const international = await trustOf("international", "international");
  const other = await international.signer.sealBeside({ ...about, document });
  assert.equal(await verdict(international, other), "international,hybrid");
  assert.equal(await verdict(national, other), "bad-stamp", "under another's roots it is nobody's");
  const classical = await trustOf("classical", "national,post-quantum=off");
  assert.equal(await verdict(classical, await classical.signer.sealBeside({ ...about, document })), "national");
});

test("it brings the proofs that its certificates were issued on record, each its own", async () => {
  const { roots } = national.hierarchy;
  const trust = { roots: roots.flatMap((root) => readCertificates(root)), atMs, documents: [document] };
  const logKey = parseLogKey(node.kernel.ledger.verifierKey);
  const judged = async (bytes: Uint8Array) => {
    const { verdict: said, findings } = await verifyFile(bytes, { ...trust, logKey, issuanceRequired: true });
    return [said, findings.filter(({ code }) => code === "issued-on-record").length, findings.at(-1)?.code];
  };
  assert.deepEqual(await judged(seal), ["valid", 2, "not-revocation"]);
  const { issuance, ...parts } = partsOf(seal);
  assert.deepEqual(await judged(again(parts, { issuance: issuance?.slice(0, 1) ?? [] })), ["invalid", 1, "unlogged"]);
  const [first, second] = issuance as { certificate: string }[];
  const swapped = [first, { ...first, certificate: second?.certificate }];
  assert.deepEqual(await judged(again(parts, { issuance: swapped })), ["invalid", 1, "other-certificate"]);
});

test("openssl agrees on the SM2 signature", { skip: hasOpenssl() ? false : "openssl is not installed" }, () => {
  const { payload, signatures } = partsOf(seal);
  const [sm2 = assert.fail()] = signatures;
  const header = JSON.parse(Buffer.from(sm2.protected, "base64url").toString()) as { alg: string; x5c: string[] };
  assert.equal(header.alg, JWS_SM2);
  const key = readX509(new Uint8Array(Buffer.from(header.x5c[0] ?? "", "base64"))).publicKeyInfo;
  const path = (name: string) => join(folder, name);
  writeFileSync(path("key.der"), key);
  writeFileSync(path("signed"), `${sm2.protected}.${payload}`);
  writeFileSync(path("signature"), ecdsaDer(new Uint8Array(Buffer.from(sm2.signature, "base64url"))));
  const told = execFileSync("openssl", [
    ...["pkeyutl", "-verify", "-pubin", "-inkey", path("key.der"), "-keyform", "DER", "-rawin", "-digest", "sm3"],
    ...["-in", path("signed"), "-sigfile", path("signature"), "-pkeyopt", "distid:1234567812345678"],
  ]);
  assert.match(told.toString(), /Verified Successfully/);
});

test("nothing of it can be changed, taken off, or put beside", async () => {
  const parts = partsOf(seal);
  const [first = assert.fail(), second = assert.fail()] = parts.signatures;
  const changed = document.with(10, 0x20);
  assert.equal(await verdict(national, seal, changed), "another-document");
  assert.equal(await verdict(national, again(parts, { signatures: [first] })), "signature-missing");
  assert.equal(await verdict(national, again(parts, { signatures: [second, first] })), "signature-missing");
  assert.equal(await verdict(national, again(parts, { signatures: [first, first] })), "bad-signature");
  assert.equal(await verdict(national, again(parts, { signatures: [] })), "bad-signature");
  const signature = Buffer.from(second.signature, "base64url");
  const spoilt = { ...second, signature: toBase64url(signature.with(2_000, (signature[2_000] ?? 0) ^ 1)) };
  assert.equal(await verdict(national, again(parts, { signatures: [first, spoilt] })), "bad-signature");
  const said = JSON.parse(Buffer.from(parts.payload, "base64url").toString()) as object;
  const forged = toBase64url(utf8(JSON.stringify({ ...said, reason: "吊销决定书" })));
  assert.equal(await verdict(national, again(parts, { payload: forged })), "bad-signature");
  const theirs = partsOf(await national.signer.sealBeside({ ...about, authority: OTHER, document }));
  assert.equal(
    await verdict(national, again(parts, { signatures: [first, theirs.signatures[1] ?? second] })),
    "bad-signature",
  );
  assert.equal(
    await verdict(national, again(parts, theirs.stamp === undefined ? {} : { stamp: theirs.stamp })),
    "bad-stamp",
  );
  assert.equal(await verdict(national, utf8("{}")).catch(() => "not a seal"), "malformed");
});

test("a key of another use seals nothing, and the algorithm is the certificate's own", async () => {
  const parts = partsOf(seal);
  const { token } = await national.signer.signAs({
    ...{ signer: { kind: "official", id: OTHER, name: "吴守正" }, at: TEST_NOW },
    ...{ type: "zhengtong-detached-seal+jws", payload: new Uint8Array(Buffer.from(parts.payload, "base64url")) },
  });
  const [head = "", , tail = ""] = token.split(".");
  const official = { protected: head, signature: tail };
  assert.match(await verdict(national, again(parts, { signatures: [official] })), /signature-missing|wrong-use/);
  const [, hybrid = assert.fail()] = parts.signatures;
  const named = Buffer.from(hybrid.protected, "base64url").toString();
  const renamed = { ...hybrid, protected: Buffer.from(named.replace(JWS_HYBRID, JWS_SM2)).toString("base64url") };
  assert.equal(await verdict(national, again(parts, { signatures: [renamed] })), "bad-signature");
});

test("its stamp lets it outlive the certificates of the seal, and without it they must hold now", async () => {
  const [own] = (await national.hierarchy.suitesOf("stamp")) as string[];
  assert.equal(own, "national");
  const eleven = atMs + 9.5 * 365 * 24 * 3_600_000;
  assert.equal(await verdict(national, seal, document, eleven), "national,hybrid");
  const { stamp: _, ...bare } = partsOf(seal);
  assert.equal(await verdict(national, again(bare, {})), "national,hybrid");
  assert.equal(await verdict(national, again(bare, {}), document, atMs + 11 * 366 * 24 * 3_600_000), "expired");
});

test("without the document the verifier decides nothing", async () => {
  const { verdict: open, findings } = await verifyFile(seal, { roots: [], atMs });
  assert.equal(open, "unanchored");
  assert.ok(findings.some(({ code }) => code === "document-missing"));
});
