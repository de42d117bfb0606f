import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readFontCoverage, undrawable } from "./font-coverage.ts";
import { DOCUMENT_FONTS } from "./fonts.ts";

describe("font coverage", () => {
  it("has the rare characters of names that the fonts draw, and lacks those of extension B", async () => {
    for (const path of DOCUMENT_FONTS) {
      const font = await readFontCoverage(path);
      for (const character of "堃犇喆昇翀暘〇〔〕（）《》“”、。；：0189AZaz")
        assert.ok(font.has(character.codePointAt(0) ?? 0), character);
      for (const character of "𠮷\u0000\u202e") assert.ok(!font.has(character.codePointAt(0) ?? 0));
    }
  });

  it("looks into every text of a value, and not into keys", async () => {
    const fonts = await Promise.all(DOCUMENT_FONTS.map(readFontCoverage));
    const value = { 𠮷: ["张三", { deep: "𠮷李" }], number: 5, nothing: null, lines: "一\n二" };
    assert.deepEqual(undrawable(value, fonts), ["𠮷"]);
  });

  it("refuses a file that is no font", async () => {
    const folder = await mkdtemp(join(tmpdir(), "zhengtong-font-"));
    try {
      for (const bytes of [
        "",
        "not a font at all, only words that go on for a while",
        "\u0000\u0001\u0000\u0000\u0000\u0009",
      ]) {
        await writeFile(join(folder, "x.ttf"), bytes);
        await assert.rejects(readFontCoverage(join(folder, "x.ttf")), { code: "ERR_DOCUMENT_FONT" });
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
