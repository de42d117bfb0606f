/**
 * Seals a PDF: the signature covers the whole file but its own place (PAdES baseline B-B); with a time stamp authority and
 * evidence at hand, signature and file are stamped and the evidence added (B-LTA, ETSI EN 319 142-1 §6.3), so that it still
 * verifies when the certificates have ended.
 */
import { sha256 } from "#lib/crypto/digest";
import { addEvidence, type Evidence, fillStamp } from "./pdf-archive.ts";
import { makeRoomForSeal, type SealablePdf, type SealNote } from "./pdf-placeholder.ts";
import { type DocumentSigner, writeSignedData } from "./signed-data.ts";

/** Who stamps times, and what proves that the signer's certificate is in force. */
export interface LongTerm {
  /** Stamps a SHA-256 digest: a token (RFC 3161) with the certificate of whoever stamped it, and those above it. */
  readonly stamp: (digest: Uint8Array, carrying: "path" | "own") => Promise<Uint8Array>;
  /** The room that its tokens need in a file, without the certificates above. */
  readonly stampRoomBytes: number;
  /** Asked after the signature was stamped. */
  readonly evidence: () => Promise<Evidence>;
}

/** Makes room in a PDF and seals it. @throws {RangeError} as `makeRoomForSeal` and `fillSeal` do */
export async function sealPdf(
  pdf: Uint8Array,
  signer: DocumentSigner,
  note: SealNote,
  longTerm?: LongTerm,
): Promise<Uint8Array<ArrayBuffer>> {
  const sealed = await fillSeal(makeRoomForSeal(pdf, note), signer, longTerm);
  if (longTerm === undefined) return sealed;
  const room = addEvidence(sealed, await longTerm.evidence(), longTerm.stampRoomBytes);
  // What stands above its certificate is in the evidence, which it covers: nothing of it can be changed without a trace.
  return fillStamp(room, await longTerm.stamp(digestAround(room), "own"));
}

/**
 * Signs a PDF that has room for its seal (a digest and one signature: cheap enough for the main thread).
 * @throws {RangeError} when the certificates are too many for the room
 */
export async function fillSeal(
  room: SealablePdf,
  signer: DocumentSigner,
  longTerm?: Pick<LongTerm, "stamp">,
): Promise<Uint8Array<ArrayBuffer>> {
  const stamp = longTerm && ((digest: Uint8Array) => longTerm.stamp(digest, "path"));
  const structure = await writeSignedData(digestAround(room), signer, stamp);
  if (structure.length * 2 + 2 > room.gapEnd - room.gapStart)
    throw new RangeError("the certificates do not fit into the seal");
  const sealed = Uint8Array.from(room.bytes);
  Buffer.from(sealed.buffer).write(Buffer.from(structure).toString("hex"), room.gapStart + 1, "latin1");
  return sealed;
}

/** SHA-256 of everything but the gap. */
export function digestAround(room: {
  readonly bytes: Uint8Array;
  readonly gapStart: number;
  readonly gapEnd: number;
}): Uint8Array {
  return sha256(room.bytes.subarray(0, room.gapStart), room.bytes.subarray(room.gapEnd));
}
