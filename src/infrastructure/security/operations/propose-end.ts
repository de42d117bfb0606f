import { implement } from "../implement.ts";
import {
  beginningOf,
  groundOf,
  insertChange,
  locked,
  NEW_NUMBER,
  objectionTo,
  officialOf,
  ownChange,
  reached,
} from "../proposal.ts";

export const proposeEnd = implement("proposeEnd", async (ctx, { number: ends, effectiveAt, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  if (effectiveAt !== undefined && Date.parse(effectiveAt) < Date.parse(ctx.now)) return ctx.refuse("past");
  const ended = await ownChange(ctx.tables.read(), official, ends);
  if (!ended) return ctx.refuse("none-to-end");
  const { level, authority } = ended;
  const reach = await reached(ctx, { level, authority });
  const content = { kind: "end" } as const;
  const sql = await locked(ctx);
  const candidate = { number: NEW_NUMBER, level, authority, content, ends };
  const ground = await groundOf(sql, reach);
  const objection = objectionTo(ground, candidate, beginningOf(effectiveAt, ctx.now), ctx.act.language);
  if (objection) return ctx.refuse(objection.code, objection.values);
  const number = await insertChange(ctx, official, { level, authority, content, ends, reason, effectiveAt });
  return number === undefined ? ctx.refuse("full") : { number };
});
