import type { Readable } from "node:stream";
import { concatBytes } from "#lib/crypto/bytes";
import { HELD_BODY_TIMEOUT_MS } from "./limits.ts";

/** What is longer than its bound. */
export class BodyTooLarge extends Error {}

/**
 * A whole body, within a bound of size and of time.
 * @throws BodyTooLarge; Error where the sender is too slow or breaks off
 */
export async function wholeBody(source: Readable, mostBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const timer = setTimeout(() => source.destroy(new Error("the body does not come")), HELD_BODY_TIMEOUT_MS);
  try {
    for await (const part of bounded(source, mostBytes)) parts.push(part);
    return concatBytes(...parts);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A body as it comes, within a bound.
 * @param each told of every part
 * @throws BodyTooLarge
 */
export async function* bounded(
  source: AsyncIterable<Uint8Array>,
  mostBytes: number,
  each?: (part: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of source) {
    size += part.length;
    if (size > mostBytes) throw new BodyTooLarge();
    each?.(part);
    yield part;
  }
}

/** Whether a message has a body (RFC 9112 §6.3). */
export function hasBody(headers: {
  readonly "content-length"?: string | undefined;
  readonly "transfer-encoding"?: string | undefined;
}): boolean {
  return (
    headers["transfer-encoding"] !== undefined ||
    (headers["content-length"] !== undefined && headers["content-length"] !== "0")
  );
}
