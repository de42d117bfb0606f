import { Refusal } from "./report.ts";

export function utf8(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal("encoding", "文本不是 UTF-8 编码", "The text is not UTF-8");
  }
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param digits an even number of hexadecimal digits */
export function fromHex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** One spelling for one value: anything else is refused. */
export function base64(encoded: unknown): Uint8Array {
  const bytes = typeof encoded === "string" ? decodeBase64(encoded) : undefined;
  if (bytes !== undefined && toBase64(bytes) === encoded) return bytes;
  throw new Refusal("encoding", "应为 base64 编码的内容不是该编码", "What should be base64 is not");
}

export function base64url(encoded: unknown): Uint8Array {
  const plain = typeof encoded === "string" ? encoded.replaceAll("-", "+").replaceAll("_", "/") : undefined;
  const bytes = plain === undefined ? undefined : decodeBase64(plain);
  if (bytes !== undefined && toBase64url(bytes) === encoded) return bytes;
  throw new Refusal("encoding", "应为 base64url 编码的内容不是该编码", "What should be base64url is not");
}

/** `String.fromCharCode` takes its bytes as arguments, of which there may not be too many. */
const CHUNK_BYTES = 8_192;

function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES)));
  return btoa(parts.join(""));
}

export function toBase64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Forgiving; undefined for what is not base64 in any spelling. */
export function decodeBase64(encoded: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Bytes in their own order, as DER sorts a set. */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at += 1) {
    const difference = (one[at] as number) - (other[at] as number);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** JSON that must be an object. */
export function parseObject(source: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    value = undefined;
  }
  return asObject(value);
}

export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Refusal("malformed", "不是所需的 JSON 对象", "It is not the JSON object that it should be");
}

export function asList(value: unknown, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= most) return value as unknown[];
  throw new Refusal("malformed", "应为列表，或列表过长", "A list is missing or too long");
}

export function asSize(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Refusal("malformed", "应为非负整数", "A whole number is missing");
}

/** RFC 8785: the one way to write a JSON value, so that digests agree. */
export function canonical(value: unknown, depth = 0): string {
  if (depth > 128) throw new Refusal("malformed", "JSON 嵌套过深", "The JSON is nested too deep");
  if (typeof value === "string" && !value.isWellFormed()) {
    throw new Refusal("malformed", "文本含有不完整的字符", "A text holds half a character");
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = value as Record<string, unknown>;
  const names = Object.keys(members).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name], depth + 1)}`).join(",")}}`;
}
