import { isRefusal } from "#kernel/contract/refusal";
import { isOwn } from "../accounts.ts";
import { implement } from "../implement.ts";
import { findSession, setOrganization } from "../sessions.ts";

export const actFor = implement("actFor", async (ctx, { session, organization }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  if (!row) return ctx.refuse("session-ended");
  if (!isOwn(ctx.act, row)) return ctx.refuse("not-yours");
  if (organization !== undefined) {
    const right = await ctx.rooms.legalEntities.representation({ person: row.holder, organization });
    if (isRefusal(right)) return ctx.refuse("not-representative");
  }
  await setOrganization(await ctx.tables.write(), session, organization ?? null);
  return { session, ...(organization && { organization }) };
});
