/**
 * As much of a PDF as it takes to append to it (ISO 32000-1 §7.5): its trailer, and the dictionaries of a few objects, their values as they
 * are written. It reads what our typesetter writes: one revision, one table of cross-references, these objects not packed into streams.
 * Another PDF is refused, never guessed at. Pure.
 */

/** Entries of a dictionary in their order: names without the slash, values as they stand in the file. */
export type PdfEntries = ReadonlyMap<string, string>;

export interface PlainPdf {
  readonly trailer: PdfEntries;
  /** Where its table of cross-references begins. */
  readonly tableAt: number;
  /** What stands in an object, up to its end or its stream. @throws {RangeError} */
  value(number: number): string;
}

const TAIL_BYTES = 1_024;
const OBJECT_MAX_BYTES = 65_536;
const OBJECTS_MAX = 1_000_000;
/** Of dictionaries and lists in each other. */
const DEPTH_MAX = 32;
/** A line of the table, its end included. */
const ROW_BYTES = 20;

/** @throws {RangeError} when it is no PDF, or not one of this form */
export function readPlainPdf(pdf: Uint8Array): PlainPdf {
  const bytes = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength);
  const tail = /startxref\s{1,4}(\d{1,10})\s{1,4}%%EOF\s{0,4}$/.exec(latin1(bytes, bytes.length - TAIL_BYTES));
  if (!latin1(bytes, 0, 5).startsWith("%PDF-") || tail === null) throw new RangeError("it is no whole PDF");
  const tableAt = Number(tail[1]);
  const { offsets, end } = readTable(bytes, tableAt);
  const trailer = readEntries(latin1(bytes, end, end + TAIL_BYTES));
  if (["Prev", "XRefStm", "Encrypt"].some((name) => trailer.has(name))) {
    throw new RangeError("a PDF that was changed or encrypted is not appended to");
  }
  return {
    trailer,
    tableAt,
    value(number) {
      const at = offsets.get(number);
      const text = at === undefined ? "" : latin1(bytes, at, at + OBJECT_MAX_BYTES);
      const head = /^(\d{1,7}) 0 obj\s/.exec(text);
      if (Number(head?.[1]) !== number) throw new RangeError(`object ${number} is not there`);
      const start = skipSpace(text, head?.[0].length ?? 0);
      return text.slice(start, skipValue(text, start));
    },
  };
}

function readTable(
  bytes: Buffer,
  tableAt: number,
): { readonly offsets: ReadonlyMap<number, number>; readonly end: number } {
  const offsets = new Map<number, number>();
  let at = tableAt + (/^xref\s{1,2}/.exec(latin1(bytes, tableAt, tableAt + 8))?.[0].length ?? Number.NaN);
  for (;;) {
    const head = latin1(bytes, at, at + 32);
    const section = /^(\d{1,7}) (\d{1,7})\s{1,2}(?=\d)/.exec(head);
    if (section === null) {
      const trailer = /^trailer\s{1,4}/.exec(head);
      if (trailer === null) throw new RangeError("it has no table of cross-references");
      return { offsets, end: at + trailer[0].length };
    }
    at += section[0].length;
    const [first, count] = [Number(section[1]), Number(section[2])];
    if (offsets.size + count > OBJECTS_MAX) throw new RangeError("it has too many objects");
    for (let row = 0; row < count; row++, at += ROW_BYTES) {
      const found = /^(\d{10}) (\d{5}) ([nf])[ \r][\r\n]$/.exec(latin1(bytes, at, at + ROW_BYTES));
      if (found === null) throw new RangeError("its table of cross-references is malformed");
      if (found[3] === "n" && found[2] === "00000") offsets.set(first + row, Number(found[1]));
    }
  }
}

/** Reads a dictionary. @throws {RangeError} when it is none */
export function readEntries(text: string): PdfEntries {
  if (!text.startsWith("<<")) throw new RangeError("not a dictionary");
  const entries = new Map<string, string>();
  let at = skipSpace(text, 2);
  while (!text.startsWith(">>", at)) {
    const nameEnd = text[at] === "/" ? skipRegular(text, at + 1) : at;
    const name = text.slice(at + 1, nameEnd);
    // A name may also be written in numbers, and would not be found.
    if (nameEnd <= at + 1 || name.includes("#") || entries.has(name)) throw new RangeError("a name is malformed");
    const start = skipSpace(text, nameEnd);
    const end = skipValue(text, start);
    entries.set(name, text.slice(start, end));
    at = skipSpace(text, end);
  }
  return entries;
}

