import assert from "node:assert/strict";
import { test } from "node:test";
import { hasSecrecyMark, markedPlace } from "./secrecy-mark.ts";

test("marks are found as they are written on paper", () => {
  for (const marked of [
    ...["机密★", "绝密★长期", "秘 密 ★ 10年", "★机密", "文头\n机密★\n正文", "機密★", "祕密★", "机\u200b密\u00ad★"],
    `${"长".repeat(2_000_000)}机密★`,
  ])
    assert.ok(hasSecrecyMark(marked), marked.slice(-20));
  for (const open of ["秘密花园", "商业秘密", "保密", "★★★ 好评", "机密性", "★ 秘制"])
    assert.ok(!hasSecrecyMark(open), open);
});

test("the place of a mark is named, however deep, and bytes are no text", () => {
  assert.equal(markedPlace({ a: [{ b: "x" }, { b: "机密★" }] }), "a.1.b");
  assert.equal(markedPlace({ a: { "机密★": 1 } }), "a.机密★");
  assert.equal(markedPlace("秘密★"), "");
  assert.equal(markedPlace({ a: new TextEncoder().encode("机密★"), b: 3, c: null }), undefined);
  let deep: unknown = "机密★";
  for (let depth = 0; depth < 5_000; depth++) deep = [deep];
  assert.equal(markedPlace(deep)?.split(".").length, 5_000);
});

test("what is looked through costs as much as it is long", () => {
  const blanks = " ".repeat(100_000);
  for (const hostile of [`机${blanks}`, `★${blanks}`, "机 ".repeat(50_000), "★ 机 ".repeat(50_000)]) {
    const before = process.cpuUsage();
    assert.ok(!hasSecrecyMark(`${hostile}x★`));
    assert.ok(process.cpuUsage(before).user < 1_000_000);
  }
});
