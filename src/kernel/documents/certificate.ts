/**
 * Reading X.509 certificates (RFC 5280) of what seals documents: P-256 keys and ECDSA with SHA-256, as Zhengtong's authorities have
 * them, or RSA, as others do.
 * Pure: no key leaves or enters here.
 */
import {
  childAt,
  type DerElement,
  DerError,
  equalBytes,
  expectChildren,
  expectTag,
  readBitString,
  readDer,
  readOid,
  readSmallInteger,
  readTimeMs,
  TAG,
} from "#lib/asn1/der";
import { isRsaKey } from "#lib/crypto/rsa";

export const MAX_CERTIFICATE_BYTES = 16_384;

const EC_PUBLIC_KEY = "1.2.840.10045.2.1";
const P256 = "1.2.840.10045.3.1.7";

/** The bits of `keyUsage` that we ask about (RFC 5280 §4.2.1.3). */
export type KeyUse = "digitalSignature" | "nonRepudiation" | "keyCertSign" | "cRLSign";
const KEY_USE_BITS: Readonly<Record<KeyUse, number>> = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyCertSign: 5,
  cRLSign: 6,
};

/** A certificate as it was read; nothing in it is verified yet. */
export interface Certificate {
  readonly der: Uint8Array;
  /** The signed part. */
  readonly signedPart: Uint8Array;
  readonly signature: Uint8Array;
  /** Serial number in hexadecimal, without a leading zero octet. */
  readonly serial: string;
  /** The serial number element as it stands, which a CMS signer identifier repeats. */
  readonly serialElement: Uint8Array;
  readonly issuerName: Uint8Array;
  readonly subjectName: Uint8Array;
  /** The subject's attributes by their object identifier: `2.5.4.3` is the common name. */
  readonly subject: ReadonlyMap<string, string>;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  readonly isAuthority: boolean;
  readonly pathLength: number | undefined;
  readonly keyUses: ReadonlySet<KeyUse>;
  readonly extendedKeyUses: readonly string[];
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: string | undefined;
  readonly policies: readonly string[];
  /** Critical extensions that this reader does not know; a path through them is refused (RFC 5280 §4.2). */
  readonly unknownCritical: readonly string[];
}

/** The subject's common name, or an empty text. */
export function commonName(certificate: Certificate): string {
  return certificate.subject.get("2.5.4.3") ?? "";
}

/**
 * Reads a certificate.
 * @throws {DerError} when it is malformed, too big, or its key of another kind
 */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE_BYTES) throw new DerError("a certificate is too big");
  const whole = expectChildren(expectTag(readDer(der), TAG.sequence), 3);
  const signedPart = childAt(whole, 0, TAG.sequence);
  const algorithm = childAt(whole, 1, TAG.sequence);
  // [0] version comes first in every version 3 certificate, and only version 3 has extensions.
  expectTag(childAt(signedPart, 0), 0xa0);
  // With what its issuer signed is judged with the signature; nobody asks it of a root, which is trusted as it is.
  if (!equalBytes(childAt(signedPart, 2, TAG.sequence).raw, algorithm.raw)) throw new DerError("two algorithms");
  const serial = childAt(signedPart, 1, TAG.integer);
  const issuer = childAt(signedPart, 3, TAG.sequence);
  const validity = childAt(signedPart, 4, TAG.sequence);
  const subject = childAt(signedPart, 5, TAG.sequence);
  const key = childAt(signedPart, 6, TAG.sequence);
  requireKey(key);
  return {
    der: whole.raw,
    signedPart: signedPart.raw,
    signature: readBitString(childAt(whole, 2)),
    serial: hex(serial.content).replace(/^00(?=.)/, ""),
    serialElement: serial.raw,
    issuerName: issuer.raw,
    subjectName: subject.raw,
    subject: readName(subject),
    notBeforeMs: readTimeMs(childAt(validity, 0)),
    notAfterMs: readTimeMs(childAt(validity, 1)),
    publicKeyInfo: key.raw,
    ...readExtensions(signedPart),
  };
}

