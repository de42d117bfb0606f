import { implement } from "../implement.ts";
import { agreedSet, describeSet } from "../publishing/agreed-set.ts";

export const describe = implement("describe", async (ctx, { register }) => {
  const set = await agreedSet(ctx, { register });
  if (set === "not-agreed" || set === "preparing") return ctx.refuse(set);
  if (typeof set === "string") return ctx.refuse("preparing");
  return { description: describeSet(set), position: set.feed.position };
});
