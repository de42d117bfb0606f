import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { DerError, readDer, TAG, writeDer } from "#lib/asn1/der";
import { writePem } from "#lib/asn1/pem";
import { verifySigned } from "#lib/certificate/algorithms";
import { extendedKeyUsage } from "#lib/certificate/extensions";
import { international } from "#lib/crypto/international";
import { pkcs8Of, privateKeyFromPkcs8, publicKeyOf } from "#lib/crypto/keys";
import { EXTENSION } from "#lib/x509/extensions";
import { AT_MS, keyOf, type Link, makeChain } from "#lib/x509/testing/chains";
import { hasOpenssl, Openssl } from "#lib/x509/testing/openssl";
import { DIGEST_OID, DIGESTS, isOfIssuer, readCertificateId, writeCertificateId } from "./certificate-id.ts";
import { judgeAnswer, readStatusAnswer, STATUS_SIGNING_USE } from "./status-answer.ts";
import { readStatusRequest, writeStatusRequest } from "./status-request.ts";
import { type StatusContent, writeStatusAnswer, writeStatusFailure, writeStatusPart } from "./write-status-answer.ts";

const HOUR_MS = 3_600_000;
const LONG = {
  notAfter: Temporal.Instant.from("2056-01-01T00:00:00Z"),
  notBefore: Temporal.Instant.from("2020-01-01T00:00:00Z"),
};
const responderKey = privateKeyFromPkcs8(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "der", type: "pkcs8" }),
);
const noCheck = { id: EXTENSION.ocspNoCheck, critical: false, value: writeDer(TAG.null) };
const responderLink: Link = {
  ...LONG,
  name: "responder",
  publicKey: publicKeyOf(responderKey),
  extensions: [extendedKeyUsage([STATUS_SIGNING_USE]), noCheck],
};
const chain = makeChain({});
const [root, holder] = chain;
const [, responder] = makeChain(responderLink);
assert(root && holder && responder);
const issuer = { name: root.subject, publicKeyInfo: root.publicKeyInfo };
const identified = { name: root.subject.raw, publicKeyInfo: root.publicKeyInfo };
const NONCE = new Uint8Array(16).fill(7);
const id = writeCertificateId(identified, holder.serial, DIGEST_OID.sha256);
const check = { issuer, serial: holder.serial, atMs: AT_MS, verify: verifySigned };

interface Answer extends Partial<StatusContent> {
  readonly status?: StatusContent["certificates"][number]["status"];
  readonly by?: "delegate" | "issuer";
  readonly certificate?: Uint8Array;
}

function answer({
  status = "good",
  by = "delegate",
  certificate = responder?.der,
  ...change
}: Answer = {}): Uint8Array {
  const part = writeStatusPart({
    responder: (by === "issuer" ? root : responder)?.subject.raw ?? new Uint8Array(),
    producedAtMs: AT_MS,
    thisUpdateMs: AT_MS,
    nextUpdateMs: AT_MS + HOUR_MS,
    certificates: [{ id: { raw: id }, status }],
    nonce: undefined,
    ...change,
  });
  const key = by === "issuer" ? keyOf(0) : responderKey;
  return writeStatusAnswer({
    part,
    algorithm: by === "issuer" ? "EdDSA" : "ES256",
    signature: international.sign({ key, message: part, encoding: "der" }),
    certificates: by === "issuer" || certificate === undefined ? [] : [certificate],
  });
}

function judge(bytes: Uint8Array, change: object = {}) {
  const read = readStatusAnswer(bytes);
  assert(read);
  const result = judgeAnswer(read, { ...check, ...change });
  return "problem" in result ? result.problem : result.answer.status;
}

describe("asking for a certificate's status", () => {
  test("names certificate and nonce", () => {
    const request = readStatusRequest(writeStatusRequest([id], NONCE));
    assert.deepEqual(Buffer.from(request.nonce ?? []), Buffer.from(NONCE));
    assert.equal(request.certificates[0]?.serial, holder.serial);
    assert.ok(request.certificates.every((one) => isOfIssuer(one, identified)));
    assert.ok(!request.certificates.some((one) => isOfIssuer(one, { ...identified, name: holder.subject.raw })));
  });

  test("is refused when it is cut, too long, or about too many", () => {
    const der = writeStatusRequest([id], NONCE);
    for (let end = 0; end < der.length; end++) assert.throws(() => readStatusRequest(der.subarray(0, end)), DerError);
    assert.throws(() => readStatusRequest(writeStatusRequest([])), DerError);
    assert.throws(() => readStatusRequest(writeStatusRequest(Array.from({ length: 17 }, () => id))), DerError);
    assert.throws(() => readStatusRequest(writeStatusRequest([id], new Uint8Array(129))), DerError);
  });
});

