import assert from "node:assert/strict";
import { test } from "node:test";
import { searchQueryWords, searchWords } from "./search-words.ts";

test("Chinese text is found by its words and by parts of them", () => {
  const words = new Set(searchWords("申请食品经营许可证，Food business LICENCE."));
  for (const query of ["食品许可", "经营许可证", "food licence", "许可"]) {
    for (const word of searchQueryWords(query)) assert.ok(words.has(word), `${query}: ${word}`);
  }
});

test("input is bounded and may be empty", () => {
  assert.deepEqual(searchQueryWords(""), []);
  assert.deepEqual(searchQueryWords("，。！"), []);
  assert.ok(searchQueryWords("许可 ".repeat(10_000)).length <= 16);
});
