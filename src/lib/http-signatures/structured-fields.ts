import { fromBase64, toBase64 } from "../crypto/base64url.ts";
import { StructuredText } from "./structured-text.ts";

/**
 * Structured field values of HTTP (RFC 9651, which replaces RFC 8941): what signatures and digests are written in. Reading is strict and
 * bounded; writing gives the canonical form.
 */

/** A longer value is refused: no field of ours is a tenth of it. */
export const FIELD_MAX_CHARACTERS = 32_768;
/** Members of a list or dictionary, items of an inner list, parameters of one item. */
export const FIELD_MAX_MEMBERS = 256;

/** RFC 9651 §3.3. `date` is in seconds since 1970. */
export type BareItem =
  | { readonly kind: "integer" | "decimal" | "date"; readonly value: number }
  | { readonly kind: "string" | "token" | "display"; readonly value: string }
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  | { readonly kind: "boolean"; readonly value: boolean };

export type Parameters = ReadonlyMap<string, BareItem>;

export interface Item {
  readonly item: BareItem;
  readonly parameters: Parameters;
}

export interface InnerList {
  readonly items: readonly Item[];
  readonly parameters: Parameters;
}

export type Member = Item | InnerList;
export type Dictionary = ReadonlyMap<string, Member>;

export function isInnerList(member: Member): member is InnerList {
  return "items" in member;
}

const NO_PARAMETERS: Parameters = new Map();

/** An item without parameters. */
export function plainItem(item: BareItem): Item {
  return { item, parameters: NO_PARAMETERS };
}

/** Reads a dictionary (§4.2.2); undefined where it is none. Of two members with one key the last counts. */
export function readDictionary(value: string): Dictionary | undefined {
  return reading(value, (text) => {
    const members = new Map<string, Member>();
    while (!text.atEnd) {
      const key = readKey(text);
      const member: Member = text.take("=") ? readMember(text) : { item: TRUE, parameters: readParameters(text) };
      members.delete(key);
      members.set(key, member);
      if (members.size > FIELD_MAX_MEMBERS) throw text.wrong();
      text.skipWhitespace();
      if (text.atEnd) break;
      text.expect(",");
      text.skipWhitespace();
      if (text.atEnd) throw text.wrong();
    }
    return members;
  });
}

/** Reads a list (§4.2.1); undefined where it is none. */
export function readList(value: string): readonly Member[] | undefined {
  return reading(value, (text) => {
    const members: Member[] = [];
    while (!text.atEnd) {
      members.push(readMember(text));
      if (members.length > FIELD_MAX_MEMBERS) throw text.wrong();
      text.skipWhitespace();
      if (text.atEnd) break;
      text.expect(",");
      text.skipWhitespace();
      if (text.atEnd) throw text.wrong();
    }
    return members;
  });
}

/** Reads one item (§4.2.3); undefined where it is none. */
export function readItem(value: string): Item | undefined {
  return reading(value, readOneItem);
}

