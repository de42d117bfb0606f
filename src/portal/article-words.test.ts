import assert from "node:assert/strict";
import { test } from "node:test";
import { articleWords } from "#lib/language/article-words";
import { text } from "#lib/language/text";
import { citationWords } from "./article-words.ts";

test("an article is counted as its reader counts", () => {
  assert.equal(articleWords("第三十五条", "zh"), "第三十五条");
  for (const [written, said] of [
    ["第三十五条", "art. 35"],
    ["第十三条第一款第三项", "art. 13(1)(3)"],
    ["第四章", "ch. 4"],
    ["第十条", "art. 10"],
    ["第一百零七条", "art. 107"],
    ["第二百四十条", "art. 240"],
  ] as const) {
    assert.equal(articleWords(written, "en"), said);
  }
});

test("what is not an article stays as it is written", () => {
  assert.equal(articleWords("附件一", "en"), "附件一");
  assert.equal(articleWords("第三条及附件", "en"), "第三条及附件");
});

test("a citation names its law in the reader's language", () => {
  const citation = { law: text("食品安全法", "Food Safety Law"), article: "第三十五条" };
  assert.equal(citationWords(citation, "zh"), "《食品安全法》第三十五条");
  assert.equal(citationWords(citation, "en"), "Food Safety Law, art. 35");
});
