import { implement } from "../implement.ts";
import { enterProposal, standing } from "../network/propose.ts";

export const proposeAuthorityMerger = implement("proposeAuthorityMerger", async (ctx, { authority, into, reason }) => {
  const now = await standing(ctx);
  if (now === undefined) return ctx.refuse("not-member");
  const [ends, takesOver] = [authority, into].map((code) => now.view.authorityOfCode(code));
  if (ends === undefined) return ctx.refuse("no-authority", { authority });
  if (takesOver === undefined || takesOver.id === ends.id) return ctx.refuse("no-authority", { authority: into });
  return (
    (await enterProposal(ctx, { what: "merge-authorities", authority: ends.id, into: takesOver.id }, reason)) ??
    ctx.refuse("no-post")
  );
});
