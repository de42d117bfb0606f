import assert from "node:assert/strict";
import { createDecipheriv, createHmac } from "node:crypto";
import { describe, test } from "node:test";
import { concatBytes, utf8 } from "./bytes.ts";
import { deriveKey, hmacSha256 } from "./digest.ts";
import { blindIndex, type DataKey, EnvelopeBatch, EnvelopeError, openAttribute, sealAttribute } from "./envelope.ts";
import { openAttributes } from "./open-attributes.ts";
import { hmacSm3 } from "./sm3.ts";
import { sm4GcmOpen } from "./sm4.ts";

const key = { id: "k1", bytes: new Uint8Array(32).fill(5) };
const nonce = new Uint8Array(12).fill(1);
const values = [
  { plain: "堃", place: "population.person/1" },
  { plain: "", place: "" },
  { plain: "清源县中山路1号".repeat(9_000), place: "population.person/3".repeat(9_000) },
  { plain: "sixteen bytes ok", place: "population.person/4" },
  { plain: "{}", place: "population.person/5" },
];

function sealed(): Uint8Array[] {
  const batch = new EnvelopeBatch(key);
  for (const { plain, place } of values) batch.add(plain, place);
  return batch.seal(nonce);
}

const code = (expected: EnvelopeError["code"]) => (error: unknown) =>
  error instanceof EnvelopeError && error.code === expected;

describe("a batch of envelopes", () => {
  test("each opens in its place with its key", () => {
    const envelopes = sealed();
    assert.equal(envelopes.length, values.length);
    for (const [at, { plain, place }] of values.entries()) {
      assert.deepEqual(openAttribute(key, envelopes[at] ?? new Uint8Array(), utf8(place)), utf8(plain));
    }
  });

  test("none opens elsewhere, changed, cut off, renamed or with another key", () => {
    const [envelope = new Uint8Array()] = sealed();
    const place = utf8(values[0]?.place ?? "");
    assert.throws(() => openAttribute(key, envelope, utf8("elsewhere")), code("ERR_ENVELOPE_TAMPERED"));
    for (let at = 4; at < envelope.length; at++) {
      const changed = envelope.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.throws(() => openAttribute(key, changed, place), code("ERR_ENVELOPE_TAMPERED"), String(at));
    }
    const asFirstVersion = envelope.slice();
    asFirstVersion[0] = 1;
    assert.throws(() => openAttribute(key, asFirstVersion, place), code("ERR_ENVELOPE_TAMPERED"));
    const other = { id: "k1", bytes: new Uint8Array(32).fill(6) };
    assert.throws(() => openAttribute(other, envelope, place), code("ERR_ENVELOPE_TAMPERED"));
    assert.throws(() => openAttribute({ ...key, id: "k2" }, envelope, place), code("ERR_ENVELOPE_KEY"));
    assert.throws(() => openAttribute(key, envelope.slice(0, 20), place), code("ERR_ENVELOPE_FORMAT"));
  });

  test("several open together as each does alone: in order, with gaps, from several batches, and none that was changed", () => {
    const national: DataKey = { ...key, suite: "national" };
    const alone = (plain: string, place: string, by: DataKey = key) =>
      sealAttribute(by, utf8(plain), utf8(place), nonce);
    const again = (by: DataKey, random: Uint8Array) => {
      const batch = new EnvelopeBatch(by);
      for (const { plain, place } of values) batch.add(plain, place);
      return batch.seal(random);
    };
    const envelopes = [
      ...sealed(),
      ...again(key, new Uint8Array(12).fill(2)).toReversed(),
      ...again(national, nonce),
      alone("单", "alone"),
      ...sealed().filter((_, at) => at !== 1),
      alone("单", "alone", national),
      utf8("no envelope"),
      new Uint8Array(),
    ];
    const places = [...values.map(({ place }) => place), "alone", "elsewhere"];
    const changed = envelopes.flatMap((envelope) =>
      envelope.length === 0 ? [envelope] : [envelope, envelope.with(envelope.length - 1, 0x5a)],
    );
    for (const place of places) {
      const asked = changed.map((envelope) => ({ sealed: envelope, associatedData: utf8(place) }));
      const expected = asked.map(({ sealed: envelope, associatedData }) => {
        try {
          return Buffer.from(openAttribute(key, envelope, associatedData)).toString();
        } catch {
          return undefined;
        }
      });
      const together = openAttributes((id) => (id === key.id ? key : undefined), asked);
      assert.deepEqual(
        together.map((plain) => plain && Buffer.from(plain).toString()),
        expected,
      );
    }
    const right = sealed().map((envelope, at) => ({ sealed: envelope, associatedData: utf8(values[at]?.place ?? "") }));
    const opened = openAttributes(() => key, right).map((plain) => Buffer.from(plain ?? []).toString());
    assert.deepEqual(
      opened,
      values.map(({ plain }) => plain),
    );
    assert.deepEqual(
      openAttributes(() => undefined, right),
      right.map(() => undefined),
    );
  });

  test("associated data and ciphertext cannot lend each other bytes", () => {
    const batch = new EnvelopeBatch(key);
    batch.add("ab", "place");
    const [envelope = new Uint8Array()] = batch.seal(nonce);
    const bodyAt = envelope.length - 16 - 2;
    const shifted = concatBytes(envelope.subarray(0, bodyAt), envelope.subarray(bodyAt + 1));
    const lent = concatBytes(utf8("place"), envelope.subarray(bodyAt, bodyAt + 1));
    assert.throws(() => openAttribute(key, shifted, lent), code("ERR_ENVELOPE_TAMPERED"));
  });

  test("is AES-256-CTR and HMAC-SHA-256 as it is written down", () => {
    const [, , envelope = new Uint8Array()] = sealed();
    const { plain = "", place = "" } = values[2] ?? {};
    const [startAt, bodyAt, bodyEnd] = [4, 20, envelope.length - 16];
    const cipherKey = deriveKey(key.bytes, { label: "zhengtong.envelope-2.cipher" });
    const decipher = createDecipheriv("aes-256-ctr", cipherKey, envelope.subarray(startAt, bodyAt));
    assert.equal(decipher.update(envelope.subarray(bodyAt, bodyEnd)).toString("utf8"), plain);
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(Buffer.byteLength(place)));
    const tag = createHmac("sha256", deriveKey(key.bytes, { label: "zhengtong.envelope-2.tag" }))
      .update(envelope.subarray(0, bodyAt))
      .update(place)
      .update(envelope.subarray(bodyAt, bodyEnd))
      .update(length)
      .digest();
    assert.deepEqual(envelope.slice(bodyEnd), new Uint8Array(tag.subarray(0, 16)));
  });

  test("no two values of a batch share a part of the stream, nor do two batches", () => {
    const batch = new EnvelopeBatch(key);
    const of = (random: Uint8Array) => {
      for (let each = 0; each < 3; each++) batch.add("the same text of some length", "place");
      return batch.seal(random).map((each) => Buffer.from(each.subarray(20, 36)).toString("hex"));
    };
    const seen = [...of(nonce), ...of(new Uint8Array(12).fill(2))];
    assert.equal(new Set(seen).size, 6);
    assert.deepEqual(batch.seal(nonce), []);
    assert.throws(() => batch.seal(new Uint8Array(16)), RangeError);
    assert.throws(() => new EnvelopeBatch({ ...key, id: "No" }), code("ERR_ENVELOPE_KEY"));
  });
});

