/**
 * Verifies the seal of a PDF without reading the PDF's structure.
 *
 * A seal counts only if its byte range covers every byte of the file but the hexadecimal text of the signature itself, or if
 * nothing follows but the one update that fills the two places which were sealed empty (`pdf-archive.ts`). Then there is nothing
 * that the signer did not sign, whatever tables and objects the file holds, and any other update appended later (the way most
 * signed documents are forged) is found.
 *
 * Where a trusted authority stamped the signature, the signer's certificate must have been valid, and not revoked, at that
 * moment; where not, at the moment of the question.
 */

import { DerError, readDerPrefix } from "#lib/asn1/der";
import { type Certificate, commonName } from "./certificate.ts";
import { type PathFault, verifyPath } from "./certificate-path.ts";
import { type ArchiveUpdate, readArchiveUpdate } from "./pdf-archive.ts";
import { digestAround } from "./pdf-seal.ts";
import { type KnownStanding, knownStanding, type StampFault, stampedAt } from "./seal-evidence.ts";
import { type VerifiedSignedData, verifySignedData } from "./signed-data.ts";

/** Document signing (RFC 9336). */
export const DOCUMENT_SIGNING_USE = "1.3.6.1.5.5.7.3.36";
const MAX_VERIFIED_BYTES = 32 * 1024 * 1024;
const MAX_GAP_BYTES = 131_072;
const MAX_CANDIDATES = 16;
/** How much another machine's clock may be ahead. */
const SKEW_MS = 60_000;

/** Why a PDF does not count as sealed. */
export type SealFault = "not-sealed" | "changed" | "malformed" | "too-big" | "revoked" | StampFault | PathFault;

export interface SealVerdict {
  readonly ok: true;
  /** Common name of the sealing authority, from its certificate. */
  readonly sealedBy: string;
  /** From the end certificate to the root. */
  readonly path: readonly Certificate[];
  /** When the signer says it was sealed; no third party vouches for it. */
  readonly claimedAtMs: number | undefined;
  /** When a trusted authority saw the signature. */
  readonly stampedAtMs: number | undefined;
  /** What the file's own evidence says of the certificate; a revocation told there is later than the stamp. */
  readonly standing: KnownStanding;
  /** Of PAdES baseline: alone, with a time stamp, with evidence under a time stamp of its own. */
  readonly level: "B-B" | "B-T" | "B-LTA";
}

export interface SealTrust {
  /** Roots that the verifier trusts, DER. */
  readonly roots: readonly Uint8Array[];
  /** The moment of the question. */
  readonly atMs: number;
}

type Refused = { readonly ok: false; readonly fault: SealFault };

/** Verifies the last seal of a PDF. Bad files are a verdict, never an exception. */
export async function verifySealedPdf(pdf: Uint8Array, trust: SealTrust): Promise<SealVerdict | Refused> {
  if (pdf.length > MAX_VERIFIED_BYTES) return { ok: false, fault: "too-big" };
  const place = findSeal(pdf);
  if (typeof place === "string") return { ok: false, fault: place };
  try {
    const signed = await verifySignedData(place.structure, digestAround({ ...place, bytes: place.sealed }));
    if (signed === undefined) return { ok: false, fault: "changed" };
    return await judge(pdf, { place, signed }, trust);
  } catch (error) {
    if (error instanceof DerError || error instanceof TypeError) return { ok: false, fault: "malformed" };
    throw error;
  }
}

/** The certificate (DER) of whoever sealed a PDF, trusted or not; undefined where it bears no seal that holds. */
export async function sealerOf(pdf: Uint8Array): Promise<Uint8Array | undefined> {
  const place = pdf.length > MAX_VERIFIED_BYTES ? "too-big" : findSeal(pdf);
  if (typeof place === "string") return undefined;
  try {
    return (await verifySignedData(place.structure, digestAround({ ...place, bytes: place.sealed })))?.signer.der;
  } catch (error) {
    if (error instanceof DerError || error instanceof TypeError) return undefined;
    throw error;
  }
}

