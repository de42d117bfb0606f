import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { sha512 } from "#lib/crypto/digest";
import { type Header, SKIPPED_HEADERS } from "./message-headers.ts";

/**
 * The bytes of a request without its body, as the implementation writes them: method, address and headers a line each, in the
 * order in which they were sent, without those of the connection and of the hash itself; the edge's request id comes last, and
 * before it no id that the caller gave under that name.
 */
function requestBytes(request: {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly requestId: string;
  /** Where the caller gave none: the one that the edge made. */
  readonly madeId?: string | undefined;
}): Uint8Array {
  const kept = request.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !SKIPPED_HEADERS.has(lower) && lower !== "x-road-request-id" && lower !== "x-road-request-hash";
  });
  const added: readonly Header[] = [
    ["x-road-request-id", request.requestId],
    ...(request.madeId === undefined ? [] : [["x-road-id", request.madeId] as const]),
  ];
  const lines = [request.method, request.target, ...[...kept, ...added].map(([name, value]) => `${name}:${value}`)];
  return utf8(lines.map((line) => `${line}\r\n`).join(""));
}

/**
 * `X-Road-Request-Hash` (PR-REST 4.3), base64: SHA-512 of headers, or, where there is a body, of both digests one after the other.
 * It binds an answer to the request that it answers.
 * @param bodyDigest SHA-512 of the body, undefined where there is none
 */
export function requestHash(request: Parameters<typeof requestBytes>[0], bodyDigest: Uint8Array | undefined): string {
  const headers = sha512(requestBytes(request));
  return (bodyDigest === undefined ? headers : sha512(concatBytes(headers, bodyDigest))).toBase64();
}