function requireKey(key: DerElement): void {
  const algorithm = childAt(key, 0, TAG.sequence);
  if (readOid(childAt(algorithm, 0)) !== EC_PUBLIC_KEY ? isRsaKey(key.raw) : readOid(childAt(algorithm, 1)) === P256)
    return;
  throw new DerError("another kind of key");
}

function readName(name: DerElement): Map<string, string> {
  const attributes = new Map<string, string>();
  const text = new TextDecoder("utf-8", { fatal: true });
  for (const group of name.children) {
    for (const attribute of group.children) {
      attributes.set(readOid(childAt(attribute, 0)), text.decode(childAt(attribute, 1).content));
    }
  }
  return attributes;
}

type Extensions = Pick<
  Certificate,
  | "isAuthority"
  | "pathLength"
  | "keyUses"
  | "extendedKeyUses"
  | "subjectKeyId"
  | "authorityKeyId"
  | "policies"
  | "unknownCritical"
>;

function readExtensions(signedPart: DerElement): Extensions {
  const found = new Map<string, DerElement>();
  const unknownCritical: string[] = [];
  const wrapper = signedPart.children.find((child) => child.tag === 0xa3);
  for (const extension of wrapper === undefined ? [] : childAt(wrapper, 0, TAG.sequence).children) {
    const id = readOid(childAt(extension, 0));
    if (found.has(id)) throw new DerError("an extension stands twice");
    const critical = extension.children.length === 3 && childAt(extension, 1, TAG.boolean).content[0] === 0xff;
    const value = childAt(extension, extension.children.length - 1, TAG.octetString);
    if (critical && !KNOWN_EXTENSIONS.has(id)) unknownCritical.push(id);
    found.set(id, value);
  }
  const inner = (id: string): DerElement | undefined => {
    const value = found.get(id);
    return value === undefined ? undefined : readDer(value.content);
  };
  const constraints = inner(BASIC_CONSTRAINTS)?.children ?? [];
  const length = constraints.find((child) => child.tag === TAG.integer);
  const authorityKey = inner(AUTHORITY_KEY_ID)?.children.find((child) => child.tag === 0x80);
  const subjectKey = inner(SUBJECT_KEY_ID);
  return {
    isAuthority: constraints.some((child) => child.tag === TAG.boolean && child.content[0] === 0xff),
    pathLength: length === undefined ? undefined : readSmallInteger(length),
    keyUses: readKeyUses(inner(KEY_USAGE)),
    extendedKeyUses: (inner(EXTENDED_KEY_USAGE)?.children ?? []).map(readOid),
    subjectKeyId: subjectKey === undefined ? undefined : hex(subjectKey.content),
    authorityKeyId: authorityKey === undefined ? undefined : hex(authorityKey.content),
    policies: (inner(POLICIES)?.children ?? []).map((policy) => readOid(childAt(policy, 0))),
    unknownCritical,
  };
}

const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SUBJECT_KEY_ID = "2.5.29.14";
const AUTHORITY_KEY_ID = "2.5.29.35";
const POLICIES = "2.5.29.32";
const KNOWN_EXTENSIONS = new Set([
  BASIC_CONSTRAINTS,
  KEY_USAGE,
  EXTENDED_KEY_USAGE,
  SUBJECT_KEY_ID,
  AUTHORITY_KEY_ID,
  POLICIES,
]);

function readKeyUses(element: DerElement | undefined): ReadonlySet<KeyUse> {
  const uses = new Set<KeyUse>();
  if (element === undefined) return uses;
  const bits = expectTag(element, TAG.bitString).content.subarray(1);
  for (const [use, bit] of Object.entries(KEY_USE_BITS) as [KeyUse, number][]) {
    if (((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) uses.add(use);
  }
  return uses;
}

/** Bytes in lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
