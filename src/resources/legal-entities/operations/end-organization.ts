import { beginningOf } from "#kernel/registers/examined";
import { implement } from "../implement.ts";
import { tellChange } from "../tell-change.ts";

export const endOrganization = implement("endOrganization", async (ctx, { id, how, on, reason }) => {
  const entry = await ctx.registers.organization.lock(id);
  if (!entry) return ctx.refuse("not-found");
  if (entry.value.status !== "active") return ctx.refuse("not-active");
  if (on > ctx.today || on < entry.value.establishedOn) return ctx.refuse("bad-date");
  // The entry stays, with how it ended: a withdrawn licence still has debts, and its representative a bar.
  const ended = { ...entry.value, status: how, changeReason: reason };
  await ctx.registers.organization.put(ended, { key: id, validFrom: beginningOf(on) });
  await tellChange(ctx, { id, before: entry.value, after: ended, what: "ended" });
  await ctx.emit("organizationEnded", { organization: id, how });
  return { id };
});
