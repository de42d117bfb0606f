import type { FastifyInstance, FastifyReply } from "fastify";
import { successionsFile } from "../ledger/successions.ts";
import type { Kernel } from "../system/kernel.ts";
import type { Witnessing } from "../witnessing/witnessing.ts";

/** Where the ledger is served as C2SP tlog-tiles: checkpoints, hashes and leaves, none of which holds personal data. */
export const LOG_PREFIX = "/log/";

/** Checkpoints are served with the lines of the witnesses that signed them; `witnessed` is the newest that most of them did. */
export function mountLog(server: FastifyInstance, kernel: Kernel, witnessing: Witnessing): void {
  // The public key in C2SP vkey form, for whoever begins to follow this log.
  server.get(`${LOG_PREFIX}key`, async (_request, reply) => {
    const { verifierKey } = await kernel.ledger.keysOfToday();
    return reply.type("text/plain; charset=utf-8").header("cache-control", "no-cache").send(`${verifierKey}\n`);
  });
  // With those of other suites, one a line: their signatures stand below each checkpoint, for whoever knows them.
  server.get(`${LOG_PREFIX}keys`, async (_request, reply) => {
    const { verifierKeys } = await kernel.ledger.keysOfToday();
    const lines = verifierKeys.map((key) => `${key}\n`).join("");
    return reply.type("text/plain; charset=utf-8").header("cache-control", "no-cache").send(lines);
  });
  // How they followed each other: from any of them the others are known (packages/verifier/README.md).
  server.get(`${LOG_PREFIX}successions`, async (_request, reply) => {
    const { successions } = await kernel.ledger.keysOfToday();
    const { origin, verifierKey } = kernel.ledger;
    return reply
      .type("application/json; charset=utf-8")
      .header("cache-control", "no-cache")
      .send(successionsFile({ origin, verifierKey, successions }));
  });
  const sendNote = async (reply: FastifyReply, found: { readonly size: number; readonly note: string } | undefined) => {
    if (found === undefined) return reply.code(404).type("text/plain; charset=utf-8").send("not found\n");
    const lines = await witnessing.lines(found.size);
    return reply
      .type("text/plain; charset=utf-8")
      .header("cache-control", "no-cache")
      .send(found.note + lines.join(""));
  };
  server.get(`${LOG_PREFIX}checkpoint`, async (_request, reply) => sendNote(reply, await kernel.ledger.checkpoint()));
  server.get(`${LOG_PREFIX}witnessed`, async (_request, reply) => {
    const size = await witnessing.witnessedSize();
    const note = size === undefined ? undefined : await kernel.ledger.checkpointCovering(size);
    return sendNote(reply, size === undefined || note === undefined ? undefined : { size, note });
  });
  server.get<{ Params: { "*": string } }>(`${LOG_PREFIX}*`, async (request, reply) => {
    const resource = await kernel.ledger.resource(request.params["*"]);
    if (!resource) return reply.code(404).type("text/plain; charset=utf-8").send("not found\n");
    return reply
      .type(resource.contentType)
      .header("cache-control", resource.immutable ? "public, max-age=31536000, immutable" : "no-cache")
      .send(Buffer.from(resource.bytes));
  });
}
