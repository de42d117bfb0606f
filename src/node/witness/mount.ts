import type { FastifyInstance } from "fastify";
import { WITNESS_REQUEST_MAX_BYTES } from "#lib/merkle/witness-request";
import { type NodeWitness, WITNESS_PREFIX } from "./peer-witnesses.ts";
import { ADD_CHECKPOINT_PATH } from "./witness-server.ts";

const PLAIN = "text/plain; charset=utf-8";

/** `POST /witness/add-checkpoint` (C2SP tlog-witness) and `GET /witness/key`. */
export async function mountWitness(server: FastifyInstance, witness: NodeWitness): Promise<void> {
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The specification names no media type.
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.get(`${WITNESS_PREFIX}/key`, async (_request, reply) => {
      const key = await witness.key();
      reply.type(PLAIN).header("cache-control", "no-cache");
      return key === undefined ? reply.code(404).send("not a witness\n") : reply.send(`${key}\n`);
    });
    const limits = { bodyLimit: WITNESS_REQUEST_MAX_BYTES };
    scope.post<{ Body: unknown }>(`${WITNESS_PREFIX}${ADD_CHECKPOINT_PATH}`, limits, async ({ body }, reply) => {
      const answer = await witness.addCheckpoint(body instanceof Uint8Array ? body : new Uint8Array(0));
      if (answer === undefined) return reply.code(404).type(PLAIN).send("not a witness\n");
      return reply.code(answer.status).type(answer.contentType).header("cache-control", "no-store").send(answer.body);
    });
  });
}
