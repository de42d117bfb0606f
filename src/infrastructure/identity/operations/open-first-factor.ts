import { implement } from "../implement.ts";
import { open } from "../opening.ts";

export const openFirstFactor = implement("openFirstFactor", async (ctx, { signInName }) => {
  const opened = await open(ctx, { signInName });
  return typeof opened === "string" ? ctx.refuse(opened) : opened;
});
