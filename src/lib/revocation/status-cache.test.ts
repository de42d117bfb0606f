import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { verifySigned } from "#lib/certificate/algorithms";
import { writeSigned } from "#lib/certificate/certificate";
import { keyIdentifier } from "#lib/certificate/extensions";
import { international } from "#lib/crypto/international";
import { publicKeyOf } from "#lib/crypto/keys";
import { anchorOf, validatePath } from "#lib/x509/path-validation";
import { AT_MS, keyOf, makeChain } from "#lib/x509/testing/chains";
import { DIGEST_OID, writeCertificateId } from "./certificate-id.ts";
import { STATUS_FRESH_MS, STATUS_MAX_LIFE_MS, StatusCache } from "./status-cache.ts";
import { writeListPart } from "./write-revocation-list.ts";
import { type SingleStatus, writeStatusAnswer, writeStatusFailure, writeStatusPart } from "./write-status-answer.ts";

const HOUR_MS = 3_600_000;
const [root, holder] = makeChain({});
assert(root && holder);
const issuer = { name: root.subject, publicKeyInfo: root.publicKeyInfo };
const identified = { name: root.subject.raw, publicKeyInfo: root.publicKeyInfo };
const raw = writeCertificateId(identified, holder.serial, DIGEST_OID.sha256);
const key = keyOf(0);
const about = { serial: holder.serial, issuer, atMs: AT_MS };

function answer(status: SingleStatus["status"], thisUpdateMs = AT_MS, lifeMs = 2 * STATUS_MAX_LIFE_MS): Uint8Array {
  const times = { producedAtMs: thisUpdateMs, thisUpdateMs, nextUpdateMs: thisUpdateMs + lifeMs };
  const part = writeStatusPart({
    responder: identified.name,
    ...times,
    certificates: [{ id: { raw }, status }],
    nonce: undefined,
  });
  const signature = international.sign({ key, message: part });
  return writeStatusAnswer({ part, algorithm: "EdDSA", signature, certificates: [] });
}

function list(thisUpdateMs: number, ...serials: string[]): Uint8Array {
  const part = writeListPart({
    ...{ algorithm: "EdDSA", issuer: identified.name, issuerKeyId: keyIdentifier(publicKeyOf(key)) },
    ...{ thisUpdateMs, nextUpdateMs: thisUpdateMs + HOUR_MS, number: BigInt(thisUpdateMs) },
    revoked: serials.map((serial) => [serial, { atMs: thisUpdateMs, reason: "superseded" }] as const),
  });
  return writeSigned(part, "EdDSA", international.sign({ key, message: part }));
}

const open = () => new StatusCache({ verify: verifySigned });

describe("what is known of a certificate", () => {
  test("is nothing before anything was taken", () => {
    assert.deepEqual(open().status(holder.serial, issuer, AT_MS), { status: "unknown", isDebt: true });
  });

  test("serves until it expires, after a minute as a debt, after a day not at all", () => {
    const cache = open();
    assert.equal(cache.takeAnswer(answer("good"), about), undefined);
    const after = (ms: number) => {
      const { status, isDebt } = cache.status(holder.serial, issuer, AT_MS + ms);
      return [status, isDebt];
    };
    assert.deepEqual(after(STATUS_FRESH_MS), ["good", false]);
    assert.deepEqual(after(STATUS_FRESH_MS + 1), ["good", true]);
    assert.deepEqual(after(STATUS_MAX_LIFE_MS - 1), ["good", true]);
    assert.deepEqual(after(STATUS_MAX_LIFE_MS), ["unknown", true]);
    assert.deepEqual(cache.status("77", issuer, AT_MS).status, "unknown");
    assert.deepEqual(
      cache.status(holder.serial, { ...issuer, publicKeyInfo: holder.publicKeyInfo }, AT_MS).status,
      "unknown",
    );
  });

  test("cannot be set back by an older answer", () => {
    const cache = open();
    const later = AT_MS + HOUR_MS;
    const revoked = { atMs: AT_MS, reason: "keyCompromise" as const };
    assert.equal(cache.takeAnswer(answer(revoked, later), { ...about, atMs: later }), undefined);
    assert.equal(cache.takeAnswer(answer("good"), { ...about, atMs: later }), "older");
    assert.deepEqual(cache.status(holder.serial, issuer, later).revocation, revoked);
    assert.equal(cache.takeList(list(later), { issuer, atMs: later }), undefined);
    assert.equal(cache.takeList(list(AT_MS), { issuer, atMs: AT_MS }), "older");
  });

  test("is the newer of answer and list", () => {
    const cache = open();
    assert.equal(cache.takeAnswer(answer("good"), about), undefined);
    const later = AT_MS + HOUR_MS;
    assert.equal(cache.takeList(list(later, holder.serial), { issuer, atMs: later }), undefined);
    assert.equal(cache.status(holder.serial, issuer, later).status, "revoked");
    assert.equal(cache.status("77", issuer, later).status, "good");
    // The list expires before the answer that knew nothing of it.
    const much = later + 2 * HOUR_MS;
    assert.equal(cache.status(holder.serial, issuer, much).status, "revoked");
    assert.equal(cache.status("77", issuer, much).status, "unknown");
  });

  test("is unknown, not good, once a suspension that was told has expired", () => {
    const cache = open();
    const later = AT_MS + HOUR_MS;
    const hold = { atMs: AT_MS, reason: "certificateHold" as const };
    cache.takeAnswer(answer(hold, later, HOUR_MS), { ...about, atMs: later });
    assert.equal(cache.status(holder.serial, issuer, later).status, "revoked");
    assert.equal(cache.status(holder.serial, issuer, later + HOUR_MS).status, "unknown");
  });

  test("is not taken from what is malformed, unsigned, foreign or no answer", () => {
    const cache = open();
    assert.equal(cache.takeAnswer(Uint8Array.of(1), about), "malformed");
    assert.equal(cache.takeAnswer(writeStatusFailure("tryLater"), about), "no-answer");
    assert.equal(cache.takeAnswer(answer("good"), { ...about, serial: "77" }), "not-asked");
    const forged = answer("good");
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    assert.equal(cache.takeAnswer(forged, about), "signature");
    assert.equal(
      cache.takeList(list(AT_MS), { issuer: { ...issuer, name: holder.subject }, atMs: AT_MS }),
      "wrong-issuer",
    );
    assert.equal(cache.status(holder.serial, issuer, AT_MS).status, "unknown");
  });

  test("decides paths, and old answers are told", () => {
    const cache = open();
    const debts: string[] = [];
    const verdict = (atMs: number) => {
      const status = cache.forPaths(atMs, (serial) => debts.push(serial));
      const result = validatePath([holder], { anchor: anchorOf(root), atMs, verify: verifySigned, status });
      return result.valid ? "valid" : result.problem;
    };
    assert.equal(verdict(AT_MS), "status-unknown");
    cache.takeAnswer(answer("good"), about);
    assert.equal(verdict(AT_MS), "valid");
    assert.deepEqual(debts, []);
    assert.equal(verdict(AT_MS + HOUR_MS), "valid");
    assert.deepEqual(debts, [holder.serial]);
    assert.equal(verdict(AT_MS + STATUS_MAX_LIFE_MS), "status-unknown");
  });
});
