import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "#lib/crypto/bytes";
import { bagName, bagProblems, makeBag } from "./bag.ts";

const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .map(bagName)
  // Line breaks and percent signs may stand in a path, and are written in the manifest in another way.
  .chain((plain) => fc.constantFrom(plain, `${plain}%0A`, `${plain}\n${plain}`, `100%-${plain}`));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const payload = fc
  .uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 64 })), {
    selector: ([one]) => one.normalize("NFC").toLowerCase(),
    maxLength: 8,
  })
  .map((files) => new Map(files));
const content = payload.map((files) => ({
  payload: files,
  info: [["Source-Organization", "清源县市场监督管理局"]] as const,
}));

test("whatever is put into a bag makes a complete and valid one, the same each time", () => {
  fc.assert(
    fc.property(content, (given) => {
      const bag = makeBag(given);
      assert.deepEqual(bagProblems(bag), []);
      const reversed = { ...given, payload: new Map([...given.payload].reverse()) };
      assert.deepEqual([...makeBag(reversed)], [...bag]);
      for (const [each, bytes] of given.payload) assert.deepEqual(bag.get(`data/${each}`), bytes);
    }),
  );
});

test("a byte that is changed, a file that is missing and one that was added are found", () => {
  fc.assert(
    fc.property(content, fc.nat(), fc.nat(), (given, which, where) => {
      const bag = makeBag(given);
      const paths = [...bag.keys()];
      const chosen = paths[which % paths.length] ?? "";
      const bytes = bag.get(chosen) ?? new Uint8Array();
      const changed =
        bytes.length === 0 ? utf8("x") : bytes.with(where % bytes.length, (bytes[where % bytes.length] ?? 0) ^ 1);
      assert.notDeepEqual(bagProblems(new Map([...bag, [chosen, changed]])), []);
      const without = new Map(bag);
      without.delete(chosen);
      assert.notDeepEqual(bagProblems(without), []);
      assert.notDeepEqual(bagProblems(new Map([...bag, ["data/added/later", bytes]])), []);
      assert.notDeepEqual(bagProblems(new Map([...bag, ["fetch.txt", utf8("")]])), []);
    }),
  );
});

test("any name of an upload becomes one that a bag takes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (given) => {
      assert.deepEqual(bagProblems(makeBag({ payload: new Map([[bagName(given), utf8("x")]]), info: [] })), []);
    }),
  );
});

test("a path that leaves the bag, or that another hides, is not taken", () => {
  for (const bad of [
    "",
    "/etc/passwd",
    "../out",
    "a/../../out",
    "a//b",
    "a/.",
    "C:x",
    "a\\b",
    "~root",
    "a\0b",
    "\ud800",
  ]) {
    assert.throws(() => makeBag({ payload: new Map([[bad, utf8("x")]]), info: [] }), RangeError, bad);
  }
  const hiding = new Map([
    ["Plan.pdf", utf8("1")],
    ["plan.pdf", utf8("2")],
  ]);
  assert.throws(() => makeBag({ payload: hiding, info: [] }), RangeError);
  assert.throws(() => makeBag({ payload: new Map(), info: [["Source", "a\nPayload-Oxum: 0.0"]] }), RangeError);
});
