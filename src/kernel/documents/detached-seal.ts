/**
 * Seals that lie beside a document: a statement of the document's digests, signed in the suites of the node (SM2, Ed25519 with ML-DSA-65),
 * which no reader of PDF judges. Format: docs/protocols/detached-seals.md. Reading is pure; bad files are a verdict, never an exception.
 */
import { z } from "zod";
import { DerError } from "#lib/asn1/der";
import { readPublicKey, verifySigned } from "#lib/certificate/algorithms";
import { fromBase64, fromBase64url, toBase64 } from "#lib/crypto/base64url";
import { equalBytes, fromUtf8, utf8 } from "#lib/crypto/bytes";
import { sha256, sha256Hex } from "#lib/crypto/digest";
import { suiteOfKey, verifyWith } from "#lib/crypto/purposes";
import { sm3 } from "#lib/crypto/sm3";
import type { SuiteAlgorithm, SuiteName } from "#lib/crypto/suite";
import { canonicalize } from "#lib/json/canonical";
import { type GeneralJws, verifyGeneralJws, writeGeneralJws } from "#lib/jws/general";
import { JWS_HYBRID, JWS_SM2, type JwsAlgorithm, type JwsHeader, type JwsSigner } from "#lib/jws/jws";
import { readToken, verifyToken } from "#lib/time-stamp/token";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import { anchorOf, buildPath, type PathProblem } from "#lib/x509/path-validation";
import { DOCUMENT_SIGNING_USE } from "./pdf-seal-verification.ts";

export const DETACHED_SEAL_FORMAT = "zhengtong-detached-seal/1";
const DETACHED_SEAL_TYPE = "zhengtong-detached-seal+jws";
export const DETACHED_SEAL_MEDIA_TYPE = "application/vnd.zhengtong.detached-seal+json";
export const DETACHED_SEAL_MAX_BYTES = 1024 * 1024;
/** How much another machine's clock may be ahead. */
const SKEW_MS = 60_000;
const TEXT_MAX_CHARACTERS = 500;
const DIGESTS = { "1.2.156.10197.1.401": sm3, "2.16.840.1.101.3.4.2.1": sha256 } as const;

const JWS_NAMES: Readonly<Record<SuiteAlgorithm, JwsAlgorithm>> = {
  ES256: "ES256",
  EdDSA: "EdDSA",
  SM2: JWS_SM2,
  "Ed25519+ML-DSA-65": JWS_HYBRID,
};

