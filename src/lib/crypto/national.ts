import { sm2Sign, sm2Verify } from "./sm2/signature.ts";
import { hmacSm3, sm3 } from "./sm3.ts";
import { SM4_GCM_NONCE_BYTES, SM4_KEY_BYTES, SM4_TAG_BYTES, sm4GcmOpen, sm4GcmSeal } from "./sm4.ts";
import type { CryptoSuite } from "./suite.ts";

/** SM3 (GB/T 32905), SM2 with the default identity (GB/T 32918.2, GM/T 0009), SM4-GCM (GB/T 32907, GB/T 36624). */
export const national: CryptoSuite = Object.freeze<CryptoSuite>({
  name: "national",
  digestName: "sm3",
  signatureAlgorithms: ["SM2"],
  sealKeyBytes: SM4_KEY_BYTES,
  sealNonceBytes: SM4_GCM_NONCE_BYTES,
  sealTagBytes: SM4_TAG_BYTES,

  digest: sm3,
  mac: hmacSm3,

  sign({ key, ...input }) {
    if (key.algorithm !== "SM2") throw new TypeError(`a key for ${key.algorithm} is not of this suite`);
    return sm2Sign({ key, ...input });
  },

  verify({ key, ...input }) {
    return key.algorithm === "SM2" && sm2Verify({ key, ...input });
  },

  seal(input) {
    assertNonce(input.nonce);
    return sm4GcmSeal(input);
  },

  open(input) {
    assertNonce(input.nonce);
    return sm4GcmOpen(input);
  },
});

function assertNonce(nonce: Uint8Array): void {
  if (nonce.length !== SM4_GCM_NONCE_BYTES) throw new RangeError(`a nonce has ${SM4_GCM_NONCE_BYTES} bytes`);
}
