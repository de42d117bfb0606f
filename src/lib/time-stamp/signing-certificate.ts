/**
 * By what a signature names the certificate that it is to be verified with, so that nobody puts another one of the same key in its place:
 * signingCertificateV2 (RFC 5035 §3), or signingCertificate (RFC 2634 §5.4), which knows SHA-1 alone and which RFC 3161 asked of every token. Where both
 * stand each must name it (RFC 5035 §2).
 */
import { childAt, type DerElement, DerError, equalBytes, expectTag, readOid, TAG } from "#lib/asn1/der";
import { sha1 } from "#lib/crypto/digest";
import { readSerial, type X509Certificate } from "#lib/x509/certificate";

const FORMER = "1.2.840.113549.1.9.16.2.12";
const PRESENT = "1.2.840.113549.1.9.16.2.47";
const SHA256 = "2.16.840.1.101.3.4.2.1";
const DIRECTORY_NAME = 0xa4;

/** A digest by its object identifier; undefined for what is not known. */
export type DigestOf = (id: string) => ((bytes: Uint8Array) => Uint8Array) | undefined;

/** @throws {DerError} when an attribute is malformed */
export function namesSigner(
  attributes: ReadonlyMap<string, DerElement>,
  signer: X509Certificate,
  digestOf: DigestOf,
): boolean {
  const [former, present] = [attributes.get(FORMER), attributes.get(PRESENT)];
  if (former === undefined && present === undefined) return false;
  const isFormer = former === undefined || isOf(partsOf(former), signer, sha1);
  if (present === undefined) return isFormer;
  const parts = partsOf(present);
  const named = parts[0]?.tag === TAG.sequence ? parts.shift() : undefined;
  const digest = digestOf(named === undefined ? SHA256 : readOid(childAt(named, 0)));
  return isFormer && digest !== undefined && isOf(parts, signer, digest);
}

/** Of the first certificate that it names: the signer's. Others may follow, and policies. */
function partsOf(attribute: DerElement): DerElement[] {
  return [...childAt(childAt(expectTag(attribute, TAG.sequence), 0, TAG.sequence), 0, TAG.sequence).children];
}

function isOf(
  [hash, issuerSerial, ...more]: readonly DerElement[],
  { der, issuer, serial }: X509Certificate,
  digest: (bytes: Uint8Array) => Uint8Array,
): boolean {
  if (hash === undefined || more.length > 0) throw new DerError("a certificate named in another form");
  if (!equalBytes(expectTag(hash, TAG.octetString).content, digest(der))) return false;
  if (issuerSerial === undefined) return true;
  const names = childAt(expectTag(issuerSerial, TAG.sequence), 0, TAG.sequence).children;
  const isIssuer = names.some((name) => name.tag === DIRECTORY_NAME && equalBytes(childAt(name, 0).raw, issuer.raw));
  return isIssuer && readSerial(childAt(issuerSerial, 1)) === serial;
}
