import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { TAG, writeDer } from "#lib/asn1/der";
import { writeUnsignedInteger } from "#lib/asn1/integer";
import { KeyFormatError } from "../key-format-error.ts";
import { modulo, SM2_CURVE, scalarBytes, toScalar } from "./curve.ts";
import { sm2Decrypt, sm2Encrypt } from "./encryption.ts";
import { generateSm2Key, prepareSm2Key, sm2PrivateKey, sm2PublicKey } from "./keys.ts";
import { sm2Sign, sm2Verify } from "./signature.ts";

const { n } = SM2_CURVE;
const key = generateSm2Key(new Uint8Array(48).fill(1));
const { publicKey } = key;
const seeds = fc.uint8Array({ minLength: 48, maxLength: 48 });
const messages = fc.uint8Array({ maxLength: 200 });
const encodings = fc.constantFrom("raw", "der") as fc.Arbitrary<"raw" | "der">;
const randomness = fc.uint8Array({ maxLength: 64 });

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const changed = bytes.slice();
  const at = Math.floor(bit / 8) % bytes.length;
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
  return changed;
};

describe("signatures of SM2", () => {
  test("verify under their key, message, identity and encoding, and under nothing else", () => {
    fc.assert(
      fc.property(seeds, messages, encodings, randomness, fc.uint8Array({ maxLength: 40 }), (...values) => {
        const [seed, message, encoding, random, identity] = values;
        const own = generateSm2Key(seed);
        const signature = sm2Sign({ key: own, message, encoding, identity, randomness: random });
        const input = { key: own.publicKey, message, encoding, identity, signature };
        assert.ok(sm2Verify(input));
        assert.ok(!sm2Verify({ ...input, key: publicKey }));
        assert.ok(!sm2Verify({ ...input, message: Buffer.concat([message, Uint8Array.of(0)]) }));
        assert.ok(!sm2Verify({ ...input, identity: Buffer.concat([identity, Uint8Array.of(0)]) }));
        assert.ok(!sm2Verify({ ...input, encoding: encoding === "raw" ? "der" : "raw" }));
      }),
      { numRuns: 10 },
    );
  });

  test("are refused with any bit flipped", () => {
    prepareSm2Key(publicKey);
    const message = new Uint8Array(20).fill(3);
    for (const encoding of ["raw", "der"] as const) {
      const signature = sm2Sign({ key, message, encoding });
      const verdict = (changed: Uint8Array) => sm2Verify({ key: publicKey, message, encoding, signature: changed });
      assert.ok(verdict(signature));
      for (let bit = 0; bit < signature.length * 8; bit++) assert.ok(!verdict(flipped(signature, bit)), `bit ${bit}`);
    }
  });

  test("are not malleable: neither n − s, nor r + n, nor s = n − r, nor zero", () => {
    const message = new Uint8Array(1);
    const signature = sm2Sign({ key, message });
    const [r, s] = [toScalar(signature.subarray(0, 32)), toScalar(signature.subarray(32))];
    const pairs = [
      [r, n - s],
      [n - r, s],
      [r, n - r],
      [s, r],
      [0n, s],
      [r, 0n],
      [n, s],
      [r, n],
      [modulo(r + n, 2n ** 256n), s],
      [2n ** 256n - 1n, s],
    ] as const;
    for (const [one, other] of pairs) {
      const raw = Buffer.concat([scalarBytes(one), scalarBytes(other)]);
      assert.ok(!sm2Verify({ key: publicKey, message, signature: raw }));
      const der = writeDer(
        TAG.sequence,
        writeUnsignedInteger(scalarBytes(one)),
        writeUnsignedInteger(scalarBytes(other)),
      );
      assert.ok(!sm2Verify({ key: publicKey, message, signature: der, encoding: "der" }));
    }
  });

  test("have one writing in DER", () => {
    const message = new Uint8Array(1);
    const raw = sm2Sign({ key, message });
    const [r, s] = [raw.subarray(0, 32), raw.subarray(32)];
    const verdict = (signature: Uint8Array) => sm2Verify({ key: publicKey, message, signature, encoding: "der" });
    assert.ok(verdict(writeDer(TAG.sequence, writeUnsignedInteger(r), writeUnsignedInteger(s))));
    const zero = Uint8Array.of(0);
    const wide = (bytes: Uint8Array) => writeDer(TAG.integer, zero, zero, bytes);
    const malformed = [
      writeDer(TAG.sequence, wide(r), wide(s)),
      writeDer(TAG.sequence, writeDer(TAG.octetString, r), writeDer(TAG.octetString, s)),
      writeDer(TAG.sequence, writeUnsignedInteger(r)),
      writeDer(TAG.sequence, writeUnsignedInteger(r), writeUnsignedInteger(s), writeUnsignedInteger(zero)),
      writeDer(TAG.set, writeUnsignedInteger(r), writeUnsignedInteger(s)),
      Buffer.concat([writeDer(TAG.sequence, writeUnsignedInteger(r), writeUnsignedInteger(s)), zero]),
      new Uint8Array(0),
    ];
    for (const signature of malformed) assert.ok(!verdict(signature));
    // A long length where a short one is due.
    const body = Buffer.concat([writeUnsignedInteger(r), writeUnsignedInteger(s)]);
    assert.ok(!verdict(Buffer.concat([Uint8Array.of(TAG.sequence, 0x81, body.length), body])));
  });

  test("of arbitrary bytes are refused, not thrown at", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), encodings, (signature, encoding) => {
        assert.ok(!sm2Verify({ key: publicKey, message: signature, signature, encoding }));
      }),
    );
  });

  test("differ with the randomness, and are the same without", () => {
    const message = new Uint8Array(3);
    assert.deepEqual(sm2Sign({ key, message }), sm2Sign({ key, message }));
    assert.notDeepEqual(sm2Sign({ key, message }), sm2Sign({ key, message, randomness: new Uint8Array(32) }));
    assert.throws(() => sm2Sign({ key, message, randomness: new Uint8Array(65) }), RangeError);
    assert.throws(() => sm2Sign({ key, message, identity: new Uint8Array(8_192) }), RangeError);
    assert.ok(!sm2Verify({ key: publicKey, message, signature: new Uint8Array(64), identity: new Uint8Array(8_192) }));
  });

  test("verify with and without a table of multiples", () => {
    const other = generateSm2Key(new Uint8Array(48).fill(9));
    const message = new Uint8Array(5);
    const signature = sm2Sign({ key: other, message });
    const copy = sm2PublicKey(other.publicKey.point);
    assert.ok(sm2Verify({ key: copy, message, signature }));
    prepareSm2Key(copy);
    assert.ok(sm2Verify({ key: other.publicKey, message, signature }));
    assert.ok(!sm2Verify({ key: other.publicKey, message: new Uint8Array(6), signature }));
    // Met often enough, a key gets its table by itself.
    const third = generateSm2Key(new Uint8Array(48).fill(10));
    const own = sm2Sign({ key: third, message });
    for (let count = 0; count < 20; count++) assert.ok(sm2Verify({ key: third.publicKey, message, signature: own }));
    prepareSm2Key(third.publicKey);
    assert.ok(sm2Verify({ key: third.publicKey, message, signature: own }));
  });
});

