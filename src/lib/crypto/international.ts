import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, sign, verify } from "node:crypto";
import { concatBytes, equalBytes } from "./bytes.ts";
import { hmacSha256, sha256 } from "./digest.ts";
import type { PrivateKey, PublicKey, SignatureAlgorithm, SignatureEncoding } from "./keys.ts";
import type { CryptoSuite, SigningKey, VerifyingKey } from "./suite.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** SHA-256, Ed25519 and ECDSA P-256, AES-256-GCM (NIST SP 800-38D). */
export const international: CryptoSuite = Object.freeze<CryptoSuite>({
  name: "international",
  digestName: "sha-256",
  signatureAlgorithms: ["EdDSA", "ES256"],
  sealKeyBytes: KEY_BYTES,
  sealNonceBytes: NONCE_BYTES,
  sealTagBytes: TAG_BYTES,

  digest: sha256,
  mac: hmacSha256,

  sign({ key, message, encoding }) {
    if (!isInternational(key)) throw new TypeError(`a key for ${key.algorithm} is not of this suite`);
    const handle = { key: key.handle, dsaEncoding: dsaEncoding(encoding) };
    return new Uint8Array(sign(digestOf(key.algorithm), message, handle));
  },

  verify({ key, message, signature, encoding }) {
    if (!isInternational(key)) return false;
    const handle = { key: key.handle, dsaEncoding: dsaEncoding(encoding) };
    try {
      return verify(digestOf(key.algorithm), message, handle, signature);
    } catch {
      return false; // a signature that is no signature at all
    }
  },

  seal({ key, nonce, plaintext, associatedData }) {
    assertSizes(key, nonce);
    const cipher = createCipheriv("aes-256-gcm", handleOf(key), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData);
    const body = cipher.update(plaintext);
    cipher.final(); // a counter mode: nothing is left to write
    return concatBytes(body, cipher.getAuthTag());
  },

  open({ key, nonce, ciphertext, associatedData }) {
    assertSizes(key, nonce);
    if (ciphertext.length < TAG_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", handleOf(key), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData);
    decipher.setAuthTag(ciphertext.subarray(ciphertext.length - TAG_BYTES));
    const plaintext = decipher.update(ciphertext.subarray(0, ciphertext.length - TAG_BYTES));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return new Uint8Array(plaintext);
  },
});

/** Keys that are held are used often; taking their bytes in anew costs as much as sealing a short value. */
const handles = new WeakMap<Uint8Array, { readonly handle: KeyObject; readonly bytes: Uint8Array }>();

function handleOf(key: Uint8Array): KeyObject {
  const known = handles.get(key);
  // Whoever overwrote the key must not go on using the old one.
  if (known !== undefined && equalBytes(known.bytes, key)) return known.handle;
  const handle = createSecretKey(key);
  handles.set(key, { handle, bytes: new Uint8Array(key) });
  return handle;
}

function isInternational<T extends SigningKey | VerifyingKey>(key: T): key is T & (PrivateKey | PublicKey) {
  return key.algorithm === "EdDSA" || key.algorithm === "ES256";
}

function digestOf(algorithm: SignatureAlgorithm): "sha256" | null {
  return algorithm === "ES256" ? "sha256" : null; // RFC 8032: Ed25519 digests by itself
}

function dsaEncoding(encoding: SignatureEncoding | undefined): "der" | "ieee-p1363" {
  return encoding === "der" ? "der" : "ieee-p1363";
}

function assertSizes(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`);
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`a nonce has ${NONCE_BYTES} bytes`);
}
