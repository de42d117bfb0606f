import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "#lib/language/text";
import { definedOf, foundInChange, foundInValue, hesitation } from "./examined.ts";

const issue = (path: string) => ({ path, text: text("不对", "wrong") });

test("what cannot be right is never written, what is unusual only when somebody confirmed it", () => {
  const found = { errors: [], warnings: [issue("kind")] };
  assert.equal(hesitation(found, false)?.code, "needs-confirmation");
  assert.equal(hesitation(found, true), undefined);
  assert.equal(hesitation({ ...found, errors: [issue("name")] }, true)?.code, "invalid");
});

test("a change answers for itself alone, and a correction for the value that it gives", () => {
  const found = { errors: [issue("name"), issue("address")], warnings: [issue("name")] };
  const own = foundInChange(found, (path) => path === "address");
  assert.deepEqual([own.errors.map(({ path }) => path), own.warnings], [["address"], []]);
  const value = foundInValue(found, "name");
  assert.deepEqual(
    [...value.errors, ...value.warnings].map(({ path }) => path),
    ["value", "value"],
  );
  assert.deepEqual(Object.keys(definedOf({ name: "甲", address: undefined })), ["name"]);
});
