import { isWithin } from "#lib/directory/division";
import { implement } from "../implement.ts";
import { enterProposal, standing } from "../network/propose.ts";

export const proposeRoomMove = implement("proposeRoomMove", async (ctx, { room, division, node, reason }) => {
  const now = await standing(ctx);
  if (now === undefined) return ctx.refuse("not-member");
  if (!isWithin(division, now.membership.division)) return ctx.refuse("not-ours", { division });
  const found = now.view.node(node);
  if (found === undefined || found.state === "left") return ctx.refuse("no-node", { node });
  return (await enterProposal(ctx, { what: "move-room", room, division, node }, reason)) ?? ctx.refuse("no-post");
});
