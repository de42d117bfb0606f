/**
 * The one check of whatever content comes into a node: outside of the intranet nothing is kept that is marked as a state secret
 * (保守国家秘密法 §15; design, section 7). What is read: any text in UTF-8, GB 18030 or UTF-16, wherever in a file it stands uncompressed;
 * the text of PDF; the text of office files and OFD. Not read: pictures, what is encrypted, and what takes too long.
 */
import { bytesHaveMark } from "#lib/secrecy/marked-bytes";
import { isZip, markupHasMark, zipHasMark } from "#lib/secrecy/office-file";
import { hasSecrecyMark, markedPlace } from "#lib/secrecy/secrecy-mark";
import { detectMediaType } from "../files/media-type.ts";
import type { Zone } from "../system/act.ts";
import { pdfHasMark } from "./pdf-marks.ts";

/** Whether a node of a zone turns away what is marked. */
export function turnsMarksAway(zone: Zone): boolean {
  return zone !== "intranet";
}

/** Where in a value a mark stands that a node of the zone does not take, as a dotted path; undefined where none does. */
export function unwantedMark(zone: Zone, value: unknown): string | undefined {
  return turnsMarksAway(zone) ? markedPlace(value) : undefined;
}

/** Whether a file is marked, by its name or in what can be read of it, whatever the zone. */
export async function fileHasMark(file: { readonly name?: string; readonly bytes: Uint8Array }): Promise<boolean> {
  const { name = "", bytes } = file;
  if (hasSecrecyMark(name)) return true;
  const known = judged.get(bytes) ?? contentHasMark(bytes);
  judged.set(bytes, known);
  return await known;
}

/** What was looked at where it came in is not read anew where it is kept. */
const judged = new WeakMap<Uint8Array, Promise<boolean>>();

async function contentHasMark(bytes: Uint8Array): Promise<boolean> {
  if (bytesHaveMark(bytes)) return true;
  if (isZip(bytes)) return zipHasMark(bytes);
  if (detectMediaType(bytes) === "application/pdf") return await pdfHasMark(bytes);
  return isMarkup(bytes) && markupHasMark(bytes);
}

const MARKUP_LOOKED_AT_BYTES = 256;

function isMarkup(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, MARKUP_LOOKED_AT_BYTES)).trimStart().startsWith("<");
}

/** Whether bytes of JSON have a mark, also one that is written in escapes. What is no JSON is for whoever reads it. */
export function jsonHasMark(bytes: Uint8Array): boolean {
  if (bytesHaveMark(bytes)) return true;
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(ESCAPED_STAR)) return false;
  try {
    return markedPlace(JSON.parse(new TextDecoder().decode(bytes))) !== undefined;
  } catch {
    return false;
  }
}

const ESCAPED_STAR = String.raw`\u2605`;
