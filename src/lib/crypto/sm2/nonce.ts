import { hmacSm3, SM3_SIZE_BYTES } from "../sm3.ts";
import { modulo, SM2_CURVE, scalarBytes, toScalar } from "./curve.ts";

/** What a nonce is made of. */
export interface NonceSource {
  /** 32 bytes that nobody else knows: the private key, or fresh randomness. */
  readonly secret: Uint8Array;
  /** 32 bytes that tell this use from every other: the digest that is signed. */
  readonly digest: Uint8Array;
  /** Mixed in where the caller has some; without it the nonces follow from secret and digest alone. */
  readonly randomness: Uint8Array;
}

/**
 * Nonces 1 … n − 2, one after the other: RFC 6979 §3.2 with HMAC-SM3, the randomness being the additional data of
 * §3.6. A bad or missing random source does not give the key away, and a fault in the machine does not meet the same
 * nonce twice where the source is good.
 */
export function* nonces({ secret, digest, randomness }: NonceSource): Generator<bigint, never> {
  let key: Uint8Array = new Uint8Array(SM3_SIZE_BYTES);
  let value: Uint8Array = new Uint8Array(SM3_SIZE_BYTES).fill(1);
  const reduced = scalarBytes(modulo(toScalar(digest), SM2_CURVE.n)); // bits2octets, RFC 6979 §2.3.4
  for (const step of [0, 1]) {
    key = hmacSm3(key, value, Uint8Array.of(step), secret, reduced, randomness);
    value = hmacSm3(key, value);
  }
  for (;;) {
    value = hmacSm3(key, value);
    const nonce = toScalar(value);
    if (nonce >= 1n && nonce <= SM2_CURVE.n - 2n) yield nonce;
    key = hmacSm3(key, value, Uint8Array.of(0));
    value = hmacSm3(key, value);
  }
}
