import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import multipart from "@fastify/multipart";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Logger } from "pino";
import {
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_BODY_BYTES,
  MAX_FIELD_BYTES,
  MAX_FIELDS,
  MAX_HEADER_BYTES,
  MAX_UPLOAD_FILES,
  REQUEST_TIMEOUT_MS,
} from "./limits.ts";

/** No inline script or style, nothing from elsewhere, no frame around us. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Headers that each answer carries. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(self), geolocation=(), microphone=()",
});

export interface ServerOptions {
  readonly log: Logger;
  /** Whether a reverse proxy in front of us is believed about the client's address and protocol. */
  readonly trustProxy: false | number | readonly string[];
  readonly secure: boolean;
}

function proxyTrust(
  trust: ServerOptions["trustProxy"],
): boolean | string[] | ((address: string, hop: number) => boolean) {
  if (trust === false) return false;
  return typeof trust === "number" ? (_address, hop) => hop <= trust : [...trust];
}

/** Opens a Fastify instance with this node's limits and headers, and no route. */
export async function openServer(options: ServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: options.log as never,
    disableRequestLogging: true,
    trustProxy: proxyTrust(options.trustProxy),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    routerOptions: { maxParamLength: 300 },
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS },
  });
  await server.register(cookie);
  await server.register(formbody, { bodyLimit: MAX_BODY_BYTES });
  await server.register(multipart, {
    limits: { files: MAX_UPLOAD_FILES, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, headerPairs: 50 },
  });
  server.addHook("onSend", async (_request, reply: FastifyReply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
    if (options.secure) reply.header("strict-transport-security", "max-age=31536000; includeSubDomains");
  });
  return server as unknown as FastifyInstance;
}
