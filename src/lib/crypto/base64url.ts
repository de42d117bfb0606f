const BASE64URL = /^[A-Za-z0-9_-]*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Base64url without padding (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/**
 * Reads base64url without padding, strictly: one text for one value, so that a signed text cannot be respelled.
 * @returns undefined when the text is not canonical base64url
 */
export function fromBase64url(encoded: string): Uint8Array | undefined {
  if (!BASE64URL.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, "base64url");
  return bytes.toString("base64url") === encoded ? new Uint8Array(bytes) : undefined;
}

/** Base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/**
 * Reads base64 with padding, strictly.
 * @returns undefined when the text is not canonical base64
 */
export function fromBase64(encoded: string): Uint8Array | undefined {
  if (!BASE64.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  return bytes.toString("base64") === encoded ? new Uint8Array(bytes) : undefined;
}
