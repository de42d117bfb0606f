import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatDate,
  formatInstant,
  formatMoney,
  formatNumber,
  formatShare,
  formatSize,
  maskIdentityNumber,
  maskMobile,
  maskName,
  statutoryDay,
} from "#ui/format";

test("dates and instants are said as people say them", () => {
  const date = Temporal.PlainDate.from("2026-12-03");
  assert.equal(formatDate(date, "zh"), "12 月 3 日");
  assert.equal(formatDate(date, "en"), "3 December");
  assert.equal(formatDate(date, "zh", { year: true }), "2026 年 12 月 3 日");
  assert.equal(formatDate(date, "en", { year: true }), "3 December 2026");
});

test("an instant is told in Shanghai's time, whatever the machine's zone", () => {
  const late = Temporal.Instant.from("2026-11-17T18:05:00Z");
  assert.equal(formatInstant(late, "zh"), "11 月 18 日 02:05");
  assert.equal(formatInstant(late, "en", { year: true }), "18 November 2026, 02:05");
  assert.equal(statutoryDay(late).toString(), "2026-11-18");
});

test("numbers, shares, money and sizes", () => {
  assert.equal(formatNumber(4217), "4217");
  assert.equal(formatNumber(1234567n), "1\u202f234\u202f567");
  assert.equal(formatNumber("-12345.5"), "−12\u202f345.5");
  assert.equal(formatShare(0.9874), "98.7%");
  assert.equal(formatShare(1), "100%");
  assert.equal(formatMoney("128", "zh"), "128.00 元");
  assert.equal(formatMoney("12800.5", "en"), "CNY 12\u202f800.50");
  assert.equal(formatSize(0), "0 B");
  assert.equal(formatSize(213_700), "214 kB");
  assert.equal(formatSize(999_600), "1 MB");
  assert.equal(formatSize(1_520_000), "1.5 MB");
});

test("what is masked does not show, and short values show nothing", () => {
  assert.equal(maskIdentityNumber("990101199001011234"), "990***********1234");
  assert.equal(maskMobile("19900001234"), "199****1234");
  assert.equal(maskMobile("1234567"), "*******");
  assert.equal(maskName("堃某某"), "堃**");
  assert.equal(maskName("𠮷田"), "𠮷*");
});
