/** Reading and verifying time stamps (RFC 3161 §2.4.2, RFC 5816). */
import {
  childAt,
  concatBytes,
  type DerElement,
  DerError,
  equalBytes,
  expectChildren,
  expectTag,
  readDer,
  readOid,
  readSmallInteger,
  readTimeMs,
  TAG,
} from "#lib/asn1/der";
import { RSA_DIGESTS, readRsaScheme, signsWithRsa, writeRsaScheme } from "#lib/certificate/rsa";
import { sha384, sha512 } from "#lib/crypto/digest";
import { readSerial, readX509, type X509Certificate } from "#lib/x509/certificate";
import { EXTENSION } from "#lib/x509/extensions";
import { type BuildOptions, buildPath, type PathProblem, type SignatureCheck } from "#lib/x509/path-validation";
import { type Imprint, readImprint } from "./request.ts";
import { namesSigner } from "./signing-certificate.ts";
import { CMS, STAMP_DIGESTS } from "./write-token.ts";

export const TOKEN_MAX_BYTES = 65_536;
export const TIME_STAMPING_USE = "1.3.6.1.5.5.7.3.8";
const CERTIFICATES_MAX = 8;
const SIGNED_DATA_VERSION = 3;

/** What may digest the content of a token: SHA-384 and SHA-512 with the RSA keys of other authorities. */
interface TokenDigest {
  readonly id: string;
  readonly digest: (bytes: Uint8Array) => Uint8Array;
}
const DIGESTS: readonly TokenDigest[] = [
  ...Object.values(STAMP_DIGESTS),
  { id: "2.16.840.1.101.3.4.2.2", digest: sha384 },
  { id: "2.16.840.1.101.3.4.2.3", digest: sha512 },
];

const digestOf = (id: string) => DIGESTS.find((one) => one.id === id)?.digest;

/** What a stamp says. */
export interface Stamp {
  readonly policy: string;
  readonly imprint: Imprint;
  /** Hexadecimal. */
  readonly serial: string;
  readonly atMs: number;
  /** The INTEGER as it stands. */
  readonly nonce: Uint8Array | undefined;
}

export interface Token {
  readonly stamp: Stamp;
  readonly content: Uint8Array;
  readonly certificates: readonly X509Certificate[];
  readonly signer: { readonly issuer: Uint8Array; readonly serial: string };
  readonly digest: TokenDigest;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** The signed attributes as they were signed. */
  readonly signed: Uint8Array;
  /** By object identifier. */
  readonly attributes: ReadonlyMap<string, DerElement>;
}

/** The token of an answer; undefined where the authority refused. @throws {DerError} */
export function readStampAnswer(der: Uint8Array): Uint8Array | undefined {
  if (der.length > TOKEN_MAX_BYTES) throw new DerError("an answer is too big");
  const [status, token, ...more] = expectTag(readDer(der), TAG.sequence).children;
  if (status === undefined || more.length > 0) throw new DerError("not an answer");
  // 1: granted with changes, which a client may refuse; ours does not ask for anything that could be changed.
  return readSmallInteger(childAt(status, 0)) === 0 ? token?.raw : undefined;
}

/** @throws {DerError} when it is malformed, too big, or has another number of signers than one */
export function readToken(der: Uint8Array): Token {
  if (der.length > TOKEN_MAX_BYTES) throw new DerError("a token is too big");
  const whole = expectChildren(expectTag(readDer(der), TAG.sequence), 2);
  if (readOid(childAt(whole, 0)) !== CMS.signedData) throw new DerError("not signed data");
  const [version, digests, encapsulated, ...rest] = childAt(childAt(whole, 1, 0xa0), 0, TAG.sequence).children;
  if (!version || !digests || !encapsulated || readSmallInteger(version) !== SIGNED_DATA_VERSION)
    throw new DerError("another version");
  if (readOid(childAt(expectChildren(expectTag(encapsulated, TAG.sequence), 2), 0)) !== CMS.stamp)
    throw new DerError("not a stamp");
  const content = childAt(childAt(encapsulated, 1, 0xa0), 0, TAG.octetString).content;
  const certificates = rest[0]?.tag === 0xa0 ? (rest.shift()?.children ?? []) : [];
  if (certificates.length > CERTIFICATES_MAX) throw new DerError("too many certificates");
  const [infos, ...more] = rest;
  if (infos === undefined || more.length > 0) throw new DerError("a part out of place");
  const signer = readSigner(childAt(expectChildren(expectTag(infos, TAG.set), 1), 0, TAG.sequence));
  const digest = readOid(childAt(childAt(expectChildren(expectTag(digests, TAG.set), 1), 0, TAG.sequence), 0));
  if (digest !== signer.digest.id) throw new DerError("two digests");
  return {
    stamp: readStamp(readDer(content)),
    content,
    certificates: certificates.map(({ raw }) => readX509(raw)),
    ...signer,
  };
}

