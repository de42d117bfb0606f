import { checkAsked } from "../certificates/enrolment.ts";
import { HOSTS_MAX } from "../enrolment-contract.ts";
import { implement } from "../implement.ts";
import { noteHolder, officialOf } from "../official.ts";
import { writtenHosts } from "../written-hosts.ts";

export const requestCertificate = implement("requestCertificate", async (ctx, { hosts: written = "", ...rest }) => {
  const hosts = [...writtenHosts(written)];
  const asked = { ...rest, hosts };
  if (hosts.length > HOSTS_MAX) return ctx.refuse("hosts-wrong", { host: hosts[HOSTS_MAX] ?? "" });
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  const fit = checkAsked(asked);
  if ("code" in fit) return ctx.refuse(fit.code, "values" in fit ? fit.values : {});
  noteHolder(ctx, asked);
  const id = await ctx.registers.enrolment.put({
    ...asked,
    status: "requested",
    requestedBy: official,
    requestedAt: ctx.now,
  });
  return { id };
});
