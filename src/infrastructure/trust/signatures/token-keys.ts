/**
 * Keys that sign tokens of sign-in (ES256): one for each half of a year, made when it is first needed, and another one in that half
 * where it counts as compromised.
 */
import { createHash } from "node:crypto";
import { ecdsaPair } from "#kernel/documents/ecdsa";
import { fingerprintOf, generationInUse, generations } from "../keys/key-generations.ts";
import type { KeyStore, PublicKey } from "../keys/key-store.ts";

export interface TokenKey {
  /** Names the key in a token's header: the beginning of the SHA-256 of its public half. */
  readonly kid: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** ES256: r ‖ s. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

const KID_CHARACTERS = 22;

/** How the first key of a half year is called. */
export function halfYearLabel({ year, month }: Pick<Temporal.ZonedDateTime, "year" | "month">): string {
  return `openid/${year}-${month <= 6 ? 1 : 2}`;
}

/**
 * The keys to publish at an instant, the one to sign with first; the half year before stays until its tokens have run out.
 * @param compromised fingerprints of those that are not published any more
 */
export async function tokenKeys(
  store: KeyStore,
  at: Temporal.Instant,
  compromised: ReadonlySet<string>,
): Promise<readonly TokenKey[]> {
  const now = at.toZonedDateTimeISO("UTC");
  const [label, before] = [halfYearLabel(now), halfYearLabel(now.subtract({ months: 6 }))];
  const current = await generationInUse(store, { label, algorithm: "p256" }, compromised);
  const former = (await generations(store, before)).filter(({ key }) => !compromised.has(fingerprintOf(key.info)));
  return [current, ...former].map(({ label, key }) => tokenKey(store, label, key));
}

function tokenKey(store: KeyStore, label: string, { info }: PublicKey): TokenKey {
  return {
    kid: createHash("sha256").update(info).digest("base64url").slice(0, KID_CHARACTERS),
    publicKey: info,
    sign: async (message) => ecdsaPair(await store.sign(label, message)),
  };
}
