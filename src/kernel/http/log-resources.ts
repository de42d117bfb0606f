import type { FastifyInstance } from "fastify";
import type { Kernel } from "../system/kernel.ts";

/** Where the ledger is served as C2SP tlog-tiles: checkpoints, hashes and leaves, none of which holds personal data. */
export const LOG_PREFIX = "/log/";

export function mountLog(server: FastifyInstance, kernel: Kernel): void {
  // The public key in C2SP vkey form, for whoever begins to follow this log.
  server.get(`${LOG_PREFIX}key`, (_request, reply) =>
    reply.type("text/plain; charset=utf-8").header("cache-control", "no-cache").send(`${kernel.ledger.verifierKey}\n`),
  );
  server.get<{ Params: { "*": string } }>(`${LOG_PREFIX}*`, async (request, reply) => {
    const resource = await kernel.ledger.resource(request.params["*"]);
    if (!resource) return reply.code(404).type("text/plain; charset=utf-8").send("not found\n");
    return reply
      .type(resource.contentType)
      .header("cache-control", resource.immutable ? "public, max-age=31536000, immutable" : "no-cache")
      .send(Buffer.from(resource.bytes));
  });
}
