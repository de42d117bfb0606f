/**
 * A strict, bounded reader and a writer of DER (X.690), enough for certificates and signed data.
 *
 * Pure: a verifier without dependencies can use it as it is. What is not DER is an error, never a guess: two readers
 * that understand the same bytes differently are how forged signatures pass.
 */

/** A whole element may have at most this many bytes. */
export const MAX_DER_BYTES = 1 << 20;
/** A seal holds a time stamp of its own, which holds names within names. */
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 8192;
const MAX_OID_BYTES = 64;

/** Tags that we meet, as their identifier octet. */
export const TAG = Object.freeze({
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
});

/** Bytes that are not the DER we accept. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** One element: `raw` is header and content as they stood, `children` those of a constructed element. */
export interface DerElement {
  readonly tag: number;
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
  readonly children: readonly DerElement[];
}

/**
 * Reads exactly one element; bytes after it are an error.
 * @throws {DerError} when the bytes are not DER or exceed the bounds
 */
export function readDer(bytes: Uint8Array): DerElement {
  const element = readDerPrefix(bytes);
  if (element.raw.length !== bytes.length) throw new DerError("bytes after the element");
  return element;
}

/**
 * Reads the first element and leaves what follows: a signature's place in a PDF is filled up with zeros.
 * @throws {DerError}
 */
export function readDerPrefix(bytes: Uint8Array): DerElement {
  if (bytes.length > MAX_DER_BYTES) throw new DerError("too many bytes");
  return readElement(bytes, 0, { left: MAX_ELEMENTS });
}

function readElement(bytes: Uint8Array, depth: number, budget: { left: number }): DerElement {
  if (depth > MAX_DEPTH || budget.left-- <= 0) throw new DerError("too deep or too many elements");
  const tag = byteAt(bytes, 0);
  if (tag === 0) throw new DerError("padding where an element belongs");
  if ((tag & 0x1f) === 0x1f) throw new DerError("long tags are not used here");
  const { length, headerBytes } = readLength(bytes);
  const end = headerBytes + length;
  if (end > bytes.length) throw new DerError("an element runs past the end");
  const content = bytes.subarray(headerBytes, end);
  const children = (tag & 0x20) === 0 ? [] : readChildren(content, depth, budget);
  return { tag, raw: bytes.subarray(0, end), content, children };
}

function readChildren(content: Uint8Array, depth: number, budget: { left: number }): DerElement[] {
  const children: DerElement[] = [];
  for (let offset = 0; offset < content.length; ) {
    const child = readElement(content.subarray(offset), depth + 1, budget);
    children.push(child);
    offset += child.raw.length;
  }
  return children;
}

function readLength(bytes: Uint8Array): { length: number; headerBytes: number } {
  const first = byteAt(bytes, 1);
  if (first < 0x80) return { length: first, headerBytes: 2 };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new DerError("an indefinite or enormous length");
  let length = 0;
  for (let index = 0; index < count; index++) length = length * 256 + byteAt(bytes, 2 + index);
  if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError("a length that is not minimal");
  return { length, headerBytes: 2 + count };
}

function byteAt(bytes: Uint8Array, index: number): number {
  const value = bytes[index];
  if (value === undefined) throw new DerError("an element is cut off");
  return value;
}

/** The child at `index`, with the tag that the structure asks for. @throws {DerError} */
export function childAt(element: DerElement, index: number, tag?: number): DerElement {
  const child = element.children[index];
  if (child === undefined) throw new DerError("an element is missing");
  if (tag !== undefined) expectTag(child, tag);
  return child;
}

/** @throws {DerError} when the element has another tag */
export function expectTag(element: DerElement, tag: number): DerElement {
  if (element.tag !== tag) throw new DerError(`tag ${element.tag} where ${tag} belongs`);
  return element;
}

/**
 * The element, when it has this many children: what a structure does not define has no place in it. @throws {DerError}
 */
