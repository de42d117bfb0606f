import type { HybridPrivateKey, HybridPublicKey } from "./hybrid.ts";
import type { PrivateKey, PublicKey, SignatureAlgorithm, SignatureEncoding } from "./keys.ts";
import type { Sm2PrivateKey, Sm2PublicKey } from "./sm2/keys.ts";

/** The keys of all suites. `algorithm` tells them apart. */
export type SigningKey = PrivateKey | Sm2PrivateKey | HybridPrivateKey;
export type VerifyingKey = PublicKey | Sm2PublicKey | HybridPublicKey;
export type SuiteAlgorithm = SignatureAlgorithm | "SM2" | "Ed25519+ML-DSA-65";
export type SuiteName = "international" | "national" | "hybrid";

/** What to sign and with what. `encoding` matters for elliptic-curve signatures alone; default "raw" (r ‖ s). */
export interface SignInput {
  readonly key: SigningKey;
  readonly message: Uint8Array;
  readonly encoding?: SignatureEncoding;
  /**
   * Up to 64 random bytes that SM2 mixes into its nonce, which is safe without them; other algorithms take what they
   * need from Node.
   */
  readonly randomness?: Uint8Array;
}

export interface VerifyInput {
  readonly key: VerifyingKey;
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

/** Signatures alone: what every suite has. */
export interface SignatureSuite {
  readonly name: SuiteName;
  readonly signatureAlgorithms: readonly SuiteAlgorithm[];
  /** @throws {TypeError} for a key of another suite: that is a mistake of the program */
  sign(input: SignInput): Uint8Array;
  /** False, too, for a key of another suite. Never throws on bad signatures. */
  verify(input: VerifyInput): boolean;
}

/**
 * The algorithms that a node uses together: `international.ts` or `national.ts` (SM2, SM3, SM4). Which suite serves
 * which purpose is told by `purposes.ts`.
 */
export interface CryptoSuite extends SignatureSuite {
  readonly name: "international" | "national";
  readonly digestName: "sha-256" | "sm3";
  readonly sealKeyBytes: number;
  readonly sealNonceBytes: number;
  readonly sealTagBytes: number;
  digest(...parts: readonly Uint8Array[]): Uint8Array;
  /** HMAC with the suite's digest. A key's bytes must not change after it was used. */
  mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** Encrypts and authenticates; the tag stands at the end. */
  seal(input: SealInput): Uint8Array;
  /** @returns undefined when key, nonce, associated data or ciphertext are not those of the seal */
  open(input: OpenInput): Uint8Array | undefined;
}
