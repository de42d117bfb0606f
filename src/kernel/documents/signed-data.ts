/**
 * CMS signed data (RFC 5652) as PAdES baseline has it (ETSI EN 319 142-1 §6.3): detached, one signer, content type, message digest
 * and signing certificate (RFC 5035) as signed attributes, no signing time (that stands in the PDF); a time stamp of the
 * signature as the only unsigned one (RFC 3161 appendix A). Pure.
 */

import {
  childAt,
  concatBytes,
  type DerElement,
  DerError,
  equalBytes,
  expectChildren,
  expectTag,
  readDerPrefix,
  readOid,
  readSmallInteger,
  TAG,
  writeDer,
  writeOid,
  writeSetOf,
  writeSmallInteger,
} from "#lib/asn1/der";
import { namesRsa, readRsaScheme } from "#lib/certificate/rsa";
import { sha256 } from "#lib/crypto/digest";
import { verifyRsa } from "#lib/crypto/rsa";
import { type Certificate, readCertificate } from "./certificate.ts";
import { verifyEcdsa } from "./ecdsa.ts";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const DATA = "1.2.840.113549.1.7.1";
const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
const SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14";
const SHA256 = "2.16.840.1.101.3.4.2.1";
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const DIRECTORY_NAME = 0xa4;
const MAX_CERTIFICATES = 8;

/** Who signs: certificates and a signing function; the key itself may be far away, in a module or another process. */
export interface DocumentSigner {
  /** The end certificate, DER. */
  readonly certificate: Uint8Array;
  /** Its issuers up to, and if wanted with, the root, DER. */
  readonly issuers: readonly Uint8Array[];
  /** AlgorithmIdentifier of its signatures, DER; absent: ECDSA with SHA-256. */
  readonly algorithm?: Uint8Array | undefined;
  /** Over the data; an ECDSA signature in DER. */
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
}

/**
 * Signs a digest of detached content.
 * @param stamp gives a time stamp of a digest (SHA-256), which goes with the signature
 * @throws {DerError} when the signer's certificate is not readable
 */