describe("an answer about a certificate", () => {
  test("says what was written, by the issuer itself or by its delegate", () => {
    const revoked = { atMs: AT_MS - HOUR_MS, reason: "certificateHold" as const };
    for (const by of ["issuer", "delegate"] as const) {
      assert.equal(judge(answer({ by })), "good");
      assert.equal(judge(answer({ by, status: "unknown" })), "unknown");
      assert.deepEqual(judge(answer({ by, status: revoked })), revoked);
    }
    assert.equal(readStatusAnswer(writeStatusFailure("tryLater")), undefined);
  });

  test("is believed in its time, for its certificate and its question alone", () => {
    const bytes = answer({ nonce: NONCE });
    assert.equal(judge(bytes, { nonce: NONCE }), "good");
    assert.equal(judge(bytes, { nonce: new Uint8Array(16) }), "nonce");
    assert.equal(judge(answer(), { nonce: NONCE }), "nonce");
    assert.equal(judge(bytes, { atMs: AT_MS - 1 }), "not-yet-valid");
    assert.equal(judge(bytes, { atMs: AT_MS - 1, skewMs: 1 }), "good");
    assert.equal(judge(bytes, { atMs: AT_MS + HOUR_MS }), "expired");
    assert.equal(judge(bytes, { serial: "77" }), "not-asked");
    assert.equal(judge(bytes, { issuer: { ...issuer, name: holder.subject } }), "not-asked");
  });

  test("is not believed from anyone whom the issuer did not entrust with it", () => {
    const link = (extensions: Link["extensions"] = []): Link => ({ ...responderLink, extensions });
    const from = (...links: Link[]) =>
      judge(answer({ certificate: makeChain(...links).at(-1)?.der ?? new Uint8Array() }));
    assert.equal(from(link([extendedKeyUsage([STATUS_SIGNING_USE])])), "responder");
    assert.equal(from(link([extendedKeyUsage(["1.3.6.1.5.5.7.3.1"]), noCheck])), "responder");
    assert.equal(from({ ...responderLink, isForged: true }), "responder");
    assert.equal(from({ name: "between" }, responderLink), "responder");
    assert.equal(from({ ...responderLink, notAfter: Temporal.Instant.from("2026-02-01T00:00:00Z") }), "responder");
    assert.equal(from({ ...responderLink, publicKey: publicKeyOf(keyOf(1)) }), "signature");
  });

  test("is refused when it is cut or changed, and nothing else is thrown", () => {
    const bytes = answer({ nonce: NONCE, status: { atMs: AT_MS, reason: "superseded" } });
    for (let end = 0; end < bytes.length; end++)
      assert.throws(() => readStatusAnswer(bytes.subarray(0, end)), DerError);
    const before = judge(bytes);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      try {
        const read = readStatusAnswer(changed);
        if (read === undefined) continue;
        const result = judgeAnswer(read, check);
        // What is not signed (a bit of an unused certificate field) may change; what is told may not.
        if ("answer" in result) assert.deepEqual(result.answer.status, before);
      } catch (error) {
        assert.ok(error instanceof DerError, String(error));
      }
    }
  });
});

const openssl = hasOpenssl() ? new Openssl() : undefined;
after(() => openssl?.close());
const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha1").update(bytes).digest());
const digests = { ...DIGESTS, [DIGEST_OID.sha1]: sha1 };

describe("openssl and status answers", () => {
  test("its questions are read, and our answers to them believed", (context) => {
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    const asked = ["-issuer", openssl.pem(root), "-cert", openssl.pem(holder)];
    for (const [flags, digest] of [
      [[], DIGEST_OID.sha1],
      [["-sha256"], DIGEST_OID.sha256],
    ] as const) {
      const path = openssl.file("");
      openssl.run("ocsp", ...flags, ...asked, "-reqout", path);
      const request = readStatusRequest(new Uint8Array(readFileSync(path)));
      const [one] = request.certificates;
      assert(one);
      assert.equal(one.digest, digest);
      assert.ok(isOfIssuer(one, identified, digests));
      const ask = (status: Answer["status"]) => {
        const bytes = answer({ certificates: [{ id: one, status: status ?? "good" }], nonce: request.nonce });
        const seconds = String(AT_MS / 1000);
        const trusting = ["-CAfile", openssl.pem(root), "-attime", seconds, "-validity_period", "1000000000"];
        return openssl.run("ocsp", "-no_nonce", "-respin", openssl.file(bytes), ...flags, ...asked, ...trusting);
      };
      assert.match(ask("good").output, /: good[\s\S]*Response verify OK/);
      assert.match(ask("unknown").output, /: unknown[\s\S]*Response verify OK/);
      const revoked = ask({ atMs: AT_MS - HOUR_MS, reason: "keyCompromise" }).output;
      assert.match(revoked, /: revoked[\s\S]*keyCompromise[\s\S]*Response verify OK/);
    }
  });

  test("its answers are believed", (context) => {
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    const index = openssl.file(
      `R\t560101000000Z\t260601000000Z,superseded\t${holder.serial.toUpperCase()}\tunknown\t/CN=holder\n`,
    );
    const out = openssl.file("");
    const signer = openssl.file(writePem({ label: "CERTIFICATE", der: responder.der }));
    const key = openssl.file(writePem({ label: "PRIVATE KEY", der: pkcs8Of(responderKey) }));
    const request = openssl.file(writeStatusRequest([id], NONCE));
    const { output } = openssl.run(
      ...["ocsp", "-index", index, "-rsigner", signer, "-rkey", key, "-CA", openssl.pem(root), "-ndays", "1"],
      ...["-reqin", request, "-respout", out],
    );
    const read = readStatusAnswer(new Uint8Array(readFileSync(out)));
    assert(read, output);
    const result = judgeAnswer(read, { ...check, atMs: read.answers[0]?.thisUpdateMs ?? 0, nonce: NONCE });
    assert.ok("answer" in result, JSON.stringify(result));
    assert.deepEqual(result.answer.status, { atMs: Date.UTC(2026, 5, 1), reason: "superseded" });
    assert.ok(isOfIssuer(readCertificateId(readDer(id)), identified));
  });
});
