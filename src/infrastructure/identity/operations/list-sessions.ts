import { implement } from "../implement.ts";
import { sessionsOf } from "../sessions.ts";

export const listSessions = implement("listSessions", async (ctx) => {
  const { principal } = ctx.act;
  if (principal.kind !== "person" && principal.kind !== "official") return { items: [] };
  const sessions = await sessionsOf(ctx.tables.read(), principal.id, ctx.now);
  return { items: sessions.map(({ id, address, openedAt, seenAt }) => ({ id, address, openedAt, seenAt })) };
});
