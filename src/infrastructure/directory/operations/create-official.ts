import { implement } from "../implement.ts";

export const createOfficial = implement("createOfficial", async (ctx, official) => {
  if (!(await ctx.registers.authority.get(official.authority))) return ctx.refuse("authority-not-found");
  const id = await ctx.registers.official.put(official);
  ctx.concerns({ kind: "official", id, attributes: Object.keys(official) });
  return { id };
});
