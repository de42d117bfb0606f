import { type Text, text } from "#lib/language/text";

/** What the directory knows of a six-digit code of GB/T 2260. Abolished codes stay in numbers that were issued before. */
export type DivisionStatus = "current" | "abolished" | "unknown";
export type DivisionKnowledge = (code: string) => DivisionStatus;

/** Divisions of synthetic demonstration data: no real division has this prefix. */
export const SYNTHETIC_DIVISION_PREFIX = "99";

// GB/T 2260, the first two digits.
const PROVINCES = new Set(
  "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82".split(" "),
);

/** Used where the directory is not at hand: knows provinces alone. */
export function provinceKnowledge(code: string): DivisionStatus {
  return PROVINCES.has(code.slice(0, 2)) ? "current" : "unknown";
}

/** The warning that a division deserves, if any. */
export function divisionWarnings(code: string, knowledge: DivisionKnowledge = provinceKnowledge): readonly Text[] {
  switch (knowledge(code)) {
    case "current":
      return [];
    case "abolished":
      return [
        text(
          `行政区划代码 ${code} 已撤销，请核对证件原件。`,
          `Division code ${code} has been abolished; check the original document.`,
        ),
      ];
    case "unknown":
      return [
        text(
          `未查到行政区划代码 ${code}，请核对证件原件。`,
          `Division code ${code} is not known; check the original document.`,
        ),
      ];
  }
}

export function isSyntheticDivision(code: string): boolean {
  return code.startsWith(SYNTHETIC_DIVISION_PREFIX);
}
