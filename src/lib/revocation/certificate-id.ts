/** How a status question names a certificate: its serial number under digests of its issuer's name and key (RFC 6960 §4.1.1). */
import {
  childAt,
  type DerElement,
  DerError,
  equalBytes,
  expectChildren,
  expectTag,
  readBitString,
  readDer,
  readOid,
  TAG,
  writeDer,
  writeOid,
} from "#lib/asn1/der";
import { writeUnsignedInteger } from "#lib/asn1/integer";
import { sha256 } from "#lib/crypto/digest";
import { sm3 } from "#lib/crypto/sm3";
import { readSerial } from "#lib/x509/certificate";

export const DIGEST_OID = Object.freeze({
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",
  sm3: "1.2.156.10197.1.401",
});

/** By object identifier. */
export type Digests = Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>>;

/** SHA-1 is no protection here but the identifier that most clients use: whoever has it may add it. */
export const DIGESTS: Digests = Object.freeze({ [DIGEST_OID.sha256]: sha256, [DIGEST_OID.sm3]: sm3 });

export interface CertificateId {
  /** As it stood, to be repeated in the answer. */
  readonly raw: Uint8Array;
  /** Dotted identifier. */
  readonly digest: string;
  readonly issuerNameDigest: Uint8Array;
  readonly issuerKeyDigest: Uint8Array;
  readonly serial: string;
}

/** An issuer, as identifiers digest it. */
export interface IdentifiedIssuer {
  /** DER. */
  readonly name: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
}

/** @throws {DerError} */
export function readCertificateId(element: DerElement): CertificateId {
  expectChildren(expectTag(element, TAG.sequence), 4);
  const algorithm = childAt(element, 0, TAG.sequence);
  const parameters = algorithm.children[1];
  if (algorithm.children.length > 2 || (parameters && (parameters.tag !== TAG.null || parameters.content.length > 0)))
    throw new DerError("parameters that a digest lacks");
  return {
    raw: element.raw,
    digest: readOid(childAt(algorithm, 0)),
    issuerNameDigest: childAt(element, 1, TAG.octetString).content,
    issuerKeyDigest: childAt(element, 2, TAG.octetString).content,
    serial: readSerial(childAt(element, 3)),
  };
}

export function writeCertificateId(
  issuer: IdentifiedIssuer,
  serial: string,
  digest: string,
  digests = DIGESTS,
): Uint8Array {
  const digestOf = digests[digest];
  if (digestOf === undefined) throw new RangeError("a digest that is not at hand");
  return writeDer(
    TAG.sequence,
    writeDer(TAG.sequence, writeOid(digest), writeDer(TAG.null)),
    writeDer(TAG.octetString, digestOf(issuer.name)),
    writeDer(TAG.octetString, digestOf(keyBits(issuer.publicKeyInfo))),
    writeUnsignedInteger(Uint8Array.fromHex(serial)),
  );
}

/** How identifiers under a digest name this issuer: equal to `issuerKeyOf` of each of them. */
export function identifierKey(
  issuer: IdentifiedIssuer,
  digest: string,
  digestOf: (bytes: Uint8Array) => Uint8Array,
): string {
  return [digest, digestOf(issuer.name).toHex(), digestOf(keyBits(issuer.publicKeyInfo)).toHex()].join(" ");
}

/** Whom an identifier names, as a key for maps. */
export function issuerKeyOf({ digest, issuerNameDigest, issuerKeyDigest }: CertificateId): string {
  return [digest, issuerNameDigest.toHex(), issuerKeyDigest.toHex()].join(" ");
}

/** Whether an identifier is of a certificate of this issuer. */
export function isOfIssuer(id: CertificateId, issuer: IdentifiedIssuer, digests = DIGESTS): boolean {
  const digestOf = digests[id.digest];
  return (
    digestOf !== undefined &&
    equalBytes(digestOf(issuer.name), id.issuerNameDigest) &&
    equalBytes(digestOf(keyBits(issuer.publicKeyInfo)), id.issuerKeyDigest)
  );
}

function keyBits(publicKeyInfo: Uint8Array): Uint8Array {
  return readBitString(childAt(readDer(publicKeyInfo), 1));
}
