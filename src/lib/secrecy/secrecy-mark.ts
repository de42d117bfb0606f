/** Marks of state secrets on what is written: 绝密, 机密, 秘密 with ★ (保守国家秘密法 §15; 国家秘密定密管理暂行规定 on how they are written). */

/** By which whatever has no mark is passed over at once. */
export const STAR = "★";
/** Blanks, and what shows nothing, may stand between. Each repetition ends at the first other character: linear in the text. */
const BETWEEN = String.raw`[\s\p{Cf}]*`;
const WORD = `[绝絕机機秘祕]${BETWEEN}密`;
const MARK = new RegExp(`${WORD}${BETWEEN}★|★${BETWEEN}${WORD}`, "u");

export function hasSecrecyMark(written: string): boolean {
  return written.includes(STAR) && MARK.test(written);
}

/** Where in a value a mark stands, as a dotted path: `reasons`, `items.0.title`; undefined where there is none. */
export function markedPlace(value: unknown): string | undefined {
  if (typeof value === "string") return hasSecrecyMark(value) ? "" : undefined;
  // Not by recursion: whoever sends a value chooses how deep it is.
  const waiting: Place[] = [{ value }];
  for (let within = waiting.pop(); within !== undefined; within = waiting.pop()) {
    const { value: whole } = within;
    if (typeof whole !== "object" || whole === null || ArrayBuffer.isView(whole)) continue;
    for (const name of Object.keys(whole)) {
      const member: unknown = (whole as Readonly<Record<string, unknown>>)[name];
      const isMarked = hasSecrecyMark(name) || (typeof member === "string" && hasSecrecyMark(member));
      if (isMarked) return pathOf({ value: member, name, within });
      if (typeof member === "object" && member !== null) waiting.push({ value: member, name, within });
    }
  }
  return undefined;
}

interface Place {
  readonly value: unknown;
  readonly name?: string;
  readonly within?: Place;
}

function pathOf(place: Place): string {
  const names: string[] = [];
  for (let at: Place | undefined = place; at?.name !== undefined; at = at.within) names.unshift(at.name);
  return names.join(".");
}
