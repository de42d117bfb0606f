import { postView } from "../holding.ts";
import { implement } from "../implement.ts";

export const findPost = implement("findPost", async (ctx, { id }) => {
  const entry = await ctx.registers.post.get(id);
  const view = entry && (await postView(ctx.registers, entry));
  return view ?? ctx.refuse("not-found");
});
