import { isWork } from "#kernel/access/separation";
import { implement } from "../implement.ts";
import {
  beginningOf,
  groundOf,
  insertChange,
  locked,
  NEW_NUMBER,
  objectionTo,
  officialOf,
  reached,
} from "../proposal.ts";

export const proposeSeparation = implement("proposeSeparation", async (ctx, input) => {
  const { one, other, words, ends, effectiveAt, reason } = input;
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  if (effectiveAt !== undefined && Date.parse(effectiveAt) < Date.parse(ctx.now)) return ctx.refuse("past");
  const { authority } = official.post;
  const level = "authority";
  const reach = await reached(ctx, { level, authority });
  const unknown = [...one, ...other].find((name) => !isWork(name, reach.house.actions));
  if (unknown !== undefined) return ctx.refuse("unknown-work", { name: unknown });
  const content = { kind: "separation", words, one, other } as const;
  const sql = await locked(ctx);
  const candidate = { number: NEW_NUMBER, level, authority, content, ends } as const;
  const ground = await groundOf(sql, reach);
  const objection = objectionTo(ground, candidate, beginningOf(effectiveAt, ctx.now), ctx.act.language);
  if (objection) return ctx.refuse(objection.code === "locks-out" ? "conflicting" : objection.code, objection.values);
  const number = await insertChange(ctx, official, { level, authority, content, ends, reason, effectiveAt });
  return number === undefined ? ctx.refuse("full") : { number };
});
