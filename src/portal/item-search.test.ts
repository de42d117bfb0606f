import assert from "node:assert/strict";
import { test } from "node:test";
import { quality } from "#systems/quality";
import type { Item } from "./item.ts";
import { searchItems } from "./item-search.ts";

const service = quality.services.foodBusinessLicence;
const item = { ref: { room: "quality", service: "foodBusinessLicence" }, service, href: "/" } as unknown as Item;
const found = (query: string) => searchItems([item], query).length === 1;

test("an item is found by a sentence, a part of a word, either language, and with a letter wrong", () => {
  const queries = [
    "食品经营许可",
    "食品",
    "我想开个小吃店",
    "开 餐馆",
    "奶茶",
    "ＦＯＯＤ",
    "Restaurant",
    "resturant",
    "i want to open a snack bar",
    "licence",
  ];
  for (const query of queries) assert.ok(found(query), query);
});

test("what has nothing to do with it is not found", () => {
  for (const query of ["驾驶证", "出生登记", "passport", "boat", "的", "xyz"]) assert.ok(!found(query), query);
});
