/**
 * The root's keys while a ceremony acts. They follow from one secret of 32 bytes, which the custodians share; the secret and they are in this
 * process's memory alone, and are overwritten when the act ends, as far as JavaScript lets us.
 */
import { hkdfSync, randomBytes } from "node:crypto";
import { equalBytes } from "#lib/crypto/bytes";
import { international } from "#lib/crypto/international";
import { P256_GENERATION_BYTES, p256FromRandomness, publicKeyOf, spkiOf } from "#lib/crypto/keys";
import { sm2SpkiOf } from "#lib/crypto/sm2/key-files";
import { generateSm2Key, SM2_GENERATION_BYTES } from "#lib/crypto/sm2/keys";
import { sm2Sign } from "#lib/crypto/sm2/signature";
import type { CertificateSuite } from "../certificates/purposes.ts";

const SM2_NONCE_BYTES = 32;

/** Signs as the root in one suite. */
export interface RootKey {
  readonly suite: CertificateSuite;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  /** In DER. */
  sign(message: Uint8Array): Uint8Array;
}

/** Makes the keys of the suites from the secret. */
export function rootKeys(
  secret: Uint8Array,
  { ceremony, suites }: { readonly ceremony: Uint8Array; readonly suites: readonly CertificateSuite[] },
): readonly RootKey[] {
  const derive = (suite: CertificateSuite, sizeBytes: number) =>
    new Uint8Array(hkdfSync("sha256", secret, ceremony, `zhengtong root ${suite}`, sizeBytes));
  return suites.map((suite) => {
    if (suite === "national") {
      const key = generateSm2Key(derive(suite, SM2_GENERATION_BYTES));
      return {
        suite,
        publicKeyInfo: sm2SpkiOf(key.publicKey),
        sign: (message) =>
          sm2Sign({ key, message, encoding: "der", randomness: new Uint8Array(randomBytes(SM2_NONCE_BYTES)) }),
      };
    }
    const key = p256FromRandomness(derive(suite, P256_GENERATION_BYTES));
    return {
      suite,
      publicKeyInfo: spkiOf(publicKeyOf(key)),
      sign: (message) => international.sign({ key, message, encoding: "der" }),
    };
  });
}

/** Whether keys are those of certificates that were made with them. */
export function fits(key: RootKey, publicKeyInfo: Uint8Array): boolean {
  return equalBytes(key.publicKeyInfo, publicKeyInfo);
}
