import { endSealing as end } from "#kernel/ledger/sealing";
import { implement } from "../implement.ts";
import { officialOf } from "../sealings.ts";

export const endSealing = implement("endSealing", async (ctx, { id, reason }) => {
  const held = await ctx.registers.sealing.lock(id);
  const { value } = held ?? {};
  const isOpen = value?.status === "in-force" || value?.status === "asked";
  if (!value || !isOpen || value.authority !== officialOf(ctx.act).authority) return ctx.refuse("not-found");
  await ctx.registers.sealing.put({ ...value, status: "ended", endReason: reason }, { key: id });
  if (value.status === "in-force") {
    await end(await ctx.tables.write(), id, ctx.today);
    // From now on there is nothing to keep from them: that it was sealed, and that it is over, is theirs to know.
    ctx.concerns({ kind: value.subjectKind, id: value.subject, attributes: ["sealing-ended"] });
  }
  return { id };
});
