import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Decimal, formatDecimal, parseDecimal } from "./decimal.ts";
import {
  addMoney,
  compareMoney,
  formatMoney,
  money,
  moneyInCapitals,
  multiplyMoney,
  parseMoney,
  subtractMoney,
} from "./money.ts";

test("decimals are exact and read strictly", () => {
  assert.equal(formatDecimal(new Decimal("0.1").plus("0.2")), "0.3");
  for (const wrong of ["", "1.", ".5", "01", "+1", "1e3", "1,000", "NaN", "Infinity", "0x10", " 1", "9".repeat(100)]) {
    assert.equal(parseDecimal(wrong), undefined, wrong);
  }
  assert.equal(formatDecimal(parseDecimal("-0.00") ?? new Decimal(1)), "0");
});

test("money has two decimals and never loses one", () => {
  assert.equal(parseMoney("12.5"), "12.50");
  assert.equal(parseMoney("-0"), "0.00");
  assert.equal(parseMoney("1.005"), undefined);
  assert.equal(addMoney(money("0.10"), money("0.20")), "0.30");
  assert.equal(multiplyMoney(money("0.05"), "0.5"), "0.03");
  assert.ok(compareMoney(money("9.90"), money("10")) < 0);
  assert.equal(formatMoney(money("-1234567.5")), "-¥1,234,567.50");
  assert.throws(() => addMoney(money("9999999999999999.99"), money("0.01")), RangeError);
});

test("amounts in capitals", () => {
  for (const [amount, capitals] of [
    ["0", "零元整"],
    ["1234.5", "壹仟贰佰叁拾肆元伍角整"],
    ["1409.50", "壹仟肆佰零玖元伍角整"],
    ["6007.14", "陆仟零柒元壹角肆分"],
    ["107000.53", "壹拾万零柒仟元伍角叁分"],
    ["16409.02", "壹万陆仟肆佰零玖元零贰分"],
    ["100000000", "壹亿元整"],
    ["100010000", "壹亿零壹万元整"],
    ["1000000000000", "壹万亿元整"],
    ["1000100000000", "壹万零壹亿元整"],
    ["0.05", "伍分"],
  ] as const) {
    assert.equal(moneyInCapitals(money(amount)), capitals, amount);
  }
});

test("adding and taking away returns to the start", () => {
  const amounts = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((fen) => money((fen / 100).toFixed(2)));
  fc.assert(
    fc.property(amounts, amounts, (left, right) => {
      assert.equal(subtractMoney(addMoney(left, right), right), left);
    }),
  );
});
