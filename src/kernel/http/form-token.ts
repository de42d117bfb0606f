import { toBase64url } from "#lib/crypto/base64url";
import { equalSecrets, hmacSha256 } from "#lib/crypto/digest";

/**
 * The token that a form carries, so that another site cannot send it in a visitor's name. It is bound to the session, or to
 * the visit of someone not signed in; with the session's end it is worth nothing.
 */
export function formToken(key: Uint8Array, bearer: string): string {
  return toBase64url(hmacSha256(key, new TextEncoder().encode(`form ${bearer}`)));
}

/** Whether a form carried this bearer's token. */
export function isFormToken(key: Uint8Array, bearer: string, token: string): boolean {
  const encoder = new TextEncoder();
  return equalSecrets(encoder.encode(formToken(key, bearer)), encoder.encode(token));
}
