import { isRefusal } from "#kernel/contract/refusal";
import { isOwn } from "../accounts.ts";
import { implement } from "../implement.ts";
import { rightOver } from "../powers/powers.ts";
import { findSession, setRepresented } from "../sessions.ts";

export const actFor = implement("actFor", async (ctx, { session, organization, person }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  if (!row) return ctx.refuse("session-ended");
  if (!isOwn(ctx.act, row)) return ctx.refuse("not-yours");
  if (organization !== undefined && person !== undefined) return ctx.refuse("one-of-them");
  if (organization !== undefined) {
    const right = await ctx.rooms.legalEntities.representation({ person: row.holder, organization });
    if (isRefusal(right)) return ctx.refuse("not-representative");
  }
  if (person !== undefined) {
    const right = await rightOver(ctx, { person: row.holder, principal: person });
    if (!right) return ctx.refuse("no-power");
    // That somebody set out to act for her is on the record of whoever is represented, whatever is done then.
    ctx.concerns({ kind: "person", id: person, attributes: ["represented"] });
  }
  await setRepresented(await ctx.tables.write(), session, { organization, person });
  return { session, ...(organization && { organization }), ...(person && { person }) };
});
