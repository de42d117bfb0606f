/** Keys that sign tokens of sign-in (ES256): one for each half of a year, made when it is first needed. */
import { createHash } from "node:crypto";
import { ecdsaPair } from "#kernel/documents/ecdsa";
import type { KeyStore } from "../keys/key-store.ts";

export interface TokenKey {
  /** Names the key in a token's header: the beginning of the SHA-256 of its public half. */
  readonly kid: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** ES256: r ‖ s. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

const KID_CHARACTERS = 22;

/** The keys to publish at an instant, the one to sign with first; the half year before stays until its tokens have run out. */
export async function tokenKeys(store: KeyStore, at: Temporal.Instant): Promise<readonly TokenKey[]> {
  const now = at.toZonedDateTimeISO("UTC");
  const labels = [now, now.subtract({ months: 6 })].map(({ year, month }) => `openid/${year}-${month <= 6 ? 1 : 2}`);
  const keys: TokenKey[] = [];
  for (const [age, label] of labels.entries()) {
    const known = age === 0 ? await store.ensureKey(label, "p256") : await store.findKey(label);
    if (known === undefined) continue;
    keys.push({
      kid: createHash("sha256").update(known.info).digest("base64url").slice(0, KID_CHARACTERS),
      publicKey: known.info,
      sign: async (message) => ecdsaPair(await store.sign(label, message)),
    });
  }
  return keys;
}