describe("encryption of SM2", () => {
  test("gives back what went in, to its recipient alone", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), encodings, seeds, (plaintext, encoding, seed) => {
        const own = generateSm2Key(seed);
        const ciphertext = sm2Encrypt({ key: own.publicKey, plaintext, encoding, randomness: seed.subarray(0, 32) });
        assert.deepEqual(sm2Decrypt({ key: own, ciphertext, encoding }), plaintext);
        assert.equal(sm2Decrypt({ key, ciphertext, encoding }), undefined);
      }),
      { numRuns: 10 },
    );
  });

  test("refuses what was changed in any byte", () => {
    const ciphertext = sm2Encrypt({ key: publicKey, plaintext: new Uint8Array(5), randomness: new Uint8Array(32) });
    for (let at = 0; at < ciphertext.length; at++) {
      assert.equal(sm2Decrypt({ key, ciphertext: flipped(ciphertext, at * 8 + (at % 8)) }), undefined);
    }
    // The mirror of the point: same abscissa, other ordinate.
    const raw = sm2Encrypt({
      key: publicKey,
      plaintext: new Uint8Array(5),
      randomness: new Uint8Array(32),
      encoding: "raw",
    });
    const mirrored = raw.slice();
    mirrored.set(scalarBytes(SM2_CURVE.p - toScalar(raw.subarray(33, 65))), 33);
    assert.equal(sm2Decrypt({ key, ciphertext: mirrored, encoding: "raw" }), undefined);
  });

  test("answers arbitrary bytes with nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), encodings, (ciphertext, encoding) => {
        assert.equal(sm2Decrypt({ key, ciphertext, encoding }), undefined);
      }),
    );
  });

  test("takes values and randomness of some size", () => {
    const fresh = new Uint8Array(32);
    for (const plaintext of [new Uint8Array(0), new Uint8Array(65_537)]) {
      assert.throws(() => sm2Encrypt({ key: publicKey, plaintext, randomness: fresh }), RangeError);
    }
    assert.throws(() => sm2Encrypt({ key: publicKey, plaintext: fresh, randomness: new Uint8Array(31) }), RangeError);
  });
});

describe("keys of SM2", () => {
  test("have scalars from 1 to n − 2", () => {
    for (const scalar of [0n, n - 1n, n, 2n ** 256n - 1n]) {
      assert.throws(() => sm2PrivateKey(scalarBytes(scalar)), KeyFormatError);
    }
    for (const scalar of [1n, 2n, n - 2n]) {
      const edge = sm2PrivateKey(scalarBytes(scalar));
      const message = new Uint8Array(1);
      assert.ok(sm2Verify({ key: edge.publicKey, message, signature: sm2Sign({ key: edge, message }) }));
    }
    assert.throws(() => sm2PrivateKey(new Uint8Array(31).fill(1)), KeyFormatError);
    assert.throws(() => generateSm2Key(new Uint8Array(32)), RangeError);
  });

  test("do not show their secret", () => {
    assert.deepEqual(Object.keys(key), ["kind", "algorithm", "publicKey"]);
    assert.throws(() => sm2Sign({ key: { ...key }, message: new Uint8Array(0) }), TypeError);
  });
});
