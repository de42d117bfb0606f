/**
 * Ed25519 and ML-DSA-65 (FIPS 204) together, for seals and checkpoints that must hold longer than elliptic curves may:
 * a signature is good only if both are, so that it is forged only by whoever breaks both.
 *
 * A scheme of our own, identified by {@link HYBRID_OID}:
 *
 *     M'        = "zhengtong/ed25519+ml-dsa-65/1" ‖ 00 ‖ SHA-512(message)
 *     signature = Ed25519(M'), 64 bytes ‖ ML-DSA-65(M'), 3,309 bytes
 *     key       = Ed25519 key, 32 bytes ‖ ML-DSA-65 key, 1,952 bytes
 *
 * The prefix keeps either half from passing as a signature of its own. Sizes are fixed, so there is one way to take a
 * signature apart.
 */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";
import { concatBytes, utf8 } from "./bytes.ts";
import { international } from "./international.ts";
import { KeyFormatError } from "./key-format-error.ts";
import {
  ED25519_KEY_BYTES,
  ed25519FromRaw,
  ed25519FromSeed,
  ed25519Raw,
  type PrivateKey,
  type PublicKey,
  publicKeyOf,
} from "./keys.ts";
import type { SignatureSuite } from "./suite.ts";

/** Under the arc of our own policies (a UUID, ITU-T X.667). */
export const HYBRID_OID = "2.25.7786914701326341539299527814196259909.4.1";
export const HYBRID_SEED_BYTES = 64;
const ED25519_SIGNATURE_BYTES = 64;
const ML_DSA_KEY_BYTES = 1_952;
const ML_DSA_SEED_BYTES = 32;
const ML_DSA_SIGNATURE_BYTES = 3_309;
export const HYBRID_PUBLIC_KEY_BYTES = ED25519_KEY_BYTES + ML_DSA_KEY_BYTES;
export const HYBRID_SIGNATURE_BYTES = ED25519_SIGNATURE_BYTES + ML_DSA_SIGNATURE_BYTES;

const PREFIX = utf8("zhengtong/ed25519+ml-dsa-65/1\0");
/** RFC 9881 §6: PrivateKeyInfo of ML-DSA-65 with the seed alone. */
const PKCS8_ML_DSA_PREFIX = Uint8Array.fromHex("3034020100300b060960864801650304031204228020");
/** RFC 9881 §4: SubjectPublicKeyInfo of ML-DSA-65. */
const SPKI_ML_DSA_PREFIX = Uint8Array.fromHex("308207b2300b0609608648016503040312038207a100");

export interface HybridPrivateKey {
  readonly kind: "private";
  readonly algorithm: "Ed25519+ML-DSA-65";
  readonly classical: PrivateKey;
  readonly postQuantum: KeyObject;
}

export interface HybridPublicKey {
  readonly kind: "public";
  readonly algorithm: "Ed25519+ML-DSA-65";
  readonly classical: PublicKey;
  readonly postQuantum: KeyObject;
}

/**
 * Makes a pair of keys.
 * @param seed 64 secret bytes: 32 for Ed25519, 32 for ML-DSA-65 (FIPS 204 §3.6.3)
 * @throws {KeyFormatError}
 */
export function hybridFromSeed(seed: Uint8Array): HybridPrivateKey {
  if (seed.length !== HYBRID_SEED_BYTES) throw new KeyFormatError(`a seed has ${HYBRID_SEED_BYTES} bytes`);
  const second = seed.subarray(HYBRID_SEED_BYTES - ML_DSA_SEED_BYTES);
  const der = Buffer.from(concatBytes(PKCS8_ML_DSA_PREFIX, second));
  return Object.freeze({
    kind: "private",
    algorithm: "Ed25519+ML-DSA-65",
    classical: ed25519FromSeed(seed.slice(0, ED25519_KEY_BYTES)),
    postQuantum: createPrivateKey({ key: der, format: "der", type: "pkcs8" }),
  });
}

/** @param raw Ed25519 key ‖ ML-DSA-65 key @throws {KeyFormatError} */
export function hybridFromRaw(raw: Uint8Array): HybridPublicKey {
  if (raw.length !== HYBRID_PUBLIC_KEY_BYTES) throw new KeyFormatError(`a key has ${HYBRID_PUBLIC_KEY_BYTES} bytes`);
  const der = Buffer.from(concatBytes(SPKI_ML_DSA_PREFIX, raw.subarray(ED25519_KEY_BYTES)));
  return Object.freeze({
    kind: "public",
    algorithm: "Ed25519+ML-DSA-65",
    classical: ed25519FromRaw(raw.slice(0, ED25519_KEY_BYTES)),
    postQuantum: createPublicKey({ key: der, format: "der", type: "spki" }),
  });
}

export function hybridPublicKeyOf(key: HybridPrivateKey): HybridPublicKey {
  return Object.freeze({
    kind: "public",
    algorithm: key.algorithm,
    classical: publicKeyOf(key.classical),
    postQuantum: createPublicKey(key.postQuantum),
  });
}

/** Ed25519 key ‖ ML-DSA-65 key. */
export function hybridRaw(key: HybridPublicKey): Uint8Array {
  const spki = key.postQuantum.export({ format: "der", type: "spki" });
  return concatBytes(ed25519Raw(key.classical), spki.subarray(SPKI_ML_DSA_PREFIX.length));
}

/** Ed25519 beside ML-DSA-65; both must verify. */
export const hybrid: SignatureSuite = Object.freeze<SignatureSuite>({
  name: "hybrid",
  signatureAlgorithms: ["Ed25519+ML-DSA-65"],

  sign({ key, message }) {
    if (key.algorithm !== "Ed25519+ML-DSA-65") throw new TypeError(`a key for ${key.algorithm} is not of this suite`);
    const bound = boundMessage(message);
    const classical = international.sign({ key: key.classical, message: bound });
    return concatBytes(classical, sign(null, bound, key.postQuantum));
  },

  verify({ key, message, signature }) {
    if (key.algorithm !== "Ed25519+ML-DSA-65" || signature.length !== HYBRID_SIGNATURE_BYTES) return false;
    const bound = boundMessage(message);
    const [first, second] = [
      signature.subarray(0, ED25519_SIGNATURE_BYTES),
      signature.subarray(ED25519_SIGNATURE_BYTES),
    ];
    // Both are looked at whatever the first one says: how long it takes does not tell which half failed.
    const classical = international.verify({ key: key.classical, message: bound, signature: first });
    const postQuantum = verifyPostQuantum(key.postQuantum, bound, second);
    return classical && postQuantum;
  },
});

function verifyPostQuantum(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}

function boundMessage(message: Uint8Array): Uint8Array {
  return concatBytes(PREFIX, new Uint8Array(hash("sha512", message, "buffer")));
}
