import { hash } from "node:crypto";
import { concatBytes } from "./bytes.ts";

export const SM3_SIZE_BYTES = 32;
const BLOCK_BYTES = 64;

/** SM3 over the parts, one after the other (GB/T 32905). Node's core computes it. */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = parts.length === 1 && parts[0] !== undefined ? parts[0] : concatBytes(...parts);
  // As text and back: twice as fast as a buffer, as in `sha256`.
  return new Uint8Array(Buffer.from(hash("sm3", whole, "hex"), "hex"));
}

/**
 * HMAC-SM3 over the parts, one after the other (GB/T 15852.2, the construction of RFC 2104 with blocks of 64 bytes).
 */
export function hmacSm3(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const block = key.length > BLOCK_BYTES ? sm3(key) : key;
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c);
  for (let at = 0; at < block.length; at++) {
    inner[at] = 0x36 ^ (block[at] ?? 0);
    outer[at] = 0x5c ^ (block[at] ?? 0);
  }
  return sm3(outer, sm3(inner, ...parts));
}
