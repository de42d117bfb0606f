/** Keys of the hybrid suite in the frames of others: SubjectPublicKeyInfo (RFC 5280) and PKCS #8 (RFC 5958) under {@link HYBRID_OID}. */
import {
  childAt,
  DerError,
  expectChildren,
  expectTag,
  readBitString,
  readDer,
  TAG,
  writeDer,
  writeOid,
  writeSmallInteger,
} from "#lib/asn1/der";
import { equalBytes } from "./bytes.ts";
import { HYBRID_OID, HYBRID_SEED_BYTES, type HybridPublicKey, hybridFromRaw, hybridRaw } from "./hybrid.ts";
import { KeyFormatError } from "./key-format-error.ts";

const ALGORITHM = writeDer(TAG.sequence, writeOid(HYBRID_OID));
const PKCS8_HEAD = [writeSmallInteger(0), ALGORITHM] as const;

/** SubjectPublicKeyInfo, DER: Ed25519 key ‖ ML-DSA-65 key in the bit string. */
export function hybridSpkiOf(key: HybridPublicKey): Uint8Array {
  return writeDer(TAG.sequence, ALGORITHM, writeDer(TAG.bitString, Uint8Array.of(0), hybridRaw(key)));
}

/** Whether an AlgorithmIdentifier (DER) names the hybrid suite. */
export function isHybridAlgorithm(algorithm: Uint8Array): boolean {
  return equalBytes(algorithm, ALGORITHM);
}

/** @throws {KeyFormatError} */
export function hybridFromSpki(der: Uint8Array): HybridPublicKey {
  try {
    const whole = expectChildren(expectTag(readDer(der), TAG.sequence), 2);
    if (!isHybridAlgorithm(childAt(whole, 0).raw)) throw new KeyFormatError("a key of another algorithm");
    return hybridFromRaw(readBitString(childAt(whole, 1)));
  } catch (error) {
    if (error instanceof DerError) throw new KeyFormatError(error.message);
    throw error;
  }
}

/** PrivateKeyInfo, DER, with the 64 bytes from which both keys follow. The secret itself: store it encrypted. */
export function hybridPkcs8Of(seed: Uint8Array): Uint8Array {
  if (seed.length !== HYBRID_SEED_BYTES) throw new KeyFormatError(`a seed has ${HYBRID_SEED_BYTES} bytes`);
  return writeDer(TAG.sequence, ...PKCS8_HEAD, writeDer(TAG.octetString, seed));
}

/** The seed in a PrivateKeyInfo; undefined where that is of another algorithm. @throws {KeyFormatError} */
export function hybridSeedFromPkcs8(der: Uint8Array): Uint8Array | undefined {
  try {
    const whole = expectTag(readDer(der), TAG.sequence);
    if (!isHybridAlgorithm(childAt(whole, 1).raw)) return undefined;
    const seed = childAt(whole, 2, TAG.octetString).content;
    if (!equalBytes(hybridPkcs8Of(seed), der)) throw new KeyFormatError("a key in another writing");
    return seed.slice();
  } catch (error) {
    if (error instanceof DerError) throw new KeyFormatError(error.message);
    throw error;
  }
}
