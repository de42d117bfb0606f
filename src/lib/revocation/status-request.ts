/** Questions for the status of certificates (OCSP, RFC 6960 §4.1). Signatures of requests are passed over: everyone may ask. */
import { childAt, type DerElement, DerError, expectTag, readDer, readSmallInteger, TAG, writeDer } from "#lib/asn1/der";
import { writeExtensions } from "#lib/certificate/extensions";
import { readExtensionList } from "#lib/x509/extensions";
import { type CertificateId, readCertificateId } from "./certificate-id.ts";

export const STATUS_REQUEST_MAX_BYTES = 8_192;
export const STATUS_REQUEST_MAX_CERTIFICATES = 16;
export const NONCE_EXTENSION = "1.3.6.1.5.5.7.48.1.2";
/** RFC 9654 §2.1. */
const NONCE_MAX_BYTES = 128;
const VERSION = 0xa0;
const REQUESTOR = 0xa1;
const EXTENSIONS = 0xa2;

export interface StatusRequest {
  readonly certificates: readonly CertificateId[];
  readonly nonce: Uint8Array | undefined;
}

/** @throws {DerError} when it is malformed, too big, asks about too many, or has a critical extension */
export function readStatusRequest(der: Uint8Array): StatusRequest {
  if (der.length > STATUS_REQUEST_MAX_BYTES) throw new DerError("a request is too big");
  const [part, ...signature] = expectTag(readDer(der), TAG.sequence).children;
  if (part === undefined || signature.length > 1) throw new DerError("not a request");
  const parts = [...expectTag(part, TAG.sequence).children];
  const optional = (tag: number) => (parts[0]?.tag === tag ? parts.shift() : undefined);
  const version = optional(VERSION);
  if (version !== undefined && readSmallInteger(childAt(version, 0)) !== 0) throw new DerError("another version");
  optional(REQUESTOR);
  const list = optional(TAG.sequence);
  const extensions = optional(EXTENSIONS);
  if (list === undefined || parts.length > 0) throw new DerError("a part out of place");
  const { length } = list.children;
  if (length === 0 || length > STATUS_REQUEST_MAX_CERTIFICATES) throw new DerError("no certificates, or too many");
  return {
    certificates: list.children.map((one) => readCertificateId(childAt(expectTag(one, TAG.sequence), 0))),
    nonce: extensions && readNonce(childAt(extensions, 0)),
  };
}

/** The nonce among extensions. @throws {DerError} for one of a size that none has, and for another critical extension */
export function readNonce(list: DerElement): Uint8Array | undefined {
  const extensions = readExtensionList(list);
  for (const [id, { critical }] of extensions) {
    if (critical && id !== NONCE_EXTENSION) throw new DerError("a critical extension that is not understood");
  }
  const nonce = extensions.get(NONCE_EXTENSION);
  if (nonce === undefined) return undefined;
  const { content } = expectTag(readDer(nonce.value), TAG.octetString);
  if (content.length === 0 || content.length > NONCE_MAX_BYTES) throw new DerError("a nonce out of bounds");
  return content;
}

export function writeNonce(nonce: Uint8Array): Uint8Array {
  return writeExtensions([{ id: NONCE_EXTENSION, critical: false, value: writeDer(TAG.octetString, nonce) }]);
}

/** @param certificates as `writeCertificateId` gives them */
export function writeStatusRequest(certificates: readonly Uint8Array[], nonce?: Uint8Array): Uint8Array {
  const list = writeDer(TAG.sequence, ...certificates.map((id) => writeDer(TAG.sequence, id)));
  const extensions = nonce === undefined ? [] : [writeDer(EXTENSIONS, writeNonce(nonce))];
  return writeDer(TAG.sequence, writeDer(TAG.sequence, list, ...extensions));
}
