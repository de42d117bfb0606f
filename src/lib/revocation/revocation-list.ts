/**
 * Reading and checking lists of revoked certificates, whole and delta (RFC 5280 §5 and §6.3). Not understood, and therefore refused: lists for a
 * part of an issuer's certificates (issuing distribution point) and lists of another issuer's certificates.
 */
import {
  childAt,
  type DerElement,
  DerError,
  expectTag,
  readBitString,
  readDer,
  readSmallInteger,
  readTimeMs,
  TAG,
} from "#lib/asn1/der";
import { readSerial } from "#lib/x509/certificate";
import { type DistinguishedName, readName } from "#lib/x509/distinguished-name";
import { EXTENSION, type Extension, type KeyUse, readExtensionList } from "#lib/x509/extensions";
import type { SignatureCheck } from "#lib/x509/path-validation";
import { readShallow, type ShallowElement, shallowElements } from "./long-list.ts";
import { type Revocation, reasonOf } from "./reason.ts";

export const LIST_MAX_BYTES = 16 << 20;
export const LIST_MAX_ENTRIES = 200_000;

export const LIST_EXTENSION = Object.freeze({
  number: "2.5.29.20",
  reason: "2.5.29.21",
  invalidityDate: "2.5.29.24",
  /** Critical: the number of the list that this one adds to. */
  deltaOf: "2.5.29.27",
});
const UNDERSTOOD = new Set<string>([
  EXTENSION.authorityKeyId,
  EXTENSION.freshestCrl,
  LIST_EXTENSION.number,
  LIST_EXTENSION.deltaOf,
]);
const ENUMERATED = 0x0a;
const VERSION_2 = 1;
/** CRL numbers have up to 20 octets (RFC 5280 §5.2.3). */
const NUMBER_MAX_BYTES = 20;

export interface RevocationList {
  readonly signedPart: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly number: bigint;
  /** Of a delta: the number of the list from which it counts. */
  readonly deltaOf: bigint | undefined;
  /** By serial number in hexadecimal. */
  readonly revoked: ReadonlyMap<string, Revocation>;
}

/** @throws {DerError} when it is malformed, too big, not of version 2, or has an extension that must not be passed over */
export function readRevocationList(der: Uint8Array): RevocationList {
  if (der.length > LIST_MAX_BYTES) throw new DerError("a list is too big");
  const whole = readShallow(der);
  const [signedPart, algorithm, signature, ...more] = shallowElements(expect(whole, TAG.sequence).content);
  if (!signedPart || !algorithm || !signature || more.length > 0 || whole.raw.length !== der.length)
    throw new DerError("not a list");
  const [version, inner, issuer, thisUpdate, ...rest] = shallowElements(expect(signedPart, TAG.sequence).content);
  if (!version || !inner || !issuer || !thisUpdate) throw new DerError("a part is missing");
  if (readSmallInteger(readDer(version.raw)) !== VERSION_2) throw new DerError("another version of lists");
  if (inner.raw.toHex() !== algorithm.raw.toHex()) throw new DerError("two signature algorithms");
  const nextUpdate = rest.shift();
  if (nextUpdate === undefined) throw new DerError("a list without an end");
  const entries = rest[0]?.tag === TAG.sequence ? rest.shift() : undefined;
  const extensions = rest.shift();
  if (extensions === undefined || rest.length > 0) throw new DerError("a part out of place");
  const { number, deltaOf } = readListExtensions(readDer(expect(extensions, 0xa0).raw));
  return {
    signedPart: signedPart.raw,
    signatureAlgorithm: readDer(algorithm.raw).raw,
    signature: readBitString(readDer(signature.raw)),
    issuer: readName(readDer(issuer.raw)),
    thisUpdateMs: readTimeMs(readDer(thisUpdate.raw)),
    nextUpdateMs: readTimeMs(readDer(nextUpdate.raw)),
    number,
    deltaOf,
    revoked: entries === undefined ? new Map() : readEntries(entries),
  };
}

function expect(element: ShallowElement, tag: number): ShallowElement {
  if (element.tag !== tag) throw new DerError(`tag ${element.tag} where ${tag} belongs`);
  return element;
}

