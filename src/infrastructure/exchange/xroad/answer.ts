import { sentError, type XRoadError } from "#lib/xroad/error";
import { clientText, headerBytes, serviceText } from "#lib/xroad/identifier";
import { answerHeaders, type Header } from "#lib/xroad/message-headers";
import { enterCall } from "./call-entry.ts";
import type { EdgeCall } from "./edge-call.ts";

/** An answer that the edge holds whole. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array;
}

/** What the edge says of the request that it answers. */
export function edgeHeaders(call: EdgeCall, requestHash: string): readonly Header[] {
  return answerHeaders({
    id: headerBytes(call.id),
    client: clientText(call.read.client),
    service: serviceText(call.read.service),
    requestId: call.requestId,
    requestHash,
  });
}

/** Writes the head of an answer. Several headers of one name stay several. */
export function writeHead(call: EdgeCall, status: number, headers: readonly Header[]): void {
  call.response.writeHead(status, headers.flat());
}

/** Sends an answer that is held whole. */
export function sendWhole(call: EdgeCall, { status, headers, body }: WholeAnswer, requestHash: string): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const isBodiless = call.read.method === "HEAD" || status === 204 || status === 304;
  const length: readonly Header[] = isBodiless ? [] : [["content-length", String(bytes.length)]];
  writeHead(call, status, [...headers, ...length, ...edgeHeaders(call, requestHash)]);
  call.response.end(isBodiless ? undefined : bytes);
}

/** Enters a failed call, then says what failed; what the caller still sends is not read. */
export async function sendFailure(
  call: EdgeCall,
  error: XRoadError,
  entered: Omit<Parameters<typeof enterCall>[1], "outcome">,
): Promise<void> {
  await enterCall(call, { ...entered, outcome: error.failure });
  sendError(call, error);
}

/** Says what failed, where nothing was said yet. */
export function sendError(
  call: Pick<EdgeCall, "request" | "response" | "requestId">,
  error: XRoadError,
  more: Readonly<Record<string, string>> = {},
): void {
  const { request, response, requestId } = call;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = sentError(error, { detail: requestId, accept: request.headers.accept });
  // A body that nobody will read is not waited for.
  const isUnread = !request.complete;
  response.writeHead(status, {
    ...headers,
    ...more,
    "cache-control": "no-store",
    "content-length": Buffer.byteLength(body),
    ...(isUnread && { connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
