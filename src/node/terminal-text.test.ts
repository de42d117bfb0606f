import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, TERMINAL_COLUMNS, wrapped } from "./terminal-text.ts";

test("Chinese characters take two columns, and no line begins with what closes a sentence", () => {
  assert.equal(columnsOf("端口 8080"), 9);
  const lines = wrapped("数据目录，默认".repeat(12), { indent: 6 });
  assert.ok(lines.length > 1 && lines.every((line) => columnsOf(line) <= TERMINAL_COLUMNS), lines.join("\n"));
  assert.ok(lines.every((line) => !/^\s*，/.test(line)));
  assert.equal(lines.map((line) => line.trim()).join(""), "数据目录，默认".repeat(12));
});

test("an option stays with its value", () => {
  const lines = wrapped("init ".concat("[--name TEXT] ".repeat(9)), { indent: 2, hanging: 4 });
  assert.ok(lines.length > 1 && lines.every((line) => columnsOf(line) <= TERMINAL_COLUMNS), lines.join("\n"));
  assert.ok(lines.every((line) => (line.match(/\[/g) ?? []).length === (line.match(/\]/g) ?? []).length));
});
