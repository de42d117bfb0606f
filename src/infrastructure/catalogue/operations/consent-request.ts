import { dayEnds } from "#lib/calendar/civil-day";
import { implement } from "../implement.ts";
import { matterByNumber, openMatter, takeStep } from "../matters.ts";
import { announceChange } from "../policies-in-force.ts";
import { openQuota } from "../quotas.ts";
import { isWithinTerm, type RequestValue } from "../request.ts";

export const consentRequest = implement("consentRequest", async (ctx, { number, words, ...narrowed }) => {
  const asked = await matterByNumber(ctx.tables.read(), number);
  if (asked?.kind !== "request") return ctx.refuse("not-found");
  const content = asked.content as RequestValue & { readonly entry: number };
  const { perDay = content.perDay, total = content.total, until = content.until } = narrowed;
  if (perDay > content.perDay || total > content.total || perDay > total || until > content.until) {
    return ctx.refuse("volume-wrong");
  }
  if (!isWithinTerm(until, ctx.now)) return ctx.refuse("past");
  const taken = await takeStep(ctx, { kind: "request", step: "consent", number, words });
  if ("code" in taken) return ctx.refuse(taken.code);
  const { resource, provider, consumer, coordinator, government } = asked;
  const grant = await openMatter(ctx, taken.official, "provider", {
    ...{ kind: "grant", root: asked.root, about: number, resource, provider, consumer, coordinator, government },
    content: { ...content, perDay, total, until },
    words,
  });
  if (grant === undefined) return ctx.refuse("barred");
  await openQuota(taken.sql, {
    ...{ grant, purposes: content.purposes, systems: content.systems, perDay, total },
    from: ctx.now,
    until: dayEnds(Temporal.PlainDate.from(until)).toString(),
  });
  await announceChange(taken.sql);
  return { state: taken.state, grant };
});
