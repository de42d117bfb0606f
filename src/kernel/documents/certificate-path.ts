/**
 * Path validation (RFC 5280 §6, `lib/x509`) for what signs documents: names and their constraints, uses, policies, and the root itself
 * must be in force. Revocation is the caller's: it knows the register of revoked serial numbers.
 */

import { DerError } from "#lib/asn1/der";
import { verifySigned } from "#lib/certificate/algorithms";
import { readX509 } from "#lib/x509/certificate";
import { anchorOf, buildPath, type PathProblem } from "#lib/x509/path-validation";
import { type Certificate, readCertificate } from "./certificate.ts";

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
  | "name-not-permitted"
  | "bad-signature";

const FAULTS: Readonly<Record<PathProblem, PathFault>> = {
  empty: "untrusted",
  "too-long": "path-too-long",
  signature: "bad-signature",
  "not-yet-valid": "not-yet-valid",
  expired: "expired",
  revoked: "untrusted",
  "status-unknown": "untrusted",
  "wrong-issuer": "untrusted",
  "name-not-permitted": "name-not-permitted",
  policy: "untrusted",
  "not-an-authority": "not-an-authority",
  "path-length": "path-too-long",
  "key-use": "wrong-use",
  "unknown-critical-extension": "unknown-critical-extension",
  "too-complex": "path-too-long",
};

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
    const verdicts = question.roots.map((root) => pathTo(root, question));
    const refusals = verdicts.filter((verdict) => !verdict.ok);
    return (
      verdicts.find(({ ok }) => ok) ??
      refusals.find(({ fault }) => fault !== "untrusted") ?? { ok: false, fault: "untrusted" }
    );
  } catch (error) {
    if (error instanceof DerError || error instanceof TypeError) return { ok: false, fault: "malformed" };
    throw error;
  }
}

/** The path to one root, whose own validity counts as well. */
function pathTo(rootDer: Uint8Array, { certificate, others, atMs, extendedKeyUse }: PathQuestion): PathVerdict {
  const root = readCertificate(rootDer);
  const result = buildPath(readX509(certificate), others.slice(0, MAX_PATH_CERTIFICATES).map(readX509), {
    anchors: [anchorOf(readX509(rootDer))],
    atMs,
    verify: (check) => verifySigned(check, ["international"]),
    ...(extendedKeyUse !== undefined && { extendedKeyUse }),
  });
  if (!result.valid) return { ok: false, fault: FAULTS[result.problem] };
  if (atMs < root.notBeforeMs) return { ok: false, fault: "not-yet-valid" };
  if (atMs > root.notAfterMs) return { ok: false, fault: "expired" };
  return { ok: true, path: [...result.path.toReversed().map(({ der }) => readCertificate(der)), root] };
}
