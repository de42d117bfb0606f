import { randomBytes } from "#kernel/random";
import { toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";

const SECRET_BYTES = 32;
const DOMAIN = utf8("zhengtong openid client secret\0");

/** A secret of 256 bits: a guess is hopeless, so that a fast digest keeps it. */
export function newSecret(): { readonly secret: string; readonly digest: Uint8Array } {
  const secret = toBase64url(randomBytes(SECRET_BYTES));
  return { secret, digest: secretDigest(secret) };
}

export function secretDigest(secret: string): Uint8Array {
  return sha256(DOMAIN, utf8(secret));
}
