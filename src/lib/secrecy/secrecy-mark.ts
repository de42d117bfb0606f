/** Marks of state secrets on what is written: 绝密, 机密, 秘密 with ★ (保守国家秘密法 §15; 国家秘密定密管理暂行规定 on how they are written). */

const MARK = /(?:绝\s*密|机\s*密|秘\s*密)\s*★|★\s*(?:绝\s*密|机\s*密|秘\s*密)/;
/** Texts are looked at so far: what is longer is a file in another writing. */
const LOOKED_AT_MAX_CHARACTERS = 1_000_000;
/** No input that a contract declares is deeper. */
const DEPTH_MAX = 32;

export function hasSecrecyMark(written: string): boolean {
  return MARK.test(written.length > LOOKED_AT_MAX_CHARACTERS ? written.slice(0, LOOKED_AT_MAX_CHARACTERS) : written);
}

/** Where in a value the first mark stands, as a dotted path: `reasons`, `items.0.title`; undefined where there is none. */
export function markedPlace(value: unknown, path: readonly string[] = []): string | undefined {
  if (typeof value === "string") return hasSecrecyMark(value) ? path.join(".") : undefined;
  if (typeof value !== "object" || value === null || path.length > DEPTH_MAX || value instanceof Uint8Array)
    return undefined;
  for (const [name, member] of Object.entries(value)) {
    const found = markedPlace(member, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}
