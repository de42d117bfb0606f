import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Provider } from "oidc-provider";
import { openRequest, type PageOptions } from "#kernel/http/pages";
import { SECURITY_HEADERS } from "#kernel/http/server";
import type { CurrentProvider } from "./current-provider.ts";
import type { EndpointPages } from "./endpoint-pages.ts";
import { OPENID_PATH } from "./paths.ts";

export const DISCOVERY_PATH = "/.well-known/openid-configuration";

/** Has what goes wrong in a provider said in the log. */
export function tellFaults(provider: Provider, log: FastifyBaseLogger): void {
  provider.silent = true;
  provider.on("server_error", (_ctx, error: Error & { code?: unknown }) =>
    log.error({ code: error.code, name: error.name, at: error.stack?.split("\n").slice(1, 6) }, "sign-in failed"),
  );
  // A system that cannot be told is left behind: what it holds ends with the session all the same.
  provider.on("backchannel.error", (_ctx, error: Error & { code?: unknown }, client) =>
    log.warn({ code: error.code, name: error.name, client: client.clientId }, "a system was not told of a sign-out"),
  );
}

/** Mounts the protocol's endpoints: their bodies are read by the protocol library, which has a limit of its own (56 KiB). */
export async function mountOpenid(
  server: FastifyInstance,
  options: {
    readonly current: CurrentProvider;
    readonly endpoints: EndpointPages;
    readonly pages: PageOptions;
  },
): Promise<void> {
  const { current, endpoints, pages } = options;
  const issuer = new URL(current.issuer);
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const { raw } = request;
    endpoints.note(raw, await openRequest(request, reply, { audience: "public" }, pages));
    // Addresses are made of the issuer's name, never of one that a request brought.
    raw.headers.host = issuer.host;
    raw.headers["x-forwarded-proto"] = issuer.protocol.slice(0, -1);
    delete raw.headers["x-forwarded-host"];
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.raw.setHeader(name, value);
    reply.raw.setHeader("cache-control", "no-store");
    if (pages.secure) reply.raw.setHeader("strict-transport-security", "max-age=31536000; includeSubDomains");
    reply.hijack();
    await current.answer(raw, reply.raw);
  };
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.get(DISCOVERY_PATH, handle);
    scope.route({ method: ["GET", "POST"], url: `${OPENID_PATH}/*`, handler: handle });
  });
}
