import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { equalSecrets, hmacSha256 } from "#lib/crypto/digest";
import { randomBytes } from "../random.ts";

const TOKEN_BYTES = 32;

/**
 * The token that a form carries, so that another site cannot send it in a visitor's name. It is bound to the session, or to
 * the visit of someone not signed in; with the session's end it is worth nothing.
 */
export function formToken(key: Uint8Array, bearer: string): string {
  return toBase64url(macOf(key, bearer));
}

/** The same under a mask of its own, for pages that are compressed: no two of them have a token's bytes in common. */
export function maskedFormToken(key: Uint8Array, bearer: string): string {
  const mac = macOf(key, bearer);
  const masked = new Uint8Array(2 * TOKEN_BYTES);
  masked.set(randomBytes(TOKEN_BYTES));
  for (let at = 0; at < TOKEN_BYTES; at += 1) masked[TOKEN_BYTES + at] = (mac[at] ?? 0) ^ (masked[at] ?? 0);
  return toBase64url(masked);
}

/**
 * Whether a form carried this bearer's token, masked or not.
 * @param keys those under which a token counts: a page that was open when the key changed is still sent
 */
export function isFormToken(keys: readonly Uint8Array[], bearer: string, token: string): boolean {
  const given = token.length > 3 * TOKEN_BYTES ? undefined : fromBase64url(token);
  if (given === undefined) return false;
  const mac = given.length === 2 * TOKEN_BYTES ? unmasked(given) : given;
  return keys.some((key) => equalSecrets(macOf(key, bearer), mac));
}

function unmasked(given: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: TOKEN_BYTES }, (_, at) => (given[at] ?? 0) ^ (given[TOKEN_BYTES + at] ?? 0));
}

function macOf(key: Uint8Array, bearer: string): Uint8Array {
  return hmacSha256(key, new TextEncoder().encode(`form ${bearer}`));
}
