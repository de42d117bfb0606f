/** What a log sends to its witness (C2SP tlog-witness, `add-checkpoint`): `old <size>`, a consistency proof, a blank line, the note. */
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { HASH_SIZE_BYTES } from "./hash.ts";
import { NOTE_MAX_BYTES } from "./note.ts";

/** The specification allows no longer proof. */
export const WITNESS_PROOF_MAX_HASHES = 63;
export const WITNESS_REQUEST_MAX_BYTES = NOTE_MAX_BYTES + 64 * 64;

export interface WitnessRequest {
  /** Of the tree that the witness is believed to have seen last. */
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: string;
}

export function formatWitnessRequest({ oldSize, proof, note }: WitnessRequest): string {
  return [`old ${oldSize}`, ...proof.map((hash) => toBase64(hash)), "", note].join("\n");
}

/** Reads a request; undefined when it is malformed. */
export function parseWitnessRequest(body: string): WitnessRequest | undefined {
  if (body.length > WITNESS_REQUEST_MAX_BYTES) return undefined;
  const split = body.indexOf("\n\n");
  if (split < 0) return undefined;
  const [first = "", ...lines] = body.slice(0, split).split("\n");
  const size = /^old (?<size>0|[1-9][0-9]{0,15})$/.exec(first)?.groups?.["size"];
  if (size === undefined || !Number.isSafeInteger(Number(size)) || lines.length > WITNESS_PROOF_MAX_HASHES)
    return undefined;
  const proof = lines.map((line) => fromBase64(line));
  if (!proof.every((hash) => hash?.length === HASH_SIZE_BYTES)) return undefined;
  return { oldSize: Number(size), proof: proof as Uint8Array[], note: body.slice(split + 2) };
}
