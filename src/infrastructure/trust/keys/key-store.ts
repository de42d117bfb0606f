/**
 * Where signing keys live. Nobody outside gets a private key: what leaves is a public key or a signature, so that a
 * hardware module (PKCS#11) can stand behind the same interface.
 */

import type { Text } from "#lib/language/text";

/** `hybrid`: Ed25519 with ML-DSA-65 (`lib/crypto/hybrid.ts`). */
export type KeyAlgorithm = "p256" | "ed25519" | "sm2" | "hybrid";

/** A key's public half. */
export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly info: Uint8Array;
}

export interface KeyStore {
  /** What an operator should know about how these keys are kept; undefined when nothing is wrong with it. */
  readonly warning: Text | undefined;
  /** Gives the public key, making the pair first when there is none. Two callers at once get the same key. */
  ensureKey(label: string, algorithm: KeyAlgorithm): Promise<PublicKey>;
  /** Gives the public key, or undefined. */
  findKey(label: string): Promise<PublicKey | undefined>;
  /** Signs: ECDSA with SHA-256 or SM2 with SM3 (default identity), each in DER; Ed25519; or the hybrid pair. Throws ERR_TRUST_KEY_MISSING for an unknown label. */
  sign(label: string, data: Uint8Array): Promise<Uint8Array>;
}

/** A label is a path of lower-case words: `seal/990121-scjg/licensing`. */
export const KEY_LABEL = /^[a-z0-9][a-z0-9._/-]{0,190}$/;
