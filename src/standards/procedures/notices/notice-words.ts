/** Small conversions from what was filled in to what is printed. */
import type { NoticeFacts } from "#kernel/services/notices";
import { MAX_ITEMS } from "./notice-kinds.ts";

export type Lines = string[];

const MAX_LINE_CHARACTERS = 200;

/** A text as it was entered; empty for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}

/** One paragraph a line. Beyond what a list holds, the rest shares the last paragraph: nothing is left out. */
export function linesOf(value: unknown): Lines {
  const lines = textOf(value)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length <= MAX_ITEMS) return lines;
  return [...lines.slice(0, MAX_ITEMS - 1), lines.slice(MAX_ITEMS - 1).join("；")];
}

/** What a value of an enumeration is called in the item's form: in the field of that name, or in any other. */
export function termOf(terms: NoticeFacts["terms"], field: string, value: unknown): string {
  const code = textOf(value);
  const own = terms[field]?.[code];
  const found = own ?? Object.values(terms).find((options) => options[code])?.[code];
  return (found?.zh ?? code).slice(0, MAX_LINE_CHARACTERS);
}

/** Laws are cited by their full name, regulations by the one they have: `中华人民共和国食品安全法`, `食品经营许可和备案管理办法`. */
export function wholeLawName(name: string): string {
  const isLaw = name.endsWith("法") && !name.endsWith("办法");
  return isLaw && !name.startsWith("中华人民共和国") ? `中华人民共和国${name}` : name;
}
