import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromUtf8 } from "#lib/crypto/bytes";
import { unpackText } from "#lib/json/packed-text";
import { openWritten } from "./content.ts";
import { encodeEntries } from "./encode.ts";
import type { LedgerEntry } from "./entry.ts";
import { ledgerKeys } from "./keys.ts";
import { plainlyCommitted } from "./plain-verification.ts";

const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(2) });
const words = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed());
const plainSubject = fc.record({
  kind: fc.constantFrom("person" as const, "organization" as const, "official" as const),
  id: fc.uuid(),
  attributes: fc.uniqueArray(fc.constantFrom("name", "premises", "phone"), { minLength: 1, maxLength: 3 }),
});
const entries = fc.record({
  type: fc.constantFrom("act" as const, "read" as const),
  at: fc.constant("2026-05-06T01:00:00.000Z"),
  room: fc.constantFrom("quality", "population"),
  operation: fc.constantFrom("accept", "findPerson"),
  actor: fc.record({ kind: fc.constant("official" as const), id: fc.uuid(), post: words, authority: words }),
  purpose: fc.constant("case"),
  legalBasis: fc.array(words, { maxLength: 3 }),
  subjects: fc.array(plainSubject, { maxLength: 1 }),
  outcome: words,
  policies: fc.array(words, { maxLength: 2 }),
  // Members that look like the end of a content.
  detail: fc.option(fc.record({ salt: words, sets: fc.array(words, { maxLength: 2 }), '","salt":"': words }), {
    nil: undefined,
  }),
});
const made = (entry: unknown, packed: boolean) => {
  const [encoded = assert.fail()] = encodeEntries([entry as LedgerEntry], keys);
  const [written = assert.fail()] = openWritten([encoded], keys);
  const text = unpackText(written) ?? assert.fail();
  // As text it was written before texts were packed.
  return { leaf: encoded.leaf, text, written: packed ? written : text, subjects: (entry as LedgerEntry).subjects };
};

test("an entry as it is written is right at once, and tells whom it concerns", () => {
  fc.assert(
    fc.property(entries, fc.boolean(), (entry, packed) => {
      const { leaf, text, written, subjects } = made(entry, packed);
      assert.deepEqual(
        plainlyCommitted(written, leaf),
        subjects.map(({ kind, id }) => ({ kind, id })),
        fromUtf8(text),
      );
    }),
  );
});

test("whatever byte is another, in the content, its salt, its subject or the leaf's digests, it is not right at once", () => {
  fc.assert(
    fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(3), (entry, place, change, which) => {
      const [inLeaf, packed] = [which < 2, which % 2 === 1];
      const { leaf, text, written, subjects } = made(entry, packed);
      // Of the leaf, the tree digests all; here its digests matter.
      const from = inLeaf ? leaf.indexOf('"commitment":"') + 14 : 0;
      const until = inLeaf ? from + 43 : written.length;
      const at = from + (place % (until - from));
      const changed = new Uint8Array(inLeaf ? leaf : written);
      changed[at] = (changed[at] ?? 0) ^ change;
      const found = inLeaf ? plainlyCommitted(written, Buffer.from(changed)) : plainlyCommitted(changed, leaf);
      // A base64url digit's last bits may be another and say the same.
      if (found !== undefined) {
        assert.deepEqual(
          found,
          subjects.map(({ kind, id }) => ({ kind, id })),
        );
        const isSalt =
          Buffer.from(written)
            .toString("latin1", at - 21, at + 1)
            .match(/^[\w-]{22}$/) !== null;
        assert.ok(!inLeaf && !packed && isSalt, `byte ${at} of ${fromUtf8(text)}`);
      }
    }),
    { numRuns: 500 },
  );
});
