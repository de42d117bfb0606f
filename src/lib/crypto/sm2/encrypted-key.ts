/**
 * Encrypted PKCS #8 (RFC 5958 §3) with PBES2 (RFC 8018 §6.2): PBKDF2 and SM4-CBC. It keeps a key that travels from
 * being read, not from being changed: a changed one fails because its public key no longer fits.
 */
import { pbkdf2Sync } from "node:crypto";
import {
  childAt,
  type DerElement,
  DerError,
  expectChildren,
  expectTag,
  readDer,
  readOid,
  readSmallInteger,
  TAG,
  writeDer,
  writeOid,
  writeSmallInteger,
} from "#lib/asn1/der";
import { readPem, writePem } from "#lib/asn1/pem";
import { KeyFormatError } from "../key-format-error.ts";
import { SM4_BLOCK_BYTES, SM4_KEY_BYTES, sm4CbcDecrypt, sm4CbcEncrypt } from "../sm4.ts";
import { sm2Pkcs8Of, sm2PrivateKeyFromPkcs8 } from "./key-files.ts";
import type { Sm2PrivateKey } from "./keys.ts";

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
/** GM/T 0006. */
const SM4_CBC = "1.2.156.10197.1.104.2";
/**
 * What is written: HMAC-SM3 as GM/T 0091 table A.1 and OpenSSL from 3.2 on have it; HMAC-SHA-256 for older programs
 * (RFC 8018 B.1).
 */
const DIGESTS: Readonly<Record<KeyDerivation, string>> = {
  sm3: "1.2.156.10197.1.401.3.1",
  sha256: "1.2.840.113549.2.9",
};
/** What is read besides: HMAC-SM3 of GM/T 0006, which other programs write. */
const KNOWN_DIGESTS: ReadonlyMap<string, KeyDerivation> = new Map([
  [DIGESTS.sm3, "sm3"],
  ["1.2.156.10197.1.401.2", "sm3"],
  [DIGESTS.sha256, "sha256"],
]);

export type KeyDerivation = "sm3" | "sha256";

/** OWASP's password storage guide (2026) for PBKDF2 with a digest of 256 bits. */
export const KEY_ITERATIONS = 600_000;
/** A file may not ask for more: whoever can write one could otherwise stop the node. */
export const KEY_ITERATIONS_MAX = 2_000_000;
const SALT_BYTES = 16;
const SALT_MAX_BYTES = 64;
const ENCRYPTED_MAX_BYTES = 4_096;
/** Salt and initial value. */
export const KEY_ENCRYPTION_RANDOMNESS_BYTES = SALT_BYTES + SM4_BLOCK_BYTES;

export interface EncryptKeyInput {
  readonly key: Sm2PrivateKey;
  readonly passphrase: Uint8Array;
  /** 32 fresh random bytes */
  readonly randomness: Uint8Array;
  /** Default "sm3"; "sha256" for programs that do not know HMAC-SM3 here. */
  readonly derivation?: KeyDerivation;
  /** Default {@link KEY_ITERATIONS}. */
  readonly iterations?: number;
}

/** `ENCRYPTED PRIVATE KEY` in PEM. @throws {RangeError} for randomness or a count out of bounds */
export function encryptSm2Key(input: EncryptKeyInput): string {
  const { key, passphrase, randomness, derivation = "sm3", iterations = KEY_ITERATIONS } = input;
  if (randomness.length !== KEY_ENCRYPTION_RANDOMNESS_BYTES) {
    throw new RangeError(`encrypting a key takes ${KEY_ENCRYPTION_RANDOMNESS_BYTES} random bytes`);
  }
  if (!(iterations >= 1 && iterations <= KEY_ITERATIONS_MAX))
    throw new RangeError("a count of iterations out of bounds");
  const [salt, iv] = [randomness.subarray(0, SALT_BYTES), randomness.subarray(SALT_BYTES)];
  const sealed = sm4CbcEncrypt({
    key: derive({ passphrase, salt, iterations, derivation }),
    iv,
    data: sm2Pkcs8Of(key),
  });
  const scheme = writeDer(
    TAG.sequence,
    writeDer(TAG.sequence, writeOid(PBKDF2), writeDerivation({ salt, iterations, derivation })),
    writeDer(TAG.sequence, writeOid(SM4_CBC), writeDer(TAG.octetString, iv)),
  );
  const der = writeDer(
    TAG.sequence,
    writeDer(TAG.sequence, writeOid(PBES2), scheme),
    writeDer(TAG.octetString, sealed),
  );
  return writePem({ label: "ENCRYPTED PRIVATE KEY", der });
}

