export const UUID_V4_RANDOM_BYTES = 16;
export const UUID_V7_RANDOM_BYTES = 10;
const TIME_MAX_MS = 2 ** 48 - 1;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A random identifier (RFC 9562 §5.4). */
export function uuidV4(random: Uint8Array): string {
  if (random.length !== UUID_V4_RANDOM_BYTES) throw new RangeError(`${UUID_V4_RANDOM_BYTES} random bytes`);
  return format(Uint8Array.from(random), 4);
}

/**
 * An identifier that sorts by the time it was made (RFC 9562 §5.7).
 * @param nowMs milliseconds since 1970
 * @param random 10 random bytes
 */
export function uuidV7(nowMs: number, random: Uint8Array): string {
  if (random.length !== UUID_V7_RANDOM_BYTES) throw new RangeError(`${UUID_V7_RANDOM_BYTES} random bytes`);
  if (!Number.isInteger(nowMs) || nowMs < 0 || nowMs > TIME_MAX_MS) throw new RangeError("not a time for a uuid");
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs % 2 ** 32);
  bytes.set(random, 6);
  return format(bytes, 7);
}

/** An identifier made of a digest, of which it takes the first 128 bits: the same of the same (RFC 9562 §5.8). */
export function uuidV8(digest: Uint8Array): string {
  if (digest.length < 16) throw new RangeError("a digest of 16 bytes or more");
  return format(digest.slice(0, 16), 8);
}

const TIME_DIGITS = 12;
const VERSION_AT = 14;

/**
 * The smallest or greatest identifier of a moment (version 7): what is numbered so is found by time without an index of its own.
 * @param atMs milliseconds since 1970
 */
export function uuidV7Bound(atMs: number, rest: "0" | "f"): string {
  const time = Math.max(0, Math.floor(atMs)).toString(16).padStart(TIME_DIGITS, "0");
  const fill = (length: number) => rest.repeat(length);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${fill(3)}-${rest === "0" ? "8" : "b"}${fill(3)}-${fill(12)}`;
}

/** When an identifier was made, milliseconds since 1970; undefined where it was not made by time. */
export function timeOfUuidV7(id: string): number | undefined {
  if (id[VERSION_AT] !== "7") return undefined;
  return Number.parseInt(id.replace("-", "").slice(0, TIME_DIGITS), 16);
}

/** Whether a text is a uuid in lower case. */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}

function format(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toHex();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
