import { implement } from "../../implement.ts";
import { edgePorts } from "../ports.ts";

/** A room asks a foreign service: by a right of its own, held against the service's document, on the record. */
export const askProvider = implement("askProvider", async (ctx, { service, path, query = [] }) => {
  const { act } = ctx;
  const room = act.via ?? (act.principal.kind === "node" ? act.principal.room : "");
  const reply = await edgePorts().askProvider({ room, act, service, path, query });
  if (!("no" in reply)) return reply;
  return reply.no === "bad-request" ? ctx.refuse("bad-request", { problem: reply.problem }) : ctx.refuse(reply.no);
});
