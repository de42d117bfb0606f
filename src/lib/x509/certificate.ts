/**
 * Reading X.509 version 3 certificates (RFC 5280) of any algorithm, strictly. Nothing in what is read here is verified: that is
 * `path-validation.ts`.
 */
import {
  childAt,
  type DerElement,
  DerError,
  expectChildren,
  expectTag,
  readBitString,
  readDer,
  readSmallInteger,
  readTimeMs,
  TAG,
} from "../asn1/der.ts";
import { type DistinguishedName, readName } from "./distinguished-name.ts";
import { type Extension, type KnownExtensions, readExtensionList, readKnownExtensions } from "./extensions.ts";

export const CERTIFICATE_MAX_BYTES = 65_536;
const SERIAL_MAX_BYTES = 20; // RFC 5280 §4.1.2.2

export interface X509Certificate extends KnownExtensions {
  readonly der: Uint8Array;
  /** The part that the issuer signed. */
  readonly signedPart: Uint8Array;
  /** AlgorithmIdentifier, DER: the same inside and outside of the signed part. */
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** Hexadecimal, without a leading zero octet. */
  readonly serial: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** @throws {DerError} when it is malformed, too big, not of version 3, or has an extension twice */
export function readX509(der: Uint8Array): X509Certificate {
  if (der.length > CERTIFICATE_MAX_BYTES) throw new DerError("a certificate is too big");
  const whole = expectChildren(expectTag(readDer(der), TAG.sequence), 3);
  const signedPart = childAt(whole, 0, TAG.sequence);
  const algorithm = childAt(whole, 1, TAG.sequence);
  const [version, serial, inner, issuer, validity, subject, key, ...optional] = signedPart.children;
  if (!version || !serial || !inner || !issuer || !validity || !subject || !key)
    throw new DerError("a part is missing");
  if (version.tag !== 0xa0 || readSmallInteger(childAt(expectChildren(version, 1), 0)) !== 2) {
    throw new DerError("not of version 3");
  }
  if (inner.raw.toHex() !== algorithm.raw.toHex()) throw new DerError("two signature algorithms");
  const extensions = readExtensions(optional);
  const issuerName = readName(issuer);
  // RFC 5280 §4.1.2.4: an issuer without a name would be the issuer of whatever names none.
  if (issuerName.parts.length === 0) throw new DerError("an issuer without a name");
  return {
    der: whole.raw,
    signedPart: signedPart.raw,
    signatureAlgorithm: algorithm.raw,
    signature: readBitString(childAt(whole, 2)),
    serial: readSerial(serial),
    issuer: issuerName,
    subject: readName(subject),
    notBeforeMs: readTimeMs(childAt(expectChildren(validity, 2), 0)),
    notAfterMs: readTimeMs(childAt(validity, 1)),
    publicKeyInfo: expectTag(key, TAG.sequence).raw,
    extensions,
    ...readKnownExtensions(extensions),
  };
}

/** A serial number in hexadecimal: not negative, minimal, of at most 20 octets. @throws {DerError} */
export function readSerial(element: DerElement): string {
  const { content } = expectTag(element, TAG.integer);
  const [first = 0x80, second = 0x80] = content;
  if (content.length > SERIAL_MAX_BYTES || first >= 0x80) throw new DerError("a serial number out of bounds");
  if (first === 0 && content.length > 1 && second < 0x80) throw new DerError("a serial number that is not minimal");
  const hex = content.toHex();
  return first === 0 && content.length > 1 ? hex.slice(2) : hex;
}

function readExtensions(optional: readonly DerElement[]): ReadonlyMap<string, Extension> {
  const [wrapper, ...more] = optional;
  // issuerUniqueID and subjectUniqueID belong to version 2 and are used no more.
  if (more.length > 0 || (wrapper !== undefined && wrapper.tag !== 0xa3)) throw new DerError("a part out of place");
  if (wrapper === undefined) return new Map();
  return readExtensionList(childAt(expectChildren(wrapper, 1), 0));
}

/** Whether issuer and subject are one (RFC 5280 §3.2). */
export function isSelfIssued(certificate: Pick<X509Certificate, "issuer" | "subject">): boolean {
  return certificate.issuer.key === certificate.subject.key;
}
