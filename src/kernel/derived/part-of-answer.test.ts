import assert from "node:assert/strict";
import { test } from "node:test";
import { partOfAnswer } from "./part-of-answer.ts";

test("of an answer what is given stays, and of a list what is given of each of its members", () => {
  const answer = {
    name: "许昇",
    mobile: "99123456789",
    household: { head: "许", members: 3 },
    items: [{ id: "1", name: "甲", address: "桂花巷" }, { id: "2" }],
    tags: ["a"],
    next: "x",
  };
  const part = (...given: string[]) => partOfAnswer(answer, new Set(given));
  assert.deepEqual(part("name", "household"), { name: "许昇", household: { head: "许", members: 3 } });
  assert.deepEqual(part("items.id", "items.name", "next"), {
    items: [{ id: "1", name: "甲" }, { id: "2" }],
    next: "x",
  });
  assert.deepEqual(part("tags"), { tags: ["a"] });
  assert.deepEqual(part("nothing"), {});
  assert.equal(partOfAnswer(undefined, new Set()), undefined);
});
