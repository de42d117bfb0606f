import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { foldName, maskName, normaliseName } from "./name.ts";
import { nameQueryTokens, nameTokens } from "./name-tokens.ts";
import { sortKey } from "./sort-key.ts";

const RARE = ["堃", "犇", "喆", "昇", "翀", "暘", "𬀩", "𠮷", "㛃"];

test("rare characters survive normalisation, tokens, key and mask", () => {
  for (const rare of RARE) {
    const name = `张${rare}${rare}`;
    assert.equal(normaliseName(name), name);
    assert.ok(nameTokens(name).includes(`张${rare}`));
    assert.ok(sortKey(name).length > 0);
    assert.equal(maskName(name), "张**");
    assert.equal(maskName(`${rare}三丰`), `${rare}**`);
  }
  // A compatibility ideograph is kept as it was registered, and found under its unified form.
  assert.equal(normaliseName("\ufa10"), "\ufa10");
  assert.equal(foldName("\ufa10"), "塚");
});

test("spelling is forgiven", () => {
  assert.equal(normaliseName(" 张\u3000三\u200b "), "张三");
  assert.equal(normaliseName("阿卜杜拉 • 买买提"), "阿卜杜拉·买买提");
  assert.equal(normaliseName("清源县好味道小吃店(个体工商户)"), "清源县好味道小吃店（个体工商户）");
  assert.equal(normaliseName("  María   José "), "María José");
});

test("names are found by any two neighbouring characters and by the first", () => {
  assert.deepEqual(nameTokens("王小明"), ["王", "王小", "小明"]);
  assert.deepEqual(nameQueryTokens("小明"), ["小明"]);
  assert.deepEqual(nameQueryTokens("王"), ["王"]);
  assert.deepEqual(nameTokens("Maria Silva"), ["maria", "silva"]);
});

test("names sort as in a dictionary, unknown characters last", () => {
  const sorted = ["张三", "曾国", "白居易", "单雄信", "李四", "\u{3134a}某", "王安", "汪洋", "欧阳修"].sort((a, b) =>
    sortKey(a) < sortKey(b) ? -1 : 1,
  );
  assert.deepEqual(sorted, ["白居易", "李四", "欧阳修", "单雄信", "汪洋", "王安", "曾国", "张三", "\u{3134a}某"]);
});

test("every part of a name finds it", () => {
  const names = fc.array(fc.constantFrom(..."张王李堃犇喆翀暘𬀩𠮷明华"), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(names, fc.nat(), fc.nat(), (characters, from, length) => {
      const start = from % (characters.length - 1);
      const size = 2 + (length % (characters.length - start - 1));
      const tokens = new Set(nameTokens(characters.join("")));
      for (const token of nameQueryTokens(characters.slice(start, start + size).join(""))) assert.ok(tokens.has(token));
    }),
  );
});
