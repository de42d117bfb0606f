import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { TAG, writeDer, writeOid, writeSmallInteger } from "#lib/asn1/der";
import { readPem, writePem } from "#lib/asn1/pem";
import { utf8 } from "../bytes.ts";
import { KeyFormatError } from "../key-format-error.ts";
import { decryptSm2Key, encryptSm2Key } from "./encrypted-key.ts";
import {
  sm2Pkcs8Of,
  sm2PrivateKeyFromPem,
  sm2PrivateKeyFromPkcs8,
  sm2PrivateKeyFromSec1,
  sm2PrivateKeyPem,
  sm2PublicKeyFromPem,
  sm2PublicKeyFromSpki,
  sm2PublicKeyPem,
  sm2Sec1Of,
  sm2SpkiOf,
} from "./key-files.ts";
import { generateSm2Key, sm2SecretBytes } from "./keys.ts";

const key = generateSm2Key(new Uint8Array(48).fill(2));
const other = generateSm2Key(new Uint8Array(48).fill(3));

describe("files of SM2 keys", () => {
  test("are read as they were written", () => {
    assert.deepEqual(sm2PublicKeyFromSpki(sm2SpkiOf(key.publicKey)), key.publicKey);
    assert.deepEqual(sm2PublicKeyFromPem(`a comment\n${sm2PublicKeyPem(key.publicKey)}`), key.publicKey);
    const sec1 = writePem({ label: "EC PRIVATE KEY", der: sm2Sec1Of(key) });
    const read = [
      sm2PrivateKeyFromPkcs8(sm2Pkcs8Of(key)),
      sm2PrivateKeyFromSec1(sm2Sec1Of(key)),
      sm2PrivateKeyFromPem(sm2PrivateKeyPem(key)),
      sm2PrivateKeyFromPem(sec1),
    ];
    for (const one of read) assert.deepEqual(sm2SecretBytes(one), sm2SecretBytes(key));
  });

  test("are refused with any byte changed that matters, and never thrown at otherwise", () => {
    const [spki, pkcs8] = [sm2SpkiOf(key.publicKey), sm2Pkcs8Of(key)];
    for (let at = 0; at < spki.length; at++) {
      const changed = spki.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.throws(() => sm2PublicKeyFromSpki(changed), KeyFormatError, `byte ${at}`);
    }
    for (let at = 0; at < pkcs8.length; at++) {
      const changed = pkcs8.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.throws(() => sm2PrivateKeyFromPkcs8(changed), KeyFormatError, `byte ${at}`);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 150 }), (bytes) => {
        for (const read of [sm2PublicKeyFromSpki, sm2PrivateKeyFromPkcs8, sm2PrivateKeyFromSec1]) {
          assert.throws(() => read(bytes), KeyFormatError);
        }
      }),
    );
  });

  test("of another curve, with another's public key, or without a curve are refused", () => {
    const publicPart = (point: Uint8Array) => writeDer(0xa1, writeDer(TAG.bitString, Uint8Array.of(0), point));
    const sec1 = (...parts: Uint8Array[]) =>
      writeDer(TAG.sequence, writeSmallInteger(1), writeDer(TAG.octetString, sm2SecretBytes(key)), ...parts);
    const curve = writeDer(0xa0, writeOid("1.2.156.10197.1.301"));
    assert.ok(sm2PrivateKeyFromSec1(sec1(curve)));
    for (const parts of [
      [],
      [writeDer(0xa0, writeOid("1.2.840.10045.3.1.7"))],
      [curve, publicPart(other.publicKey.point)],
      [publicPart(key.publicKey.point), curve],
      [curve, publicPart(key.publicKey.point), writeSmallInteger(0)],
    ]) {
      assert.throws(() => sm2PrivateKeyFromSec1(sec1(...parts)), KeyFormatError);
    }
    assert.throws(() => sm2PrivateKeyFromPem("nothing"), KeyFormatError);
    assert.throws(() => sm2PublicKeyFromPem(sm2PrivateKeyPem(key)), KeyFormatError);
    assert.throws(() => sm2PublicKeyFromSpki(new Uint8Array(5_000)), KeyFormatError);
  });
});

describe("encrypted SM2 keys", () => {
  const passphrase = utf8("一个很长的口令");
  const randomness = new Uint8Array(32).fill(4);

  test("open with their passphrase alone", () => {
    for (const derivation of ["sm3", "sha256"] as const) {
      const pem = encryptSm2Key({ key, passphrase, randomness, derivation, iterations: 10 });
      const opened = decryptSm2Key(pem, passphrase);
      assert.ok(opened);
      assert.deepEqual(sm2SecretBytes(opened), sm2SecretBytes(key));
      assert.equal(decryptSm2Key(pem, utf8("other")), undefined);
    }
  });

  test("open in Node's core too, with either derivation", () => {
    for (const derivation of ["sm3", "sha256"] as const) {
      const pem = encryptSm2Key({ key, passphrase, randomness, derivation, iterations: 10 });
      const opened = createPublicKey(createPrivateKey({ key: pem, passphrase: Buffer.from(passphrase) }));
      assert.deepEqual(sm2PublicKeyFromSpki(opened.export({ format: "der", type: "spki" })), key.publicKey);
    }
  });

  test("do not open when changed", () => {
    const pem = encryptSm2Key({ key, passphrase, randomness, iterations: 10 });
    const der = readPem(pem)[0]?.der ?? new Uint8Array(0);
    for (let at = 0; at < der.length; at += 3) {
      const changed = der.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const text = writePem({ label: "ENCRYPTED PRIVATE KEY", der: changed });
      let opened: unknown;
      try {
        opened = decryptSm2Key(text, passphrase);
      } catch (error) {
        assert.ok(error instanceof KeyFormatError, `byte ${at}`);
      }
      assert.equal(opened, undefined, `byte ${at}`);
    }
  });

  test("may not ask for more work than is bearable", () => {
    assert.throws(() => encryptSm2Key({ key, passphrase, randomness, iterations: 2_000_001 }), RangeError);
    assert.throws(() => encryptSm2Key({ key, passphrase, randomness: new Uint8Array(1) }), RangeError);
    assert.throws(() => decryptSm2Key(sm2PrivateKeyPem(key), passphrase), KeyFormatError);
  });
});
