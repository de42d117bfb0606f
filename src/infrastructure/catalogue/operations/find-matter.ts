import { clocksOf, clockView } from "../clocks.ts";
import { implement } from "../implement.ts";
import { matterLines } from "../matter-view.ts";
import { matterByNumber, sideOf, stepsOf } from "../matters.ts";
import { officialOf } from "../official.ts";

export const findMatter = implement("findMatter", async (ctx, { number }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = ctx.tables.read();
  const matter = await matterByNumber(sql, number);
  if (!matter || sideOf(matter, official.post.authority) === undefined) return ctx.refuse("not-found");
  const [line] = await matterLines(sql, [matter], official, ctx.now);
  if (!line) return ctx.refuse("not-found");
  const clocks = await clocksOf(sql, [number]);
  const taken = await stepsOf(sql, number);
  return {
    ...line,
    steps: [...line.steps],
    root: matter.root,
    ...(matter.about !== null && { about: matter.about }),
    content: matter.content,
    clocks: clocks.map((clock) => clockView(clock, ctx.now)),
    // Who acted stands in the ledger; both sides see for which side.
    taken: taken.map(({ ordinal, step, side, state, words, detail, at }) => ({
      ...{ ordinal, step, side, state, at },
      ...(words !== null && { words }),
      ...(detail !== null && { detail }),
    })),
  };
});
