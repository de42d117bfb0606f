import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { DerError, TAG, writeDer } from "#lib/asn1/der";
import { writePem } from "#lib/asn1/pem";
import { verifySigned, writePublicKey } from "#lib/certificate/algorithms";
import { writeSigned } from "#lib/certificate/certificate";
import { keyIdentifier } from "#lib/certificate/extensions";
import { international } from "#lib/crypto/international";
import { publicKeyOf } from "#lib/crypto/keys";
import { suiteOfKey } from "#lib/crypto/purposes";
import { generateSm2Key } from "#lib/crypto/sm2/keys";
import { readName } from "#lib/x509/distinguished-name";
import { AT_MS, keyOf, makeChain } from "#lib/x509/testing/chains";
import { hasOpenssl, Openssl } from "#lib/x509/testing/openssl";
import type { Revocation } from "./reason.ts";
import { continues, LIST_MAX_BYTES, listProblem, readRevocationList, revocationIn } from "./revocation-list.ts";
import { type ListContent, writeListPart } from "./write-revocation-list.ts";

const HOUR_MS = 3_600_000;
const chain = makeChain({});
const [root, holder] = chain;
assert(root && holder);
const issuerKey = keyOf(0);
const issuerKeyId = keyIdentifier(publicKeyOf(issuerKey));

function write(change: Partial<ListContent> = {}): Uint8Array {
  const part = writeListPart({
    algorithm: "EdDSA",
    issuer: root?.subject.raw ?? new Uint8Array(),
    issuerKeyId,
    thisUpdateMs: AT_MS - HOUR_MS,
    nextUpdateMs: AT_MS + HOUR_MS,
    number: 7n,
    revoked: [],
    ...change,
  });
  return writeSigned(part, "EdDSA", international.sign({ key: issuerKey, message: part }));
}

const read = (change: Partial<ListContent> = {}) => readRevocationList(write(change));
const revoked = (serial: string, reason: Revocation["reason"] = "keyCompromise") =>
  [serial, { atMs: AT_MS - HOUR_MS, reason }] as const;
const issuer = { name: root.subject, publicKeyInfo: root.publicKeyInfo, keyUses: root.keyUses };
const check = { issuer, atMs: AT_MS, verify: verifySigned };

