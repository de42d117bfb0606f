import type { IncomingMessage } from "node:http";
import { REQUEST_TIMEOUT_MS } from "./limits.ts";

/** Why a body was not read to its end. */
export type BodyProblem = "too-long" | "too-slow" | "broken";

/** Reads a body of a bounded size in a bounded time: whoever sends a byte a second holds nobody up. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | BodyProblem> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => finish("too-slow"), REQUEST_TIMEOUT_MS);
    const finish = (outcome: Uint8Array | BodyProblem) => {
      clearTimeout(timer);
      request.removeAllListeners("data");
      resolve(outcome);
    };
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) return finish("too-long");
    request.on("data", (part: Buffer) => {
      size += part.length;
      if (size > maxBytes) return finish("too-long");
      parts.push(part);
    });
    request.on("end", () => finish(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)));
    request.on("error", () => finish("broken"));
    request.on("close", () => finish("broken"));
  });
}
