import { everyPage } from "../every-page.ts";
import { implement } from "../implement.ts";

export const listPosts = implement("listPosts", async (ctx, { authority }) => {
  const organ = await ctx.registers.authority.get(authority);
  if (!organ) return ctx.refuse("not-found");
  const posts = await everyPage((page) => ctx.registers.post.find({ authority }, page));
  return {
    items: posts.map(({ key, value }) => ({
      id: key,
      title: value.title,
      authority,
      authorityName: organ.value.name,
      division: organ.value.division,
      duties: value.duties,
    })),
  };
});
