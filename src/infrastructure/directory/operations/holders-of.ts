import { everyPage } from "../every-page.ts";
import { holdersOfPost } from "../holding.ts";
import { implement } from "../implement.ts";

export const holdersOf = implement("holdersOf", async (ctx, { authority, duty }) => {
  const posts = await everyPage((page) => ctx.registers.post.find({ authority }, page));
  const items = [];
  for (const post of posts.filter((entry) => entry.value.duties.includes(duty))) {
    for (const { official, standsInFor } of await holdersOfPost(ctx.registers, post.key, ctx.today)) {
      const entry = await ctx.registers.official.get(official);
      if (!entry) continue; // left the service since
      items.push({
        officialId: official,
        postId: post.key,
        name: entry.value.name,
        ...(standsInFor && { standsInFor }),
      });
    }
  }
  return { items };
});
