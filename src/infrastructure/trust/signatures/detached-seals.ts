/** The signers of a detached seal: a key of the authority in each suite that the node has for them (`lib/crypto/purposes.ts`). */
import { ecdsaPair } from "#kernel/documents/ecdsa";
import { type SuiteChoice, suitesFor } from "#lib/crypto/purposes";
import { JWS_HYBRID, JWS_SM2, type JwsAlgorithm, type JwsSigner } from "#lib/jws/jws";
import type { CertificateSuite } from "../certificates/purposes.ts";
import type { AnyCertifiedKey, KeyAlgorithmName, WantedBeside } from "./certified-keys.ts";

const JWS: Readonly<Record<KeyAlgorithmName, JwsAlgorithm>> = {
  ES256: "ES256",
  SM2: JWS_SM2,
  hybrid: JWS_HYBRID,
};

/** What keys are wanted: the one of the suite first. A hybrid key is certified by the authority of that suite. */
export function detachedSealKeys(choice: SuiteChoice): readonly Pick<WantedBeside, "suite" | "key">[] {
  const { suite, beside } = suitesFor("detached-seal", choice);
  const own: Pick<WantedBeside, "suite"> = { suite: suite.name satisfies CertificateSuite };
  return beside.some(({ name }) => name === "hybrid") ? [own, { ...own, key: "hybrid" }] : [own];
}

export function jwsSigner(key: Pick<AnyCertifiedKey, "algorithm" | "certificate" | "issuers" | "sign">): JwsSigner {
  return {
    algorithm: JWS[key.algorithm],
    certificates: [key.certificate, ...key.issuers],
    async sign(message) {
      const signature = await key.sign(message);
      return key.algorithm === "hybrid" ? signature : ecdsaPair(signature);
    },
  };
}
