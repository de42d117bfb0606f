/** Writes distinguished names (RFC 5280 §4.1.2.4), each attribute in a set of its own. They are read by lib/x509. */
import { TAG, writeDer, writeOid } from "#lib/asn1/der";
import { utf8 } from "#lib/crypto/bytes";

/** The attributes that we write, in the order in which a name shows them. */
export const NAME_ATTRIBUTES = Object.freeze({
  country: "2.5.4.6",
  province: "2.5.4.8",
  locality: "2.5.4.7",
  organization: "2.5.4.10",
  organizationalUnit: "2.5.4.11",
  serialNumber: "2.5.4.5",
  commonName: "2.5.4.3",
} as const);

export type NameAttribute = keyof typeof NAME_ATTRIBUTES;
/** A name to write. `serialNumber` is an opaque identifier, never an identity number. */
export type DistinguishedName = Readonly<Partial<Record<NameAttribute, string>>>;

/** RFC 5280 appendix A: ub-common-name and its like. */
const VALUE_MAX_CHARACTERS = 64;
/** Country and serial number are PrintableString, whatever else is UTF-8 (RFC 5280 appendix A.1). */
const PRINTABLE: readonly NameAttribute[] = ["country", "serialNumber"];
const PRINTABLE_TEXT = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** Writes a name. @throws {RangeError} for an empty, too long or unprintable value */
export function writeName(name: DistinguishedName): Uint8Array {
  const groups = (Object.keys(NAME_ATTRIBUTES) as NameAttribute[]).flatMap((attribute) => {
    const value = name[attribute];
    return value === undefined ? [] : [writeDer(TAG.set, writePair(attribute, value))];
  });
  return writeDer(TAG.sequence, ...groups);
}

function writePair(attribute: NameAttribute, value: string): Uint8Array {
  const printable = PRINTABLE.includes(attribute);
  const length = [...value].length;
  if (length < 1 || length > VALUE_MAX_CHARACTERS || !value.isWellFormed()) {
    throw new RangeError(`a name's ${attribute} has 1 to ${VALUE_MAX_CHARACTERS} characters`);
  }
  if (printable && !PRINTABLE_TEXT.test(value)) throw new RangeError(`a name's ${attribute} has characters it may not`);
  if (attribute === "country" && !/^[A-Z]{2}$/.test(value)) throw new RangeError("a country has two letters");
  const tag = printable ? TAG.printableString : TAG.utf8String;
  return writeDer(TAG.sequence, writeOid(NAME_ATTRIBUTES[attribute]), writeDer(tag, utf8(value)));
}