function readStamp(info: DerElement): Stamp {
  const [version, policy, imprint, serial, time, ...optional] = expectTag(info, TAG.sequence).children;
  if (!version || !policy || !imprint || !serial || !time) throw new DerError("a part is missing");
  if (readSmallInteger(version) !== 1) throw new DerError("another version of stamps");
  // Extensions could change what a stamp means.
  if (optional.some(({ tag }) => tag === 0xa1)) throw new DerError("a stamp with extensions");
  return {
    policy: readOid(policy),
    imprint: readImprint(imprint),
    serial: readSerial(serial),
    atMs: readTimeMs(expectTag(time, TAG.generalizedTime)),
    nonce: optional.find(({ tag }) => tag === TAG.integer)?.raw,
  };
}

function readSigner(
  info: DerElement,
): Pick<Token, "signer" | "digest" | "signatureAlgorithm" | "signature" | "signed" | "attributes"> {
  expectChildren(info, 6);
  if (readSmallInteger(childAt(info, 0)) !== 1) throw new DerError("another version of signers");
  const name = expectChildren(childAt(info, 1, TAG.sequence), 2);
  const named = readOid(childAt(childAt(info, 2, TAG.sequence), 0));
  const digest = DIGESTS.find(({ id }) => id === named);
  if (digest === undefined) throw new DerError("another digest");
  const list = childAt(info, 3, 0xa0);
  const attributes = new Map<string, DerElement>();
  for (const attribute of list.children) {
    const id = readOid(childAt(expectChildren(attribute, 2), 0));
    if (attributes.has(id)) throw new DerError("an attribute stands twice");
    attributes.set(id, childAt(expectChildren(childAt(attribute, 1, TAG.set), 1), 0));
  }
  return {
    signer: { issuer: childAt(name, 0, TAG.sequence).raw, serial: readSerial(childAt(name, 1)) },
    digest,
    signatureAlgorithm: signatureAlgorithm(childAt(info, 4, TAG.sequence), digest),
    signature: childAt(info, 5, TAG.octetString).content,
    signed: concatBytes([Uint8Array.of(TAG.set), list.raw.subarray(1)]),
    attributes,
  };
}

/** Of RSA its name alone may stand there (RFC 3370 §3.2): then it is PKCS #1 v1.5 with the signer's digest, as any must be (RFC 8933 §3). */
function signatureAlgorithm(element: DerElement, { id }: TokenDigest): Uint8Array {
  if (!signsWithRsa(element)) return element.raw;
  const digest = RSA_DIGESTS[id];
  if (digest === undefined) throw new DerError("two digests");
  return writeRsaScheme(readRsaScheme(element, digest));
}

export type StampProblem = PathProblem | "imprint" | "nonce" | "signer" | "not-a-time-stamping-key";

export interface StampCheck extends Omit<BuildOptions, "atMs" | "extendedKeyUse"> {
  /** What must have been stamped. */
  readonly imprint: Imprint;
  /** The INTEGER of the request, where there was one. */
  readonly nonce?: Uint8Array;
  /** At hand besides those of the token. */
  readonly certificates?: readonly X509Certificate[];
  /** When the signer's path must be valid, default: when it stamped (whether it was revoked since then, `status` tells). */
  readonly atMs?: number;
}

/**
 * Verifies a stamp: that its signer signed it, named its own certificate, and was entrusted by an anchor with nothing but stamping.
 * @throws {DerError} for a malformed one
 */
export function verifyToken(
  token: Token,
  check: StampCheck,
): { readonly signer: X509Certificate } | { readonly problem: StampProblem } {
  const { stamp } = token;
  const { imprint, nonce, verify } = check;
  if (imprint.algorithm !== stamp.imprint.algorithm || !equalBytes(imprint.digest, stamp.imprint.digest))
    return { problem: "imprint" };
  if (nonce !== undefined && (stamp.nonce === undefined || !equalBytes(nonce, stamp.nonce)))
    return { problem: "nonce" };
  const others = [...token.certificates, ...(check.certificates ?? [])];
  const signer = others.find(
    ({ issuer, serial }) => serial === token.signer.serial && equalBytes(issuer.raw, token.signer.issuer),
  );
  if (signer === undefined || !namesContent(token) || !namesSigner(token.attributes, signer, digestOf))
    return { problem: "signer" };
  if (!isSignedBy(token, signer, verify)) return { problem: "signature" };
  // RFC 3161 §2.3: the extension is critical and has this purpose alone.
  const isStampingKey =
    signer.extendedKeyUses?.length === 1 && signer.extensions.get(EXTENSION.extendedKeyUse)?.critical;
  if (!isStampingKey) return { problem: "not-a-time-stamping-key" };
  const path = buildPath(signer, others, {
    ...check,
    atMs: check.atMs ?? stamp.atMs,
    extendedKeyUse: TIME_STAMPING_USE,
  });
  return path.valid ? { signer } : { problem: path.problem };
}

function isSignedBy(token: Token, { publicKeyInfo }: X509Certificate, verify: (check: SignatureCheck) => boolean) {
  const { signatureAlgorithm: algorithm, signed, signature } = token;
  return verify({ publicKeyInfo, algorithm, signed, signature });
}

function namesContent({ attributes, content, digest: used }: Token): boolean {
  const type = attributes.get(CMS.contentType);
  const digest = attributes.get(CMS.messageDigest);
  if (type === undefined || digest === undefined || readOid(type) !== CMS.stamp) return false;
  return equalBytes(expectTag(digest, TAG.octetString).content, used.digest(content));
}