/**
 * Opens an encrypted key.
 * @returns undefined when the passphrase is wrong or the ciphertext was changed
 * @throws {KeyFormatError} when the text is no such key, or is encrypted in another way
 */
export function decryptSm2Key(pem: string, passphrase: Uint8Array): Sm2PrivateKey | undefined {
  const block = readPem(pem).find(({ label }) => label === "ENCRYPTED PRIVATE KEY");
  if (block === undefined || block.der.length > ENCRYPTED_MAX_BYTES) throw new KeyFormatError("no encrypted key");
  const { iv, data, ...parameters } = readEncrypted(block.der);
  const decrypted = sm4CbcDecrypt({ key: derive({ passphrase, ...parameters }), iv, data });
  if (decrypted === undefined) return undefined;
  try {
    return sm2PrivateKeyFromPkcs8(decrypted);
  } catch (error) {
    if (error instanceof KeyFormatError) return undefined;
    throw error;
  }
}

interface Derivation {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly derivation: KeyDerivation;
}

function derive(input: Derivation & { readonly passphrase: Uint8Array }): Uint8Array {
  const { passphrase, salt, iterations, derivation } = input;
  return new Uint8Array(pbkdf2Sync(passphrase, salt, iterations, SM4_KEY_BYTES, derivation));
}

function writeDerivation({ salt, iterations, derivation }: Derivation): Uint8Array {
  return writeDer(
    TAG.sequence,
    writeDer(TAG.octetString, salt),
    writeSmallInteger(iterations),
    writeDer(TAG.sequence, writeOid(DIGESTS[derivation]), writeDer(TAG.null)),
  );
}

function readEncrypted(der: Uint8Array): Derivation & { readonly iv: Uint8Array; readonly data: Uint8Array } {
  try {
    const whole = expectChildren(expectTag(readDer(der), TAG.sequence), 2);
    const scheme = parametersOf(childAt(whole, 0), PBES2);
    const cipher = parametersOf(childAt(expectChildren(scheme, 2), 1), SM4_CBC);
    const iv = expectTag(cipher, TAG.octetString).content;
    const data = childAt(whole, 1, TAG.octetString).content;
    if (iv.length !== SM4_BLOCK_BYTES) throw new KeyFormatError("an initial value of a wrong size");
    return { ...readDerivation(parametersOf(childAt(scheme, 0), PBKDF2)), iv, data };
  } catch (cause) {
    if (cause instanceof DerError) throw new KeyFormatError("not an encrypted key that can be read", cause);
    throw cause;
  }
}

function readDerivation(parameters: DerElement): Derivation {
  const salt = childAt(parameters, 0, TAG.octetString).content;
  const iterations = readSmallInteger(childAt(parameters, 1));
  const rest = parameters.children.slice(2);
  const length = rest[0]?.tag === TAG.integer ? rest.shift() : undefined;
  // Left out it would be HMAC-SHA-1, which we do not take.
  const [digest] = rest;
  if (digest === undefined || rest.length > 1) throw new KeyFormatError("a key derived in another way");
  expectTag(digest, TAG.sequence);
  if (digest.children.length !== 1) expectTag(childAt(expectChildren(digest, 2), 1), TAG.null);
  const derivation = KNOWN_DIGESTS.get(readOid(childAt(digest, 0)));
  if (derivation === undefined) throw new KeyFormatError("a key derived in another way");
  if (length !== undefined && readSmallInteger(length) !== SM4_KEY_BYTES) throw new KeyFormatError("another key size");
  const inBounds = salt.length >= 8 && salt.length <= SALT_MAX_BYTES && iterations >= 1;
  if (!inBounds || iterations > KEY_ITERATIONS_MAX) throw new KeyFormatError("a derivation out of bounds");
  return { salt, iterations, derivation };
}

function parametersOf(algorithm: DerElement, oid: string): DerElement {
  expectChildren(expectTag(algorithm, TAG.sequence), 2);
  if (readOid(childAt(algorithm, 0)) !== oid) throw new KeyFormatError("a key encrypted in another way");
  return childAt(algorithm, 1);
}
