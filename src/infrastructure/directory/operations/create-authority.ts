import { unlessTaken } from "#kernel/registers/unless-taken";
import { implement } from "../implement.ts";

export const createAuthority = implement("createAuthority", async (ctx, authority) => {
  const taken = await ctx.registers.authority.find({ code: authority.code }, { limit: 1 });
  if (taken.items.length > 0) return ctx.refuse("exists");
  if (authority.parent && !(await ctx.registers.authority.get(authority.parent))) return ctx.refuse("parent-not-found");
  const id = await unlessTaken(ctx.registers.authority.put(authority));
  return id === undefined ? ctx.refuse("exists") : { id };
});
