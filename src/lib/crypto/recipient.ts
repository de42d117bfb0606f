/**
 * Encryption for one recipient, in the suite of the recipient's key: HPKE (RFC 9180) or SM2 (GB/T 32918.4) carries a secret, from which the
 * key of AES-256-GCM or SM4-GCM and its nonces derive. What is long is sealed in numbered pieces, of which the last says that it is: a
 * piece that is changed, moved, repeated or left out at the end does not open (the STREAM construction of Hoang, Reyhanitabar, Rogaway
 * and Vizár, "Online authenticated-encryption and its nonce-reuse misuse-resistance", CRYPTO 2015).
 */
import { concatBytes, utf8 } from "./bytes.ts";
import { hpkeReceive, hpkeSend, SPKI_X25519_PREFIX, X25519_KEY_BYTES, x25519PublicKey } from "./hpke.ts";
import { international } from "./international.ts";
import { KeyFormatError } from "./key-format-error.ts";
import { national } from "./national.ts";
import { sm2Decrypt, sm2Encrypt } from "./sm2/encryption.ts";
import { sm2PublicKeyFromSpki, sm2SpkiOf } from "./sm2/key-files.ts";
import { generateSm2Key, SM2_GENERATION_BYTES, sm2PublicKey } from "./sm2/keys.ts";
import { hmacSm3 } from "./sm3.ts";
import type { CryptoSuite } from "./suite.ts";

type Suite = CryptoSuite["name"];

/** Whom something is encrypted for. */
export interface RecipientKey {
  readonly suite: Suite;
  /** X25519: 32 bytes; SM2: 04 ‖ x ‖ y. */
  readonly publicKey: Uint8Array;
}

/** SubjectPublicKeyInfo, DER (RFC 8410, GM/T 0003). */
export function recipientSpki({ suite, publicKey }: RecipientKey): Uint8Array {
  return suite === "national" ? sm2SpkiOf(sm2PublicKey(publicKey)) : concatBytes(SPKI_X25519_PREFIX, publicKey);
}

/** @returns undefined for what is none of that suite */
export function recipientFromSpki(suite: Suite, der: Uint8Array): RecipientKey | undefined {
  if (suite === "national") {
    try {
      return { suite, publicKey: sm2PublicKeyFromSpki(der).point };
    } catch {
      return undefined;
    }
  }
  const [prefix, publicKey] = [der.slice(0, SPKI_X25519_PREFIX.length), der.slice(SPKI_X25519_PREFIX.length)];
  const isX25519 = prefix.every((byte, place) => byte === SPKI_X25519_PREFIX[place]);
  return isX25519 && publicKey.length === X25519_KEY_BYTES ? { suite, publicKey } : undefined;
}

/** As the recipient keeps it: bytes of which the key is made. */
export interface RecipientSecret {
  readonly suite: Suite;
  /** 48 bytes */
  readonly seed: Uint8Array;
}

export const RECIPIENT_SEED_BYTES = SM2_GENERATION_BYTES;
export const RECIPIENT_RANDOMNESS_BYTES = 64;
/** Pieces that one key seals at the most, so that nonces do not repeat. */
export const PIECES_MAX = 2 ** 32 - 1;
const NATIONAL_SECRET_BYTES = 32;

/** Seals or opens the numbered pieces of one content. */
export interface PieceKeys {
  readonly suite: CryptoSuite;
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
}

export function recipientKeyOf({ suite, seed }: RecipientSecret): RecipientKey {
  const publicKey = suite === "national" ? generateSm2Key(seed).publicKey.point : x25519PublicKey(x25519Secret(seed));
  return { suite, publicKey };
}

/**
 * @param randomness 64 fresh bytes
 * @param info what it is for and bound to; the recipient gives the same
 * @throws {KeyFormatError} for a key that is none
 */
export function sealFor(
  recipient: RecipientKey,
  { randomness, info }: { readonly randomness: Uint8Array; readonly info: Uint8Array },
): { readonly wrapped: Uint8Array; readonly keys: PieceKeys } {
  if (randomness.length !== RECIPIENT_RANDOMNESS_BYTES) throw new RangeError("another amount of randomness");
  const [one, two] = [randomness.slice(0, NATIONAL_SECRET_BYTES), randomness.slice(NATIONAL_SECRET_BYTES)];
  if (recipient.suite === "international") {
    const { encapsulated, key, baseNonce } = hpkeSend(recipient.publicKey, one, { info });
    return { wrapped: encapsulated, keys: { suite: international, key, baseNonce } };
  }
  const wrapped = sm2Encrypt({ key: sm2PublicKey(recipient.publicKey), plaintext: one, randomness: two });
  return { wrapped, keys: nationalKeys(one, info) };
}

/** @returns undefined where it was wrapped for somebody else, or changed */
export function openFor(
  secret: RecipientSecret,
  { wrapped, info }: { readonly wrapped: Uint8Array; readonly info: Uint8Array },
): PieceKeys | undefined {
  if (secret.suite === "national") {
    const opened = sm2Decrypt({ key: generateSm2Key(secret.seed), ciphertext: wrapped });
    return opened?.length === NATIONAL_SECRET_BYTES ? nationalKeys(opened, info) : undefined;
  }
  try {
    return { suite: international, ...hpkeReceive(x25519Secret(secret.seed), wrapped, { info }) };
  } catch (error) {
    if (error instanceof KeyFormatError) return undefined;
    throw error;
  }
}

export function sealPiece(
  keys: PieceKeys,
  { index, isLast, plaintext }: { readonly index: number; readonly isLast: boolean; readonly plaintext: Uint8Array },
): Uint8Array {
  const { suite, key } = keys;
  return suite.seal({ key, nonce: nonceOf(keys, index), plaintext, associatedData: Uint8Array.of(isLast ? 1 : 0) });
}

/** @returns undefined where this is not that piece of that content */
export function openPiece(
  keys: PieceKeys,
  { index, isLast, ciphertext }: { readonly index: number; readonly isLast: boolean; readonly ciphertext: Uint8Array },
): Uint8Array | undefined {
  const { suite, key } = keys;
  return suite.open({ key, nonce: nonceOf(keys, index), ciphertext, associatedData: Uint8Array.of(isLast ? 1 : 0) });
}

function nonceOf({ baseNonce }: PieceKeys, index: number): Uint8Array {
  if (!Number.isInteger(index) || index < 0 || index > PIECES_MAX) throw new RangeError(`no piece ${index}`);
  const nonce = baseNonce.slice();
  const view = new DataView(nonce.buffer);
  view.setUint32(nonce.length - 4, view.getUint32(nonce.length - 4) ^ index);
  return nonce;
}

function nationalKeys(secret: Uint8Array, info: Uint8Array): PieceKeys {
  const derived = (label: string) => hmacSm3(secret, concatBytes(utf8(`zhengtong.recipient.${label}\0`), info));
  return {
    suite: national,
    key: derived("key").slice(0, national.sealKeyBytes),
    baseNonce: derived("nonce").slice(0, national.sealNonceBytes),
  };
}

function x25519Secret(seed: Uint8Array): Uint8Array {
  if (seed.length !== RECIPIENT_SEED_BYTES)
    throw new KeyFormatError(`a recipient's key is made of ${RECIPIENT_SEED_BYTES} bytes`);
  return seed.slice(0, X25519_KEY_BYTES);
}
