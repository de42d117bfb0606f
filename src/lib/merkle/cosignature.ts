/**
 * C2SP tlog-cosignature: a witness has seen a checkpoint at a time, and vouches that it has seen no other log under that name. It
 * signs `cosignature/v1 LF time <seconds> LF <the checkpoint>` with Ed25519; its line in the note is timestamp ‖ signature.
 */
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { concatBytes, equalBytes, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { international } from "#lib/crypto/international";
import {
  ED25519_KEY_BYTES,
  ed25519FromRaw,
  ed25519Raw,
  type PrivateKey,
  type PublicKey,
  publicKeyOf,
} from "#lib/crypto/keys";
import { type NoteSignature, parseNote } from "./note.ts";

const COSIGNATURE_TYPE = 0x04;
const TIME_BYTES = 8;
const WITNESS_KEY = /^(?<name>[^\s+]{1,200})\+(?<keyId>[0-9a-f]{8})\+(?<encoded>[A-Za-z0-9+/=]{1,100})$/u;

/** A witness's public key, under its name. */
export interface WitnessKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly key: PublicKey;
}

/** When a witness vouched for a checkpoint. */
export interface Cosignature {
  readonly witness: WitnessKey;
  /** Seconds since 1970. */
  readonly at: number;
}

export function witnessKey(name: string, key: PublicKey): WitnessKey {
  const typed = concatBytes(Uint8Array.of(COSIGNATURE_TYPE), ed25519Raw(key));
  return Object.freeze({ name, keyId: sha256(utf8(`${name}\n`), typed).slice(0, 4), key });
}

/** The key as one line: `name+keyid+base64(04 ‖ key)`. */
export function formatWitnessKey({ name, keyId, key }: WitnessKey): string {
  return `${name}+${keyId.toHex()}+${toBase64(concatBytes(Uint8Array.of(COSIGNATURE_TYPE), ed25519Raw(key)))}`;
}

/** Reads a witness's line; undefined when it is malformed, of another type, or its key id does not fit its key. */
export function parseWitnessKey(line: string): WitnessKey | undefined {
  const { name, keyId, encoded } = WITNESS_KEY.exec(line)?.groups ?? {};
  const typed = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || typed?.length !== 1 + ED25519_KEY_BYTES || typed[0] !== COSIGNATURE_TYPE) return undefined;
  const witness = witnessKey(name, ed25519FromRaw(typed.slice(1)));
  return witness.keyId.toHex() === keyId ? witness : undefined;
}

/**
 * Cosigns a checkpoint.
 * @param text the checkpoint's text, without signatures
 * @param at seconds since 1970
 */
export function cosign(
  text: string,
  at: number,
  witness: { readonly name: string; readonly key: PrivateKey },
): NoteSignature {
  const signature = international.sign({ key: witness.key, message: cosigned(text, at) });
  return cosignatureOf(witnessKey(witness.name, publicKeyOf(witness.key)), at, signature);
}

/** A cosignature whose signature over {@link cosigned} was made elsewhere: where keys live that never leave. */
export function cosignatureOf({ name, keyId }: WitnessKey, at: number, signature: Uint8Array): NoteSignature {
  return { name, keyId, signature: concatBytes(timeBytes(at), signature) };
}

/** A signature as a line of a note, with its line feed. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  return `\u2014 ${name} ${toBase64(concatBytes(keyId, signature))}\n`;
}

/**
 * Which of the witnesses vouched for a note, and when. A wrong signature of a known witness condemns the note.
 * @returns undefined when the note is malformed or a known witness's signature is wrong
 */
export function openCosignatures(note: string, witnesses: readonly WitnessKey[]): readonly Cosignature[] | undefined {
  const parsed = parseNote(note);
  if (parsed === undefined) return undefined;
  const found = new Map<WitnessKey, Cosignature>();
  for (const { name, keyId, signature } of parsed.signatures) {
    const witness = witnesses.find((known) => known.name === name && equalBytes(known.keyId, keyId));
    if (witness === undefined || found.has(witness)) continue;
    const at = signature.length > TIME_BYTES ? readTime(signature) : undefined;
    if (at === undefined) return undefined;
    const message = cosigned(parsed.text, at);
    if (!international.verify({ key: witness.key, message, signature: signature.slice(TIME_BYTES) })) return undefined;
    found.set(witness, { witness, at });
  }
  return [...found.values()];
}

/** What a witness signs. @param at seconds since 1970 */
export function cosigned(text: string, at: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${at}\n${text}`);
}

function timeBytes(at: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(at));
  return bytes;
}

function readTime(signature: Uint8Array): number | undefined {
  const at = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  return Number.isSafeInteger(at) ? at : undefined;
}
