import { implement } from "../implement.ts";
import { open } from "../opening.ts";

export const openOfficialsFactor = implement("openOfficialsFactor", async (ctx, { signInName }) => {
  const opened = await open(ctx, { signInName, only: "official" });
  return typeof opened === "string" ? ctx.refuse(opened) : opened;
});
