/** Certificate requests (PKCS #10, RFC 2986) in every suite that certificates have. */
import {
  childAt,
  type DerElement,
  DerError,
  expectChildren,
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
import { type DistinguishedName, readName } from "#lib/x509/distinguished-name";
import { type Extension, type KnownExtensions, readExtensionList, readKnownExtensions } from "#lib/x509/extensions";
import { type CertifiedKey, type CertifyingKey, readPublicKey, verifySigned, writePublicKey } from "./algorithms.ts";
import { writeSigned } from "./certificate.ts";
import { type NewExtension, writeExtensions } from "./extensions.ts";

export const REQUEST_MAX_BYTES = 16_384;
/** PKCS #9: extensionRequest. */
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const ATTRIBUTES = 0xa0;
const ATTRIBUTES_MAX = 16;

/** What is asked for. */
export interface RequestContent {
  /** DER, as `writeName` gives it. */
  readonly subject: Uint8Array;
  readonly publicKey: CertifyingKey;
  readonly extensions: readonly NewExtension[];
}

/**
 * Makes a request, signed with the key that it is about.
 * @param sign gives the signature over the bytes: DER for ES256 and SM2, raw for EdDSA
 */
export async function writeRequest(
  { subject, publicKey, extensions }: RequestContent,
  sign: (part: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const values = writeDer(TAG.set, writeExtensions(extensions));
  const attributes = extensions.length === 0 ? [] : [writeDer(TAG.sequence, writeOid(EXTENSION_REQUEST), values)];
  const part = writeDer(
    TAG.sequence,
    writeSmallInteger(0),
    subject,
    writePublicKey(publicKey),
    writeDer(ATTRIBUTES, ...attributes),
  );
  return writeSigned(part, publicKey.algorithm, await sign(part));
}

/** A request whose signature shows that whoever made it has the private key. */
export interface ReadRequest {
  readonly subject: DistinguishedName;
  readonly publicKey: CertifiedKey;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  /** What the applicant wishes; an authority grants what its profile says. */
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly known: KnownExtensions;
}

/**
 * Reads a request and verifies its signature.
 * @returns undefined when the signature is not that of the key in it
 * @throws {DerError} when the request is malformed, too big, or its key is of another algorithm
 */
export function readRequest(der: Uint8Array): ReadRequest | undefined {
  if (der.length > REQUEST_MAX_BYTES) throw new DerError("a request is too big");
  const whole = expectChildren(expectTag(readDer(der), TAG.sequence), 3);
  const part = expectChildren(childAt(whole, 0, TAG.sequence), 4);
  if (readSmallInteger(childAt(part, 0)) !== 0) throw new DerError("another version of requests");
  const publicKeyInfo = childAt(part, 2, TAG.sequence).raw;
  const extensions = readAttributes(childAt(part, 3, ATTRIBUTES));
  const request: ReadRequest = {
    subject: readName(childAt(part, 1)),
    publicKey: readPublicKey(publicKeyInfo),
    publicKeyInfo,
    extensions,
    known: readKnownExtensions(extensions),
  };
  const algorithm = childAt(whole, 1, TAG.sequence).raw;
  const signature = readBitString(childAt(whole, 2));
  return verifySigned({ publicKeyInfo, algorithm, signed: part.raw, signature }) ? request : undefined;
}

/** Other attributes than the extensions (challenge passwords, say) are passed over: they promise nothing. */
function readAttributes(attributes: DerElement): ReadonlyMap<string, Extension> {
  if (attributes.children.length > ATTRIBUTES_MAX) throw new DerError("a request of too many attributes");
  const asked = attributes.children.filter((attribute) => {
    expectChildren(expectTag(attribute, TAG.sequence), 2);
    return readOid(childAt(attribute, 0)) === EXTENSION_REQUEST;
  });
  const [first] = asked;
  if (asked.length > 1) throw new DerError("extensions are asked for twice");
  if (first === undefined) return new Map();
  return readExtensionList(childAt(expectChildren(childAt(first, 1, TAG.set), 1), 0));
}
