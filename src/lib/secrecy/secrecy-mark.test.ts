import assert from "node:assert/strict";
import { test } from "node:test";
import { hasSecrecyMark, markedPlace } from "./secrecy-mark.ts";

test("marks are found as they are written on paper", () => {
  for (const marked of ["机密★", "绝密★长期", "秘 密 ★ 10年", "★机密", "文头\n机密★\n正文"])
    assert.ok(hasSecrecyMark(marked), marked);
  for (const open of ["秘密花园", "商业秘密", "保密", "★★★ 好评", "机密性", "★ 秘制"])
    assert.ok(!hasSecrecyMark(open), open);
});

test("the place of a mark is named, however deep, and bytes are no text", () => {
  assert.equal(markedPlace({ a: [{ b: "x" }, { b: "机密★" }] }), "a.1.b");
  assert.equal(markedPlace("秘密★"), "");
  assert.equal(markedPlace({ a: new TextEncoder().encode("机密★"), b: 3, c: null }), undefined);
});
