/**
 * The receipt of a package: short enough for a sheet of paper, typed in by hand or read from a printed code on the other side. It says what
 * became of one package and nothing else; all of it is determined by the package and the outcome, so that it carries no further bit.
 */
import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { verifyWith } from "#lib/crypto/purposes";
import type { VerifyingKey } from "#lib/crypto/suite";
import { fromPaper, type PaperFault, toPaper } from "#lib/paper/checked-lines";
import type { ContainerHead } from "./container.ts";

const PREFIX = "ZTF1";
const ID_BYTES = 16;
export const RECEIPT_DIGEST_BYTES = 16;
const SIGNATURE_BYTES = 64;
const FIXED_BYTES = 1 + 4 + ID_BYTES + RECEIPT_DIGEST_BYTES;

/** In this order as numbers on paper: only ever added to. */
export const OUTCOMES = [
  "accepted",
  "replayed",
  "out-of-order",
  "incomplete",
  "altered",
  "not-for-us",
  "unknown-sender",
  "not-released",
  "not-allowed",
] as const;
export type FerryOutcome = (typeof OUTCOMES)[number];

export interface Receipt {
  readonly outcome: FerryOutcome;
  readonly sequence: number;
  /** Of the package: a uuid. */
  readonly id: string;
  /** The first 16 bytes of the manifest's SHA-256; zeros where the package could not be opened. */
  readonly digest: Uint8Array;
}

type Link = Pick<ContainerHead, "from" | "to">;

/** What the receiving node signs. */
export function receiptMessage(receipt: Receipt, { from, to }: Link): Uint8Array {
  return concatBytes(utf8(`zhengtong-ferry-receipt\0${from}\0${to}\0`), fixedBytes(receipt));
}

/** @param signature 64 bytes, Ed25519 or SM2 */
export function writeReceipt(receipt: Receipt, signature: Uint8Array): string {
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError(`a signature has ${SIGNATURE_BYTES} bytes`);
  return toPaper(PREFIX, concatBytes(fixedBytes(receipt), signature));
}

/**
 * Reads a receipt and checks who signed it.
 * @returns a line that was mistyped, `not-readable`, or `forged`
 */
export function readReceipt(
  text: string,
  { link, key }: { readonly link: Link; readonly key: VerifyingKey },
): Receipt | PaperFault | "forged" {
  const bytes = fromPaper(PREFIX, text);
  if (!(bytes instanceof Uint8Array)) return bytes;
  const outcome = OUTCOMES[bytes[0] ?? OUTCOMES.length];
  if (bytes.length !== FIXED_BYTES + SIGNATURE_BYTES || outcome === undefined) return "not-readable";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const receipt: Receipt = {
    outcome,
    sequence: view.getUint32(1),
    id: uuidText(bytes.subarray(5, 5 + ID_BYTES)),
    digest: bytes.slice(5 + ID_BYTES, FIXED_BYTES),
  };
  const signature = bytes.subarray(FIXED_BYTES);
  const isSigned = verifyWith(["international", "national"], {
    key,
    message: receiptMessage(receipt, link),
    signature,
  });
  return isSigned ? receipt : "forged";
}

function fixedBytes({ outcome, sequence, id, digest }: Receipt): Uint8Array {
  if (digest.length !== RECEIPT_DIGEST_BYTES) throw new RangeError(`a digest has ${RECEIPT_DIGEST_BYTES} bytes here`);
  const bytes = new Uint8Array(FIXED_BYTES);
  bytes[0] = OUTCOMES.indexOf(outcome);
  new DataView(bytes.buffer).setUint32(1, sequence);
  bytes.set(Uint8Array.fromHex(id.replaceAll("-", "")), 5);
  bytes.set(digest, 5 + ID_BYTES);
  return bytes;
}

function uuidText(bytes: Uint8Array): string {
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
