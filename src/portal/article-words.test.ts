import assert from "node:assert/strict";
import { test } from "node:test";
import { articleWords } from "#lib/language/article-words";
import { text } from "#lib/language/text";
import { citationWords, writtenArticle } from "./article-words.ts";

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

test("what a procedure writes is told in both languages", () => {
  assert.deepEqual(writtenArticle("行政许可法第四十二条", []), {
    zh: "《行政许可法》第四十二条",
    en: "Administrative Licensing Law, art. 42",
  });
  const citations = [{ law: text("食品安全法", "Food Safety Law"), article: "第三十五条" }];
  assert.equal(writtenArticle("食品安全法第四条", citations).en, "Food Safety Law, art. 4");
  assert.equal(writtenArticle("某办法第四条", citations).zh, "《某办法》第四条");
  assert.equal(writtenArticle("某办法第四条", citations).en, "某办法, art. 4");
  assert.equal(writtenArticle("附件一", citations).zh, "附件一");
});
