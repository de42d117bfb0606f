import { isOwn } from "../accounts.ts";
import { findHolder } from "../holders.ts";
import { implement } from "../implement.ts";
import { findSession, setPost } from "../sessions.ts";

export const choosePost = implement("choosePost", async (ctx, { session, post }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  if (row?.holderKind !== "official") return ctx.refuse("session-ended");
  if (!isOwn(ctx.act, row)) return ctx.refuse("not-yours");
  const holder = await findHolder(ctx.rooms, row.holderKind, row.holder);
  if (!holder?.posts.includes(post)) return ctx.refuse("not-held");
  await setPost(await ctx.tables.write(), session, post);
  return { session, post };
});