export async function writeSignedData(
  digest: Uint8Array,
  signer: DocumentSigner,
  stamp?: (digest: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const certificate = readCertificate(signer.certificate);
  const attributes = [
    attribute(CONTENT_TYPE, writeOid(DATA)),
    attribute(MESSAGE_DIGEST, writeDer(TAG.octetString, digest)),
    attribute(SIGNING_CERTIFICATE_V2, signingCertificate(certificate)),
  ];
  // Signed as a SET, written as [0] (RFC 5652 §5.4).
  const signature = await signer.sign(writeSetOf(TAG.set, attributes));
  const info = writeDer(
    TAG.sequence,
    writeSmallInteger(1),
    writeDer(TAG.sequence, certificate.issuerName, certificate.serialElement),
    algorithm(SHA256),
    writeSetOf(0xa0, attributes),
    signer.algorithm ?? algorithm(ECDSA_WITH_SHA256),
    writeDer(TAG.octetString, signature),
    ...(stamp === undefined ? [] : [writeDer(0xa1, attribute(SIGNATURE_TIME_STAMP, await stamp(sha256(signature))))]),
  );
  const signed = writeDer(
    TAG.sequence,
    writeSmallInteger(1),
    writeDer(TAG.set, algorithm(SHA256)),
    writeDer(TAG.sequence, writeOid(DATA)),
    writeSetOf(0xa0, [signer.certificate, ...signer.issuers]),
    writeDer(TAG.set, info),
  );
  return writeDer(TAG.sequence, writeOid(SIGNED_DATA), writeDer(0xa0, signed));
}

function attribute(id: string, value: Uint8Array): Uint8Array {
  return writeDer(TAG.sequence, writeOid(id), writeDer(TAG.set, value));
}

function algorithm(id: string): Uint8Array {
  return writeDer(TAG.sequence, writeOid(id));
}

function signingCertificate(certificate: Certificate): Uint8Array {
  const issuerSerial = writeDer(
    TAG.sequence,
    writeDer(TAG.sequence, writeDer(DIRECTORY_NAME, certificate.issuerName)),
    certificate.serialElement,
  );
  const identifier = writeDer(TAG.sequence, writeDer(TAG.octetString, sha256(certificate.der)), issuerSerial);
  return writeDer(TAG.sequence, writeDer(TAG.sequence, identifier));
}

/** Signed data that holds together: the signer's key signed these attributes, which name this digest and this certificate. */
export interface VerifiedSignedData {
  readonly signer: Certificate;
  readonly certificates: readonly Certificate[];
  /** A time stamp of the signature, not verified yet, and what it must have stamped. */
  readonly stamp?: { readonly token: Uint8Array; readonly digest: Uint8Array };
}

/**
 * Verifies detached signed data over a digest; whether the certificate is to be trusted is another question (`verifyPath`).
 * @param structure the CMS structure, which zeros may follow
 * @returns undefined when the signature or the digest is wrong
 * @throws {DerError} when the structure is malformed or of another profile
 */
export async function verifySignedData(
  structure: Uint8Array,
  digest: Uint8Array,
): Promise<VerifiedSignedData | undefined> {
  const whole = expectChildren(expectTag(readDerPrefix(structure), TAG.sequence), 2);
  if (structure.subarray(whole.raw.length).some((byte) => byte !== 0)) throw new DerError("bytes after the signature");
  if (readOid(childAt(whole, 0)) !== SIGNED_DATA) throw new DerError("not signed data");
  const signed = expectChildren(childAt(expectChildren(childAt(whole, 1, 0xa0), 1), 0, TAG.sequence), 5);
  if (readSmallInteger(childAt(signed, 0)) !== 1) throw new DerError("another version");
  const digests = childAt(signed, 1, TAG.set);
  if (digests.children.length !== 1) throw new DerError("there must be one digest");
  requireAlgorithm(childAt(digests, 0, TAG.sequence), SHA256);
  const encapsulated = childAt(signed, 2, TAG.sequence);
  if (encapsulated.children.length !== 1 || readOid(childAt(encapsulated, 0)) !== DATA)
    throw new DerError("not detached");
  const set = childAt(signed, 3, 0xa0);
  if (set.children.length > MAX_CERTIFICATES) throw new DerError("too many certificates");
  const certificates = set.children.map((child) => readCertificate(child.raw));
  const infos = childAt(signed, 4, TAG.set);
  if (infos.children.length !== 1) throw new DerError("there must be one signer");
  const info = childAt(infos, 0, TAG.sequence);
  if (info.children.length !== 7) expectChildren(info, 6);
  const signer = findSigner(childAt(info, 1, TAG.sequence), certificates);
  requireAlgorithm(childAt(info, 2, TAG.sequence), SHA256);
  const attributes = childAt(info, 3, 0xa0);
  if (!(await namesDigestAndSigner(attributes, digest, signer))) return undefined;
  const asSet = concatBytes([Uint8Array.of(TAG.set), attributes.raw.subarray(1)]);
  const signature = childAt(info, 5, TAG.octetString).content;
  if (!(await isSignedBy(signer, childAt(info, 4, TAG.sequence), { signature, message: asSet }))) return undefined;
  const token = info.children.length === 7 ? readStamp(childAt(info, 6, 0xa1)) : undefined;
  return { signer, certificates, ...(token && { stamp: { token, digest: sha256(signature) } }) };
}

async function isSignedBy(
  { publicKeyInfo }: Certificate,
  named: DerElement,
  { signature, message }: { readonly signature: Uint8Array; readonly message: Uint8Array },
): Promise<boolean> {
  if (namesRsa(publicKeyInfo))
    return verifyRsa({ publicKeyInfo, scheme: readRsaScheme(named, "sha256"), message, signature });
  requireAlgorithm(named, ECDSA_WITH_SHA256);
  return await verifyEcdsa(publicKeyInfo, signature, message);
}

/** Nobody signed the unsigned attributes: whatever else stands there is passed over. */
function readStamp(attributes: DerElement): Uint8Array | undefined {
  const found = attributes.children.find((one) => readOid(childAt(one, 0)) === SIGNATURE_TIME_STAMP);
  return found && childAt(expectChildren(childAt(found, 1, TAG.set), 1), 0, TAG.sequence).raw;
}

function requireAlgorithm(element: DerElement, id: string): void {
  if (readOid(childAt(element, 0)) !== id || element.children.length > 2) throw new DerError("another algorithm");
  // These have no parameters; some signers write NULL after the digest's name (RFC 5754 §2).
  const parameters = element.children[1];
  if (parameters !== undefined && (parameters.tag !== TAG.null || parameters.content.length > 0)) {
    throw new DerError("an algorithm with parameters");
  }
}

function findSigner(identifier: DerElement, certificates: readonly Certificate[]): Certificate {
  const issuer = childAt(identifier, 0).raw;
  const serial = childAt(identifier, 1).raw;
  const signer = certificates.find(
    (certificate) => equalBytes(certificate.issuerName, issuer) && equalBytes(certificate.serialElement, serial),
  );
  if (signer === undefined) throw new DerError("the signer's certificate is missing");
  return signer;
}

async function namesDigestAndSigner(attributes: DerElement, digest: Uint8Array, signer: Certificate): Promise<boolean> {
  const values = new Map<string, DerElement>();
  for (const entry of attributes.children) {
    const id = readOid(childAt(entry, 0));
    const set = childAt(entry, 1, TAG.set);
    if (values.has(id) || set.children.length !== 1) throw new DerError("a signed attribute stands twice");
    values.set(id, childAt(set, 0));
  }
  const type = values.get(CONTENT_TYPE);
  const stated = values.get(MESSAGE_DIGEST);
  const chosen = values.get(SIGNING_CERTIFICATE_V2);
  if (type === undefined || stated === undefined || chosen === undefined)
    throw new DerError("a signed attribute is missing");
  // ESSCertIDv2 with SHA-256 starts with the hash; another algorithm would start with its identifier (RFC 5035 §4).
  const hash = childAt(childAt(childAt(chosen, 0), 0), 0, TAG.octetString);
  return (
    readOid(type) === DATA &&
    equalBytes(expectTag(stated, TAG.octetString).content, digest) &&
    equalBytes(hash.content, sha256(signer.der))
  );
}
