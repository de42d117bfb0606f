import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { DerError } from "#lib/asn1/der";
import { verifySigned } from "#lib/certificate/algorithms";
import { extendedKeyUsage } from "#lib/certificate/extensions";
import { utf8 } from "#lib/crypto/bytes";
import { privateKeyFromPkcs8, publicKeyOf } from "#lib/crypto/keys";
import { suiteOfKey } from "#lib/crypto/purposes";
import { generateSm2Key } from "#lib/crypto/sm2/keys";
import { anchorOf } from "#lib/x509/path-validation";
import { AT_MS, type Link, makeChain } from "#lib/x509/testing/chains";
import { hasOpenssl, Openssl } from "#lib/x509/testing/openssl";
import { readStampRequest, STAMP_REQUEST_MAX_BYTES, type StampRequest, writeStampRequest } from "./request.ts";
import { readStampAnswer, readToken, TIME_STAMPING_USE, verifyToken } from "./token.ts";
import {
  type StampAlgorithm,
  type StampContent,
  writeStampAnswer,
  writeStampRefusal,
  writeToken,
} from "./write-token.ts";

const POLICY = "2.25.7786914701326341539299527814196259909.1.5";
const SHA256 = "2.16.840.1.101.3.4.2.1";
const DATA = utf8("食品经营许可证（样本）");
const imprint = { algorithm: SHA256, digest: new Uint8Array(createHash("sha256").update(DATA).digest()) };
const p256 = privateKeyFromPkcs8(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "der", type: "pkcs8" }),
);
const sm2 = generateSm2Key(new Uint8Array(48).fill(3));
const KEYS = { ES256: { key: p256, publicKey: publicKeyOf(p256) }, SM2: { key: sm2, publicKey: sm2.publicKey } };
const stamping = [extendedKeyUsage([TIME_STAMPING_USE], true)];

function authority(algorithm: StampAlgorithm, change: Partial<Link> = {}) {
  const [root, certificate] = makeChain({ publicKey: KEYS[algorithm].publicKey, extensions: stamping, ...change });
  assert(root && certificate);
  return { root, certificate };
}

function stamp(
  algorithm: StampAlgorithm,
  change: Partial<StampContent> = {},
  link: Partial<Link> = {},
  withCertificates = true,
) {
  const { key } = KEYS[algorithm];
  const content = {
    policy: POLICY,
    imprint,
    serial: Uint8Array.of(1, 2),
    atMs: AT_MS,
    accuracySeconds: 1,
    nonce: undefined,
  };
  const signer = {
    algorithm,
    certificate: authority(algorithm, link).certificate.der,
    issuers: [],
    sign: (message: Uint8Array) => suiteOfKey(key).sign({ key, message, encoding: "der" }),
  };
  return writeToken({ ...content, ...change }, signer, { withCertificates });
}

function verify(token: Uint8Array, change: object = {}) {
  const { root } = authority("ES256");
  const result = verifyToken(readToken(token), { imprint, anchors: [anchorOf(root)], verify: verifySigned, ...change });
  return "problem" in result ? result.problem : "good";
}

const asked = (nonce?: Uint8Array) => readStampRequest(writeStampRequest(imprint, nonce), POLICY) as StampRequest;

