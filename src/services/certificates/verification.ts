/** Whether a document is whole and who sealed it: a PDF by its seal, a credential by its signature. No register is asked here. */
import { type Certificate, commonName, readCertificate } from "#kernel/documents/certificate";
import { type PathFault, verifyPath } from "#kernel/documents/certificate-path";
import { ecdsaDer, verifyEcdsa } from "#kernel/documents/ecdsa";
import { DOCUMENT_SIGNING_USE, type SealFault, verifySealedPdf } from "#kernel/documents/pdf-seal-verification";
import { DerError } from "#lib/asn1/der";
import { fromBase64 } from "#lib/crypto/base64url";
import { sha256Hex } from "#lib/crypto/digest";
import { TokenError, verifyCredential } from "#lib/sd-jwt/verify";

/** Why a document is not to be relied on. */
export type DocumentFault =
  | "changed"
  | "not-sealed"
  | "untrusted"
  | "expired-seal"
  | "early-seal"
  | "revoked-seal"
  | "unreadable";

export type DocumentVerdict =
  | {
      readonly ok: true;
      /** Common name of the seal's certificate. */
      readonly sealedBy: string;
      /** Hexadecimal. */
      readonly serial: string;
      /** SHA-256 of the seal's certificate, hexadecimal: by it the certificate is looked for in the ledger. */
      readonly fingerprint: string;
      /** The seal's certificate and those above it, DER. */
      readonly chain: readonly Uint8Array[];
      /** By the sealer's own account. */
      readonly sealedAt: string | undefined;
      /** When a time-stamp authority that leads to a root saw the signature. */
      readonly stampedAt?: string | undefined;
      /** Of a credential: what was signed and shown. */
      readonly claims?: Readonly<Record<string, unknown>>;
    }
  | { readonly ok: false; readonly fault: DocumentFault };

/** What a verifier trusts, and when it asks. */
export interface DocumentTrust {
  /** DER. */
  readonly roots: readonly Uint8Array[];
  readonly atMs: number;
}

const PDF_FAULTS: Readonly<Record<SealFault, DocumentFault>> = {
  "not-sealed": "not-sealed",
  changed: "changed",
  malformed: "unreadable",
  "too-big": "unreadable",
  untrusted: "untrusted",
  "not-yet-valid": "early-seal",
  expired: "expired-seal",
  "not-an-authority": "untrusted",
  "path-too-long": "untrusted",
  "unknown-critical-extension": "untrusted",
  "wrong-use": "untrusted",
  "name-not-permitted": "untrusted",
  "bad-signature": "untrusted",
  "bad-stamp": "untrusted",
  "stamp-expired": "expired-seal",
  revoked: "revoked-seal",
};

/** Verifies the seal of a PDF. */
export async function verifyPdf(pdf: Uint8Array, trust: DocumentTrust): Promise<DocumentVerdict> {
  if (!startsAsPdf(pdf)) return { ok: false, fault: "unreadable" };
  const verdict = await verifySealedPdf(pdf, trust);
  if (!verdict.ok) return { ok: false, fault: PDF_FAULTS[verdict.fault] };
  const [end] = verdict.path;
  const { claimedAtMs, stampedAtMs } = verdict;
  return {
    ok: true,
    sealedBy: verdict.sealedBy,
    serial: end?.serial ?? "",
    fingerprint: fingerprintOf(end),
    chain: verdict.path.map(({ der }) => der),
    sealedAt: claimedAtMs === undefined ? undefined : instantOf(claimedAtMs),
    stampedAt: stampedAtMs === undefined ? undefined : instantOf(stampedAtMs),
  };
}

function fingerprintOf(certificate: Certificate | undefined): string {
  return sha256Hex(certificate?.der ?? new Uint8Array());
}

function startsAsPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 5)).toString("latin1") === "%PDF-";
}

/** Verifies a credential under the certificates that it carries, which must lead to a trusted root. */
export async function verifyToken(token: string, trust: DocumentTrust): Promise<DocumentVerdict> {
  let end: Certificate | undefined;
  let pathFault: PathFault | undefined;
  let chain: readonly Uint8Array[] = [];
  try {
    const { claims } = await verifyCredential(token, {
      nowSeconds: trust.atMs / 1000,
      async verify(message, signature, header) {
        const [first, ...others] = certificatesOf(header.x5c);
        if (header.alg !== "ES256" || first === undefined) return false;
        const question = { certificate: first, others, extendedKeyUse: DOCUMENT_SIGNING_USE };
        const path = await verifyPath({ ...question, roots: trust.roots, atMs: trust.atMs });
        if (!path.ok) {
          pathFault = path.fault;
          return false;
        }
        end = readCertificate(first);
        chain = [first, ...others];
        return verifyEcdsa(end.publicKeyInfo, ecdsaDer(signature), message);
      },
    });
    const { iat } = claims;
    return {
      ok: true,
      sealedBy: end ? commonName(end) : "",
      serial: end?.serial ?? "",
      fingerprint: fingerprintOf(end),
      chain,
      sealedAt: typeof iat === "number" ? instantOf(iat * 1000) : undefined,
      claims,
    };
  } catch (error) {
    if (error instanceof DerError) return { ok: false, fault: "unreadable" };
    if (!(error instanceof TokenError)) throw error;
    return { ok: false, fault: tokenFault(error, pathFault) };
  }
}

/** The certificate (DER) of whoever signed a credential, as it says itself; undefined where it says none. */
export function signerIn(token: string): Uint8Array | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString("utf8"));
    const x5c = typeof header === "object" && header !== null && "x5c" in header ? header.x5c : undefined;
    return certificatesOf(x5c)[0];
  } catch {
    return undefined;
  }
}

function tokenFault(error: TokenError, pathFault: PathFault | undefined): DocumentFault {
  if (pathFault !== undefined) return PDF_FAULTS[pathFault];
  if (error.fault === "signature" || error.fault === "disclosure") return "changed";
  return "unreadable";
}

/** More certificates than a path has are not looked at. */
const MAX_CERTIFICATES = 6;

function certificatesOf(x5c: unknown): readonly Uint8Array[] {
  if (!Array.isArray(x5c)) return [];
  const read = x5c.slice(0, MAX_CERTIFICATES).map((one) => (typeof one === "string" ? fromBase64(one) : undefined));
  return read.includes(undefined) ? [] : (read as Uint8Array[]);
}

function instantOf(milliseconds: number): string | undefined {
  const known = Number.isFinite(milliseconds) && Math.abs(milliseconds) <= 8.64e15;
  return known ? new Date(milliseconds).toISOString() : undefined;
}
