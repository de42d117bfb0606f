import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromUtf8, utf8 } from "../bytes.ts";
import { hmacSm3, sm3 } from "../sm3.ts";
import { sm4CbcDecrypt, sm4CbcEncrypt, sm4GcmSeal } from "../sm4.ts";
import { modulo, multiplySecret, readPoint, SM2_CURVE, scalarBytes } from "./curve.ts";
import { sm2Decrypt, sm2EncryptWith } from "./encryption.ts";
import { sm2PrivateKey } from "./keys.ts";
import { nonces } from "./nonce.ts";
import { SM2_DEFAULT_IDENTITY, sm2Digest, sm2PairOf, sm2Verify } from "./signature.ts";

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(" ", ""));

// The key and the nonce of all examples on this curve: GM/T 0003.5-2012 and GB/T 32918.5-2017, annexes A to C.
const key = sm2PrivateKey(hex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"));
const nonce = BigInt("0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21");

describe("examples of GB/T 32918.5 (GM/T 0003.5)", () => {
  test("the public key", () => {
    assert.equal(
      key.publicKey.point.toHex(),
      "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
    );
  });

  test("the signature", () => {
    const message = utf8("message digest");
    const digest = sm2Digest(key.publicKey, message, SM2_DEFAULT_IDENTITY);
    assert.equal(digest.toHex(), "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640");
    const pair = sm2PairOf(key, digest, nonce);
    assert.ok(pair);
    const expected = {
      r: "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
      s: "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
    };
    assert.deepEqual({ r: pair.r.toString(16), s: pair.s.toString(16) }, expected);
    const signature = hex(expected.r + expected.s);
    assert.ok(sm2Verify({ key: key.publicKey, message, signature }));
    assert.ok(!sm2Verify({ key: key.publicKey, message, signature, identity: utf8("another") }));
  });

  test("the encryption", () => {
    const parts = sm2EncryptWith(key.publicKey, utf8("encryption standard"), nonce);
    assert.ok(parts);
    assert.equal(
      parts.c1.toHex(),
      "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0",
    );
    assert.equal(parts.c3.toHex(), "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766");
    assert.equal(parts.c2.toHex(), "21886ca989ca9c7d58087307ca93092d651efa");
    const ciphertext = Buffer.concat([parts.c1, parts.c3, parts.c2]);
    const decrypted = sm2Decrypt({ key, ciphertext, encoding: "raw" });
    assert.ok(decrypted);
    assert.equal(fromUtf8(decrypted), "encryption standard");
  });
});

describe("SM3 and SM4", () => {
  test("SM3 of abc, and of abcd 16 times (GB/T 32905, annex A)", () => {
    assert.equal(
      sm3(utf8("a"), utf8("bc")).toHex(),
      "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    );
    assert.equal(
      sm3(utf8("abcd".repeat(16))).toHex(),
      "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    );
  });

  test("SM4 of one block (GB/T 32907, annex A), through CBC with an initial value of zeros", () => {
    const block = hex("0123456789abcdeffedcba9876543210");
    const input = { key: block, iv: new Uint8Array(16) };
    const encrypted = sm4CbcEncrypt({ ...input, data: block });
    assert.equal(encrypted.subarray(0, 16).toHex(), "681edf34d206965e86b3e94f536e4246");
    assert.deepEqual(sm4CbcDecrypt({ ...input, data: encrypted }), block);
    assert.equal(sm4CbcDecrypt({ ...input, data: encrypted.subarray(0, 15) }), undefined);
    assert.throws(() => sm4CbcEncrypt({ ...input, key: new Uint8Array(15), data: block }), RangeError);
  });

  test("SM4-GCM (RFC 8998, appendix A.1)", () => {
    const sealed = sm4GcmSeal({
      key: hex("0123456789abcdeffedcba9876543210"),
      nonce: hex("00001234567800000000abcd"),
      associatedData: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
      plaintext: hex(
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
      ),
    });
    assert.equal(sealed.subarray(-16).toHex(), "83de3541e4c2b58177e065a9bf7b62ec");
  });

  test("HMAC-SM3 with a key longer than a block digests the key", () => {
    const long = new Uint8Array(65).fill(7);
    assert.deepEqual(hmacSm3(long, utf8("x")), hmacSm3(sm3(long), utf8("x")));
  });
});

describe("nonces", () => {
  const source = { secret: scalarBytes(5n), digest: sm3(utf8("digest")), randomness: new Uint8Array(0) };
  const first = (changed: Partial<typeof source>): bigint => nonces({ ...source, ...changed }).next().value;

  test("follow from what they are made of, and differ with each part of it", () => {
    assert.equal(first({}), first({}));
    const all = [first({}), first({ secret: scalarBytes(6n) }), first({ digest: sm3(utf8("x")) })];
    const mixed = [first({ randomness: new Uint8Array(32) }), first({ randomness: new Uint8Array(32).fill(1) })];
    assert.equal(new Set([...all, ...mixed]).size, 5);
  });

  test("go on to another where one does not serve", () => {
    const one = nonces(source);
    assert.notEqual(one.next().value, one.next().value);
  });
});

describe("the curve", () => {
  test("reads points that are on it, in one form", () => {
    const { point } = key.publicKey;
    assert.ok(readPoint(point));
    const other = point.slice();
    other[64] = (other[64] ?? 0) ^ 1;
    assert.equal(readPoint(other), undefined, "not on the curve");
    assert.equal(readPoint(Uint8Array.of(0)), undefined, "infinity");
    assert.equal(readPoint(new Uint8Array(65)), undefined, "no form");
    assert.equal(readPoint(Buffer.concat([Uint8Array.of(3), point.subarray(1, 33)])), undefined, "compressed");
    assert.equal(readPoint(Buffer.concat([Uint8Array.of(7), point.subarray(1)])), undefined, "hybrid");
    const beyond = Buffer.concat([Uint8Array.of(4), scalarBytes(SM2_CURVE.p), scalarBytes(1n)]);
    assert.equal(readPoint(beyond), undefined, "a coordinate outside of the field");
  });

  test("multiplies by secrets whatever the blinding", () => {
    const point = readPoint(key.publicKey.point);
    assert.ok(point);
    const products = [1n, 12_345n, SM2_CURVE.p - 1n].map((blinding) =>
      multiplySecret({ scalar: nonce, point, blinding }),
    );
    assert.deepEqual(products[0], products[1]);
    assert.deepEqual(products[0], products[2]);
    assert.throws(() => multiplySecret({ scalar: 1n, point: { x: 1n, y: 1n }, blinding: 1n }));
    assert.equal(modulo(-1n, 7n), 6n);
  });
});
