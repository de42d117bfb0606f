import { implement } from "../implement.ts";
import { open } from "../opening.ts";

export const openFactorOnNode = implement("openFactorOnNode", async (ctx, { signInName }) => {
  const opened = await open(ctx, { signInName });
  return typeof opened === "string" ? ctx.refuse(opened) : opened;
});
