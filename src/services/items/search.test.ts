import assert from "node:assert/strict";
import { test } from "node:test";
import { quality } from "#systems/quality";
import { asked, nearness, searchable } from "./search.ts";

const item = searchable(quality.services.foodBusinessLicence);
const found = (query: string) => nearness(item, asked(query)) > 0;

test("an item is found by a sentence, a part of a word, either language, pinyin, and with a letter wrong", () => {
  const queries = [
    "食品经营许可",
    "食品",
    "我想开个小吃店",
    "我要开一家卖奶茶的店铺",
    "小吃店铺",
    "开 餐馆",
    "奶茶",
    "ＦＯＯＤ",
    "Restaurant",
    "resturant",
    "i want to open a snack bar",
    "licence",
    "xiaochi",
    "shipin jingying",
    "Shi'pin",
    "naicha",
    "spjyxk",
  ];
  for (const query of queries) assert.ok(found(query), query);
});

test("what has nothing to do with it is not found", () => {
  const queries = [
    "驾驶证",
    "出生登记",
    "结婚",
    "passport",
    "boat",
    "的",
    "xyz",
    "an",
    "hunyin",
    "jiashizheng",
    " ",
    "!?",
  ];
  for (const query of queries) assert.ok(!found(query), query);
});

test("what it is called counts more than what is said of it", () => {
  const other = searchable({
    title: { zh: "户外广告设置许可", en: "Outdoor advertisement licence" },
    summary: { zh: "在小吃店门外设置招牌。", en: "For a sign outside a snack shop." },
    keywords: ["招牌"],
  });
  assert.ok(nearness(item, asked("小吃店")) > nearness(other, asked("小吃店")));
  assert.ok(nearness(other, asked("招牌")) > nearness(item, asked("招牌")));
});
