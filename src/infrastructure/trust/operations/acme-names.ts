import { implement } from "../implement.ts";

export const acmeNames = implement("acmeNames", async (ctx, { binding }) => {
  const entry = await ctx.registers.acmeBinding.get(binding);
  return entry?.value.status === "bound" ? { hosts: entry.value.hosts } : ctx.refuse("not-found");
});
