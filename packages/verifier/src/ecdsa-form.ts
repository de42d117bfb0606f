import { readDer, TAG } from "./der.ts";

const HALF_BYTES = 32;

/** r ‖ s of a signature in DER (RFC 3279 §2.2.3), for curves of 256 bits; undefined where it is none, or spelled in another way. */
export function rawOfDer(signature: Uint8Array): Uint8Array | undefined {
  try {
    const { tag, children } = readDer(signature);
    if (tag !== TAG.sequence || children.length !== 2) return undefined;
    const whole = new Uint8Array(2 * HALF_BYTES);
    for (const [at, { tag: kind, content }] of children.entries()) {
      const digits = content[0] === 0 ? content.subarray(1) : content;
      const shortest = content.length > 0 && (content[0] !== 0 || (content[1] ?? 0) >= 0x80);
      if (kind !== TAG.integer || !shortest || (content[0] ?? 0) >= 0x80 || digits.length > HALF_BYTES)
        return undefined;
      whole.set(digits, HALF_BYTES * (at + 1) - digits.length);
    }
    return whole;
  } catch {
    return undefined;
  }
}
