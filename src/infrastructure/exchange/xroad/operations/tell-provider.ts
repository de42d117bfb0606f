import { Fault } from "#kernel/errors/fault";
import { implement } from "../../implement.ts";
import { askingRoom } from "../own-rooms.ts";
import { edgePorts } from "../ports.ts";
import { forgetRequest } from "../unanswered.ts";

/**
 * A room has a foreign service change something: by a right of its own, held against the service's document, on the record, and once.
 * It is asked before this act writes anything. While the provider is away the message waits and is tried again.
 */
export const tellProvider = implement("tellProvider", async (ctx, input) => {
  const { act } = ctx;
  const { service, method, path, query = [], headers = [], body } = input;
  const reply = await edgePorts().askProvider({
    ...{ room: askingRoom(act), act, operation: "tellProvider", service, method, path, query, headers },
    ...(body !== undefined && { body }),
  });
  if ("no" in reply) {
    if (reply.no === "unreachable") throw new Fault("ERR_PROVIDER_AWAY", { message: service });
    return reply.no === "bad-request" ? ctx.refuse("bad-request", { problem: reply.problem }) : ctx.refuse(reply.no);
  }
  if (reply.status >= 300) return ctx.refuse("refused-there", { status: reply.status });
  if (reply.settles !== undefined) await forgetRequest(await ctx.tables.write(), reply.settles);
  return { status: reply.status, ...(reply.body !== undefined && { body: reply.body }) };
});
