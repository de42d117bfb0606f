import assert from "node:assert/strict";
import { test } from "node:test";
import { formToken, isFormToken, maskedFormToken } from "./form-token.ts";

const KEY = new Uint8Array(32).fill(7);

test("A form's token is its bearer's alone, masked or not", () => {
  for (const token of [formToken(KEY, "session 1"), maskedFormToken(KEY, "session 1")]) {
    assert.equal(isFormToken([new Uint8Array(32).fill(9), KEY], "session 1", token), true);
    assert.equal(isFormToken([new Uint8Array(32).fill(9), KEY], "session 2", token), false);
    assert.equal(isFormToken([new Uint8Array(32)], "session 1", token), false);
    assert.equal(isFormToken([new Uint8Array(32).fill(9), KEY], "session 1", `${token.slice(0, -4)}AAAA`), false);
  }
});

test("No two pages have the same bytes for it", () => {
  const tokens = Array.from({ length: 20 }, () => maskedFormToken(KEY, "session 1"));
  assert.equal(new Set(tokens).size, tokens.length);
});

test("What is no token is refused", () => {
  for (const token of ["", "x", "!".repeat(86), "A".repeat(85), "A".repeat(1_000_000)]) {
    assert.equal(isFormToken([new Uint8Array(32).fill(9), KEY], "session 1", token), false);
  }
});
