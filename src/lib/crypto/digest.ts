import { createHash, hash, hkdfSync, timingSafeEqual } from "node:crypto";
import { concatBytes, utf8 } from "./bytes.ts";

export const SHA256_SIZE_BYTES = 32;

/** SHA-256 over the parts, one after the other (FIPS 180-4). */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = parts.length === 1 && parts[0] !== undefined ? parts[0] : concatBytes(...parts);
  const digest = new Uint8Array(SHA256_SIZE_BYTES);
  sha256Into({ target: digest, at: 0 }, whole);
  return digest;
}

/** Writes SHA-256 of the bytes into others: nothing is allocated outside of the heap, which is half of a digest's cost. */
export function sha256Into(
  { target, at }: { readonly target: Uint8Array; readonly at: number },
  whole: Uint8Array,
): void {
  const text = hash("sha256", whole, "binary"); // one character a byte
  for (let place = 0; place < SHA256_SIZE_BYTES; place++) target[at + place] = text.charCodeAt(place);
}

/** SHA-256 over the parts, in base64url without padding. */
export function sha256Base64url(...parts: readonly Uint8Array[]): string {
  return hash("sha256", parts.length === 1 && parts[0] !== undefined ? parts[0] : concatBytes(...parts), "base64url");
}

/** SHA-256 of a text's UTF-8 bytes or of bytes, in lower-case hexadecimal. */
export function sha256Hex(value: string | Uint8Array): string {
  return hash("sha256", value, "hex");
}

/** SHA-256 of what comes in pieces, such as a large file. */
export function sha256Stream(): { update(part: Uint8Array): void; hex(): string } {
  const digest = createHash("sha256");
  return { update: (part) => void digest.update(part), hex: () => digest.digest("hex") };
}

/** SHA-1 of bytes, which protects nothing: for names that formats of others build with it. */
export function sha1(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha1", bytes, "buffer"));
}

/** SHA-384 of bytes (FIPS 180-4), likewise. */
export function sha384(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha384", bytes, "buffer"));
}

/** SHA-512 of bytes (FIPS 180-4), where a protocol asks for it. */
export function sha512(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha512", bytes, "buffer"));
}

/** SHA-512 of what comes in pieces. */
export function sha512Stream(): { update(part: Uint8Array): void; digest(): Uint8Array } {
  const digest = createHash("sha512");
  return { update: (part) => void digest.update(part), digest: () => new Uint8Array(digest.digest()) };
}

const BLOCK_BYTES = 64;

/** A key with both paddings of RFC 2104 applied. A node has few keys and uses them often. */
interface PaddedKey {
  readonly inner: Uint8Array;
  /** With room for the inner digest behind it: digesting is synchronous, so one buffer serves all. */
  readonly outer: Uint8Array;
}

const paddedKeys = new WeakMap<Uint8Array, PaddedKey>();

/**
 * HMAC-SHA-256 over the parts, one after the other (RFC 2104). Two one-shot digests are faster than a Hmac object. A key's
 * bytes must not change after it was used.
 */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  let padded = paddedKeys.get(key);
  if (padded === undefined) {
    padded = padKey(key);
    paddedKeys.set(key, padded);
  }
  padded.outer.set(sha256(padded.inner, ...parts), BLOCK_BYTES);
  return sha256(padded.outer);
}

function padKey(key: Uint8Array): PaddedKey {
  const block = key.length > BLOCK_BYTES ? sha256(key) : key;
  const pad = (filler: number): Uint8Array =>
    Uint8Array.from({ length: BLOCK_BYTES }, (_, at) => filler ^ (block[at] ?? 0));
  const outer = new Uint8Array(BLOCK_BYTES + SHA256_SIZE_BYTES);
  outer.set(pad(0x5c));
  return { inner: pad(0x36), outer };
}

/** Whether two secrets are equal, in a time that does not tell where they differ. Their length is not secret. */
export function equalSecrets(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The sizes that RFC 5869 allows for SHA-256. */
export const DERIVED_KEY_MAX_BYTES = 255 * SHA256_SIZE_BYTES;

/**
 * Derives a key for one purpose from a main secret: HKDF-SHA-256 (RFC 5869).
 * @param options.label says what the key is for; two labels never give related keys
 * @param options.sizeBytes default 32
 */
export function deriveKey(
  secret: Uint8Array,
  options: { readonly label: string; readonly salt?: Uint8Array; readonly sizeBytes?: number },
): Uint8Array {
  const sizeBytes = options.sizeBytes ?? SHA256_SIZE_BYTES;
  if (secret.length < 16) throw new RangeError("a main secret has at least 16 bytes");
  if (sizeBytes < 1 || sizeBytes > DERIVED_KEY_MAX_BYTES) throw new RangeError(`no key of ${sizeBytes} bytes`);
  return new Uint8Array(hkdfSync("sha256", secret, options.salt ?? new Uint8Array(0), utf8(options.label), sizeBytes));
}
