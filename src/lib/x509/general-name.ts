import { childAt, type DerElement, DerError, expectChildren, expectTag, readDer, TAG } from "../asn1/der.ts";
import { type DistinguishedName, readName } from "./distinguished-name.ts";

const GENERAL_NAMES_MAX = 256;
const GENERAL_NAME_MAX_CHARACTERS = 2_048;

/** A name of another kind than a distinguished one (RFC 5280 §4.2.1.6). */
export type GeneralName =
  | { readonly kind: "email" | "dns" | "uri"; readonly value: string }
  /** An address of 4 or 16 bytes; in a constraint, followed by as long a mask. */
  | { readonly kind: "ip"; readonly bytes: Uint8Array }
  | { readonly kind: "directory"; readonly name: DistinguishedName }
  /** otherName, x400Address, ediPartyName, registeredID: carried, not understood. */
  | { readonly kind: "other"; readonly tag: number; readonly bytes: Uint8Array };

/** @throws {DerError} */
export function readGeneralNames(value: Uint8Array | DerElement): readonly GeneralName[] {
  const list = expectTag(value instanceof Uint8Array ? readDer(value) : value, TAG.sequence);
  if (list.children.length === 0 || list.children.length > GENERAL_NAMES_MAX)
    throw new DerError("no names, or too many");
  return list.children.map(readGeneralName);
}

/** @throws {DerError} */
export function readGeneralName(element: DerElement): GeneralName {
  switch (element.tag) {
    case 0x81:
      return { kind: "email", value: text(element) };
    case 0x82:
      return { kind: "dns", value: text(element).toLowerCase() };
    case 0x86:
      return { kind: "uri", value: text(element) };
    case 0x87:
      return { kind: "ip", bytes: element.content };
    case 0xa4:
      return { kind: "directory", name: readName(childAt(expectChildren(element, 1), 0)) };
    default:
      return { kind: "other", tag: element.tag, bytes: element.content };
  }
}

function text(element: DerElement): string {
  if (element.content.length > GENERAL_NAME_MAX_CHARACTERS) throw new DerError("a name is too long");
  // An IA5String of printable characters: a null or a line break in a host name has fooled readers before.
  if (element.content.some((byte) => byte <= 0x20 || byte >= 0x7f)) throw new DerError("a name beyond its alphabet");
  return new TextDecoder().decode(element.content);
}
