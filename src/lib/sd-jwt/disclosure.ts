import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";

/** A claim that its holder may show or withhold (RFC 9901 §4.2). */
export interface Disclosure {
  /** As it travels, base64url. */
  readonly encoded: string;
  /** What the signed part holds in its place, base64url. */
  readonly digest: string;
  readonly salt: string;
  /** Absent for an element of an array. */
  readonly name?: string;
  readonly value: unknown;
}

/** Names that the format keeps to itself. */
export const DIGESTS_NAME = "_sd";
export const ELEMENT_NAME = "...";
export const ALGORITHM_NAME = "_sd_alg";
export const DIGEST_ALGORITHM = "sha-256";

export function isReservedName(name: string): boolean {
  return name === DIGESTS_NAME || name === ELEMENT_NAME;
}

/** Makes the disclosure of a member (with a name) or of an element (without). */
export function makeDisclosure(salt: Uint8Array, value: unknown, name?: string): Disclosure {
  const saltText = toBase64url(salt);
  const parts = name === undefined ? [saltText, value] : [saltText, name, value];
  const encoded = toBase64url(utf8(JSON.stringify(parts)));
  const disclosure = { encoded, digest: disclosureDigest(encoded), salt: saltText, value };
  return name === undefined ? disclosure : { ...disclosure, name };
}

/** Reads a disclosure; undefined when it is malformed. */
export function parseDisclosure(encoded: string): Disclosure | undefined {
  const bytes = fromBase64url(encoded);
  if (bytes === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || typeof parts[0] !== "string") return undefined;
  const [salt, second, third] = parts as [string, unknown, unknown];
  const base = { encoded, digest: disclosureDigest(encoded), salt };
  if (parts.length === 2) return { ...base, value: second };
  if (parts.length !== 3 || typeof second !== "string" || isReservedName(second)) return undefined;
  return { ...base, name: second, value: third };
}

/** The digest of a disclosure is taken over its encoded form (RFC 9901 §4.2.3). */
export function disclosureDigest(encoded: string): string {
  return toBase64url(sha256(utf8(encoded)));
}
