import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { concatBytes, equalBytes, fromUtf8, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { international } from "#lib/crypto/international";
import { ed25519FromRaw, ed25519Raw, type PrivateKey, type PublicKey, publicKeyOf } from "#lib/crypto/keys";

/** C2SP signed-note: a text, a blank line, and lines of signatures. */
export interface Note {
  /** Ends with a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** 4 bytes that tell keys of one name apart; not a fingerprint to trust */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A key that may sign notes, under its name. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly key: PublicKey;
}

export const NOTE_MAX_BYTES = 64 * 1024;
export const NOTE_SIGNATURES_MAX = 64;
const ED25519_TYPE = 0x01;
const DASH = "\u2014";
const NAME = /^[^\s+\p{C}]{1,200}$/u;

/** Makes a verifier of a name and an Ed25519 public key. */
export function noteVerifier(name: string, key: PublicKey): NoteVerifier {
  assertName(name);
  return Object.freeze({ name, keyId: noteKeyId(name, ed25519Raw(key)), key });
}

/** The key id: the first 4 bytes of SHA-256(name ‖ LF ‖ type ‖ public key). */
export function noteKeyId(name: string, rawKey: Uint8Array): Uint8Array {
  return sha256(utf8(`${name}\n`), Uint8Array.of(ED25519_TYPE), rawKey).slice(0, 4);
}

/** The verifier as one line: `name+keyid+base64(type ‖ public key)`. */
export function formatVerifierKey(verifier: NoteVerifier): string {
  const typed = concatBytes(Uint8Array.of(ED25519_TYPE), ed25519Raw(verifier.key));
  return `${verifier.name}+${verifier.keyId.toHex()}+${toBase64(typed)}`;
}

/** Reads a verifier's line; undefined when it is malformed, of another type, or its key id does not fit its key. */
export function parseVerifierKey(line: string): NoteVerifier | undefined {
  const [, name, keyId, encoded] = /^([^+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,200})$/.exec(line) ?? [];
  if (name === undefined || encoded === undefined || !NAME.test(name)) return undefined;
  const typed = fromBase64(encoded);
  if (typed === undefined || typed.length !== 33 || typed[0] !== ED25519_TYPE) return undefined;
  const verifier = noteVerifier(name, ed25519FromRaw(typed.slice(1)));
  return verifier.keyId.toHex() === keyId ? verifier : undefined;
}

/** Signs a text and returns the note's bytes as text. */
export function signNote(text: string, name: string, key: PrivateKey): string {
  return formatNote({ text, signatures: [noteSignature(text, name, key)] });
}

/** One signature of a text. */
export function noteSignature(text: string, name: string, key: PrivateKey): NoteSignature {
  assertName(name);
  assertText(text);
  const signature = international.sign({ key, message: utf8(text) });
  return { name, keyId: noteKeyId(name, ed25519Raw(publicKeyOf(key))), signature };
}

/** Writes a note. */
export function formatNote({ text, signatures }: Note): string {
  assertText(text);
  const lines = signatures.map(
    ({ name, keyId, signature }) => `${DASH} ${name} ${toBase64(concatBytes(keyId, signature))}\n`,
  );
  return `${text}\n${lines.join("")}`;
}

/** Reads a note; undefined when it is malformed. Signatures are not checked: see {@link openNote}. */
export function parseNote(note: string | Uint8Array): Note | undefined {
  const whole = typeof note === "string" ? note : decode(note);
  if (whole === undefined || whole.length > NOTE_MAX_BYTES || hasControl(whole)) return undefined;
  const split = whole.lastIndexOf("\n\n");
  if (split < 0 || !whole.endsWith("\n")) return undefined;
  const lines = whole.slice(split + 2, -1).split("\n");
  if (lines.length > NOTE_SIGNATURES_MAX) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [dash, name, encoded, ...more] = line.split(" ");
    const bytes = encoded === undefined ? undefined : fromBase64(encoded);
    if (dash !== DASH || name === undefined || !NAME.test(name) || bytes === undefined || more.length > 0) return;
    if (bytes.length < 5) return undefined;
    signatures.push({ name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) });
  }
  return { text: whole.slice(0, split + 1), signatures };
}

/**
 * Reads a note and checks it against known keys. Signatures of unknown keys are passed over; a wrong signature of a
 * known key condemns the note, as the specification asks.
 * @returns the text and who signed, or undefined when no known key signed
 */
export function openNote(
  note: string | Uint8Array,
  verifiers: readonly NoteVerifier[],
): { readonly text: string; readonly signedBy: readonly NoteVerifier[] } | undefined {
  const parsed = parseNote(note);
  if (parsed === undefined) return undefined;
  const message = utf8(parsed.text);
  const signedBy: NoteVerifier[] = [];
  for (const { name, keyId, signature } of parsed.signatures) {
    const verifier = verifiers.find((known) => known.name === name && equalBytes(known.keyId, keyId));
    if (verifier === undefined || signedBy.includes(verifier)) continue;
    if (!international.verify({ key: verifier.key, message, signature })) return undefined;
    signedBy.push(verifier);
  }
  return signedBy.length > 0 ? { text: parsed.text, signedBy } : undefined;
}

function assertName(name: string): void {
  if (!NAME.test(name)) throw new RangeError(`"${name}" cannot name a key`);
}

function assertText(text: string): void {
  if (!text.endsWith("\n") || !text.isWellFormed() || hasControl(text)) {
    throw new RangeError("a note's text ends with a line feed and has no other control characters");
  }
}

function hasControl(value: string): boolean {
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) < 0x20 && value[at] !== "\n") return true;
  return false;
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.length > NOTE_MAX_BYTES) return undefined;
  try {
    return fromUtf8(bytes);
  } catch {
    return undefined;
  }
}
