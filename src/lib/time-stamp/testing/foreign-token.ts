/** A token (RFC 3161) as another authority may write it: any signed attributes, RSA with SHA-256. For tests. */
import { childAt, readDer, TAG, writeDer, writeOid, writeSetOf, writeSmallInteger } from "#lib/asn1/der";
import { writeRsaScheme } from "#lib/certificate/rsa";
import { sha256 } from "#lib/crypto/digest";
import { PKCS1_SHA256, type RsaPair, rsaSign } from "#lib/x509/testing/rsa-authority";
import { CMS } from "../write-token.ts";

export interface ForeignSigner {
  readonly pair: RsaPair;
  /** DER. */
  readonly certificate: Uint8Array;
}

/**
 * The content of a token signed anew with other attributes besides type and digest.
 * @param token any token, of which TSTInfo is taken
 */
export function signedAnew(
  token: Uint8Array,
  { pair, certificate }: ForeignSigner,
  attributes: readonly (readonly [id: string, value: Uint8Array])[],
): Uint8Array {
  const [version, digests, encapsulated] = childAt(childAt(readDer(token), 1, 0xa0), 0).children;
  if (!version || !digests || !encapsulated) throw new RangeError("not a token");
  const content = childAt(childAt(encapsulated, 1, 0xa0), 0).content;
  const written = [
    [CMS.contentType, writeOid(CMS.stamp)] as const,
    [CMS.messageDigest, writeDer(TAG.octetString, sha256(content))] as const,
    ...attributes,
  ].map(([id, value]) => writeDer(TAG.sequence, writeOid(id), writeDer(TAG.set, value)));
  const { issuer, serial } = issuerAndSerial(certificate);
  const digest = writeDer(TAG.sequence, writeOid("2.16.840.1.101.3.4.2.1"));
  const info = writeDer(
    TAG.sequence,
    writeSmallInteger(1),
    writeDer(TAG.sequence, issuer, serial),
    digest,
    writeSetOf(0xa0, written),
    writeRsaScheme(PKCS1_SHA256),
    writeDer(TAG.octetString, rsaSign(pair.key, PKCS1_SHA256, writeSetOf(TAG.set, written))),
  );
  const signed = writeDer(
    TAG.sequence,
    version.raw,
    writeDer(TAG.set, digest),
    encapsulated.raw,
    writeDer(0xa0, certificate),
    writeDer(TAG.set, info),
  );
  return writeDer(TAG.sequence, writeOid(CMS.signedData), writeDer(0xa0, signed));
}

export function issuerAndSerial(certificate: Uint8Array): { readonly issuer: Uint8Array; readonly serial: Uint8Array } {
  const part = childAt(readDer(certificate), 0, TAG.sequence);
  return { serial: childAt(part, 1, TAG.integer).raw, issuer: childAt(part, 3, TAG.sequence).raw };
}
