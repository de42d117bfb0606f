/** CMS signed data (RFC 5652), detached, as PAdES baseline B uses it (ETSI EN 319 142-1 §6.3). */
import { compareBytes, concat, same } from "./bytes.ts";
import { type Certificate, readCertificate } from "./certificate.ts";
import { sha256, verifies } from "./crypto.ts";
import { broken, child, type Element, expect, integer, oid, readPaddedDer, TAG } from "./der.ts";
import { Refusal } from "./report.ts";

const ID = {
  signedData: "1.2.840.113549.1.7.2",
  data: "1.2.840.113549.1.7.1",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  sha256: "2.16.840.1.101.3.4.2.1",
  ecdsaSha256: "1.2.840.10045.4.3.2",
  ed25519: "1.3.101.112",
} as const;
const CERTIFICATES_MAX = 8;

export interface Signed {
  readonly signer: Certificate;
  readonly others: readonly Certificate[];
}

/** Checks that a signer signed this digest; not yet whether the signer is to be trusted. */
export async function verifySignedData(structure: Uint8Array, digest: Uint8Array): Promise<Signed> {
  const whole = expect(readPaddedDer(structure), TAG.sequence);
  if (oid(child(whole, 0)) !== ID.signedData) throw broken("not signed data");
  const signed = child(child(whole, 1, 0xa0), 0, TAG.sequence);
  integer(child(signed, 0));
  const content = child(signed, 2, TAG.sequence);
  if (content.children.length !== 1 || oid(child(content, 0)) !== ID.data) throw broken("not detached");
  const rest = signed.children.slice(3);
  const certificates = rest.find(({ tag }) => tag === 0xa0)?.children ?? [];
  const infos = expect(rest.at(-1) ?? signed, TAG.set);
  if (certificates.length > CERTIFICATES_MAX || infos.children.length !== 1) throw broken("more than one signer");
  const read = certificates.map(({ raw }) => readCertificate(raw));
  return await verifySigner(child(infos, 0, TAG.sequence), read, digest);
}

async function verifySigner(info: Element, certificates: readonly Certificate[], digest: Uint8Array): Promise<Signed> {
  if (integer(child(info, 0)) !== 1) throw broken("a signer of another kind");
  const identifier = child(info, 1, TAG.sequence);
  const signer = certificates.find(
    ({ issuer, serial }) => same(issuer, child(identifier, 0).raw) && same(serial, child(identifier, 1).raw),
  );
  if (signer === undefined)
    throw new Refusal("signer-missing", "签名中没有签名人的证书", "The signer's certificate is missing");
  if (oid(child(child(info, 2), 0)) !== ID.sha256) throw unsupported();
  const attributes = child(info, 3, 0xa0);
  checkAttributes(attributes, digest, signer);
  const algorithm = oid(child(child(info, 4), 0));
  const expected = signer.key.algorithm === "ES256" ? ID.ecdsaSha256 : ID.ed25519;
  if (algorithm !== expected) throw unsupported();
  // Signed as a SET, written as [0] (RFC 5652 §5.4).
  const message = concat(Uint8Array.of(TAG.set), attributes.raw.subarray(1));
  if (!(await verifies(signer.key, message, child(info, 5, TAG.octetString).content, "der"))) {
    throw new Refusal("seal-signature", "印章签名无效", "The seal's signature is wrong");
  }
  return { signer, others: certificates };
}

function checkAttributes(attributes: Element, digest: Uint8Array, signer: Certificate): void {
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
  if (type === undefined || stated === undefined || chosen === undefined) throw broken("a signed attribute is missing");
  if (oid(type) !== ID.data) throw broken("signed as something else");
  if (!same(expect(stated, TAG.octetString).content, digest)) {
    throw new Refusal("seal-digest", "文件内容在加盖印章后被改动", "The document was changed after it was sealed");
  }
  // RFC 5035 §4: with SHA-256 the algorithm is left out and the hash comes first.
  const hash = child(child(child(chosen, 0), 0), 0, TAG.octetString).content;
  if (!same(hash, sha256(signer.der))) {
    throw new Refusal("seal-certificate", "印章签名指向另一张证书", "The seal's signature names another certificate");
  }
}

function unsupported(): Refusal {
  return new Refusal("algorithm", "签名算法不受支持", "The signature's algorithm is not supported");
}
