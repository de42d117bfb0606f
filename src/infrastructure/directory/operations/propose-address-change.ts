import { NodeEntrySchema } from "#lib/directory/document";
import { implement } from "../implement.ts";
import { enterProposal, standing } from "../network/propose.ts";

export const proposeAddressChange = implement("proposeAddressChange", async (ctx, asked) => {
  const { node, exchange, site, reason } = asked;
  const now = await standing(ctx);
  if (now === undefined) return ctx.refuse("not-member");
  const found = now.view.node(node);
  if (found === undefined || found.state === "left") return ctx.refuse("no-node", { node });
  if (!now.publishes(found)) return ctx.refuse("not-listed-here", { node });
  const addresses = { ...(exchange && { exchange }), ...(site && { site }) };
  const isRight = Object.keys(addresses).length > 0 && NodeEntrySchema.safeParse({ ...found, ...addresses }).success;
  if (!isRight) return ctx.refuse("address-wrong");
  return (await enterProposal(ctx, { what: "change-addresses", node, ...addresses }, reason)) ?? ctx.refuse("no-post");
});
