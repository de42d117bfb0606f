import { implement } from "../implement.ts";

export const findJoining = implement("findJoining", async (ctx, { digest }) => {
  const [entry] = (await ctx.registers.joining.find({ digest }, { limit: 1 })).items;
  if (entry === undefined) return ctx.refuse("not-found");
  const { status, decision, chain } = entry.value;
  return {
    ...{ id: entry.key, status },
    ...(decision !== undefined && { decision }),
    ...(chain !== undefined && { chain }),
  };
});
