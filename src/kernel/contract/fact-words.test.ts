import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "#lib/language/text";
import { factWords } from "./fact-words.ts";

test("a register's word is said in the reader's language, and what is no word of it as it is", () => {
  const declared = { terms: [text("存续", "Active"), text("注销", "Deregistered")] };
  assert.equal(factWords(declared, "存续", "en"), "Active");
  assert.equal(factWords(declared, "存续", "zh"), "存续");
  assert.equal(factWords(declared, "清源县翠竹小吃店", "en"), "清源县翠竹小吃店");
  assert.equal(factWords({}, "存续", "en"), "存续");
});
