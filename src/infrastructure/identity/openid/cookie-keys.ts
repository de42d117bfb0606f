import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { equalSecrets, hmacSha256 } from "#lib/crypto/digest";

/** What signs cookies, as koa asks for it: the first key signs, what was signed with the others counts. */
export class CookieKeys {
  readonly #keys: () => readonly [Uint8Array, ...Uint8Array[]];

  constructor(keys: () => readonly [Uint8Array, ...Uint8Array[]]) {
    this.#keys = keys;
  }

  sign(data: string): string {
    return toBase64url(hmacSha256(this.#keys()[0], utf8(data)));
  }

  verify(data: string, signature: string): boolean {
    return this.index(data, signature) > -1;
  }

  /** Which key signed: where it is not the first one, the cookie is signed anew. */
  index(data: string, signature: string): number {
    const given = fromBase64url(signature);
    if (given === undefined) return -1;
    return this.#keys().findIndex((key) => equalSecrets(hmacSha256(key, utf8(data)), given));
  }
}
