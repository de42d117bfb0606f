import type { PrivateKey, PublicKey, SignatureAlgorithm, SignatureEncoding } from "./keys.ts";

/** What to sign and with what. `encoding` matters for elliptic-curve signatures alone; default "raw" (r ‖ s). */
export interface SignInput {
  readonly key: PrivateKey;
  readonly message: Uint8Array;
  readonly encoding?: SignatureEncoding;
}

export interface VerifyInput {
  readonly key: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly encoding?: SignatureEncoding;
}

/** `nonce` must never be used twice with one key. */
export interface SealInput {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly associatedData: Uint8Array;
}

export interface OpenInput {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly associatedData: Uint8Array;
}

/**
 * The algorithms that a node uses together. The international suite is in `international.ts`; the national one
 * (SM2, SM3, SM4) has the same shape.
 */
export interface CryptoSuite {
  readonly name: "international" | "national";
  readonly digestName: "sha-256" | "sm3";
  readonly signatureAlgorithms: readonly SignatureAlgorithm[];
  readonly sealKeyBytes: number;
  readonly sealNonceBytes: number;
  readonly sealTagBytes: number;
  digest(...parts: readonly Uint8Array[]): Uint8Array;
  sign(input: SignInput): Uint8Array;
  verify(input: VerifyInput): boolean;
  /** Encrypts and authenticates; the tag stands at the end. */
  seal(input: SealInput): Uint8Array;
  /** @returns undefined when key, nonce, associated data or ciphertext are not those of the seal */
  open(input: OpenInput): Uint8Array | undefined;
}