async function judge(
  pdf: Uint8Array,
  { place, signed }: { readonly place: SealPlace; readonly signed: VerifiedSignedData },
  { roots, atMs }: SealTrust,
): Promise<SealVerdict | Refused> {
  const { archive } = place;
  const others = [...signed.certificates.map(({ der }) => der), ...(archive?.evidence.certificates ?? [])];
  // The last stamp must hold now; it vouches that what is below it existed while that still held.
  let heldAtMs = atMs;
  let stampedAtMs: number | undefined;
  if (archive !== undefined) {
    const digest = digestAround({ bytes: pdf, gapStart: archive.gapStart, gapEnd: archive.gapEnd });
    const at = stampedAt(unpadded(archive.stamp), { digest, roots, certificates: others, atMs });
    if (typeof at === "string") return { ok: false, fault: at };
    heldAtMs = at;
    stampedAtMs = at;
  }
  if (signed.stamp !== undefined) {
    const { token, digest } = signed.stamp;
    const at = stampedAt(token, { digest, roots, certificates: others, atMs: heldAtMs });
    if (typeof at === "string") return { ok: false, fault: at };
    stampedAtMs = at;
  }
  if (Math.max(heldAtMs, stampedAtMs ?? atMs) > atMs + SKEW_MS) return { ok: false, fault: "bad-stamp" };
  const signedAtMs = stampedAtMs ?? atMs;
  const verdict = await verifyPath({
    certificate: signed.signer.der,
    others,
    roots,
    atMs: signedAtMs,
    extendedKeyUse: DOCUMENT_SIGNING_USE,
  });
  if (!verdict.ok) return verdict;
  const { path } = verdict;
  const standing: KnownStanding = archive ? knownStanding(archive.evidence, { path, signedAtMs }) : { kind: "unknown" };
  if (standing.kind === "revoked" && standing.sinceMs <= signedAtMs) return { ok: false, fault: "revoked" };
  return {
    ok: true,
    sealedBy: commonName(signed.signer),
    path,
    claimedAtMs: place.claimedAtMs,
    stampedAtMs,
    standing,
    level: archive !== undefined ? "B-LTA" : stampedAtMs !== undefined ? "B-T" : "B-B",
  };
}

/** A structure without the zeros that fill its room. */
function unpadded(structure: Uint8Array): Uint8Array {
  const { raw } = readDerPrefix(structure);
  if (structure.subarray(raw.length).some((byte) => byte !== 0)) throw new DerError("bytes after the stamp");
  return raw;
}

interface SealPlace {
  readonly gapStart: number;
  readonly gapEnd: number;
  readonly structure: Uint8Array;
  readonly claimedAtMs: number | undefined;
  /** What the seal covers, with its gap. */
  readonly sealed: Uint8Array<ArrayBuffer>;
  /** What was added to it since. */
  readonly archive: ArchiveUpdate | undefined;
}

/** The place of a seal, from the end; words of the document that look like one are passed over when another holds. */
function findSeal(pdf: Uint8Array): SealPlace | SealFault {
  const text = new TextDecoder("latin1").decode(pdf);
  let fault: SealFault = "not-sealed";
  let at = text.lastIndexOf("/ByteRange");
  for (let tries = 0; at >= 0 && tries < MAX_CANDIDATES; tries++) {
    const place: SealPlace | SealFault = isStamp(text, at) ? fault : placeAt(pdf, text, at);
    if (typeof place !== "string") return place;
    if (fault !== "changed") fault = place;
    at = at === 0 ? -1 : text.lastIndexOf("/ByteRange", at - 1);
  }
  return fault;
}

/** The stamp over an archive covers the whole file too, and is no seal. */
function isStamp(text: string, at: number): boolean {
  const gap = text.lastIndexOf("\n/Contents <", at);
  return gap >= 0 && text.endsWith("/SubFilter /ETSI.RFC3161", gap) && /^[0-9a-f]*>\n$/.test(text.slice(gap + 12, at));
}

function placeAt(pdf: Uint8Array, text: string, at: number): SealPlace | SealFault {
  const range = /^\/ByteRange\s{0,4}\[\s{0,4}0\s{1,4}(\d{1,10})\s{1,12}(\d{1,10})\s{1,12}(\d{1,10})\s{0,40}\]/.exec(
    text.slice(at, at + 128),
  );
  if (range === null) return "malformed";
  const [gapStart, gapEnd, rest] = range.slice(1).map(Number) as [number, number, number];
  const end = gapEnd + rest;
  // Other bytes after the range, or a range that leaves out more than the signature: not what was sealed.
  if (end > text.length || gapEnd <= gapStart) return "changed";
  if (gapEnd - gapStart > MAX_GAP_BYTES) return "malformed";
  const gap = text.slice(gapStart, gapEnd);
  if (!/^<(?:[0-9A-Fa-f]{2})+>$/.test(gap)) return "changed";
  if (!/\/Contents\s{0,4}$/.test(text.slice(Math.max(0, gapStart - 16), gapStart))) return "changed";
  const archive = end < text.length ? readArchiveUpdate(pdf, end) : undefined;
  if (end < text.length && archive === undefined) return "changed";
  const structure = Uint8Array.fromHex(gap.slice(1, -1));
  const claimedAtMs = claimedTime(text.slice(gapEnd, gapEnd + 256));
  return { gapStart, gapEnd, structure, claimedAtMs, sealed: Uint8Array.from(pdf.subarray(0, end)), archive };
}

function claimedTime(afterGap: string): number | undefined {
  const match = /^\s{0,4}\/M\s{0,4}\(D:(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z\)/.exec(afterGap);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