function reading<T>(value: string, read: (text: StructuredText) => T): T | undefined {
  if (value.length > FIELD_MAX_CHARACTERS) return undefined;
  const text = new StructuredText(value);
  try {
    text.skipSpaces();
    const found = read(text);
    text.skipSpaces();
    return text.atEnd ? found : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const TRUE: BareItem = { kind: "boolean", value: true };

function readMember(text: StructuredText): Member {
  if (!text.take("(")) return readOneItem(text);
  const items: Item[] = [];
  for (;;) {
    text.skipSpaces();
    if (text.take(")")) return { items, parameters: readParameters(text) };
    items.push(readOneItem(text));
    if (items.length > FIELD_MAX_MEMBERS || !text.isNext(" )")) throw text.wrong();
  }
}

function readOneItem(text: StructuredText): Item {
  return { item: readBareItem(text), parameters: readParameters(text) };
}

function readParameters(text: StructuredText): Parameters {
  if (!text.isNext(";")) return NO_PARAMETERS;
  const parameters = new Map<string, BareItem>();
  while (text.take(";")) {
    text.skipSpaces();
    const key = readKey(text);
    parameters.delete(key);
    parameters.set(key, text.take("=") ? readBareItem(text) : TRUE);
    if (parameters.size > FIELD_MAX_MEMBERS) throw text.wrong();
  }
  return parameters;
}

function readKey(text: StructuredText): string {
  return text.match(/[a-z*][a-z0-9_.*-]*/y);
}

function readBareItem(text: StructuredText): BareItem {
  if (text.isNext("-0123456789")) return readNumber(text);
  if (text.isNext('"')) return { kind: "string", value: text.quoted() };
  if (text.take(":")) return readBytes(text);
  if (text.take("?")) return { kind: "boolean", value: text.match(/[01]/y) === "1" };
  if (text.take("@")) {
    const date = readNumber(text);
    if (date.kind !== "integer") throw text.wrong();
    return { kind: "date", value: date.value };
  }
  if (text.take("%")) return { kind: "display", value: readDisplay(text) };
  return { kind: "token", value: text.match(/[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y) };
}

/** Fifteen digits, or twelve and three behind the point (§3.3.1, §3.3.2). */
function readNumber(text: StructuredText): { readonly kind: "integer" | "decimal"; readonly value: number } {
  const digits = text.match(/-?[0-9]+(?:\.[0-9]+)?/y);
  if (/^-?[0-9]{1,15}$/.test(digits)) return { kind: "integer", value: Number(digits) };
  if (/^-?[0-9]{1,12}\.[0-9]{1,3}$/.test(digits)) return { kind: "decimal", value: Number(digits) };
  throw text.wrong();
}

function readBytes(text: StructuredText): BareItem {
  const value = fromBase64(text.match(/[A-Za-z0-9+/=]*/y));
  text.expect(":");
  if (value === undefined) throw text.wrong();
  return { kind: "bytes", value };
}

/** Percent-encoded UTF-8 (§4.2.10). */
function readDisplay(text: StructuredText): string {
  const encoded = text.match(/"(?:[ !#$&-~]|%[0-9a-f]{2})*"/y).slice(1, -1);
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw text.wrong();
  }
}

/** Writes a dictionary (§4.1.2). */
export function writeDictionary(members: Dictionary): string {
  return [...members]
    .map(([key, member]) => {
      if (!isInnerList(member) && member.item.kind === "boolean" && member.item.value) {
        return `${key}${writeParameters(member.parameters)}`;
      }
      return `${key}=${writeMember(member)}`;
    })
    .join(", ");
}

/** Writes a member of a list or dictionary. */
export function writeMember(member: Member): string {
  if (!isInnerList(member)) return writeItem(member);
  return `(${member.items.map(writeItem).join(" ")})${writeParameters(member.parameters)}`;
}

/** Writes an item with its parameters (§4.1.3). */
export function writeItem({ item, parameters }: Item): string {
  return `${writeBareItem(item)}${writeParameters(parameters)}`;
}

function writeParameters(parameters: Parameters): string {
  let written = "";
  for (const [key, value] of parameters) {
    written += value.kind === "boolean" && value.value ? `;${key}` : `;${key}=${writeBareItem(value)}`;
  }
  return written;
}

/** @throws RangeError for what no field can hold: a mistake of the program */
function writeBareItem(item: BareItem): string {
  switch (item.kind) {
    case "integer":
      return writeInteger(item.value);
    case "date":
      return `@${writeInteger(item.value)}`;
    case "decimal":
      return writeDecimal(item.value);
    case "string":
      if (!/^[ -~]*$/.test(item.value)) throw new RangeError("a string of a field is ASCII");
      return `"${item.value.replace(/["\\]/g, "\\$&")}"`;
    case "token":
      if (!/^[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*$/.test(item.value)) throw new RangeError("not a token");
      return item.value;
    case "display":
      return `%"${writeDisplay(item.value)}"`;
    case "bytes":
      return `:${toBase64(item.value)}:`;
    case "boolean":
      return item.value ? "?1" : "?0";
  }
}

const INTEGER_MAX = 999_999_999_999_999;

function writeInteger(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) > INTEGER_MAX)
    throw new RangeError(`${value} is no integer of a field`);
  return String(value === 0 ? 0 : value);
}

/** Rounded to three digits, half to even (§4.1.5). */
function writeDecimal(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e12) throw new RangeError(`${value} is no decimal of a field`);
  const thousandths = value * 1000;
  const floor = Math.floor(thousandths);
  const half = thousandths - floor === 0.5;
  const rounded = half ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(thousandths);
  const text = (rounded / 1000).toFixed(3).replace(/0{1,2}$/, "");
  return text === "-0.0" ? "0.0" : text;
}

function writeDisplay(value: string): string {
  if (!value.isWellFormed()) throw new RangeError("a display string is Unicode");
  let written = "";
  for (const byte of new TextEncoder().encode(value)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25 && byte !== 0x22;
    written += plain ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`;
  }
  return written;
}