describe("a time stamp", () => {
  for (const algorithm of ["ES256", "SM2"] as const) {
    test(`of ${algorithm} says what was stamped, and when`, async () => {
      const request = asked(Uint8Array.of(0, 0xff, 1));
      assert.ok(request.wantsCertificate);
      const token = await stamp(algorithm, { nonce: request.nonce });
      const read = readToken(token);
      assert.deepEqual([read.stamp.atMs, read.stamp.serial, read.stamp.policy], [AT_MS, "0102", POLICY]);
      assert.equal(verify(token, { nonce: request.nonce }), "good");
      assert.equal(verify(token, { nonce: asked(Uint8Array.of(1)).nonce }), "nonce");
      assert.equal(verify(token, { imprint: { ...imprint, digest: new Uint8Array(32) } }), "imprint");
      assert.equal(verify(token, { anchors: [] }), "wrong-issuer");
      assert.equal(verify(token, { status: () => "revoked" }), "revoked");
    });
  }

  test("is of an authority that may do nothing else", async () => {
    const problem = async (link: Partial<Link>) => verify(await stamp("ES256", {}, link));
    assert.equal(await problem({ extensions: [extendedKeyUsage([TIME_STAMPING_USE])] }), "not-a-time-stamping-key");
    assert.equal(
      await problem({ extensions: [extendedKeyUsage([TIME_STAMPING_USE, "1.3.6.1.5.5.7.3.1"], true)] }),
      "not-a-time-stamping-key",
    );
    assert.equal(await problem({ extensions: [] }), "not-a-time-stamping-key");
    assert.equal(await problem({ isForged: true }), "signature");
    assert.equal(await problem({ notAfter: Temporal.Instant.from("2026-02-01T00:00:00Z") }), "expired");
    assert.equal(await problem({ notBefore: Temporal.Instant.from("2028-02-01T00:00:00Z") }), "not-yet-valid");
  });

  test("without certificates needs them at hand", async () => {
    const token = await stamp("ES256", {}, {}, false);
    assert.equal(verify(token), "signer");
    assert.equal(verify(token, { certificates: [authority("ES256").certificate] }), "good");
  });

  test("is refused when it is cut or changed", async () => {
    const token = await stamp("ES256");
    for (let end = 0; end < token.length; end++) assert.throws(() => readToken(token.subarray(0, end)), DerError);
    for (let at = 0; at < token.length; at++) {
      const changed = Uint8Array.from(token);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      let verdict = "malformed";
      try {
        verdict = verify(changed);
      } catch (error) {
        assert.ok(error instanceof DerError, String(error));
      }
      assert.notEqual(verdict, "good", `byte ${at}`);
    }
  });

  test("is given for digests that are still safe, under our policy", () => {
    const ask = (change: object) => readStampRequest(writeStampRequest({ ...imprint, ...change }), POLICY);
    assert.equal(ask({ algorithm: "1.3.14.3.2.26", digest: new Uint8Array(20) }), "badAlg");
    assert.equal(ask({ digest: new Uint8Array(31) }), "badDataFormat");
    assert.equal(readStampRequest(new Uint8Array(STAMP_REQUEST_MAX_BYTES + 1), POLICY), "badDataFormat");
    assert.equal(readStampRequest(new Uint8Array(), POLICY), "badDataFormat");
  });
});

const openssl = hasOpenssl() ? new Openssl() : undefined;
after(() => openssl?.close());

describe("openssl and time stamps", () => {
  test("its requests are answered, and it verifies the stamps", async (context) => {
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    const query = openssl.file("");
    const data = openssl.file(DATA);
    openssl.run("ts", "-query", "-data", data, "-sha256", "-cert", "-tspolicy", POLICY, "-out", query);
    const request = readStampRequest(new Uint8Array(readFileSync(query)), POLICY);
    assert.ok(typeof request === "object", String(request));
    assert.deepEqual(Buffer.from(request.imprint.digest), Buffer.from(imprint.digest));
    const answer = writeStampAnswer(await stamp("ES256", { nonce: request.nonce }));
    assert.equal(verify(readStampAnswer(answer) ?? new Uint8Array(), { nonce: request.nonce }), "good");
    const root = openssl.pem(authority("ES256").root);
    const verified = (...words: string[]) =>
      openssl.run("ts", "-verify", ...words, "-CAfile", root, "-attime", String(AT_MS / 1000)).output;
    assert.match(verified("-queryfile", query, "-in", openssl.file(answer)), /Verification: OK/);
    assert.match(verified("-data", data, "-in", openssl.file(answer)), /Verification: OK/);
    assert.match(verified("-data", query, "-in", openssl.file(answer)), /FAILED/);
    const other = writeStampAnswer(await stamp("ES256", {}, { extensions: [extendedKeyUsage([TIME_STAMPING_USE])] }));
    assert.match(verified("-data", data, "-in", openssl.file(other)), /FAILED/);
    const text = openssl.run(
      "ts",
      "-reply",
      "-in",
      openssl.file(writeStampRefusal("unacceptedPolicy")),
      "-text",
    ).output;
    assert.match(text, /[Uu]naccepted|policy/);
  });
});
