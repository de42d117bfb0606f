import { implement } from "../implement.ts";
import { isGenuine } from "../letters/letter.ts";
import { letterCame } from "../letters/letters.ts";

/** What came by other nodes: kept, and then read. Who wrote it is held against the directory; nobody between is asked. */
export const takeLetter = implement("takeLetter", async (ctx, { data: letter }) => {
  if (ctx.proofs === undefined || !isGenuine(ctx.proofs, letter)) return ctx.refuse("not-genuine");
  await letterCame(await ctx.tables.write(), letter, ctx.now);
  return {};
});
