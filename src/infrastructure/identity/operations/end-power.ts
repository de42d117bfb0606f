import { implement } from "../implement.ts";

export const endPower = implement("endPower", async (ctx, { id, reason }) => {
  const held = await ctx.registers.power.lock(id);
  if (held?.value.status !== "in-force") return ctx.refuse("not-found");
  const { kind, principal, agent } = held.value;
  const { principal: by } = ctx.act;
  // 民法典 §173: who gave a mandate takes it back, who has it lays it down. Who is guardian or heir, nobody says by himself.
  const party = by.kind === "person" && (by.id === agent || (by.id === principal && kind === "agent"));
  if (by.kind === "person" && by.id !== agent && by.id !== principal) return ctx.refuse("not-found");
  if (by.kind === "person" && (!party || kind === "guardian")) return ctx.refuse("not-yours");
  const why = reason ?? held.value.reason;
  await ctx.registers.power.put(
    { ...held.value, status: "ended", ...(why !== undefined && { reason: why }) },
    { key: id },
  );
  ctx.concerns({ kind: "person", id: agent, attributes: ["power"] });
  return { id };
});
