import { implement } from "../implement.ts";

export const decidePower = implement("decidePower", async (ctx, { id, recognized, reason }) => {
  const held = await ctx.registers.power.lock(id);
  if (held?.value.status !== "asked") return ctx.refuse("not-open");
  const { principal, agent, recordedBy } = held.value;
  const by = ctx.act.principal.kind === "official" ? ctx.act.principal.id : "";
  if ([recordedBy, principal, agent].includes(by)) return ctx.refuse("same-official");
  const status = recognized ? "in-force" : "refused";
  await ctx.registers.power.put({ ...held.value, status, decidedBy: by, reason }, { key: id });
  ctx.concerns({ kind: "person", id: agent, attributes: ["power"] });
  return { id };
});
