/** Asking for time stamps (RFC 3161 §2.4.1). */
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
import { writeUnsignedInteger } from "#lib/asn1/integer";

export const STAMP_REQUEST_MAX_BYTES = 2_048;
const NONCE_MAX_BYTES = 33;

/** Digests that may be stamped, with their size: an older one would stamp what may have two contents. */
export const STAMPED_DIGESTS: Readonly<Record<string, number>> = Object.freeze({
  /** SHA-256, SHA-384, SHA-512 */
  "2.16.840.1.101.3.4.2.1": 32,
  "2.16.840.1.101.3.4.2.2": 48,
  "2.16.840.1.101.3.4.2.3": 64,
  /** SM3 */
  "1.2.156.10197.1.401": 32,
});

/** The digest of what is stamped. */
export interface Imprint {
  /** Dotted identifier. */
  readonly algorithm: string;
  readonly digest: Uint8Array;
}

export interface StampRequest {
  readonly imprint: Imprint;
  /** The INTEGER as it stood, to be repeated. */
  readonly nonce: Uint8Array | undefined;
  /** Dotted identifier. */
  readonly policy: string | undefined;
  readonly wantsCertificate: boolean;
}

/** Why there is no stamp: bit numbers of PKIFailureInfo (RFC 3161 §2.4.2). */
export const STAMP_FAILURES = Object.freeze({
  badAlg: 0,
  badDataFormat: 5,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  systemFailure: 25,
});
export type StampFailure = keyof typeof STAMP_FAILURES;

/** Reads a request; one that cannot be granted gives the reason. @param policy the only one of this authority */
export function readStampRequest(der: Uint8Array, policy: string): StampRequest | StampFailure {
  try {
    const request = readRequest(der);
    if (typeof request === "string") return request;
    const size = STAMPED_DIGESTS[request.imprint.algorithm];
    if (size === undefined) return "badAlg";
    if (size !== request.imprint.digest.length) return "badDataFormat";
    return request.policy === undefined || request.policy === policy ? request : "unacceptedPolicy";
  } catch (error) {
    if (error instanceof DerError) return "badDataFormat";
    throw error;
  }
}

function readRequest(der: Uint8Array): StampRequest | StampFailure {
  if (der.length > STAMP_REQUEST_MAX_BYTES) throw new DerError("a request is too big");
  const parts = [...expectTag(readDer(der), TAG.sequence).children];
  const [version, imprint] = parts.splice(0, 2);
  if (!version || !imprint || readSmallInteger(version) !== 1) throw new DerError("not a request");
  const optional = (tag: number) => (parts[0]?.tag === tag ? parts.shift() : undefined);
  const policy = optional(TAG.oid);
  const nonce = optional(TAG.integer);
  const flag = optional(TAG.boolean);
  if (optional(0xa0) !== undefined) return "unacceptedExtension";
  if (parts.length > 0) throw new DerError("a part out of place");
  if (flag !== undefined && (flag.content.length !== 1 || (flag.content[0] !== 0xff && flag.content[0] !== 0)))
    throw new DerError("not a truth value");
  if (nonce !== undefined && (nonce.content.length === 0 || nonce.content.length > NONCE_MAX_BYTES))
    throw new DerError("a nonce out of bounds");
  return {
    imprint: readImprint(imprint),
    nonce: nonce?.raw,
    policy: policy && readOid(policy),
    wantsCertificate: flag?.content[0] === 0xff,
  };
}

/** @throws {DerError} */
export function readImprint(element: DerElement): Imprint {
  expectChildren(expectTag(element, TAG.sequence), 2);
  return {
    algorithm: readOid(childAt(childAt(element, 0, TAG.sequence), 0)),
    digest: childAt(element, 1, TAG.octetString).content,
  };
}

export function writeImprint({ algorithm, digest }: Imprint): Uint8Array {
  return writeDer(TAG.sequence, writeDer(TAG.sequence, writeOid(algorithm)), writeDer(TAG.octetString, digest));
}

/** Asks for a stamp with the authority's certificate in it. @param nonce big-endian */
export function writeStampRequest(imprint: Imprint, nonce?: Uint8Array): Uint8Array {
  return writeDer(
    TAG.sequence,
    writeSmallInteger(1),
    writeImprint(imprint),
    ...(nonce === undefined ? [] : [writeUnsignedInteger(nonce)]),
    writeDer(TAG.boolean, Uint8Array.of(0xff)),
  );
}
