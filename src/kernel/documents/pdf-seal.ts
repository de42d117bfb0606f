/** Seals a PDF (PAdES baseline B-B): the signature covers the whole file but its own place. */
import { concatBytes } from "#lib/asn1/der";
import { sha256 } from "./ecdsa.ts";
import { MAX_SIGNATURE_BYTES, makeRoomForSeal, type SealablePdf, type SealNote } from "./pdf-placeholder.ts";
import { type DocumentSigner, writeSignedData } from "./signed-data.ts";

/** Makes room in a PDF and seals it. @throws {RangeError} as `makeRoomForSeal` and `fillSeal` do */
export async function sealPdf(
  pdf: Uint8Array,
  signer: DocumentSigner,
  note: SealNote,
): Promise<Uint8Array<ArrayBuffer>> {
  return fillSeal(await makeRoomForSeal(pdf, note), signer);
}

/**
 * Signs a PDF that has room for its seal (a digest and one signature: cheap enough for the main thread).
 * @throws {RangeError} when the certificates are too many for the room
 */
export async function fillSeal(room: SealablePdf, signer: DocumentSigner): Promise<Uint8Array<ArrayBuffer>> {
  const covered = concatBytes([room.bytes.subarray(0, room.gapStart), room.bytes.subarray(room.gapEnd)]);
  const structure = await writeSignedData(await sha256(covered), signer);
  if (structure.length > MAX_SIGNATURE_BYTES) throw new RangeError("the certificates do not fit into the seal");
  const sealed = Uint8Array.from(room.bytes);
  Buffer.from(sealed.buffer).write(Buffer.from(structure).toString("hex"), room.gapStart + 1, "latin1");
  return sealed;
}
