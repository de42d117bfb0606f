import { implement } from "../implement.ts";
import { agreedSet, describeSet } from "../publishing/agreed-set.ts";

export const describe = implement("describe", async (ctx, { register, grant }) => {
  const set = await agreedSet(ctx, { register, grant });
  if (set === "begun-anew") return ctx.refuse("preparing");
  if (typeof set === "string") return ctx.refuse(set);
  return { description: describeSet(set), position: set.feed.position };
});