describe("a list of revoked certificates", () => {
  test("says what was written", () => {
    const list = read({ revoked: [revoked("10"), revoked("0a0b", "unspecified")], number: 300n });
    assert.equal(list.number, 300n);
    assert.equal(listProblem(list, check), undefined);
    assert.deepEqual(revocationIn("10", list), { atMs: AT_MS - HOUR_MS, reason: "keyCompromise" });
    assert.deepEqual(revocationIn("0a0b", list), { atMs: AT_MS - HOUR_MS, reason: "unspecified" });
    assert.equal(revocationIn("11", list), undefined);
  });

  test("is believed from its issuer and in its time alone", () => {
    const list = read();
    const problem = (change: object) => listProblem(list, { ...check, ...change });
    assert.equal(problem({ atMs: list.thisUpdateMs - 1 }), "not-yet-valid");
    assert.equal(problem({ atMs: list.nextUpdateMs }), "expired");
    assert.equal(problem({ issuer: { ...issuer, keyUses: new Set(["keyCertSign"]) } }), "key-use");
    assert.equal(problem({ issuer: { ...issuer, name: holder.subject } }), "wrong-issuer");
    assert.equal(problem({ issuer: { ...issuer, publicKeyInfo: holder.publicKeyInfo } }), "signature");
  });

  test("is continued by a delta of a list that is not newer", () => {
    const base = read({ revoked: [revoked("10", "certificateHold"), revoked("11")] });
    const delta = read({ number: 9n, deltaOf: 7n, revoked: [revoked("10", "removeFromCrl"), revoked("12")] });
    assert.ok(continues(delta, base));
    assert.ok(!continues(base, delta));
    assert.ok(!continues(read({ number: 9n, deltaOf: 8n }), base));
    assert.ok(!continues(read({ number: 6n, deltaOf: 5n }), base));
    assert.deepEqual(
      ["10", "11", "12", "13"].map((serial) => revocationIn(serial, base, delta)?.reason),
      [undefined, "keyCompromise", "keyCompromise", undefined],
    );
  });

  test("is read when it is long, and refused when it is longer than any", () => {
    const serials = Array.from({ length: 20_000 }, (_, at) => (0x100000 + at).toString(16));
    assert.equal(read({ revoked: serials.map((serial) => revoked(serial)) }).revoked.size, 20_000);
    assert.throws(() => readRevocationList(new Uint8Array(LIST_MAX_BYTES + 1)), DerError);
  });

  test("is refused when it is cut or changed, and nothing else is thrown", () => {
    const der = write({ revoked: [revoked("10")], deltaOf: 3n });
    for (let end = 0; end < der.length; end++) assert.throws(() => readRevocationList(der.subarray(0, end)), DerError);
    assert.throws(() => readRevocationList(Uint8Array.of(...der, 0)), DerError);
    for (let at = 0; at < der.length; at++) {
      const changed = Uint8Array.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x21;
      try {
        assert.notEqual(listProblem(readRevocationList(changed), check), undefined);
      } catch (error) {
        assert.ok(error instanceof DerError, String(error));
      }
    }
  });

  test("can be of the national suite", () => {
    const key = generateSm2Key(new Uint8Array(48).fill(9));
    const part = writeListPart({
      ...{ algorithm: "SM2", issuer: root.subject.raw, issuerKeyId, number: 1n, revoked: [revoked("10")] },
      ...{ thisUpdateMs: AT_MS, nextUpdateMs: AT_MS + HOUR_MS },
    });
    const signature = suiteOfKey(key).sign({ key, message: part, encoding: "der" });
    const list = readRevocationList(writeSigned(part, "SM2", signature));
    const sm2Issuer = { name: root.subject, publicKeyInfo: writePublicKey(key.publicKey) };
    assert.equal(listProblem(list, { ...check, issuer: sm2Issuer }), undefined);
    assert.equal(listProblem(list, check), "signature");
  });

  test("does not speak for other issuers", () => {
    assert.notEqual(readName({ ...holderName(), tag: TAG.sequence }).key, root.subject.key);
    assert.throws(() => readRevocationList(writeDer(TAG.sequence)), DerError);
  });
});

function holderName() {
  return { raw: holder?.subject.raw ?? new Uint8Array(), content: new Uint8Array(), children: [], tag: TAG.sequence };
}

const openssl = hasOpenssl() ? new Openssl() : undefined;
after(() => openssl?.close());

describe("openssl and lists", () => {
  const pem = (der: Uint8Array) => writePem({ label: "X509 CRL", der });
  const verify = (crls: readonly Uint8Array[], ...flags: string[]) =>
    openssl?.verify(chain, AT_MS, "-crl_check", "-CRLfile", openssl.file(crls.map(pem).join("")), ...flags);

  test("it verifies ours", (context) => {
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    const list = openssl.file(pem(write({ revoked: [revoked(holder.serial)], freshestUrl: "http://a.example/delta" })));
    const { output } = openssl.run("crl", "-in", list, "-CAfile", openssl.pem(root), "-noout", "-text");
    assert.match(output, /verify OK/);
    assert.match(output, /Key Compromise/);
    assert.match(output, /http:\/\/a\.example\/delta/);
  });

  test("it judges a certificate by our lists", (context) => {
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    assert.ok(verify([write()])?.isValid);
    assert.match(verify([write({ revoked: [revoked(holder.serial)] })])?.output ?? "", /certificate revoked/);
    assert.match(verify([write({ nextUpdateMs: AT_MS - 1000 })])?.output ?? "", /CRL has expired/);
  });

  test("it follows our deltas", (context) => {
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    const base = write({ freshestUrl: "http://a.example/delta" });
    const delta = write({ number: 8n, deltaOf: 7n, revoked: [revoked(holder.serial)] });
    assert.ok(verify([base], "-use_deltas", "-extended_crl")?.isValid);
    assert.match(verify([base, delta], "-use_deltas", "-extended_crl")?.output ?? "", /certificate revoked/);
  });
});
