import { implement } from "../implement.ts";
import { matterByNumber, openMatter, sidesOf } from "../matters.ts";
import { officialOf } from "../official.ts";
import type { RequestValue } from "../request.ts";

const NAMED_MAX = 5;

export const fileCorrection = implement("fileCorrection", async (ctx, { number, attributes, subject, words }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const grant = await matterByNumber(ctx.tables.read(), number);
  if (grant?.kind !== "grant" || !sidesOf(grant, official).includes("consumer")) return ctx.refuse("not-found");
  const covered = new Set((grant.content as RequestValue).attributes);
  const unknown = attributes.filter((name) => !covered.has(name));
  if (unknown.length > 0) {
    return ctx.refuse("attributes-unknown", { attributes: unknown.slice(0, NAMED_MAX).join(", ") });
  }
  const { root, resource, provider, consumer, coordinator, government } = grant;
  const filed = await openMatter(ctx, official, "consumer", {
    ...{ kind: "correction", root, about: number, resource, provider, consumer, coordinator, government, words },
    content: { attributes: [...attributes], ...(subject && { subject }) },
  });
  return filed === undefined ? ctx.refuse("barred") : { number: filed };
});
