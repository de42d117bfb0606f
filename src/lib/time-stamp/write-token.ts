/** Time stamps (RFC 3161 §2.4.2) as signed data of CMS (RFC 5652), naming the signer's certificate (RFC 5816). */
import { childAt, expectTag, readDer, TAG, writeDer, writeOid, writeSetOf, writeSmallInteger } from "#lib/asn1/der";
import { writeUnsignedInteger } from "#lib/asn1/integer";
import { writeAlgorithm } from "#lib/certificate/algorithms";
import { sha256 } from "#lib/crypto/digest";
import { sm3 } from "#lib/crypto/sm3";
import { writeGeneralizedTime } from "#lib/revocation/generalized-time";
import { type Imprint, STAMP_FAILURES, type StampFailure, writeImprint } from "./request.ts";

export const CMS = Object.freeze({
  signedData: "1.2.840.113549.1.7.2",
  stamp: "1.2.840.113549.1.9.16.1.4",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingCertificate: "1.2.840.113549.1.9.16.2.47",
});

/** What stamps are signed with; Ed25519 would need SHA-512 (RFC 8419). */
export type StampAlgorithm = "ES256" | "SM2";
/** The digest that goes with each. */
export const STAMP_DIGESTS = Object.freeze({
  ES256: { id: "2.16.840.1.101.3.4.2.1", digest: (bytes: Uint8Array): Uint8Array => sha256(bytes) },
  SM2: { id: "1.2.156.10197.1.401", digest: (bytes: Uint8Array): Uint8Array => sm3(bytes) },
});

const FAIL_BITS_BYTES = 4;

export interface StampContent {
  /** Dotted identifier. */
  readonly policy: string;
  readonly imprint: Imprint;
  /** Unique for this authority; big-endian. */
  readonly serial: Uint8Array;
  readonly atMs: number;
  readonly accuracySeconds: number;
  /** The INTEGER of the request. */
  readonly nonce: Uint8Array | undefined;
}

/** TSTInfo. */
function writeStamp(content: StampContent): Uint8Array {
  return writeDer(
    TAG.sequence,
    writeSmallInteger(1),
    writeOid(content.policy),
    writeImprint(content.imprint),
    writeUnsignedInteger(content.serial),
    writeGeneralizedTime(content.atMs),
    writeDer(TAG.sequence, writeSmallInteger(content.accuracySeconds)),
    ...(content.nonce === undefined ? [] : [content.nonce]),
  );
}

/** Who stamps. */
export interface StampSigner {
  readonly algorithm: StampAlgorithm;
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER, as far as they are to be in the token. */
  readonly issuers: readonly Uint8Array[];
  /** The signature in DER. */
  readonly sign: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** A token: ContentInfo with signed data. */
export async function writeToken(
  content: StampContent,
  signer: StampSigner,
  { withCertificates }: { readonly withCertificates: boolean },
): Promise<Uint8Array> {
  const { id, digest } = STAMP_DIGESTS[signer.algorithm];
  const stamp = writeStamp(content);
  const digestAlgorithm = writeDer(TAG.sequence, writeOid(id));
  const attributes = [
    attribute(CMS.contentType, writeOid(CMS.stamp)),
    attribute(CMS.messageDigest, writeDer(TAG.octetString, digest(stamp))),
    attribute(CMS.signingCertificate, writeCertificateName(signer, digestAlgorithm)),
  ];
  // Signed as a SET, written as [0] (RFC 5652 §5.4).
  const signature = await signer.sign(writeSetOf(TAG.set, attributes));
  const { issuer, serial } = issuerAndSerial(signer.certificate);
  const info = writeDer(
    TAG.sequence,
    writeSmallInteger(1),
    writeDer(TAG.sequence, issuer, serial),
    digestAlgorithm,
    writeSetOf(0xa0, attributes),
    writeAlgorithm(signer.algorithm),
    writeDer(TAG.octetString, signature),
  );
  const signed = writeDer(
    TAG.sequence,
    writeSmallInteger(3),
    writeDer(TAG.set, digestAlgorithm),
    writeDer(TAG.sequence, writeOid(CMS.stamp), writeDer(0xa0, writeDer(TAG.octetString, stamp))),
    ...(withCertificates ? [writeSetOf(0xa0, [signer.certificate, ...signer.issuers])] : []),
    writeDer(TAG.set, info),
  );
  return writeDer(TAG.sequence, writeOid(CMS.signedData), writeDer(0xa0, signed));
}

function attribute(id: string, value: Uint8Array): Uint8Array {
  return writeDer(TAG.sequence, writeOid(id), writeDer(TAG.set, value));
}

/** SigningCertificateV2 (RFC 5035 §3): SHA-256 is the default and is not written. */
function writeCertificateName({ algorithm, certificate }: StampSigner, digestAlgorithm: Uint8Array): Uint8Array {
  const { issuer, serial } = issuerAndSerial(certificate);
  const identifier = writeDer(
    TAG.sequence,
    ...(algorithm === "ES256" ? [] : [digestAlgorithm]),
    writeDer(TAG.octetString, STAMP_DIGESTS[algorithm].digest(certificate)),
    writeDer(TAG.sequence, writeDer(TAG.sequence, writeDer(0xa4, issuer)), serial),
  );
  return writeDer(TAG.sequence, writeDer(TAG.sequence, identifier));
}

function issuerAndSerial(certificate: Uint8Array): { readonly issuer: Uint8Array; readonly serial: Uint8Array } {
  const part = childAt(expectTag(readDer(certificate), TAG.sequence), 0, TAG.sequence);
  return { serial: childAt(part, 1, TAG.integer).raw, issuer: childAt(part, 3, TAG.sequence).raw };
}

/** The answer that grants a token. */
export function writeStampAnswer(token: Uint8Array): Uint8Array {
  return writeDer(TAG.sequence, writeDer(TAG.sequence, writeSmallInteger(0)), token);
}

/** The answer that refuses one. */
export function writeStampRefusal(failure: StampFailure): Uint8Array {
  const bit = STAMP_FAILURES[failure];
  const octets = new Uint8Array(Math.min(FAIL_BITS_BYTES, (bit >> 3) + 1));
  octets[bit >> 3] = 0x80 >> (bit & 7);
  const info = writeDer(TAG.bitString, Uint8Array.of(7 - (bit & 7)), octets);
  return writeDer(TAG.sequence, writeDer(TAG.sequence, writeSmallInteger(2), info));
}