function readListExtensions(wrapper: DerElement): { number: bigint; deltaOf: bigint | undefined } {
  const extensions = readExtensionList(childAt(wrapper, 0));
  refuseUnknown(extensions, UNDERSTOOD);
  const number = extensions.get(LIST_EXTENSION.number);
  const deltaOf = extensions.get(LIST_EXTENSION.deltaOf);
  if (number === undefined) throw new DerError("a list without a number");
  return { number: readNumber(number.value), deltaOf: deltaOf && readNumber(deltaOf.value) };
}

function refuseUnknown(extensions: ReadonlyMap<string, Extension>, understood: ReadonlySet<string>): void {
  for (const [id, { critical }] of extensions) {
    if (critical && !understood.has(id)) throw new DerError("a critical extension that is not understood");
  }
}

function readNumber(value: Uint8Array): bigint {
  const { content } = expectTag(readDer(value), TAG.integer);
  if (content.length === 0 || content.length > NUMBER_MAX_BYTES || (content[0] ?? 0) >= 0x80)
    throw new DerError("a number out of bounds");
  return BigInt(`0x${content.toHex()}`);
}

function readEntries(list: ShallowElement): ReadonlyMap<string, Revocation> {
  const revoked = new Map<string, Revocation>();
  for (const entry of shallowElements(list.content)) {
    if (revoked.size >= LIST_MAX_ENTRIES) throw new DerError("too many entries");
    const [serial, time, extensions, ...more] = expectTag(readDer(entry.raw), TAG.sequence).children;
    if (!serial || !time || more.length > 0) throw new DerError("not an entry");
    const name = readSerial(serial);
    if (revoked.has(name)) throw new DerError("a certificate is revoked twice");
    revoked.set(name, { atMs: readTimeMs(time), reason: extensions ? readReason(extensions) : "unspecified" });
  }
  return revoked;
}

function readReason(list: DerElement): Revocation["reason"] {
  const extensions = readExtensionList(list);
  refuseUnknown(extensions, new Set([LIST_EXTENSION.reason, LIST_EXTENSION.invalidityDate]));
  const code = extensions.get(LIST_EXTENSION.reason);
  if (code === undefined) return "unspecified";
  const element = expectTag(readDer(code.value), ENUMERATED);
  const reason = reasonOf(readSmallInteger({ ...element, tag: TAG.integer }));
  if (reason === undefined) throw new DerError("a reason that is none");
  return reason;
}

/** Whose list it must be. */
export interface ListIssuer {
  readonly name: DistinguishedName;
  readonly publicKeyInfo: Uint8Array;
  /** Where the issuer's certificate restricts its key, it must allow lists. */
  readonly keyUses?: ReadonlySet<KeyUse> | undefined;
}

export type ListProblem = "wrong-issuer" | "key-use" | "signature" | "not-yet-valid" | "expired" | "other-list";

export interface ListCheck {
  readonly issuer: ListIssuer;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly verify: (check: SignatureCheck) => boolean;
}

/** What is wrong with a list; undefined when it may be believed at that time. */
export function listProblem(list: RevocationList, { issuer, atMs, verify }: ListCheck): ListProblem | undefined {
  const { signatureAlgorithm: algorithm, signedPart: signed, signature } = list;
  if (list.issuer.key !== issuer.name.key) return "wrong-issuer";
  if (issuer.keyUses !== undefined && !issuer.keyUses.has("crlSign")) return "key-use";
  if (!verify({ publicKeyInfo: issuer.publicKeyInfo, algorithm, signed, signature })) return "signature";
  if (atMs < list.thisUpdateMs) return "not-yet-valid";
  return atMs >= list.nextUpdateMs ? "expired" : undefined;
}

/** Whether a delta continues a whole list (RFC 5280 §5.2.4, §6.3.3 c). */
export function continues(delta: RevocationList, base: RevocationList): boolean {
  return (
    base.deltaOf === undefined &&
    delta.deltaOf !== undefined &&
    delta.issuer.key === base.issuer.key &&
    delta.deltaOf <= base.number &&
    delta.number >= base.number
  );
}

/**
 * What checked lists say of a certificate: how it was revoked, or undefined where it was not.
 * @param delta one that `continues` the base
 */
export function revocationIn(serial: string, base: RevocationList, delta?: RevocationList): Revocation | undefined {
  const later = delta?.revoked.get(serial);
  // A certificate on hold that came back (RFC 5280 §5.3.1).
  if (later?.reason === "removeFromCrl") return undefined;
  return later ?? base.revoked.get(serial);
}
