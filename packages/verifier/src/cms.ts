/**
 * CMS signed data (RFC 5652) as PAdES uses it (ETSI EN 319 142-1 §6.3): detached for a seal, around what was stamped for a time
 * stamp (RFC 3161 §2.4.2).
 */
import { compareBytes, concat, same } from "./bytes.ts";
import { type Certificate, readCertificate } from "./certificate.ts";
import { digestOf, sha256 } from "./crypto.ts";
import { broken, child, type Element, expect, integer, oid, readPaddedDer, TAG } from "./der.ts";
import { Refusal } from "./report.ts";
import type { RsaDigest } from "./rsa-form.ts";
import { signatureForm, type VerifyingKey, verifies } from "./signature.ts";
import { sm3 } from "./sm3.ts";

const ID = {
  signedData: "1.2.840.113549.1.7.2",
  data: "1.2.840.113549.1.7.1",
  stamp: "1.2.840.113549.1.9.16.1.4",
  signatureTimeStamp: "1.2.840.113549.1.9.16.2.14",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
  sm3: "1.2.156.10197.1.401",
} as const;
const CERTIFICATES_MAX = 8;
const DIRECTORY_NAME = 0xa4;
/** A name, no protection: the signature is verified with the certificate itself. */
const SHA1 = (bytes: Uint8Array) => digestOf("SHA-1", bytes);

export interface Signed {
  readonly signer: Certificate;
  readonly others: readonly Certificate[];
  readonly signature: Uint8Array;
  /** What it signed, where it holds that itself. */
  readonly content: Uint8Array | undefined;
  /** A time stamp of the signature, to be verified yet. */
  readonly stamp: Uint8Array | undefined;
}

/** What kind of thing was signed: a digest, of content elsewhere; or a time stamp, which is in it. */
export type Subject = { readonly kind: "data"; readonly digest: Uint8Array } | { readonly kind: "stamp" };

/** Checks that a signer signed this; not yet whether the signer is to be trusted. @param nearby further certificates */
export async function verifySignedData(
  structure: Uint8Array,
  subject: Subject,
  nearby: readonly Certificate[] = [],
): Promise<Signed> {
  const whole = expect(readPaddedDer(structure), TAG.sequence);
  if (oid(child(whole, 0)) !== ID.signedData) throw broken("not signed data");
  const signed = child(child(whole, 1, 0xa0), 0, TAG.sequence);
  integer(child(signed, 0));
  const digests = child(signed, 1, TAG.set);
  const hash = digests.children.length === 1 ? HASHES[oid(child(child(digests, 0), 0))] : undefined;
  // PAdES is of the international suite: no reader of PDF judges another.
  if (hash === undefined || (subject.kind === "data" && hash.id !== ID.sha256)) throw unsupported();
  const type = child(signed, 2, TAG.sequence);
  if (oid(child(type, 0)) !== ID[subject.kind]) throw broken("signed as something else");
  if (type.children.length !== (subject.kind === "data" ? 1 : 2)) throw broken("not detached");
  const content = subject.kind === "data" ? undefined : child(child(type, 1, 0xa0), 0, TAG.octetString).content;
  const rest = signed.children.slice(3);
  const certificates = rest.find(({ tag }) => tag === 0xa0)?.children ?? [];
  const infos = expect(rest.at(-1) ?? signed, TAG.set);
  if (certificates.length > CERTIFICATES_MAX || infos.children.length !== 1) throw broken("more than one signer");
  const others = [...certificates.map(({ raw }) => readCertificate(raw)), ...nearby];
  const digest = subject.kind === "data" ? subject.digest : await hash.digest(content ?? new Uint8Array());
  return {
    ...(await verifySigner(child(infos, 0, TAG.sequence), { others, digest, hash, type: ID[subject.kind] })),
    others,
    content,
  };
}

interface Hash {
  readonly id: string;
  readonly digest: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** Of what keys signatures go with it. */
  readonly keys: readonly VerifyingKey["algorithm"][];
  readonly rsa?: RsaDigest;
}

const HASHES: Readonly<Record<string, Hash>> = {
  [ID.sha256]: { id: ID.sha256, digest: (bytes) => sha256(bytes), keys: ["ES256", "EdDSA", "RSA"], rsa: "SHA-256" },
  [ID.sha384]: { id: ID.sha384, digest: (bytes) => digestOf("SHA-384", bytes), keys: ["RSA"], rsa: "SHA-384" },
  [ID.sha512]: { id: ID.sha512, digest: (bytes) => digestOf("SHA-512", bytes), keys: ["RSA"], rsa: "SHA-512" },
  [ID.sm3]: { id: ID.sm3, digest: (bytes) => sm3(bytes), keys: ["SM2"] },
};

interface Question {
  readonly others: readonly Certificate[];
  readonly digest: Uint8Array;
  readonly type: string;
  readonly hash: Hash;
}

