import { implement } from "../implement.ts";
import { matterByNumber, openMatter, sidesOf } from "../matters.ts";
import { officialOf } from "../official.ts";

/** Over what two authorities can differ: an answer, an end or a suspension, an upheld datum. */
const DISPUTABLE: Readonly<Record<string, readonly string[]>> = {
  request: ["submitted", "incomplete", "refused"],
  grant: ["suspended", "ending", "ending-suspended", "answered", "answered-suspended", "ended", "active"],
  correction: ["filed", "upheld", "corrected"],
};

export const raiseDispute = implement("raiseDispute", async (ctx, { number, words }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const over = await matterByNumber(ctx.tables.read(), number);
  const side = over && sidesOf(over, official).find((one) => one === "consumer" || one === "provider");
  if (!over || side === undefined) return ctx.refuse("not-found");
  if (!DISPUTABLE[over.kind]?.includes(over.state)) return ctx.refuse("not-now");
  const sql = await ctx.tables.write();
  await sql.query("SELECT FROM catalogue.matter WHERE number = $1 FOR UPDATE", [over.root]);
  const open = await sql.query(
    `SELECT FROM catalogue.matter WHERE kind = 'dispute' AND about = $1 AND state NOT IN ('settled', 'decided', 'withdrawn')`,
    [number],
  );
  if (open.length > 0) return ctx.refuse("open");
  const { root, resource, provider, consumer, coordinator, government } = over;
  const raised = await openMatter(ctx, official, side, {
    ...{ kind: "dispute", root, about: number, resource, provider, consumer, coordinator, government, words },
    content: { over: over.kind, state: over.state },
  });
  return raised === undefined ? ctx.refuse("barred") : { number: raised };
});
