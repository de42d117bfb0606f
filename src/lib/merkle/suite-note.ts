/**
 * Signatures of notes in every suite. C2SP signed-note assigns the type byte 01 to Ed25519; a type without a byte of
 * its own is written ff and a longer identifier. Ours is the DER of an object identifier:
 *
 *     SM2 with SM3            ff 06 08 2a 81 1c cf 55 01 83 75   1.2.156.10197.1.501 (GM/T 0006), key 04 ‖ x ‖ y, signature r ‖ s
 *     Ed25519 with ML-DSA-65  ff 06 … (lib/crypto/hybrid.ts)     key and signature as that file lays them out
 *
 *     key id = SHA-256(name ‖ LF ‖ type ‖ key)[:4]
 *
 * SM2 signs the note's text under the default identity. Whoever does not know these types passes over their lines, as
 * the specification asks, and verifies the Ed25519 line. One name may have a key of each type: their ids differ.
 */
import { writeOid } from "#lib/asn1/der";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { concatBytes, equalBytes, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { HYBRID_OID, hybridFromRaw, hybridPublicKeyOf, hybridRaw } from "#lib/crypto/hybrid";
import { KeyFormatError } from "#lib/crypto/key-format-error";
import { ed25519FromRaw, ed25519Raw, publicKeyOf } from "#lib/crypto/keys";
import { suiteOfKey } from "#lib/crypto/purposes";
import { sm2PublicKey } from "#lib/crypto/sm2/keys";
import type { SigningKey, VerifyingKey } from "#lib/crypto/suite";
import { formatNote, type NoteSignature, parseNote } from "./note.ts";

/** A key that may sign notes, under its name. */
export interface SuiteNoteVerifier {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly key: VerifyingKey;
}

/** GM/T 0006: SM2 with SM3. */
const SM2_WITH_SM3_OID = "1.2.156.10197.1.501";
const UNASSIGNED = Uint8Array.of(0xff);

interface NoteKeyType {
  readonly type: Uint8Array;
  readonly read: (raw: Uint8Array) => VerifyingKey;
}

const TYPES: readonly NoteKeyType[] = [
  { type: Uint8Array.of(0x01), read: ed25519FromRaw },
  { type: concatBytes(UNASSIGNED, writeOid(SM2_WITH_SM3_OID)), read: sm2PublicKey },
  { type: concatBytes(UNASSIGNED, writeOid(HYBRID_OID)), read: hybridFromRaw },
];
const [ED25519, SM2, HYBRID] = TYPES as readonly [NoteKeyType, NoteKeyType, NoteKeyType];

/** Long enough for a key of ML-DSA-65 in base64. */
const VERIFIER_KEY_MAX_CHARACTERS = 4_096;
const VERIFIER_KEY = /^(?<name>[^+]{1,200})\+(?<keyId>[0-9a-f]{8})\+(?<encoded>[A-Za-z0-9+/=]+)$/;

/** Makes a verifier of a name and a key. @throws {TypeError} for ECDSA, which has no type here */
export function suiteNoteVerifier(name: string, key: VerifyingKey): SuiteNoteVerifier {
  const keyId = sha256(utf8(`${name}\n`), typedKey(key)).slice(0, 4);
  return Object.freeze({ name, keyId, key });
}

/** The verifier as one line: `name+keyid+base64(type ‖ key)`. */
export function formatSuiteVerifierKey({ name, keyId, key }: SuiteNoteVerifier): string {
  return `${name}+${keyId.toHex()}+${toBase64(typedKey(key))}`;
}

/** Reads a verifier's line; undefined when it is malformed, of an unknown type, or its key id does not fit its key. */
export function parseSuiteVerifierKey(line: string): SuiteNoteVerifier | undefined {
  if (line.length > VERIFIER_KEY_MAX_CHARACTERS) return undefined;
  const { name = "", keyId, encoded = "" } = VERIFIER_KEY.exec(line)?.groups ?? {};
  const typed = fromBase64(encoded) ?? new Uint8Array(0);
  const known = TYPES.find(({ type }) => equalBytes(typed.subarray(0, type.length), type));
  if (known === undefined || /[\s\p{C}]/u.test(name)) return undefined;
  try {
    const verifier = suiteNoteVerifier(name, known.read(typed.slice(known.type.length)));
    return verifier.keyId.toHex() === keyId ? verifier : undefined;
  } catch (error) {
    if (error instanceof KeyFormatError) return undefined;
    throw error;
  }
}

/** What to sign. */
export interface SuiteNoteInput {
  /** Ends with a line feed and has no other control characters. */
  readonly text: string;
  readonly name: string;
  readonly key: SigningKey;
  /** Up to 64 random bytes, for SM2. */
  readonly randomness?: Uint8Array;
}

/**
 * One signature of a text, to stand beside others in a note.
 * @throws {RangeError} when text or name are not fit for a note
 */
export function suiteNoteSignature({ text, name, key, ...rest }: SuiteNoteInput): NoteSignature {
  const { keyId } = suiteNoteVerifier(name, publicPartOf(key));
  const signature = suiteOfKey(key).sign({ key, message: utf8(text), ...rest });
  const signed: NoteSignature = { name, keyId, signature };
  if (parseNote(formatNote({ text, signatures: [signed] })) === undefined) {
    throw new RangeError(`"${name}" cannot sign this text`);
  }
  return signed;
}

/**
 * Reads a note and checks it against known keys, whatever their suites. Signatures of unknown keys are passed over; a
 * wrong signature of a known key condemns the note.
 * @returns the text and who signed, or undefined when no known key signed
 */
export function openSuiteNote(
  note: string | Uint8Array,
  verifiers: readonly SuiteNoteVerifier[],
): { readonly text: string; readonly signedBy: readonly SuiteNoteVerifier[] } | undefined {
  const parsed = parseNote(note);
  if (parsed === undefined) return undefined;
  const message = utf8(parsed.text);
  const signedBy: SuiteNoteVerifier[] = [];
  for (const { name, keyId, signature } of parsed.signatures) {
    const verifier = verifiers.find((known) => known.name === name && equalBytes(known.keyId, keyId));
    if (verifier === undefined || signedBy.includes(verifier)) continue;
    if (!suiteOfKey(verifier.key).verify({ key: verifier.key, message, signature })) return undefined;
    signedBy.push(verifier);
  }
  return signedBy.length > 0 ? { text: parsed.text, signedBy } : undefined;
}

function typedKey(key: VerifyingKey): Uint8Array {
  switch (key.algorithm) {
    case "EdDSA":
      return concatBytes(ED25519.type, ed25519Raw(key));
    case "SM2":
      return concatBytes(SM2.type, key.point);
    case "Ed25519+ML-DSA-65":
      return concatBytes(HYBRID.type, hybridRaw(key));
    case "ES256":
      throw new TypeError("notes are not signed with ECDSA");
  }
}

function publicPartOf(key: SigningKey): VerifyingKey {
  if (key.algorithm === "SM2") return key.publicKey;
  return key.algorithm === "Ed25519+ML-DSA-65" ? hybridPublicKeyOf(key) : publicKeyOf(key);
}
