/**
 * Hybrid public-key encryption in base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-GCM. Whoever holds the recipient's
 * private key opens; who sealed is not told, and is for a signature to say.
 */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import { concatBytes, utf8 } from "./bytes.ts";
import { hmacSha256, SHA256_SIZE_BYTES } from "./digest.ts";
import { KeyFormatError } from "./key-format-error.ts";

export const X25519_KEY_BYTES = 32;
const PKCS8_X25519_PREFIX = Uint8Array.fromHex("302e020100300506032b656e04220420"); // RFC 8410 §7
export const SPKI_X25519_PREFIX = Uint8Array.fromHex("302a300506032b656e032100"); // RFC 8410 §4
const KEM_ID = 0x0020;
const KDF_ID = 0x0001;
const NONCE_BYTES = 12;
const EMPTY = new Uint8Array(0);
const KEM_SUITE = concatBytes(utf8("KEM"), twoBytes(KEM_ID));

/** By the size of their key: AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 9180 §7.3). */
const AEAD_IDS = { 16: 0x0001, 32: 0x0002 } as const;

/** What both sides derive. */
export interface HpkeKeys {
  readonly key: Uint8Array;
  /** 12 bytes; the nonce of a message is this, exclusive-or its number. */
  readonly baseNonce: Uint8Array;
}

interface HpkeOptions {
  /** What the encryption is bound to; both sides give the same. */
  readonly info: Uint8Array;
  /** Default 32. */
  readonly keyBytes?: 16 | 32;
}

/** @param secret 32 bytes */
export function x25519PublicKey(secret: Uint8Array): Uint8Array {
  const der = createPublicKey(privateHandle(secret)).export({ format: "der", type: "spki" });
  return new Uint8Array(der).slice(SPKI_X25519_PREFIX.length);
}

/**
 * Keys for one recipient, and what the recipient needs to derive them too.
 * @param randomness 32 fresh bytes, of which the sender's one-time key is made
 * @throws {KeyFormatError} where the recipient's key gives no secret (RFC 7748 §6.1)
 */
export function hpkeSend(
  recipient: Uint8Array,
  randomness: Uint8Array,
  options: HpkeOptions,
): HpkeKeys & { readonly encapsulated: Uint8Array } {
  const encapsulated = x25519PublicKey(randomness);
  const shared = agree(randomness, recipient);
  return { ...scheduled(kemSecret(shared, encapsulated, recipient), options), encapsulated };
}

/** @throws {KeyFormatError} where the sender's key is none */
export function hpkeReceive(secret: Uint8Array, encapsulated: Uint8Array, options: HpkeOptions): HpkeKeys {
  const shared = agree(secret, encapsulated);
  return scheduled(kemSecret(shared, encapsulated, x25519PublicKey(secret)), options);
}

/** ExtractAndExpand of RFC 9180 §4.1. */
function kemSecret(shared: Uint8Array, encapsulated: Uint8Array, recipient: Uint8Array): Uint8Array {
  const extracted = labeledExtract(KEM_SUITE, EMPTY, { label: "eae_prk", material: shared });
  const context = concatBytes(encapsulated, recipient);
  return labeledExpand(KEM_SUITE, extracted, { label: "shared_secret", info: context, sizeBytes: SHA256_SIZE_BYTES });
}

/** KeySchedule of RFC 9180 §5.1 in base mode. */
function scheduled(shared: Uint8Array, { info, keyBytes = 32 }: HpkeOptions): HpkeKeys {
  const suite = concatBytes(utf8("HPKE"), twoBytes(KEM_ID), twoBytes(KDF_ID), twoBytes(AEAD_IDS[keyBytes]));
  const context = concatBytes(
    Uint8Array.of(0),
    labeledExtract(suite, EMPTY, { label: "psk_id_hash", material: EMPTY }),
    labeledExtract(suite, EMPTY, { label: "info_hash", material: info }),
  );
  const secret = labeledExtract(suite, shared, { label: "secret", material: EMPTY });
  return {
    key: labeledExpand(suite, secret, { label: "key", info: context, sizeBytes: keyBytes }),
    baseNonce: labeledExpand(suite, secret, { label: "base_nonce", info: context, sizeBytes: NONCE_BYTES }),
  };
}

const VERSION = utf8("HPKE-v1");

function labeledExtract(
  suite: Uint8Array,
  salt: Uint8Array,
  { label, material }: { readonly label: string; readonly material: Uint8Array },
): Uint8Array {
  return hmacSha256(salt, concatBytes(VERSION, suite, utf8(label), material));
}

/** What is asked for fits one block of the digest (RFC 5869 §2.3). */
function labeledExpand(
  suite: Uint8Array,
  secret: Uint8Array,
  { label, info, sizeBytes }: { readonly label: string; readonly info: Uint8Array; readonly sizeBytes: number },
): Uint8Array {
  const labeled = concatBytes(twoBytes(sizeBytes), VERSION, suite, utf8(label), info);
  return hmacSha256(secret, labeled, Uint8Array.of(1)).slice(0, sizeBytes);
}

function agree(secret: Uint8Array, other: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(diffieHellman({ privateKey: privateHandle(secret), publicKey: publicHandle(other) }));
  } catch (cause) {
    if (cause instanceof KeyFormatError) throw cause;
    throw new KeyFormatError("this key gives no shared secret", cause);
  }
}

function privateHandle(secret: Uint8Array): KeyObject {
  if (secret.length !== X25519_KEY_BYTES) throw new KeyFormatError("an X25519 key has 32 bytes");
  return createPrivateKey({ key: Buffer.from(concatBytes(PKCS8_X25519_PREFIX, secret)), format: "der", type: "pkcs8" });
}

function publicHandle(raw: Uint8Array): KeyObject {
  if (raw.length !== X25519_KEY_BYTES) throw new KeyFormatError("an X25519 key has 32 bytes");
  return createPublicKey({ key: Buffer.from(concatBytes(SPKI_X25519_PREFIX, raw)), format: "der", type: "spki" });
}

function twoBytes(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
