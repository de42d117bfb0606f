import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromBase64, fromBase64url, toBase64url } from "./base64url.ts";
import { utf8 } from "./bytes.ts";
import { deriveKey, equalSecrets, hmacSha256, sha256, sha256Hex } from "./digest.ts";
import { blindIndex, EnvelopeError, openAttribute, sealAttribute } from "./envelope.ts";
import { international } from "./international.ts";
import { KeyFormatError } from "./key-format-error.ts";
import { ed25519FromRaw, ed25519FromSeed, ed25519Raw, jwkOf, publicKeyFromJwk, publicKeyOf } from "./keys.ts";
import { digestPassword, needsNewDigest, verifyPassword } from "./password.ts";
import { isUuid, uuidV4, uuidV7, uuidV8 } from "./uuid.ts";

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);

describe("digests", () => {
  test("SHA-256 of abc (FIPS 180-4)", () => {
    const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.equal(sha256(utf8("a"), utf8("bc")).toHex(), digest);
    assert.equal(sha256Hex("abc"), digest);
  });

  test("HMAC-SHA-256 (RFC 4231, case 2)", () => {
    assert.equal(
      hmacSha256(utf8("Jefe"), utf8("what do ya want "), utf8("for nothing?")).toHex(),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  test("HMAC-SHA-256 with a key longer than a block (RFC 4231, case 6)", () => {
    assert.equal(
      hmacSha256(
        new Uint8Array(131).fill(0xaa),
        utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
      ).toHex(),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    );
  });

  test("HKDF-SHA-256 gives keys by label", () => {
    const secret = new Uint8Array(32).fill(1);
    const one = deriveKey(secret, { label: "attributes" });
    assert.equal(one.length, 32);
    assert.notDeepEqual(one, deriveKey(secret, { label: "files" }));
    assert.throws(() => deriveKey(new Uint8Array(8), { label: "short" }), RangeError);
  });

  test("secrets of unlike length are not equal", () => {
    assert.ok(!equalSecrets(new Uint8Array(1), new Uint8Array(2)));
    assert.ok(equalSecrets(utf8("a"), utf8("a")));
  });
});

describe("the international suite", () => {
  test("Ed25519 (RFC 8032 §7.1, test 2)", () => {
    const key = ed25519FromSeed(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    assert.equal(
      ed25519Raw(publicKeyOf(key)).toHex(),
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    );
    const signature = international.sign({ key, message: hex("72") });
    assert.equal(
      signature.toHex(),
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    assert.ok(international.verify({ key: publicKeyOf(key), message: hex("72"), signature }));
    assert.ok(!international.verify({ key: publicKeyOf(key), message: hex("73"), signature }));
    assert.ok(!international.verify({ key: publicKeyOf(key), message: hex("72"), signature: hex("00") }));
  });

  test("AES-256-GCM (the GCM specification's test case 16)", () => {
    const input = {
      key: hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
      nonce: hex("cafebabefacedbaddecaf888"),
      associatedData: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    };
    const plaintext = hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    const ciphertext = international.seal({ ...input, plaintext });
    assert.equal(
      ciphertext.toHex(),
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
    );
    assert.deepEqual(international.open({ ...input, ciphertext }), plaintext);
    assert.equal(international.open({ ...input, ciphertext, associatedData: hex("00") }), undefined);
    assert.equal(international.open({ ...input, ciphertext: hex("00") }), undefined);
  });

  test("keys travel as JWK and refuse what is no key", () => {
    const key = publicKeyOf(ed25519FromSeed(new Uint8Array(32).fill(3)));
    assert.deepEqual(ed25519Raw(publicKeyFromJwk(jwkOf(key))), ed25519Raw(key));
    assert.throws(() => publicKeyFromJwk({ kty: "EC", crv: "P-256", x: "AA", y: "AA" }), KeyFormatError);
    assert.throws(() => ed25519FromRaw(new Uint8Array(31)), KeyFormatError);
  });
});

describe("passwords", () => {
  const salt = new Uint8Array(16).fill(9);
  const cost = { memoryKib: 64, passes: 1, lanes: 1 };

  test("verify against their own digest alone", async () => {
    const stored = await digestPassword("正确的马", salt, cost);
    assert.match(stored, /^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    assert.ok(await verifyPassword("正确的马", stored));
    assert.ok(!(await verifyPassword("错误的马", stored)));
    assert.ok(await verifyPassword("ＡＢＣ", await digestPassword("ABC", salt, cost)), "full-width writing");
  });

  test("never throw on a stored text that is no digest, nor pay what it asks", async () => {
    for (const stored of ["", "x", "$argon2id$v=19$m=4194304,t=1,p=1$CQkJCQkJCQkJCQkJCQkJCQ$AAAAAAAAAAAAAAAAAAAAAA"]) {
      assert.equal(await verifyPassword("a", stored), false);
    }
    const stored = await digestPassword("a", salt, cost);
    assert.equal(await verifyPassword("a".repeat(2_000), stored), false);
  });

  test("tell when the cost has risen", async () => {
    const stored = await digestPassword("a", salt, cost);
    assert.ok(needsNewDigest(stored));
    assert.ok(!needsNewDigest(stored, cost));
  });
});

describe("sealed attributes", () => {
  const key = { id: "k1", bytes: new Uint8Array(32).fill(5) };
  const nonce = new Uint8Array(12).fill(1);
  const place = utf8("population.person/1/idNumber");
  const sealed = sealAttribute(key, utf8("堃"), place, nonce);

  test("open in their place with their key", () => {
    assert.deepEqual(openAttribute(key, sealed, place), utf8("堃"));
    assert.deepEqual(
      openAttribute((id) => (id === "k1" ? key : undefined), sealed, place),
      utf8("堃"),
    );
  });

  test("do not open elsewhere, changed, cut off or with another key", () => {
    const code = (expected: EnvelopeError["code"]) => (error: unknown) =>
      error instanceof EnvelopeError && error.code === expected;
    assert.throws(() => openAttribute(key, sealed, utf8("elsewhere")), code("ERR_ENVELOPE_TAMPERED"));
    for (let at = 4; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.throws(() => openAttribute(key, changed, place), code("ERR_ENVELOPE_TAMPERED"));
    }
    assert.throws(() => openAttribute(() => undefined, sealed, place), code("ERR_ENVELOPE_KEY"));
    assert.throws(() => openAttribute({ ...key, id: "k2" }, sealed, place), code("ERR_ENVELOPE_KEY"));
    assert.throws(() => openAttribute(key, sealed.slice(0, 3), place), code("ERR_ENVELOPE_FORMAT"));
    assert.throws(() => openAttribute(key, utf8("plain text"), place), code("ERR_ENVELOPE_FORMAT"));
  });

  test("blind indexes find full-width writing and tell attributes apart", () => {
    const index = blindIndex(key.bytes, "person.phone", "13800");
    assert.equal(index.length, 16);
    assert.deepEqual(index, blindIndex(key.bytes, "person.phone", "１３８００"));
    assert.notDeepEqual(index, blindIndex(key.bytes, "person.fax", "13800"));
  });
});

describe("identifiers and encodings", () => {
  test("uuid versions 4 and 7 (RFC 9562, appendix A)", () => {
    assert.equal(uuidV7(0x017f22e279b0, hex("0cc318c4dc0c0c07398f")), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert.equal(uuidV4(hex("919108f752d133205bacf847db4148a8")), "919108f7-52d1-4320-9bac-f847db4148a8");
    assert.ok(isUuid("919108f7-52d1-4320-9bac-f847db4148a8"));
    assert.ok(!isUuid("919108f7-52d1-4320-1bac-f847db4148a8"));
    assert.throws(() => uuidV7(-1, new Uint8Array(10)), RangeError);
    assert.equal(uuidV8(new Uint8Array(32).fill(0xff)), "ffffffff-ffff-8fff-bfff-ffffffffffff");
    assert.throws(() => uuidV8(new Uint8Array(15)), RangeError);
  });

  test("base64url and base64 have one spelling", () => {
    assert.equal(toBase64url(hex("fbff")), "-_8");
    assert.deepEqual(fromBase64url("-_8"), hex("fbff"));
    for (const bad of ["-_9", "+/8", "-_8=", "A", "- _"]) assert.equal(fromBase64url(bad), undefined, bad);
    for (const bad of ["+/9=", "+/8", "-_8=", "A"]) assert.equal(fromBase64(bad), undefined, bad);
  });
});
