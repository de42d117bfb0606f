/**
 * Which characters a font can draw, read from its `cmap` table (OpenType 1.9, formats 4 and 12).
 *
 * A typesetter that lacks a glyph draws a blank box and says nothing loud enough; on a licence that is a person's name lost.
 * So the question is asked before, and answered from the font itself.
 */
import { open } from "node:fs/promises";
import { Fault } from "#kernel/errors/fault";
import "./faults.ts";

const MAX_TABLES = 128;
const MAX_CMAP_BYTES = 4 * 1024 * 1024;
const MAX_GROUPS = 200_000;
const LAST_CODE_POINT = 0x10ffff;

/** The characters of a font. */
export interface FontCoverage {
  has(codePoint: number): boolean;
}

/** Reads a TrueType font's character map; only that table is loaded. @throws {Fault} ERR_DOCUMENT_FONT */
export async function readFontCoverage(path: string): Promise<FontCoverage> {
  try {
    return coverageOf(await readCmap(path));
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("ERR_DOCUMENT_FONT", { message: path, cause });
  }
}

async function readCmap(path: string): Promise<DataView> {
  const file = await open(path, "r");
  const read = async (position: number, length: number): Promise<DataView> => {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return new DataView(buffer.buffer, 0, bytesRead);
  };
  try {
    const tables = (await read(0, 12)).getUint16(4);
    if (tables > MAX_TABLES) throw new RangeError("too many tables");
    const directory = await read(12, tables * 16);
    for (let index = 0; index < tables; index++) {
      // "cmap"
      if (directory.getUint32(index * 16) !== 0x636d6170) continue;
      const length = directory.getUint32(index * 16 + 12);
      if (length > MAX_CMAP_BYTES) throw new RangeError("the character map is too big");
      return await read(directory.getUint32(index * 16 + 8), length);
    }
    throw new RangeError("no character map");
  } finally {
    await file.close();
  }
}

function coverageOf(cmap: DataView): FontCoverage {
  const drawn = new Uint8Array((LAST_CODE_POINT + 8) >> 3);
  const mark = (codePoint: number): void => {
    if (codePoint <= LAST_CODE_POINT) drawn[codePoint >> 3] = (drawn[codePoint >> 3] ?? 0) | (1 << (codePoint & 7));
  };
  for (let index = 0; index < cmap.getUint16(2); index++) {
    const platform = cmap.getUint16(4 + index * 8);
    const start = cmap.getUint32(8 + index * 8);
    const unicode = platform === 0 || platform === 3;
    const format = cmap.getUint16(start);
    if (unicode && format === 4) markSegments(cmap, start, mark);
    if (unicode && format === 12) markGroups(cmap, start, mark);
  }
  return { has: (codePoint) => ((drawn[codePoint >> 3] ?? 0) & (1 << (codePoint & 7))) !== 0 };
}

function markSegments(cmap: DataView, start: number, mark: (codePoint: number) => void): void {
  const doubled = cmap.getUint16(start + 6);
  const ends = start + 14;
  const starts = ends + doubled + 2;
  const deltas = starts + doubled;
  const offsets = deltas + doubled;
  for (let segment = 0; segment < doubled; segment += 2) {
    const first = cmap.getUint16(starts + segment);
    const last = Math.min(cmap.getUint16(ends + segment), 0xfffe);
    const offset = cmap.getUint16(offsets + segment);
    for (let code = first; code <= last; code++) {
      const at = offsets + segment + offset + (code - first) * 2;
      const glyph = offset === 0 ? (code + cmap.getUint16(deltas + segment)) & 0xffff : cmap.getUint16(at);
      if (glyph !== 0) mark(code);
    }
  }
}

function markGroups(cmap: DataView, start: number, mark: (codePoint: number) => void): void {
  const groups = cmap.getUint32(start + 12);
  if (groups > MAX_GROUPS) throw new RangeError("too many groups");
  for (let index = 0; index < groups; index++) {
    const at = start + 16 + index * 12;
    const last = Math.min(cmap.getUint32(at + 4), LAST_CODE_POINT);
    const glyph = cmap.getUint32(at + 8);
    for (let code = cmap.getUint32(at); code <= last; code++) if (glyph !== 0 || code > cmap.getUint32(at)) mark(code);
  }
}

/**
 * The characters of a value's texts that the fonts cannot draw, each once. Line feeds are layout, not characters.
 * @param value plain data; keys are not drawn and not asked
 */
export function undrawable(value: unknown, fonts: readonly FontCoverage[]): string[] {
  const missing = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part === "string") {
      for (const character of part) {
        const codePoint = character.codePointAt(0) ?? 0;
        if (character !== "\n" && !fonts.every((font) => font.has(codePoint))) missing.add(character);
      }
    } else if (typeof part === "object" && part !== null) {
      for (const inner of Object.values(part)) visit(inner);
    }
  };
  visit(value);
  return [...missing];
}
