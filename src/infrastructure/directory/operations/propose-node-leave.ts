import { implement } from "../implement.ts";
import { enterProposal, standing } from "../network/propose.ts";

export const proposeNodeLeave = implement("proposeNodeLeave", async (ctx, { node, reason }) => {
  const now = await standing(ctx);
  if (now === undefined) return ctx.refuse("not-member");
  const found = now.view.node(node);
  // The node itself says when it goes; whoever lists it lets it.
  if (found === undefined || found.state === "left" || found.above !== now.membership.node) {
    return ctx.refuse("no-node", { node });
  }
  return (await enterProposal(ctx, { what: "let-node-leave", node }, reason)) ?? ctx.refuse("no-post");
});
