/**
 * Path validation (RFC 5280 §6) for the one profile that we issue: names chain byte for byte, every issuer is an authority
 * allowed to sign certificates, every certificate is valid at the asked moment, unknown critical extensions are refused.
 *
 * Revocation is the caller's: it knows the register of revoked serial numbers. Name constraints and policy mapping are not
 * part of the profile and, being critical where they stand, end a path.
 */

import { DerError, equalBytes } from "#lib/asn1/der";
import { type Certificate, readCertificate } from "./certificate.ts";
import { verifyEcdsa } from "./ecdsa.ts";

/** End certificate, issuers and root together. */
export const MAX_PATH_CERTIFICATES = 6;

/** Why a certificate is not trusted. */
export type PathFault =
  | "malformed"
  | "untrusted"
  | "not-yet-valid"
  | "expired"
  | "not-an-authority"
  | "path-too-long"
  | "unknown-critical-extension"
  | "wrong-use"
  | "bad-signature";

/** The path from the end certificate to a root, or why there is none. */
export type PathVerdict =
  | { readonly ok: true; readonly path: readonly Certificate[] }
  | { readonly ok: false; readonly fault: PathFault };

export interface PathQuestion {
  /** The end certificate, DER. */
  readonly certificate: Uint8Array;
  /** Certificates that may stand between, in any order, DER. */
  readonly others: readonly Uint8Array[];
  /** Roots that the caller trusts, DER. */
  readonly roots: readonly Uint8Array[];
  readonly atMs: number;
  /** Extended key use that the end certificate must name. */
  readonly extendedKeyUse?: string;
}

/** Finds and checks the path of a certificate. Never throws on bad certificates: they are a verdict. */
export async function verifyPath(question: PathQuestion): Promise<PathVerdict> {
  try {
    const end = readCertificate(question.certificate);
    const use = question.extendedKeyUse;
    const signs = end.keyUses.has("digitalSignature") || end.keyUses.has("nonRepudiation");
    if (!signs || (use !== undefined && !end.extendedKeyUses.includes(use))) return { ok: false, fault: "wrong-use" };
    const others = question.others.slice(0, MAX_PATH_CERTIFICATES).map(readCertificate);
    const verdict = await climb([end], others, question.roots.map(readCertificate), question.atMs);
    // An authority that names uses restricts those below it to them.
    const restricts = ({ extendedKeyUses: uses }: Certificate) =>
      use !== undefined && uses.length > 0 && !uses.includes(use);
    return verdict.ok && verdict.path.some(restricts) ? { ok: false, fault: "wrong-use" } : verdict;
  } catch (error) {
    if (error instanceof DerError || error instanceof TypeError) return { ok: false, fault: "malformed" };
    throw error;
  }
}

async function climb(
  path: readonly Certificate[],
  others: readonly Certificate[],
  roots: readonly Certificate[],
  atMs: number,
): Promise<PathVerdict> {
  const top = path.at(-1) as Certificate;
  const fault = faultOf(top, path.length - 1, atMs);
  if (fault !== undefined) return { ok: false, fault };
  if (roots.some((root) => equalBytes(root.der, top.der))) return { ok: true, path };
  if (path.length >= MAX_PATH_CERTIFICATES) return { ok: false, fault: "path-too-long" };
  const issuer = [...roots, ...others].find((candidate) => issued(candidate, top) && !path.includes(candidate));
  if (issuer === undefined) return { ok: false, fault: "untrusted" };
  if (!(await verifyEcdsa(issuer.publicKeyInfo, top.signature, top.signedPart)))
    return { ok: false, fault: "bad-signature" };
  return climb([...path, issuer], others, roots, atMs);
}

function issued(issuer: Certificate, subject: Certificate): boolean {
  if (!equalBytes(issuer.subjectName, subject.issuerName)) return false;
  return subject.authorityKeyId === undefined || subject.authorityKeyId === issuer.subjectKeyId;
}

function faultOf(certificate: Certificate, position: number, atMs: number): PathFault | undefined {
  if (certificate.unknownCritical.length > 0) return "unknown-critical-extension";
  if (atMs < certificate.notBeforeMs) return "not-yet-valid";
  if (atMs > certificate.notAfterMs) return "expired";
  if (position === 0) return undefined;
  if (!certificate.isAuthority || !certificate.keyUses.has("keyCertSign")) return "not-an-authority";
  // pathLenConstraint counts the authorities below this one, the end certificate not included (RFC 5280 §4.2.1.9).
  if (certificate.pathLength !== undefined && position - 1 > certificate.pathLength) return "path-too-long";
  return undefined;
}
