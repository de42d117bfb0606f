import { DELEGATE } from "../contract.ts";
import { dutiesObjection } from "../duties-check.ts";
import { implement } from "../implement.ts";

/** An auditor reads and changes nothing: the basic duty would let him write. */
const AUDIT = "audit.read";
/** It has no key before it is made; no rule is about one post. */
const NEW_POST = "00000000-0000-0000-0000-000000000000";

export const createPost = implement("createPost", async (ctx, post) => {
  const authority = await ctx.registers.authority.get(post.authority);
  if (!authority) return ctx.refuse("authority-not-found");
  const duties = new Set(post.duties);
  if (!duties.has(AUDIT)) duties.add(DELEGATE);
  const made = { ...post, duties: [...duties] };
  const { name: authorityName, division } = authority.value;
  const objection = await dutiesObjection({ ...made, id: NEW_POST, authorityName, division });
  if (objection) return ctx.refuse("duties-conflict", { conflict: objection[ctx.act.language] });
  return { id: await ctx.registers.post.put(made) };
});
