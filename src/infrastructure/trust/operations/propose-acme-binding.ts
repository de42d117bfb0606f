import { isHostName } from "#lib/certificate/extensions";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";

export const proposeAcmeBinding = implement("proposeAcmeBinding", async (ctx, { name, hosts, reason }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  const wrong = hosts.find((pattern) => !isHostName(pattern.replace(/^\*\./, "")));
  if (wrong !== undefined) return ctx.refuse("host-wrong", { host: wrong });
  const id = await ctx.registers.acmeBinding.put({
    ...{ name, hosts: [...new Set(hosts)], reason, status: "proposed" },
    ...{ proposedBy: official, proposedAt: ctx.now },
  });
  return { id };
});
