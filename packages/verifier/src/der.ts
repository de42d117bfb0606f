/**
 * A strict reader of DER (ITU-T X.690 §10, §11): definite and shortest lengths, low tag numbers, nothing after the end.
 * What has two spellings is refused in all but one, so that signed bytes mean one thing.
 */
import { Refusal } from "./report.ts";

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const DEPTH_MAX = 32;
const CONSTRUCTED = 0x20;

export interface Element {
  readonly tag: number;
  /** With tag and length. */
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
  /** Of a constructed element. */
  readonly children: readonly Element[];
}

/** Reads one element that fills the bytes. */
export function readDer(bytes: Uint8Array): Element {
  const element = readElement(bytes, 0);
  if (element.raw.length !== bytes.length) throw broken("bytes after the end");
  return element;
}

/** Reads one element that only zeros may follow: how a PDF pads its signature. */
export function readPaddedDer(bytes: Uint8Array): Element {
  const element = readElement(bytes, 0);
  if (bytes.subarray(element.raw.length).some((byte) => byte !== 0)) throw broken("bytes after the end");
  return element;
}

function readElement(bytes: Uint8Array, depth: number): Element {
  if (depth > DEPTH_MAX) throw broken("nested too deep");
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw broken("cut off");
  if ((tag & 0x1f) === 0x1f) throw broken("a high tag number");
  const { start, length } = readLength(bytes, first);
  if (start + length > bytes.length) throw broken("cut off");
  const content = bytes.subarray(start, start + length);
  const raw = bytes.subarray(0, start + length);
  return { tag, raw, content, children: tag & CONSTRUCTED ? readAll(content, depth + 1) : [] };
}

function readLength(bytes: Uint8Array, first: number): { readonly start: number; readonly length: number } {
  if (first < 0x80) return { start: 2, length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || bytes.length < 2 + count) throw broken("a length of no definite form");
  let length = 0;
  for (let at = 2; at < 2 + count; at++) length = length * 256 + (bytes[at] ?? 0);
  if (length < 0x80 || length < 256 ** (count - 1)) throw broken("a length that is not the shortest");
  return { start: 2 + count, length };
}

function readAll(content: Uint8Array, depth: number): readonly Element[] {
  const children: Element[] = [];
  for (let at = 0; at < content.length; ) {
    const child = readElement(content.subarray(at), depth);
    children.push(child);
    at += child.raw.length;
  }
  return children;
}

/** A child that must be there, of this tag. */
export function child(parent: Element, at: number, tag?: number): Element {
  const found = parent.children[at];
  if (found === undefined) throw broken("a part is missing");
  return tag === undefined ? found : expect(found, tag);
}

export function expect(element: Element, tag: number): Element {
  if (element.tag !== tag) throw broken(`tag ${element.tag.toString(16)} where ${tag.toString(16)} should be`);
  return element;
}

const OID_MAX_BYTES = 64;

/** In dotted form. An arc may be as long as a UUID (ITU-T X.667). */
export function oid(element: Element): string {
  const { content } = expect(element, TAG.oid);
  if (content.length > OID_MAX_BYTES) throw broken("an object identifier that is too long");
  const arcs: bigint[] = [];
  let arc = 0n;
  let begun = false;
  for (const byte of content) {
    if (!begun && byte === 0x80) throw broken("an object identifier that is not the shortest");
    arc = arc * 128n + BigInt(byte & 0x7f);
    begun = byte >= 0x80;
    if (begun) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first, ...rest] = arcs;
  if (begun || first === undefined) throw broken("an object identifier that is cut off");
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join(".");
}

/** A small, non-negative integer. */
export function integer(element: Element): number {
  const { content } = expect(element, TAG.integer);
  const [first, second] = content;
  if (first === undefined || first >= 0x80 || content.length > 6) throw broken("an integer out of range");
  if (first === 0 && second !== undefined && second < 0x80) throw broken("an integer that is not the shortest");
  return content.reduce((value, byte) => value * 256 + byte, 0);
}

export function boolean(element: Element): boolean {
  const [value, more] = expect(element, TAG.boolean).content;
  if (more !== undefined || (value !== 0x00 && value !== 0xff)) throw broken("a truth value that is neither");
  return value === 0xff;
}

/** The bytes of a bit string without unused bits. */
export function bits(element: Element): Uint8Array {
  const { content } = expect(element, TAG.bitString);
  if (content[0] !== 0) throw broken("a bit string of odd length");
  return content.subarray(1);
}

/** UTCTime or GeneralizedTime in the form of RFC 5280 §4.1.2.5, in milliseconds since 1970. */
export function time(element: Element): number {
  const written = new TextDecoder("latin1").decode(element.content);
  if (element.tag === TAG.utcTime && /^[0-9]{12}Z$/.test(written)) {
    return instant(`${Number(written.slice(0, 2)) < 50 ? "20" : "19"}${written}`);
  }
  if (element.tag === TAG.generalizedTime && /^[0-9]{14}Z$/.test(written)) return instant(written);
  throw broken("a time of another form");
}

function instant(digits: string): number {
  const [year, month, day, hour, minute, second] = [0, 4, 6, 8, 10, 12].map((at) =>
    Number(digits.slice(at, at === 0 ? 4 : at + 2)),
  ) as [number, number, number, number, number, number];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  if (back !== digits.slice(0, 14)) throw broken("a time that does not exist");
  return ms;
}

export function broken(reason: string): Refusal {
  return new Refusal(
    "der",
    `签名或证书的编码有误（${reason}）`,
    `The encoding of a signature or certificate is wrong (${reason})`,
  );
}
