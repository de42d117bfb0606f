import { assess } from "../assessment.ts";
import type { Content } from "../change.ts";
import { implement } from "../implement.ts";
import { readPolicy } from "../policy-form.ts";
import { beginningOf, groundOf, NEW_NUMBER, reached } from "../proposal.ts";
import { effectView } from "../views.ts";

export const previewChange = implement("previewChange", async (ctx, input) => {
  const { level, authority, source, ends, effectiveAt } = input;
  const reach = await reached(ctx, { level, authority });
  const read = source ? await readPolicy(reach.house, { source, level, authority }) : { json: undefined, problems: [] };
  const fromMs = beginningOf(effectiveAt, ctx.now);
  if (read.problems.length > 0) {
    return { ...effectView({ changes: [], conflicts: [] }, fromMs), problems: [...read.problems] };
  }
  const content: Content = source && read.json ? { kind: "policy", source, json: read.json } : { kind: "end" };
  const ground = await groundOf(ctx.tables.read(), reach);
  const found = assess(ground, { number: NEW_NUMBER, level, authority, content, ends }, fromMs);
  return { ...effectView(found, fromMs), problems: [] };
});
