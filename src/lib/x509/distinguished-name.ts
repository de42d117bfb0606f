import { childAt, type DerElement, DerError, expectTag, readOid, TAG } from "../asn1/der.ts";

const T61_AND_OLD_STRINGS = new Set([0x14, 0x1c]); // TeletexString, UniversalString
const BMP_STRING = 0x1e;
/** More attributes than any name needs. */
const NAME_MAX_PARTS = 32;

/** One attribute of a name, e.g. the common name. */
export interface NameAttribute {
  readonly type: string;
  /** Its text; of an attribute that is no string, its bytes in hexadecimal. */
  readonly value: string;
  /** Equal for equal attributes (RFC 5280 §7.1): strings without regard to case and to the amount of white space. */
  readonly key: string;
}

/** A distinguished name (RFC 5280 §4.1.2.4): relative names in order, each a set of attributes. */
export interface DistinguishedName {
  readonly raw: Uint8Array;
  readonly parts: readonly (readonly NameAttribute[])[];
  /** Equal for equal names. */
  readonly key: string;
}

export const COMMON_NAME = "2.5.4.3";
export const EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

/** @throws {DerError} */
export function readName(element: DerElement): DistinguishedName {
  expectTag(element, TAG.sequence);
  if (element.children.length > NAME_MAX_PARTS) throw new DerError("a name of too many parts");
  const parts = element.children.map((set) => {
    expectTag(set, TAG.set);
    if (set.children.length === 0 || set.children.length > NAME_MAX_PARTS)
      throw new DerError("an empty part of a name");
    return set.children.map(readAttribute);
  });
  return { raw: element.raw, parts, key: parts.map(partKey).join("/") };
}

function partKey(part: readonly NameAttribute[]): string {
  return part
    .map(({ key }) => key)
    .sort()
    .join("+");
}

function readAttribute(pair: DerElement): NameAttribute {
  expectTag(pair, TAG.sequence);
  if (pair.children.length !== 2) throw new DerError("an attribute of a name has two parts");
  const type = readOid(childAt(pair, 0));
  const element = childAt(pair, 1);
  const text = readString(element);
  if (text === undefined) {
    const value = element.raw.toHex();
    return { type, value, key: JSON.stringify([type, "der", value]) };
  }
  return { type, value: text, key: JSON.stringify([type, "text", folded(text)]) };
}

function readString(element: DerElement): string | undefined {
  switch (element.tag) {
    case TAG.utf8String:
      return decode("utf-8", element.content);
    case TAG.printableString:
    case TAG.ia5String: {
      if (element.content.some((byte) => byte >= 0x80)) throw new DerError("a string beyond its alphabet");
      return decode("utf-8", element.content);
    }
    case BMP_STRING:
      return decode("utf-16be", element.content);
    default:
      if (T61_AND_OLD_STRINGS.has(element.tag)) throw new DerError("a string type that is used no more");
      return undefined;
  }
}

function decode(encoding: string, bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DerError("a string that is not of its encoding");
  }
  // A name that reads otherwise than it compares is how one holder passes for another.
  if (text.includes("\u0000")) throw new DerError("a string with a null character");
  return text;
}

function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ").trim();
}

/** The common name, or an empty text. */
export function commonNameOf(name: DistinguishedName): string {
  return name.parts.flat().find(({ type }) => type === COMMON_NAME)?.value ?? "";
}

/** Whether a name lies within a subtree: the subtree's parts are its first ones (RFC 5280 §4.2.1.10). */
export function isWithin(name: DistinguishedName, subtree: DistinguishedName): boolean {
  if (subtree.parts.length > name.parts.length) return false;
  return subtree.parts.every((part, at) => partKey(part) === partKey(name.parts[at] ?? []));
}
