import assert from "node:assert/strict";
import { test } from "node:test";
import { grantedScope } from "./licence.ts";

const APPLIED = ["hot-food", "cold-food"];

test("a grant in part leaves what was not refused, with the reason beside the name or without", () => {
  assert.deepEqual(grantedScope(APPLIED, undefined), ["热食类食品制售", "冷食类食品制售"]);
  assert.deepEqual(grantedScope(APPLIED, "冷食类食品制售"), ["热食类食品制售"]);
  assert.deepEqual(grantedScope(APPLIED, " 冷食类食品制售：未设专间\n\n"), ["热食类食品制售"]);
  assert.deepEqual(grantedScope(APPLIED, "冷食类食品制售: 未设专间\n冷食类食品制售"), ["热食类食品制售"]);
});

test("a decision that refuses what was not applied for, or everything, grants nothing", () => {
  assert.equal(grantedScope(APPLIED, "冷食"), undefined);
  assert.equal(grantedScope(APPLIED, "生食类食品制售：未设专间"), undefined);
  assert.equal(grantedScope(APPLIED, "热食类食品制售\n冷食类食品制售"), undefined);
});
