import { DELEGATE } from "../contract.ts";
import { implement } from "../implement.ts";

/** An auditor reads and changes nothing: the basic duty would let him write. */
const AUDIT = "audit.read";

export const createPost = implement("createPost", async (ctx, post) => {
  if (!(await ctx.registers.authority.get(post.authority))) return ctx.refuse("authority-not-found");
  const duties = new Set(post.duties);
  if (!duties.has(AUDIT)) duties.add(DELEGATE);
  return { id: await ctx.registers.post.put({ ...post, duties: [...duties] }) };
});
