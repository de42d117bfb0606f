import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalize } from "#lib/json/canonical";
import { contentText, leafText, partText, partTexts } from "./canonical-text.ts";
import { LEDGER_ENTRY_TYPES, type LedgerEntry, type LedgerLeaf, type SubjectPart } from "./entry.ts";

const words = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('\\ud800"', "\u2028", "堃犇𠮷", "\\", "\u0000"),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const part: fc.Arbitrary<SubjectPart> = fc.record({
  kind: fc.constantFrom("person", "organization", "official"),
  id: words,
  attributes: fc.array(words, { maxLength: 3 }),
});

const entry: fc.Arbitrary<LedgerEntry> = fc.record({
  type: fc.constantFrom(...LEDGER_ENTRY_TYPES),
  at: words,
  room: words,
  operation: words,
  actId: maybe(words),
  actor: fc.record({
    kind: fc.constantFrom("public", "person", "official", "organization", "node"),
    id: words,
    post: maybe(words),
    authority: maybe(words),
  }),
  via: maybe(words),
  onBehalfOf: maybe(fc.record({ kind: fc.constantFrom("person", "organization"), id: words })),
  origin: maybe(fc.record({ node: words, client: maybe(words) })),
  purpose: words,
  legalBasis: fc.array(words, { maxLength: 3 }),
  caseId: maybe(words),
  subjects: fc.array(part, { maxLength: 2 }),
  outcome: words,
  policies: maybe(fc.array(words, { maxLength: 3 })),
  policySet: maybe(words),
  detail: maybe(fc.dictionary(words, fc.oneof(words, fc.integer(), fc.constant(null)), { noNullPrototype: true })),
  secrecy: maybe(fc.record({ ground: words, approvedBy: words, reviewOn: words, order: maybe(words) })),
});

const leaf: fc.Arbitrary<LedgerLeaf> = fc.record(
  {
    v: fc.constant(1 as const),
    type: fc.constantFrom(...LEDGER_ENTRY_TYPES),
    at: words,
    room: words,
    operation: words,
    commitment: fc.base64String(),
    subjects: fc.record({ count: fc.nat(), root: fc.base64String() }),
  },
  { requiredKeys: ["v", "type", "at", "room", "operation", "commitment"] },
);

test("a content is written as canonical JSON writes it", () => {
  fc.assert(
    fc.property(entry, (whole) => {
      const { type, at, room, operation, subjects, ...content } = whole;
      assert.equal(contentText(whole), canonicalize(content));
    }),
  );
});

test("a leaf and a subject's part are written as canonical JSON writes them", () => {
  fc.assert(
    fc.property(leaf, fc.array(part), (oneLeaf, parts) => {
      assert.equal(leafText(oneLeaf), canonicalize(oneLeaf));
      const alike = parts.map((each) => ({ ...each, attributes: parts[0]?.attributes ?? [] }));
      const textOf = partTexts();
      for (const each of [...parts, ...alike]) assert.equal(textOf(each), canonicalize(each));
    }),
  );
});

test("text without a canonical form is refused", () => {
  const broken: SubjectPart = { kind: "person", id: "\ud800", attributes: [] };
  assert.throws(() => partText(broken), { code: "ERR_JSON_NOT_CANONICAL" });
});