const Line = z.string().max(TEXT_MAX_CHARACTERS);
/** What is signed: canonical JSON (RFC 8785). */
const Statement = z.strictObject({
  format: z.literal(DETACHED_SEAL_FORMAT),
  /** The key of the authority in its register. */
  authority: Line,
  reason: Line,
  /** By the sealer's own account. */
  at: z.iso.datetime(),
  document: z.strictObject({
    bytes: z.int().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    sm3: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /** All signatures that there are, in their order: none can be taken off unseen. */
  algorithms: z.array(Line).min(1).max(8),
});
const Wrapped = z.object({
  format: z.literal(DETACHED_SEAL_FORMAT),
  payload: z.string(),
  signatures: z.array(z.object({ protected: z.string(), signature: z.string() })),
  stamp: z.string().optional(),
});

export interface DetachedSealRequest {
  readonly document: Uint8Array;
  readonly authority: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly signers: readonly JwsSigner[];
  /** Stamps what was signed: a token (RFC 3161) over a digest of these bytes, of whichever function the authority takes. */
  readonly stamp?: ((signed: Uint8Array) => Promise<Uint8Array>) | undefined;
  /** Proofs that the signers' certificates were entered in the ledger when they were issued, JSON: they prove themselves, and are not signed. */
  readonly issuance?: readonly Uint8Array[];
}

/** Makes a seal, UTF-8. */
export async function writeDetachedSeal(request: DetachedSealRequest): Promise<Uint8Array> {
  const { document, authority, reason, at, signers } = request;
  const statement: z.infer<typeof Statement> = {
    format: DETACHED_SEAL_FORMAT,
    authority,
    reason: [...reason].slice(0, TEXT_MAX_CHARACTERS).join(""),
    at,
    document: { bytes: document.length, sha256: sha256Hex(document), sm3: sm3(document).toHex() },
    algorithms: signers.map(({ algorithm }) => algorithm),
  };
  const signed = await writeGeneralJws(utf8(canonicalize(statement)), DETACHED_SEAL_TYPE, signers);
  const token = await request.stamp?.(stampedBytes(signed));
  const stamp = token === undefined ? {} : { stamp: toBase64(token) };
  const proofs = request.issuance?.map((proof): unknown => JSON.parse(fromUtf8(proof))) ?? [];
  const issuance = proofs.length === 0 ? {} : { issuance: proofs };
  return utf8(`${JSON.stringify({ format: DETACHED_SEAL_FORMAT, ...signed, ...stamp, ...issuance }, undefined, 1)}\n`);
}

function stampedBytes({ payload, signatures }: GeneralJws): Uint8Array {
  return utf8(canonicalize({ payload, signatures }));
}

export type DetachedSealFault =
  | "malformed"
  | "another-document"
  | "bad-signature"
  | "signature-missing"
  | "two-sealers"
  | "wrong-use"
  | "bad-stamp"
  | PathProblem;

export interface DetachedSealVerdict {
  readonly ok: true;
  /** Common name of the sealing authority, from its certificates. */
  readonly sealedBy: string;
  readonly reason: string;
  /** By the sealer's own account. */
  readonly sealedAt: string;
  readonly stampedAtMs: number | undefined;
  /** The suites of its signatures, in their order. */
  readonly suites: readonly SuiteName[];
  /** The sealer's certificates, in the same order, and what else stood in the headers, DER. */
  readonly certificates: readonly X509Certificate[];
  readonly chains: readonly (readonly Uint8Array[])[];
}

export interface DetachedSealTrust {
  /** DER. */
  readonly roots: readonly Uint8Array[];
  readonly atMs: number;
}

/** Verifies a seal over a document: every signature, one sealer, each certificate below a trusted root as of the stamp. */
export async function verifyDetachedSeal(
  seal: Uint8Array,
  document: Uint8Array,
  trust: DetachedSealTrust,
): Promise<DetachedSealVerdict | { readonly ok: false; readonly fault: DetachedSealFault }> {
  try {
    const found = await judge(seal, document, trust);
    return typeof found === "string" ? { ok: false, fault: found } : found;
  } catch (error) {
    if (error instanceof DerError || error instanceof SyntaxError || error instanceof TypeError)
      return { ok: false, fault: "malformed" };
    throw error;
  }
}

async function judge(
  seal: Uint8Array,
  document: Uint8Array,
  { roots, atMs }: DetachedSealTrust,
): Promise<DetachedSealVerdict | DetachedSealFault> {
  if (seal.length > DETACHED_SEAL_MAX_BYTES) return "malformed";
  const wrapped = Wrapped.safeParse(JSON.parse(fromUtf8(seal))).data;
  if (wrapped === undefined) return "malformed";
  const read = await verifyGeneralJws(wrapped, { type: DETACHED_SEAL_TYPE, verify: signedByOwnCertificate });
  if (read === undefined) return "bad-signature";
  const said = Statement.safeParse(JSON.parse(fromUtf8(read.payload))).data;
  if (said === undefined || canonicalize(said) !== fromUtf8(read.payload)) return "malformed";
  if (said.document.sha256 !== sha256Hex(document) || said.document.sm3 !== sm3(document).toHex())
    return "another-document";
  if (said.algorithms.join() !== read.headers.map(({ alg }) => alg).join()) return "signature-missing";
  const anchors = roots.map(readX509).map(anchorOf);
  const chains = read.headers.map(({ certificates }) => certificates);
  const ends = chains.map(([own]) => readX509(own as Uint8Array));
  const [first] = ends as [X509Certificate];
  if (!ends.every(({ subject }) => equalBytes(subject.raw, first.subject.raw))) return "two-sealers";
  if (!ends.every(({ keyUses }) => keyUses?.has("digitalSignature") || keyUses?.has("nonRepudiation")))
    return "wrong-use";
  const stampedAtMs = wrapped.stamp === undefined ? undefined : stampTime(wrapped, { anchors, atMs });
  if (stampedAtMs === "bad-stamp") return stampedAtMs;
  for (const [index, end] of ends.entries()) {
    const others = (chains[index] ?? []).slice(1).map(readX509);
    const path = buildPath(end, others, {
      ...{ anchors, verify: verifySigned, extendedKeyUse: DOCUMENT_SIGNING_USE },
      atMs: stampedAtMs ?? atMs,
    });
    if (!path.valid) return path.problem;
    if (!end.extendedKeyUses?.includes(DOCUMENT_SIGNING_USE)) return "wrong-use";
  }
  return {
    ok: true,
    sealedBy: commonNameOf(first.subject),
    reason: said.reason,
    sealedAt: said.at,
    stampedAtMs,
    suites: ends.map(({ publicKeyInfo }) => suiteOfKey(readPublicKey(publicKeyInfo)).name),
    certificates: ends,
    chains,
  };
}

/** The certificates (DER) of whoever made a seal, trusted or not, in the order of its signatures; none of what is no seal. */
export function sealersOf(seal: Uint8Array): readonly Uint8Array[] {
  try {
    const { signatures } = Wrapped.parse(JSON.parse(fromUtf8(seal)));
    return signatures.flatMap((signature) => {
      const header = Header.parse(JSON.parse(fromUtf8(fromBase64url(signature.protected) ?? NOTHING)));
      return header.x5c.slice(0, 1).flatMap((own) => fromBase64(own) ?? []);
    });
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof z.ZodError) return [];
    throw error;
  }
}

const Header = z.object({ x5c: z.array(z.string()).min(1).max(8) });
const NOTHING = new Uint8Array();

function signedByOwnCertificate(message: Uint8Array, signature: Uint8Array, header: JwsHeader): boolean {
  const [own] = header.certificates;
  if (own === undefined) return false;
  const key = readPublicKey(readX509(own).publicKeyInfo);
  if (JWS_NAMES[key.algorithm] !== header.alg) return false;
  return verifyWith(["international", "national", "hybrid"], { key, message, signature });
}

function stampTime(
  wrapped: z.infer<typeof Wrapped>,
  { anchors, atMs }: { readonly anchors: readonly ReturnType<typeof anchorOf>[]; readonly atMs: number },
): number | "bad-stamp" {
  const token = readToken(fromBase64(wrapped.stamp ?? "") ?? new Uint8Array());
  const { algorithm } = token.stamp.imprint;
  const digest = DIGESTS[algorithm as keyof typeof DIGESTS]?.(stampedBytes(wrapped));
  if (digest === undefined || token.stamp.atMs > atMs + SKEW_MS) return "bad-stamp";
  const found = verifyToken(token, { imprint: { algorithm, digest }, anchors, verify: verifySigned, atMs });
  return "problem" in found ? "bad-stamp" : token.stamp.atMs;
}
