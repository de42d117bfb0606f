import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { FREQUENT_PHRASES, PHRASES } from "./packed-phrases.ts";
import { isPacked, packText, unpackText } from "./packed-text.ts";

const read = (packed: Uint8Array | undefined) => {
  const text = unpackText(Uint8Array.from(packed ?? []));
  return text && fromUtf8(text);
};
const base64url = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => Buffer.from(bytes).toString("base64url"));
const piece = fc.oneof(
  fc.constantFrom(...FREQUENT_PHRASES, ...PHRASES),
  fc.constantFrom('"', '","', "堃犇喆", "𠮷", "00000000-0000-4000-8000-00000000000", "A".repeat(22), "_".repeat(43)),
  fc.uuid(),
  base64url(16),
  base64url(32),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);

test("a packed text is read back as it was", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("").replaceAll(/\p{Cc}/gu, "");
      const packed = packText(text);
      assert.ok(packed !== undefined && isPacked(packed));
      assert.equal(read(packed), text);
    }),
  );
});

test("so is whatever JSON there is", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const packed = packText(text);
      assert.equal(packed === undefined ? text : read(packed), text);
    }),
  );
});

test("values are their bytes: an entry of the ledger takes less than half", () => {
  const text = JSON.stringify({
    content: {
      actId: "01a224f2-7140-7f80-bd8b-be9f6393b340",
      actor: { id: "public", kind: "public" },
      detail: { exchange: { call: "01a224f2-7140-79f2-820e-3bc447f28d3c/104", from: "county" } },
      legalBasis: [],
      origin: { node: "county" },
      outcome: "answered",
      policies: ["provider@1.0/read/node"],
      policySet: "slaFs7G_G1gFTnFtGAL8lxuMnhKye_ydNwRJu0pKi9o",
      purpose: "public-information",
      via: "asker",
    },
    salt: "znkeexYZyVEvn9fCw50t4g",
    sets: [["value"]],
    subjects: [["person", "person-25347", 0, "PSBU15QEE2U0JZxCbNvQCw"]],
  });
  const packed = packText(text);
  assert.ok(packed !== undefined && packed.length < text.length / 2, `${packed?.length} of ${text.length}`);
});

test("what looks like a value and is none stays as it is", () => {
  for (const text of [
    '"01A224F2-7140-7F80-BD8B-BE9F6393B340"', // upper case
    '"01a224f2-7140-7f80-bd8b-be9f6393b34"',
    `"${"A".repeat(21)}B"`, // bits left over
    `"${"A".repeat(42)}B"`,
    `"${"A".repeat(23)}"`,
  ]) {
    assert.equal(read(packText(text)), text);
    assert.equal(packText(text)?.length, 1 + text.length, text);
  }
});

test("a text that is no JSON, or too long, is not packed", () => {
  for (const text of ["a\nb", "\0", "\ud800", "a".repeat(20_000)]) assert.equal(packText(text), undefined);
});

test("what is no packed text is not read", () => {
  const whole = Uint8Array.from(packText('"01a224f2-7140-7f80-bd8b-be9f6393b340"') ?? []);
  for (const bytes of [
    utf8('{"a":1}'),
    new Uint8Array(0),
    whole.subarray(0, 10), // cut off within a uuid
    Uint8Array.of(0, 0), // no phrase
    Uint8Array.of(0, 0xf8, 0xff),
    Uint8Array.of(0, 0xf5), // cut off within a phrase
    Uint8Array.of(0, 0xf9),
  ]) {
    assert.equal(unpackText(bytes), undefined);
  }
});

test("phrases are distinct, long enough to gain, short enough to bound what they become, and as many as have a place", () => {
  const all = [...FREQUENT_PHRASES, ...PHRASES];
  assert.equal(new Set(all).size, all.length);
  assert.ok(FREQUENT_PHRASES.length <= 31 && PHRASES.length <= 1_024);
  for (const phrase of all) assert.ok(utf8(phrase).length > 2 && utf8(phrase).length <= 64, phrase);
});

test("the phrases of the first day stand where they stood: what was written then is read by them", () => {
  const digestOf = (phrases: readonly string[]) => sha256Hex(JSON.stringify(phrases));
  assert.equal(
    digestOf(FREQUENT_PHRASES.slice(0, 31)),
    "e0bf09d438d56396ce3d75661ff7d4a20d04bea8b398ba621241e10d2d6eaf9a",
  );
  assert.equal(digestOf(PHRASES.slice(0, 51)), "41df0ddfccf0c91ddf62812b06a00a9c47a7719171b873bf8c76e527a123fbcd");
});
