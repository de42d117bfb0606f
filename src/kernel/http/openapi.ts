import type { FastifyInstance } from "fastify";
import { sha256Hex } from "#lib/crypto/digest";
import { openApi } from "../derived/open-api.ts";
import type { Site } from "./site.ts";

/** Where the description of the API stands. */
export const OPENAPI_PATH = "/api/openapi.json";

/** Serves the OpenAPI 3.1 description of every room's operations, made when it is first asked for. */
export function mountOpenApi(server: FastifyInstance, { kernel, publicUrl }: Pick<Site, "kernel" | "publicUrl">): void {
  let made: { readonly text: string; readonly tag: string } | undefined;
  const make = () => {
    const contracts = [...kernel.systems.values()].map(({ contract }) => contract);
    const text = JSON.stringify(openApi(contracts, { publicUrl }));
    return { text, tag: `"${sha256Hex(text)}"` };
  };
  server.get(OPENAPI_PATH, async (request, reply) => {
    made ??= make();
    reply.header("etag", made.tag).header("cache-control", "no-cache");
    if (request.headers["if-none-match"] === made.tag) return reply.code(304).send();
    return reply.type("application/json; charset=utf-8").send(made.text);
  });
}