test("a blind index is an HMAC over label and value, whatever was indexed before it", () => {
  for (const value of ["1", "13800", "１３８００", "𬀩".repeat(5_000), "堃", ""]) {
    const expected = hmacSha256(key.bytes, utf8(`person.phone\0${value.normalize("NFKC")}`)).slice(0, 16);
    assert.deepEqual(blindIndex(key.bytes, "person.phone", value), expected);
  }
});

describe("envelopes of the national suite", () => {
  const national: DataKey = { ...key, suite: "national" };
  const place = utf8("population.person/1/idNumber");
  const plain = utf8("堃");
  const single = sealAttribute(national, plain, place, nonce);
  const batch = new EnvelopeBatch(national);
  batch.add("堃", "population.person/1/idNumber");
  const [fromBatch = new Uint8Array()] = batch.seal(nonce);

  test("open in their place with their key, whatever suite the key seals in now", () => {
    assert.deepEqual([single[0], fromBatch[0]], [3, 4]);
    for (const envelope of [single, fromBatch]) {
      assert.deepEqual(openAttribute(national, envelope, place), plain);
      assert.deepEqual(openAttribute(key, envelope, place), plain);
    }
    assert.deepEqual(openAttribute(national, sealAttribute(key, plain, place, nonce), place), plain);
  });

  test("do not open elsewhere, changed, as another version or with another key", () => {
    const other = { ...national, bytes: new Uint8Array(32).fill(6) };
    for (const envelope of [single, fromBatch]) {
      assert.throws(() => openAttribute(national, envelope, utf8("elsewhere")), code("ERR_ENVELOPE_TAMPERED"));
      assert.throws(() => openAttribute(other, envelope, place), code("ERR_ENVELOPE_TAMPERED"));
      for (let at = 4; at < envelope.length; at++) {
        const changed = envelope.with(at, (envelope[at] ?? 0) ^ 1);
        assert.throws(() => openAttribute(national, changed, place), code("ERR_ENVELOPE_TAMPERED"), String(at));
      }
      for (const version of [1, 2, 3, 4].filter((each) => each !== envelope[0])) {
        assert.throws(() => openAttribute(national, envelope.with(0, version), place), EnvelopeError);
      }
      for (const version of [0, 5, 255]) {
        assert.throws(() => openAttribute(national, envelope.with(0, version), place), code("ERR_ENVELOPE_FORMAT"));
      }
    }
  });

  test("are SM4-GCM, and SM4-CTR with HMAC-SM3, as it is written down", () => {
    const cipherKey = hmacSm3(key.bytes, utf8("zhengtong.envelope-3.seal")).slice(0, 16);
    const associatedData = concatBytes(single.subarray(0, 4), place);
    const opened = sm4GcmOpen({ key: cipherKey, nonce, ciphertext: single.subarray(16), associatedData });
    assert.deepEqual(opened, plain);
    const streamKey = hmacSm3(key.bytes, utf8("zhengtong.envelope-4.cipher")).slice(0, 16);
    const decipher = createDecipheriv("sm4-ctr", streamKey, fromBatch.subarray(4, 20));
    assert.equal(decipher.update(fromBatch.subarray(20, -16)).toString("utf8"), "堃");
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(place.length));
    const parts = [fromBatch.subarray(0, 20), place, fromBatch.subarray(20, -16), length];
    const tag = hmacSm3(hmacSm3(key.bytes, utf8("zhengtong.envelope-4.tag")), ...parts);
    assert.deepEqual(fromBatch.slice(-16), tag.slice(0, 16));
  });

  test("have blind indexes of their own", () => {
    const expected = hmacSm3(key.bytes, utf8("person.phone\u000013800")).slice(0, 16);
    assert.deepEqual(blindIndex(key.bytes, "person.phone", "13800", "national"), expected);
    assert.deepEqual(blindIndex(key.bytes, "person.phone", "１３８００", "national"), expected);
    assert.notDeepEqual(blindIndex(key.bytes, "person.phone", "13800"), expected);
  });
});
