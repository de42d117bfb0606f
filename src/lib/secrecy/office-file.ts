/** Marks of state secrets in files that are XML in a ZIP: OOXML (ECMA-376), ODF (GB/T 20916), OFD (GB/T 33190). */
import { inflateRawSync } from "node:zlib";
import { bytesHaveMark } from "./marked-bytes.ts";
import { hasSecrecyMark } from "./secrecy-mark.ts";

const LOCAL_ENTRY = 0x04034b50;
const CENTRAL_ENTRY = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const COMMENT_MAX_BYTES = 65_535;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
/** More is no document that somebody wrote. */
const ENTRIES_MAX = 4_096;
const INFLATED_MAX_BYTES = 32 * 1024 * 1024;

export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= END_BYTES && viewOf(bytes).getUint32(0, true) === LOCAL_ENTRY;
}

/** Whether a mark stands in a part's name or text. What is damaged, encrypted or beyond the bounds is not read. */
export function zipHasMark(bytes: Uint8Array): boolean {
  let room = INFLATED_MAX_BYTES;
  for (const entry of entriesOf(bytes)) {
    if (bytesHaveMark(entry.name)) return true;
    const content = contentOf(bytes, entry, room);
    if (content === "too-large") return false;
    if (content === undefined) continue;
    room -= content.length;
    if (bytesHaveMark(content) || markupHasMark(content)) return true;
  }
  return false;
}

/** The text without its tags: a mark may be divided over several. */
export function markupHasMark(bytes: Uint8Array): boolean {
  const written = new TextDecoder().decode(bytes);
  if (!written.includes("<") || !/★|&#/.test(written)) return false;
  return hasSecrecyMark(written.replace(/<[^>]*>/g, "").replace(/&#(x?)([0-9a-fA-F]{1,6});/g, character));
}

function character(written: string, hexadecimal: string, digits: string): string {
  const code = Number.parseInt(digits, hexadecimal === "" ? 10 : 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : written;
}

interface Entry {
  readonly name: Uint8Array;
  readonly method: number;
  readonly packedBytes: number;
  readonly at: number;
}

/** APPNOTE §4.3.12, without ZIP64: no upload is as large. */
function* entriesOf(bytes: Uint8Array): Generator<Entry, void, undefined> {
  const view = viewOf(bytes);
  const end = endOf(view);
  if (end === undefined) return;
  let at = view.getUint32(end + 16, true);
  for (let count = 0; count < ENTRIES_MAX; count++) {
    if (at + CENTRAL_BYTES > bytes.length || view.getUint32(at, true) !== CENTRAL_ENTRY) return;
    const nameBytes = view.getUint16(at + 28, true);
    yield {
      name: bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes),
      method: view.getUint16(at + 10, true),
      packedBytes: view.getUint32(at + 20, true),
      at: view.getUint32(at + 42, true),
    };
    at += CENTRAL_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

function endOf(view: DataView): number | undefined {
  const least = Math.max(0, view.byteLength - END_BYTES - COMMENT_MAX_BYTES);
  for (let at = view.byteLength - END_BYTES; at >= least; at--) if (view.getUint32(at, true) === END) return at;
  return undefined;
}

/** What is damaged costs what was inflated of it; what is beyond the bound ends the reading. */
function contentOf(bytes: Uint8Array, entry: Entry, room: number): Uint8Array | "too-large" | undefined {
  const { at, method, packedBytes } = entry;
  const view = viewOf(bytes);
  if (room <= 0) return "too-large";
  if (at + LOCAL_BYTES > bytes.length || view.getUint32(at, true) !== LOCAL_ENTRY) return undefined;
  const from = at + LOCAL_BYTES + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  const packed = bytes.subarray(from, from + packedBytes);
  if (method === STORED) return packed.subarray(0, room);
  if (method !== DEFLATED) return undefined;
  try {
    return inflateRawSync(packed, { maxOutputLength: room });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? "too-large" : undefined;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