export function expectChildren(element: DerElement, count: number): DerElement {
  if (element.children.length !== count) throw new DerError(`${element.children.length} parts where ${count} belong`);
  return element;
}

/** An object identifier in dotted form; arcs may be as long as a UUID (ITU-T X.667). @throws {DerError} */
export function readOid(element: DerElement): string {
  expectTag(element, TAG.oid);
  if (element.content.length > MAX_OID_BYTES) throw new DerError("an object identifier is too long");
  const arcs: bigint[] = [];
  let value = 0n;
  let open = false;
  for (const byte of element.content) {
    value = value * 128n + BigInt(byte & 0x7f);
    open = (byte & 0x80) !== 0;
    if (open) continue;
    arcs.push(value);
    value = 0n;
  }
  const first = arcs.shift();
  if (open || first === undefined) throw new DerError("an object identifier is cut off");
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...arcs].join(".");
}

/** A non-negative integer below 2^31. @throws {DerError} */
export function readSmallInteger(element: DerElement): number {
  expectTag(element, TAG.integer);
  if (element.content.length === 0 || element.content.length > 4) throw new DerError("an integer out of bounds");
  const value = element.content.reduce((sum, byte) => sum * 256 + byte, 0);
  if (value >= 2 ** 31) throw new DerError("an integer out of bounds");
  return value;
}

/** A bit string without unused bits. @throws {DerError} */
export function readBitString(element: DerElement): Uint8Array {
  expectTag(element, TAG.bitString);
  if (element.content[0] !== 0) throw new DerError("a bit string that is not whole octets");
  return element.content.subarray(1);
}

/**
 * Milliseconds since 1970 of a UTCTime or GeneralizedTime in UTC, to the second (RFC 5280 §4.1.2.5). @throws {DerError}
 */
export function readTimeMs(element: DerElement): number {
  const written = new TextDecoder().decode(element.content);
  const utc = element.tag === TAG.utcTime;
  if (!utc) expectTag(element, TAG.generalizedTime);
  const match = (
    utc ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/ : /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/
  ).exec(written);
  if (match === null) throw new DerError("a time that is not in UTC to the second");
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fullYear = utc ? (year < 50 ? 2000 + year : 1900 + year) : year;
  const at = Date.UTC(fullYear, month - 1, day, hour, minute, second);
  // A 31 February would otherwise be 3 March.
  const digits = Number.isNaN(at) ? "" : new Date(at).toISOString().replaceAll(/[-:TZ]|\.\d+/g, "");
  if (digits !== (utc ? `${fullYear}${written.slice(2, -1)}` : written.slice(0, -1))) {
    throw new DerError("a time that does not exist");
  }
  return at;
}

/** Writes one element from its tag and the parts of its content. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(parts);
  return concatBytes([Uint8Array.of(tag, ...lengthOctets(content.length)), content]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** Writes a SET OF, whose members DER puts in order. */
export function writeSetOf(tag: number, members: readonly Uint8Array[]): Uint8Array {
  return writeDer(tag, ...[...members].sort(compareBytes));
}

/** Writes an object identifier from its dotted form. */
export function writeOid(dotted: string): Uint8Array {
  const [root = 0n, second = 0n, ...rest] = dotted.split(".").map(BigInt);
  const octets = [root * 40n + second, ...rest].flatMap((arc) => {
    const groups = [Number(arc % 128n)];
    for (let left = arc / 128n; left > 0n; left /= 128n) groups.unshift(0x80 | Number(left % 128n));
    return groups;
  });
  return writeDer(TAG.oid, Uint8Array.from(octets));
}

/** Writes a small non-negative integer. */
export function writeSmallInteger(value: number): Uint8Array {
  const octets: number[] = [];
  for (let rest = value; rest > 0 || octets.length === 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  if ((octets[0] ?? 0) >= 0x80) octets.unshift(0);
  return writeDer(TAG.integer, Uint8Array.from(octets));
}

/** Joins byte strings. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Whether two byte strings are the same. Not for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
