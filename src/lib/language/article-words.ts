import type { Language } from "./text.ts";

const DIGITS = "零一二三四五六七八九";
const UNITS: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 };
const PARTS = /第([零一二三四五六七八九十百千]+)([章节条款项])/g;

/** An article in its reader's way of counting: `第十三条第一款第三项` is `art. 13(1)(3)` in English, `第四章` is `ch. 4`. */
export function articleWords(article: string, language: Language): string {
  if (language === "zh") return article;
  const parts = [...article.matchAll(PARTS)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== article) return article;
  return parts.map(([, number = "", unit = ""]) => partWords(numberOf(number), unit)).join("");
}

function partWords(number: number, unit: string): string {
  if (unit === "章") return `ch. ${number}`;
  if (unit === "节") return `s. ${number}`;
  return unit === "条" ? `art. ${number}` : `(${number})`;
}

/** 三百六十五 is 365: laws count no higher than thousands. */
function numberOf(written: string): number {
  let sum = 0;
  let digit = 0;
  for (const character of written) {
    const unit = UNITS[character];
    if (unit === undefined) digit = DIGITS.indexOf(character);
    else {
      sum += (digit || 1) * unit;
      digit = 0;
    }
  }
  return sum + digit;
}