async function verifySigner(
  info: Element,
  question: Question,
): Promise<Pick<Signed, "signer" | "signature" | "stamp">> {
  if (integer(child(info, 0)) !== 1) throw broken("a signer of another kind");
  const identifier = child(info, 1, TAG.sequence);
  const signer = question.others.find(
    ({ issuer, serial }) => same(issuer, child(identifier, 0).raw) && same(serial, child(identifier, 1).raw),
  );
  if (signer === undefined)
    throw new Refusal("signer-missing", "签名中没有签名人的证书", "The signer's certificate is missing");
  if (oid(child(child(info, 2), 0)) !== question.hash.id) throw unsupported();
  const attributes = child(info, 3, 0xa0);
  await checkAttributes(attributes, question, signer);
  const { keys, rsa } = question.hash;
  const known = keys.includes(signer.key.algorithm);
  const form = known ? signatureForm(child(info, 4, TAG.sequence), signer.key, rsa) : undefined;
  if (form === undefined) throw unsupported();
  // Signed as a SET, written as [0] (RFC 5652 §5.4).
  const message = concat(Uint8Array.of(TAG.set), attributes.raw.subarray(1));
  const signature = child(info, 5, TAG.octetString).content;
  if (!(await verifies(signer.key, message, signature, form))) {
    throw new Refusal("seal-signature", "印章签名无效", "The seal's signature is wrong");
  }
  const unsigned = info.children[6];
  return { signer, signature, stamp: unsigned && stampIn(expect(unsigned, 0xa1)) };
}

/** Nobody signed these attributes: what else stands there is passed over. */
function stampIn(attributes: Element): Uint8Array | undefined {
  const found = attributes.children.find((attribute) => oid(child(attribute, 0)) === ID.signatureTimeStamp);
  return found && child(child(found, 1, TAG.set), 0, TAG.sequence).raw;
}

async function checkAttributes(
  attributes: Element,
  { digest, type: wanted }: Question,
  signer: Certificate,
): Promise<void> {
  const values = new Map<string, Element>();
  let before: Uint8Array | undefined;
  for (const attribute of attributes.children) {
    if (before !== undefined && compareBytes(before, attribute.raw) >= 0) throw broken("attributes out of order");
    before = attribute.raw;
    const id = oid(child(attribute, 0));
    const set = child(attribute, 1, TAG.set);
    if (values.has(id) || set.children.length !== 1) throw broken("an attribute that stands twice");
    values.set(id, child(set, 0));
  }
  const type = values.get(ID.contentType);
  const stated = values.get(ID.messageDigest);
  const chosen = values.get(ID.signingCertificateV2);
  // Which RFC 3161 asked of every stamp; seals never had it.
  const former = wanted === ID.stamp ? values.get(ID.signingCertificate) : undefined;
  const unnamed = chosen === undefined && former === undefined;
  if (type === undefined || stated === undefined || unnamed) throw broken("a signed attribute is missing");
  if (oid(type) !== wanted) throw broken("signed as something else");
  if (!same(expect(stated, TAG.octetString).content, digest)) {
    throw new Refusal("seal-digest", "文件内容在加盖印章后被改动", "The document was changed after it was sealed");
  }
  // Where both stand each must name it (RFC 5035 §2).
  if (chosen !== undefined) await checkNamed(chosen, signer, "present");
  if (former !== undefined) await checkNamed(former, signer, "former");
}

/** That an attribute names the signer's certificate, by its digest and, where it says them, issuer and serial number. */
async function checkNamed(attribute: Element, signer: Certificate, form: "present" | "former"): Promise<void> {
  const parts = [...child(child(expect(attribute, TAG.sequence), 0, TAG.sequence), 0, TAG.sequence).children];
  // RFC 5035 §4: SHA-256 is left out, another algorithm stands before the hash. RFC 2634 §5.4.1 knows SHA-1 alone.
  const named = form === "present" && parts[0]?.tag === TAG.sequence ? parts.shift() : undefined;
  const digest = form === "former" ? SHA1 : HASHES[named === undefined ? ID.sha256 : oid(child(named, 0))]?.digest;
  if (digest === undefined) throw unsupported();
  const [hash, issuerSerial, ...more] = parts;
  if (hash === undefined || more.length > 0) throw broken("a certificate named in another form");
  const isNamed = same(expect(hash, TAG.octetString).content, await digest(signer.der));
  if (!isNamed || (issuerSerial !== undefined && !isOf(issuerSerial, signer))) {
    throw new Refusal("seal-certificate", "印章签名指向另一张证书", "The seal's signature names another certificate");
  }
}

function isOf(issuerSerial: Element, { issuer, serial }: Certificate): boolean {
  const names = child(expect(issuerSerial, TAG.sequence), 0, TAG.sequence).children;
  const isIssuer = names.some((name) => name.tag === DIRECTORY_NAME && same(child(name, 0).raw, issuer));
  return isIssuer && same(child(issuerSerial, 1, TAG.integer).raw, serial);
}

function unsupported(): Refusal {
  return new Refusal("algorithm", "签名算法不受支持", "The signature's algorithm is not supported");
}
