import { isHostName } from "#lib/certificate/extensions";
import { PATTERNS_MAX } from "../acme-contract.ts";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { writtenHosts } from "../written-hosts.ts";

export const proposeAcmeBinding = implement("proposeAcmeBinding", async (ctx, { name, hosts: written, reason }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  const hosts = [...writtenHosts(written)];
  if (hosts.length > PATTERNS_MAX) return ctx.refuse("hosts-too-many", { max: PATTERNS_MAX });
  const wrong = hosts.find((pattern) => !isHostName(pattern.replace(/^\*\./, "")));
  if (wrong !== undefined || hosts.length === 0) return ctx.refuse("host-wrong", { host: wrong ?? written });
  const id = await ctx.registers.acmeBinding.put({
    ...{ name, hosts, reason, status: "proposed" },
    ...{ proposedBy: official, proposedAt: ctx.now },
  });
  return { id };
});
