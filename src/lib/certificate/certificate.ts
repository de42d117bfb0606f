/**
 * Writes X.509 version 3 certificates (RFC 5280; GM/T 0015 for SM2) in every suite that certificates have. The bytes
 * to be signed are made here; the issuer's key signs them wherever it lives. They are read by lib/x509.
 */
import { TAG, writeDer, writeSmallInteger } from "#lib/asn1/der";
import { writeUnsignedInteger } from "#lib/asn1/integer";
import { type CertificateAlgorithm, type CertifiedKey, writeAlgorithm, writePublicKey } from "./algorithms.ts";
import { type NewExtension, writeExtensions } from "./extensions.ts";
import { writeTime } from "./time.ts";

/** RFC 5280 §4.1.2.2. */
const SERIAL_MAX_BYTES = 20;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const VERSION_3 = 2;

/** What a certificate says. */
export interface CertificateContent {
  /** Positive, 1 to 20 bytes, big-endian. */
  readonly serial: Uint8Array;
  /** What the issuer signs with. */
  readonly algorithm: CertificateAlgorithm;
  /** DER, as `writeName` gives it or as the issuer's own certificate has it. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Temporal.Instant;
  readonly notAfter: Temporal.Instant;
  readonly publicKey: CertifiedKey;
  readonly extensions: readonly NewExtension[];
}

/** The part that the issuer signs. @throws {RangeError} for a serial number or a validity that cannot be */
export function writeCertificatePart(content: CertificateContent): Uint8Array {
  const { serial, notBefore, notAfter, extensions } = content;
  const significant = serial.findIndex((byte) => byte !== 0);
  if (
    significant < 0 ||
    serial.length - significant > SERIAL_MAX_BYTES ||
    ((serial[0] ?? 0) >= 0x80 && serial.length === SERIAL_MAX_BYTES)
  ) {
    throw new RangeError(`a serial number is positive and has at most ${SERIAL_MAX_BYTES} bytes`);
  }
  if (Temporal.Instant.compare(notBefore, notAfter) > 0) throw new RangeError("a certificate ends before it begins");
  return writeDer(
    TAG.sequence,
    writeDer(VERSION, writeSmallInteger(VERSION_3)),
    writeUnsignedInteger(serial),
    writeAlgorithm(content.algorithm),
    content.issuer,
    writeDer(TAG.sequence, writeTime(notBefore), writeTime(notAfter)),
    content.subject,
    writePublicKey(content.publicKey),
    ...(extensions.length === 0 ? [] : [writeDer(EXTENSIONS, writeExtensions(extensions))]),
  );
}

/**
 * Signs a certificate with whatever holds the issuer's key.
 * @param sign gives the signature over the bytes: DER for ES256 and SM2, raw for EdDSA
 */
export async function issueX509(
  content: CertificateContent,
  sign: (part: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const part = writeCertificatePart(content);
  return writeSigned(part, content.algorithm, await sign(part));
}

/** What was signed, the algorithm and the signature: the shape of certificates, requests and revocation lists. */
export function writeSigned(part: Uint8Array, algorithm: CertificateAlgorithm, signature: Uint8Array): Uint8Array {
  const bits = writeDer(TAG.bitString, Uint8Array.of(0), signature);
  return writeDer(TAG.sequence, part, writeAlgorithm(algorithm), bits);
}