/** The object that a value refers to. @throws {RangeError} when it refers to none */
export function referred(value: string | undefined): number {
  const found = /^(\d{1,7})\s{1,4}0\s{1,4}R$/.exec(value ?? "");
  if (found === null) throw new RangeError("not a reference to an object");
  return Number(found[1]);
}

/** An object as it is appended. */
export function writeObject(number: number, entries: PdfEntries): string {
  return `${number} 0 obj\n<<\n${[...entries].map(([name, value]) => `/${name} ${value}\n`).join("")}>>\nendobj\n`;
}

/** A cross-reference table (ISO 32000-1 §7.5.4), each object in a section of its own. */
export function writeTable(offsets: ReadonlyMap<number, number>): string {
  const sections = [...offsets]
    .sort(([one], [other]) => one - other)
    .map(([number, offset]) => `${number} 1\n${String(offset).padStart(10, "0")} 00000 n \n`);
  return `xref\n${sections.join("")}`;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (isSpace(text.charCodeAt(at))) at++;
    if (text[at] !== "%") return at;
    while (at < text.length && text[at] !== "\n" && text[at] !== "\r") at++;
  }
}

/** Where a value ends that begins here. */
function skipValue(text: string, at: number, depth = 0): number {
  if (depth > DEPTH_MAX) throw new RangeError("its objects are too deep");
  if (text.startsWith("<<", at)) return skipUntil(text, at + 2, ">>", depth);
  if (text[at] === "[") return skipUntil(text, at + 1, "]", depth);
  if (text[at] === "(") return skipString(text, at);
  if (text[at] === "<") return skipHexadecimal(text, at);
  const end = skipRegular(text, text[at] === "/" ? at + 1 : at);
  if (end === at) throw new RangeError("an object is malformed or too big");
  const reference = /^\d{1,7}\s{1,4}\d{1,5}\s{1,4}R(?![^\s()<>[\]{}/%])/.exec(text.slice(at, at + 24));
  return reference === null ? end : at + reference[0].length;
}

function skipUntil(text: string, from: number, close: string, depth: number): number {
  let at = skipSpace(text, from);
  while (!text.startsWith(close, at)) at = skipSpace(text, skipValue(text, at, depth + 1));
  return at + close.length;
}

function skipString(text: string, from: number): number {
  let open = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "(") open++;
    else if (text[at] === ")") open--;
    if (open === 0) return at + 1;
  }
  throw new RangeError("a text does not end");
}

function skipHexadecimal(text: string, at: number): number {
  const end = text.indexOf(">", at);
  if (end < 0 || !/^[0-9A-Fa-f\s]*$/.test(text.slice(at + 1, end))) throw new RangeError("a text is malformed");
  return end + 1;
}

function skipRegular(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isSpace(text.charCodeAt(at)) && !"()<>[]{}/%".includes(text[at] as string)) at++;
  return at;
}

/** ISO 32000-1 §7.2.2, table 1. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 || code === 0x0c || code === 0x00;
}

/** The bytes of a text (ISO 32000-1 §7.3.4), latin1. @throws {RangeError} when it is none */
export function readText(value: string): Buffer {
  if (/^<[^<]/.test(value)) return Buffer.from(value.replace(/[<>\s]/g, "").replace(/^(?:..)*.$/, "$&0"), "hex");
  if (!value.startsWith("(")) throw new RangeError("not a text");
  const plain = value.slice(1, -1).replace(/\\(\r\n|[\r\n]|[0-7]{1,3}|[\s\S])/g, (_, escaped: string) => {
    if (/^[\r\n]/.test(escaped)) return "";
    if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 0xff);
    return ESCAPES[escaped] ?? escaped;
  });
  return Buffer.from(plain, "latin1");
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

function latin1(bytes: Buffer, from: number, to = bytes.length): string {
  return bytes.toString("latin1", Math.max(0, from), to);
}
