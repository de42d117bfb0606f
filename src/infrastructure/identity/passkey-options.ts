import { toBase64url } from "#lib/crypto/base64url";
import { CHALLENGE_LIFE_MS } from "./passkey-challenge.ts";
import { passkeySite } from "./passkey-site.ts";
import { PASSKEY_ALGORITHMS } from "./passkeys.ts";

/** Asks for any passkey of this site that the device has (discoverable), so that nothing is told of which there are. */
export function requestOptions(challenge: string): string {
  return JSON.stringify({
    challenge,
    rpId: passkeySite().id,
    userVerification: "required",
    timeout: CHALLENGE_LIFE_MS,
  });
}

/** Asks for a new one: discoverable, with its holder verified, without attestation. */
export function creationOptions(
  challenge: string,
  of: {
    readonly userHandle: Uint8Array;
    readonly signInName: string;
    readonly displayName: string;
    readonly held: readonly string[];
  },
): string {
  const { id, name } = passkeySite();
  return JSON.stringify({
    challenge,
    rp: { id, name: name.zh },
    user: { id: toBase64url(of.userHandle), name: of.signInName, displayName: of.displayName },
    pubKeyCredParams: PASSKEY_ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: of.held.map((credential) => ({ type: "public-key", id: credential })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    attestation: "none",
    timeout: CHALLENGE_LIFE_MS,
  });
}
