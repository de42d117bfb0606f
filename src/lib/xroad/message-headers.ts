/** A header as it was sent: name and value, in their order. */
export type Header = readonly [name: string, value: string];

/** Hop-by-hop headers, and those that tell names or addresses of the machines behind (PR-REST 4.3). Lower case. */
export const SKIPPED_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "user-agent",
  "server",
  "content-length",
  "expect",
]);

/** What the edge alone writes into an answer: a provider's own are replaced. */
const EDGE_ANSWER_HEADERS: ReadonlySet<string> = new Set([
  "x-road-id",
  "x-road-client",
  "x-road-service",
  "x-road-request-id",
  "x-road-request-hash",
  "x-road-error",
]);

/** Node gives headers as one list: name, value, name, value. */
export function pairs(raw: readonly string[]): readonly Header[] {
  return Array.from(
    { length: Math.floor(raw.length / 2) },
    (_, at) => [raw[2 * at] ?? "", raw[2 * at + 1] ?? ""] as const,
  );
}

/** The value of the last header of this name: the protocol lets the last one count. */
export function lastValue(headers: readonly Header[], name: string): string | undefined {
  return headers.findLast(([one]) => one.toLowerCase() === name)?.[1];
}

/** What of a request or an answer goes on: not what belongs to one connection, also where `Connection` names it (RFC 9110 §7.6.1). */
export function passedOn(headers: readonly Header[]): readonly Header[] {
  const named = headers
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((one) => one.trim().toLowerCase()));
  const dropped = new Set(named);
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !SKIPPED_HEADERS.has(lower) && !dropped.has(lower);
  });
}

/** What of a provider's answer goes on to the caller. */
export function passedBack(headers: readonly Header[]): readonly Header[] {
  return passedOn(headers).filter(([name]) => !EDGE_ANSWER_HEADERS.has(name.toLowerCase()));
}

/** The headers by which the edge says what an answer answers. */
export function answerHeaders(answered: {
  readonly id: string;
  readonly client: string;
  readonly service: string;
  readonly requestId: string;
  readonly requestHash: string;
}): readonly Header[] {
  return [
    ["x-road-id", answered.id],
    ["x-road-client", answered.client],
    ["x-road-service", answered.service],
    ["x-road-request-id", answered.requestId],
    ["x-road-request-hash", answered.requestHash],
  ];
}
