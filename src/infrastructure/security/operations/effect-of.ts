import { assess } from "../assessment.ts";
import { changeByNumber } from "../change.ts";
import { implement } from "../implement.ts";
import { beginningOf, groundOf, reached } from "../proposal.ts";
import { effectView } from "../views.ts";

export const effectOf = implement("effectOf", async (ctx, { number }) => {
  const change = await changeByNumber(ctx.tables.read(), number);
  if (!change) return ctx.refuse("not-found");
  const reach = await reached(ctx, change);
  const ground = await groundOf(ctx.tables.read(), reach);
  // Of one in force already: what it did when it began.
  const fromMs = change.inForceFrom ? Date.parse(change.inForceFrom) : beginningOf(change.effectiveAt, ctx.now);
  return { ...effectView(assess(ground, change, fromMs), fromMs), problems: [] };
});
