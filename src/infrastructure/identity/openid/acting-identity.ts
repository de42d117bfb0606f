import { toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { hmacSha256 } from "#lib/crypto/digest";
import { isUuid } from "#lib/crypto/uuid";

/**
 * Who signed in, in which session, and in whose name or post: one name for all of it, so that each code, token and grant stands for
 * exactly what was shown on the page. It ends with its session and changes with the organization or post; clients never see it.
 */
export interface ActingIdentity {
  readonly kind: "person" | "official";
  readonly holder: string;
  readonly session: string;
  /** The organization of a person who acts for one, the post of an official. */
  readonly capacity: string | undefined;
}

/** The `accountId` of the protocol library. */
export function identityName({ kind, holder, session, capacity }: ActingIdentity): string {
  return [kind, holder, session, capacity ?? "-"].join(".");
}

export function identityNamed(name: string): ActingIdentity | undefined {
  const [kind, holder = "", session = "", capacity = ""] = name.split(".");
  if ((kind !== "person" && kind !== "official") || !isUuid(holder) || !isUuid(session)) return undefined;
  return { kind, holder, session, capacity: isUuid(capacity) ? capacity : undefined };
}

/** What a sector knows someone by: it tells nothing of who it is, and no two sectors can compare notes (OpenID Connect Core §8.1). */
export function pairwiseSubject(key: Uint8Array, sector: string, { kind, holder }: ActingIdentity): string {
  return toBase64url(hmacSha256(key, utf8(`${sector}\0${kind}\0${holder}`)));
}
