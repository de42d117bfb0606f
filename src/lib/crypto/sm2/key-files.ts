/**
 * Keys of SM2 as other programs write them: SubjectPublicKeyInfo (RFC 5480 with the curve of GM/T 0006), PKCS #8 (RFC
 * 5958), SEC 1 (RFC 5915), each in DER or PEM. Read strictly: one algorithm, one curve, one spelling.
 */
import {
  childAt,
  type DerElement,
  DerError,
  expectTag,
  readBitString,
  readDer,
  readOid,
  readSmallInteger,
  TAG,
  writeDer,
  writeOid,
  writeSmallInteger,
} from "#lib/asn1/der";
import { readPem, writePem } from "#lib/asn1/pem";
import { equalBytes } from "../bytes.ts";
import { KeyFormatError } from "../key-format-error.ts";
import { type Sm2PrivateKey, type Sm2PublicKey, sm2PrivateKey, sm2PublicKey, sm2SecretBytes } from "./keys.ts";

export const EC_PUBLIC_KEY_OID = "1.2.840.10045.2.1";
/** GM/T 0006: the curve of GB/T 32918.5. */
export const SM2_CURVE_OID = "1.2.156.10197.1.301";
const KEY_MAX_BYTES = 4_096;
const PARAMETERS = 0xa0;
const PUBLIC_KEY = 0xa1;

/** SubjectPublicKeyInfo, DER. */
export function sm2SpkiOf(key: Sm2PublicKey): Uint8Array {
  return writeDer(TAG.sequence, writeAlgorithm(), writeDer(TAG.bitString, Uint8Array.of(0), key.point));
}

/** @throws {KeyFormatError} */
export function sm2PublicKeyFromSpki(der: Uint8Array): Sm2PublicKey {
  return read(der, (whole) => {
    requireParts(whole, 2);
    requireAlgorithm(childAt(whole, 0));
    return sm2PublicKey(readBitString(childAt(whole, 1)));
  });
}

/** PrivateKeyInfo (PKCS #8), DER, with the public key. The secret itself: store it encrypted. */
export function sm2Pkcs8Of(key: Sm2PrivateKey): Uint8Array {
  return writeDer(
    TAG.sequence,
    writeSmallInteger(0),
    writeAlgorithm(),
    writeDer(TAG.octetString, writePrivate(key, new Uint8Array(0))),
  );
}

/** @throws {KeyFormatError} */
export function sm2PrivateKeyFromPkcs8(der: Uint8Array): Sm2PrivateKey {
  return read(der, (whole) => {
    requireParts(whole, 3);
    if (readSmallInteger(childAt(whole, 0)) !== 0) throw new KeyFormatError("another version of PKCS #8");
    requireAlgorithm(childAt(whole, 1));
    return readPrivate(readDer(childAt(whole, 2, TAG.octetString).content), "curve-known");
  });
}

/** ECPrivateKey (SEC 1), DER, with curve and public key. */
export function sm2Sec1Of(key: Sm2PrivateKey): Uint8Array {
  return writePrivate(key, writeDer(PARAMETERS, writeOid(SM2_CURVE_OID)));
}

/** @throws {KeyFormatError} */
export function sm2PrivateKeyFromSec1(der: Uint8Array): Sm2PrivateKey {
  return read(der, (whole) => readPrivate(whole, "curve-named"));
}

/** `PUBLIC KEY` in PEM. */
export function sm2PublicKeyPem(key: Sm2PublicKey): string {
  return writePem({ label: "PUBLIC KEY", der: sm2SpkiOf(key) });
}

/** `PRIVATE KEY` in PEM, not encrypted. */
export function sm2PrivateKeyPem(key: Sm2PrivateKey): string {
  return writePem({ label: "PRIVATE KEY", der: sm2Pkcs8Of(key) });
}

/** The first public key of a PEM text. @throws {KeyFormatError} */
export function sm2PublicKeyFromPem(pem: string): Sm2PublicKey {
  const block = readPem(pem).find(({ label }) => label === "PUBLIC KEY");
  if (block === undefined) throw new KeyFormatError("no public key in this text");
  return sm2PublicKeyFromSpki(block.der);
}

/**
 * The first private key of a PEM text, PKCS #8 or SEC 1. Encrypted ones: see encrypted-key.ts. @throws {KeyFormatError}
 */
export function sm2PrivateKeyFromPem(pem: string): Sm2PrivateKey {
  for (const { label, der } of readPem(pem)) {
    if (label === "PRIVATE KEY") return sm2PrivateKeyFromPkcs8(der);
    if (label === "EC PRIVATE KEY" || label === "SM2 PRIVATE KEY") return sm2PrivateKeyFromSec1(der);
  }
  throw new KeyFormatError("no private key in this text");
}

function read<T>(der: Uint8Array, parse: (whole: DerElement) => T): T {
  if (der.length > KEY_MAX_BYTES) throw new KeyFormatError("too long for a key");
  try {
    return parse(expectTag(readDer(der), TAG.sequence));
  } catch (cause) {
    if (cause instanceof DerError) throw new KeyFormatError("not a key that can be read", cause);
    throw cause;
  }
}

function writeAlgorithm(): Uint8Array {
  return writeDer(TAG.sequence, writeOid(EC_PUBLIC_KEY_OID), writeOid(SM2_CURVE_OID));
}

function requireAlgorithm(element: DerElement): void {
  requireParts(expectTag(element, TAG.sequence), 2);
  const [algorithm, curve] = [readOid(childAt(element, 0)), readOid(childAt(element, 1))];
  if (algorithm !== EC_PUBLIC_KEY_OID || curve !== SM2_CURVE_OID) throw new KeyFormatError("not a key of SM2");
}

function requireParts(element: DerElement, count: number): void {
  if (element.children.length !== count) throw new KeyFormatError("parts that a key does not have");
}

function writePrivate(key: Sm2PrivateKey, parameters: Uint8Array): Uint8Array {
  return writeDer(
    TAG.sequence,
    writeSmallInteger(1),
    writeDer(TAG.octetString, sm2SecretBytes(key)),
    parameters,
    writeDer(PUBLIC_KEY, writeDer(TAG.bitString, Uint8Array.of(0), key.publicKey.point)),
  );
}

/** RFC 5915 §3: version, secret, the curve unless PKCS #8 named it, the public key. What is said twice must agree. */
function readPrivate(element: DerElement, curve: "curve-known" | "curve-named"): Sm2PrivateKey {
  expectTag(element, TAG.sequence);
  if (readSmallInteger(childAt(element, 0)) !== 1) throw new KeyFormatError("another version of a private key");
  const key = sm2PrivateKey(childAt(element, 1, TAG.octetString).content);
  const rest = element.children.slice(2);
  const named = rest[0]?.tag === PARAMETERS ? rest.shift() : undefined;
  if (named !== undefined) {
    requireParts(named, 1);
    if (readOid(childAt(named, 0)) !== SM2_CURVE_OID) throw new KeyFormatError("a key of another curve");
  } else if (curve === "curve-named") throw new KeyFormatError("a key without its curve");
  const given = rest[0]?.tag === PUBLIC_KEY ? rest.shift() : undefined;
  if (rest.length > 0) throw new KeyFormatError("parts that a key does not have");
  if (given !== undefined) {
    requireParts(given, 1);
    if (!equalBytes(readBitString(childAt(given, 0)), key.publicKey.point)) {
      throw new KeyFormatError("a private key with the public key of another");
    }
  }
  return key;
}
