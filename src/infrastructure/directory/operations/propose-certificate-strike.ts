import { implement } from "../implement.ts";
import { enterProposal, standing } from "../network/propose.ts";

export const proposeCertificateStrike = implement("proposeCertificateStrike", async (ctx, asked) => {
  const { node, reason } = asked;
  const certificate = asked.certificate.replaceAll(/[: ]/g, "");
  const now = await standing(ctx);
  if (now === undefined) return ctx.refuse("not-member");
  const found = now.view.node(node);
  if (found === undefined || found.state === "left") return ctx.refuse("no-node", { node });
  if (!now.publishes(found)) return ctx.refuse("not-listed-here", { node });
  if (!found.certificates.includes(certificate)) return ctx.refuse("no-certificate", { node });
  return (await enterProposal(ctx, { what: "strike-certificate", node, certificate }, reason)) ?? ctx.refuse("no-post");
});
