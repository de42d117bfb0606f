import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import multipart from "@fastify/multipart";
import Fastify, { type FastifyInstance, type FastifyReply, LogController } from "fastify";
import type { Logger } from "pino";
import { answerUnreadable } from "./client-errors.ts";
import { compressPages } from "./compression.ts";
import {
  CONNECTION_IDLE_TIMEOUT_MS,
  CONNECTIONS_CHECK_MS,
  DRAIN_TIMEOUT_MS,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_BODY_BYTES,
  MAX_CONCURRENT_REQUESTS,
  MAX_FIELD_BYTES,
  MAX_FIELDS,
  MAX_HEADER_BYTES,
  MAX_REQUESTS_PER_CONNECTION,
  MAX_UPLOAD_FILES,
  MAX_URL_CHARACTERS,
  REQUEST_TIMEOUT_MS,
  RETRY_AFTER_SECONDS,
} from "./limits.ts";

/** Where a request is sent whose own address cannot be routed. */
export const ADDRESS_TOO_LONG = "/-/address-too-long";
export const ADDRESS_MALFORMED = "/-/address-malformed";

/**
 * No inline script or style, nothing from elsewhere, no frame around us.
 * @param formTarget an origin to which the answer to a form may lead: browsers hold redirects after a form to `form-action` as well
 */
export function contentSecurityPolicy(formTarget?: string): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    `form-action 'self'${formTarget === undefined ? "" : ` ${formTarget}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** Headers that each answer carries. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "content-security-policy": contentSecurityPolicy(),
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

const BUSY =
  "现在访问的人很多，请几秒钟后重试。未作任何更改。\nMany people are here just now. Try again in a few seconds; nothing was changed.\n";

/** Opens a Fastify instance with this node's limits and headers, and no route. */
export async function openServer(options: ServerOptions): Promise<FastifyInstance> {
  // The multipart reader logs the headers of a request, with its cookies, at the level trace.
  const quiet = <T extends { readonly serializers?: object }>(given: T) => ({
    ...given,
    serializers: { ...given.serializers, busboyOptions: () => undefined },
  });
  // A logger with options of its own for each request would cost more than routing it.
  const requests = options.log.child({}, quiet({}));
  const server = Fastify({
    loggerInstance: options.log as never,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: proxyTrust(options.trustProxy),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: CONNECTION_IDLE_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_URL_CHARACTERS },
    rewriteUrl: (request) => routable(request.url ?? "/"),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, SECURITY_HEADERS),
    childLoggerFactory: (log, bindings, given) =>
      given.serializers === undefined ? requests.child(bindings) : log.child(bindings, quiet(given)),
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
    },
  });
  await server.register(cookie);
  await server.register(formbody, { bodyLimit: MAX_BODY_BYTES });
  await server.register(multipart, {
    limits: { files: MAX_UPLOAD_FILES, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, headerPairs: 50 },
  });
  let underWay = 0;
  const underWayOn = new WeakMap<object, number>();
  server.addHook("onRequest", async (request, reply) => {
    // Whether the node lives is asked for most when it has much to do.
    if (/^\/(?:healthz|readyz|metrics)$/.test(request.url)) return;
    const { socket } = request.raw;
    const here = underWayOn.get(socket) ?? 0;
    if (underWay >= MAX_CONCURRENT_REQUESTS || here >= MAX_REQUESTS_PER_CONNECTION) {
      reply.code(503).header("retry-after", RETRY_AFTER_SECONDS).type("text/plain; charset=utf-8");
      return reply.send(BUSY);
    }
    underWay += 1;
    underWayOn.set(socket, here + 1);
    reply.raw.once("close", () => {
      underWay -= 1;
      underWayOn.set(socket, (underWayOn.get(socket) ?? 1) - 1);
    });
  });
  // What is in flight is finished; whoever sends a byte a minute does not hold the node.
  server.addHook("preClose", async () => {
    setTimeout(() => server.server.closeAllConnections(), DRAIN_TIMEOUT_MS).unref();
  });
  compressPages(server as unknown as FastifyInstance);
  server.addHook("onSend", async (_request, reply: FastifyReply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
    // What says nothing else may name whoever is signed in: the pages of errors among them.
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    if (options.secure) reply.header("strict-transport-security", "max-age=31536000; includeSubDomains");
  });
  return server as unknown as FastifyInstance;
}

/** The address as it is; of one that no route can match, where it is told so in words. */
function routable(url: string): string {
  if (url.length > MAX_URL_CHARACTERS) return ADDRESS_TOO_LONG;
  try {
    decodeURI(url.split("?")[0] ?? "/");
    return url;
  } catch {
    return ADDRESS_MALFORMED;
  }
}
