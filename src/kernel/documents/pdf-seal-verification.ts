/**
 * Verifies the seal of a PDF without reading the PDF's structure.
 *
 * A seal counts only if its byte range covers every byte of the file but the hexadecimal text of the signature itself. Then
 * there is nothing that the signer did not sign, whatever tables and objects the file holds, and an update appended later
 * (the way most signed documents are forged) leaves the range short. Pure: WebCrypto alone.
 */

import { concatBytes, DerError } from "#lib/asn1/der";
import { type Certificate, commonName } from "./certificate.ts";
import { type PathFault, verifyPath } from "./certificate-path.ts";
import { sha256 } from "./ecdsa.ts";
import { verifySignedData } from "./signed-data.ts";

/** Document signing (RFC 9336). */
export const DOCUMENT_SIGNING_USE = "1.3.6.1.5.5.7.3.36";
const MAX_VERIFIED_BYTES = 32 * 1024 * 1024;
const MAX_GAP_BYTES = 131_072;
const MAX_CANDIDATES = 16;

/** Why a PDF does not count as sealed. */
export type SealFault = "not-sealed" | "changed" | "malformed" | "too-big" | PathFault;

export interface SealVerdict {
  readonly ok: true;
  /** Common name of the sealing authority, from its certificate. */
  readonly sealedBy: string;
  /** From the end certificate to the root. */
  readonly path: readonly Certificate[];
  /** When the signer says it was sealed; no third party vouches for it. */
  readonly claimedAtMs: number | undefined;
}

export interface SealTrust {
  /** Roots that the verifier trusts, DER. */
  readonly roots: readonly Uint8Array[];
  /** The moment at which certificates must be valid. */
  readonly atMs: number;
}

/** Verifies the last seal of a PDF. Bad files are a verdict, never an exception. */
export async function verifySealedPdf(
  pdf: Uint8Array,
  trust: SealTrust,
): Promise<SealVerdict | { readonly ok: false; readonly fault: SealFault }> {
  if (pdf.length > MAX_VERIFIED_BYTES) return { ok: false, fault: "too-big" };
  const place = findSeal(pdf);
  if (typeof place === "string") return { ok: false, fault: place };
  const covered = concatBytes([pdf.subarray(0, place.gapStart), pdf.subarray(place.gapEnd)]);
  try {
    const signed = await verifySignedData(place.structure, await sha256(covered));
    if (signed === undefined) return { ok: false, fault: "changed" };
    const verdict = await verifyPath({
      certificate: signed.signer.der,
      others: signed.certificates.map((certificate) => certificate.der),
      roots: trust.roots,
      atMs: trust.atMs,
      extendedKeyUse: DOCUMENT_SIGNING_USE,
    });
    if (!verdict.ok) return verdict;
    return { ok: true, sealedBy: commonName(signed.signer), path: verdict.path, claimedAtMs: place.claimedAtMs };
  } catch (error) {
    if (error instanceof DerError || error instanceof TypeError) return { ok: false, fault: "malformed" };
    throw error;
  }
}

interface SealPlace {
  readonly gapStart: number;
  readonly gapEnd: number;
  readonly structure: Uint8Array;
  readonly claimedAtMs: number | undefined;
}

/** The place of a seal, from the end; words of the document that look like one are passed over when another holds. */
function findSeal(pdf: Uint8Array): SealPlace | SealFault {
  const text = new TextDecoder("latin1").decode(pdf);
  let fault: SealFault = "not-sealed";
  let at = text.lastIndexOf("/ByteRange");
  for (let tries = 0; at >= 0 && tries < MAX_CANDIDATES; tries++) {
    const place = placeAt(text, at);
    if (typeof place !== "string") return place;
    if (fault !== "changed") fault = place;
    at = at === 0 ? -1 : text.lastIndexOf("/ByteRange", at - 1);
  }
  return fault;
}

function placeAt(text: string, at: number): SealPlace | SealFault {
  const range = /^\/ByteRange\s{0,4}\[\s{0,4}0\s{1,4}(\d{1,10})\s{1,12}(\d{1,10})\s{1,12}(\d{1,10})\s{0,40}\]/.exec(
    text.slice(at, at + 128),
  );
  if (range === null) return "malformed";
  const [gapStart, gapEnd, rest] = range.slice(1).map(Number) as [number, number, number];
  // Bytes after the range, or a range that leaves out more than the signature: not what was sealed.
  if (gapEnd + rest !== text.length || gapEnd <= gapStart) return "changed";
  if (gapEnd - gapStart > MAX_GAP_BYTES) return "malformed";
  const gap = text.slice(gapStart, gapEnd);
  if (!/^<(?:[0-9A-Fa-f]{2})+>$/.test(gap)) return "changed";
  if (!/\/Contents\s{0,4}$/.test(text.slice(Math.max(0, gapStart - 16), gapStart))) return "changed";
  const structure = fromHex(gap.slice(1, -1));
  return { gapStart, gapEnd, structure, claimedAtMs: claimedTime(text.slice(gapEnd, gapEnd + 256)) };
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

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}
