import type { Readable } from "node:stream";
import { jsonHasMark, turnsMarksAway } from "#kernel/secrecy/marked-content";
import type { Zone } from "#kernel/system/act";
import { concatBytes } from "#lib/crypto/bytes";
import { MarkScanner } from "#lib/secrecy/marked-bytes";
import { HELD_BODY_TIMEOUT_MS } from "./limits.ts";

/** A body that this node does not pass on, whatever the other side would have done with it. */
export class BodyRefused extends Error {}

/** What is longer than its bound. */
export class BodyTooLarge extends BodyRefused {}

/** What is marked as a state secret. */
export class BodyMarked extends BodyRefused {}

/** To be told of every part of a body that streams by. @throws BodyMarked */
export function markWatch(zone: Zone): (part: Uint8Array) => void {
  if (!turnsMarksAway(zone)) return () => undefined;
  const scanner = new MarkScanner();
  return (part) => {
    if (scanner.push(part)) throw new BodyMarked();
  };
}

/** @throws BodyMarked for JSON that a node of the zone does not pass on */
export function demandUnmarked(zone: Zone, held: Uint8Array): void {
  if (turnsMarksAway(zone) && jsonHasMark(held)) throw new BodyMarked();
}

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
