import { type DerElement, DerError, expectTag, TAG, writeDer } from "./der.ts";

/**
 * The value of a non-negative INTEGER, big-endian, filled up with zeros to `sizeBytes`. One writing alone is accepted:
 * negative, padded and longer integers are refused, so that a signature cannot be respelled (X.690 §8.3.2).
 * @throws {DerError}
 */
export function readUnsignedInteger(element: DerElement, sizeBytes: number): Uint8Array {
  const content = expectTag(element, TAG.integer).content;
  const [first = 0x80, second = 0x80] = content;
  if (first >= 0x80) throw new DerError("an integer that is empty or negative");
  if (first === 0 && content.length > 1 && second < 0x80) throw new DerError("an integer that is not minimal");
  const value = first === 0 ? content.subarray(1) : content;
  if (value.length > sizeBytes) throw new DerError("an integer out of bounds");
  const filled = new Uint8Array(sizeBytes);
  filled.set(value, sizeBytes - value.length);
  return filled;
}

/** Writes a non-negative INTEGER from its big-endian bytes, leading zeros or not. */
export function writeUnsignedInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const value = bytes.subarray(start);
  const [first = 0] = value;
  const filler = value.length === 0 || first >= 0x80 ? [Uint8Array.of(0)] : [];
  return writeDer(TAG.integer, ...filler, value);
}
