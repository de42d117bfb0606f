import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Witness } from "#kernel/witnessing/witness";
import { WITNESS_REQUEST_MAX_BYTES } from "#lib/merkle/witness-request";

export const ADD_CHECKPOINT_PATH = "/add-checkpoint";
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;
const MAX_HEADER_BYTES = 8_192;

/** Serves a witness: `POST /add-checkpoint`, and its public key at `GET /key`. */
export function witnessServer(witness: Witness, verifierKey: string): Server {
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: MAX_HEADER_BYTES },
    (request, response) => {
      answer(witness, verifierKey, request, response).catch(() =>
        send(response, 500, "not done; nothing was signed\n"),
      );
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

async function answer(
  witness: Witness,
  verifierKey: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://witness.invalid");
  if (request.method === "GET" && pathname === "/key") return send(response, 200, `${verifierKey}\n`);
  if (pathname !== ADD_CHECKPOINT_PATH) return send(response, 404, "not found\n");
  if (request.method !== "POST") return send(response, 405, "POST a checkpoint\n");
  const body = await readBody(request);
  if (body === undefined) return send(response, 413, "too large\n");
  const { status, contentType, body: text } = await witness.addCheckpoint(body);
  send(response, status, text, contentType);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    // What is too long is read to its end, or to the timeout, so that the answer can be read; it is not kept.
    if (length <= WITNESS_REQUEST_MAX_BYTES) parts.push(part);
  }
  return length <= WITNESS_REQUEST_MAX_BYTES ? Buffer.concat(parts) : undefined;
}

function send(response: ServerResponse, status: number, body: string, type = "text/plain; charset=utf-8"): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
