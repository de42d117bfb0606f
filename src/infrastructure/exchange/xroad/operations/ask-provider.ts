import { implement } from "../../implement.ts";
import { askingRoom } from "../own-rooms.ts";
import { edgePorts } from "../ports.ts";

/** A room asks a foreign service: by a right of its own, held against the service's document, on the record. */
export const askProvider = implement("askProvider", async (ctx, { service, path, query = [], headers = [] }) => {
  const { act } = ctx;
  const reply = await edgePorts().askProvider({
    ...{ room: askingRoom(act), act, operation: "askProvider", method: "GET", service, path, query, headers },
  });
  if (!("no" in reply)) return reply;
  if (reply.no === "bad-request") return ctx.refuse("bad-request", { problem: reply.problem });
  return ctx.refuse(reply.no === "outcome-unknown" ? "unreachable" : reply.no);
});
