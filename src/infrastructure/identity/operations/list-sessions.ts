import { implement } from "../implement.ts";
import { findSession, sessionsOf } from "../sessions.ts";

export const listSessions = implement("listSessions", async (ctx, { session }) => {
  const { principal } = ctx.act;
  const sql = ctx.tables.read();
  const asked = principal.kind === "node" && session ? await findSession(sql, session, ctx.now) : undefined;
  const holder = principal.kind === "person" || principal.kind === "official" ? principal.id : asked?.holder;
  if (holder === undefined) return { items: [] };
  const sessions = await sessionsOf(sql, holder, ctx.now);
  return {
    items: sessions.map(({ id, address, agent, openedAt, seenAt, assurance }) => {
      return { id, address, agent, openedAt, seenAt, assurance };
    }),
  };
});
