import { implement } from "../implement.ts";

export const summary = implement("summary", async (ctx) => {
  const [row] = await ctx.tables.read().query<{ count: number; good: number; poor: number; answered: number }>(
    `SELECT coalesce(sum(count), 0)::int AS count, coalesce(sum(count) FILTER (WHERE score >= 3), 0)::int AS good,
       coalesce(sum(count) FILTER (WHERE score <= 2), 0)::int AS poor, coalesce(sum(answered), 0)::int AS answered
     FROM participation.tally`,
  );
  return row ?? { count: 0, good: 0, poor: 0, answered: 0 };
});
