import { implement } from "../implement.ts";
import { readPolicy } from "../policy-form.ts";
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

export const proposePolicy = implement("proposePolicy", async (ctx, input) => {
  const { level, source, ends, effectiveAt, reason } = input;
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  if (effectiveAt !== undefined && Date.parse(effectiveAt) < Date.parse(ctx.now)) return ctx.refuse("past");
  const { authority } = official.post;
  const reach = await reached(ctx, { level, authority });
  const { json, problems } = await readPolicy(reach.house, { source, level, authority });
  if (json === undefined || problems.length > 0) {
    return ctx.refuse("unfit", { problem: problems.map((problem) => problem[ctx.act.language]).join(" ") });
  }
  const content = { kind: "policy", source, json } as const;
  const sql = await locked(ctx);
  const candidate = { number: NEW_NUMBER, level, authority, content, ends };
  const ground = await groundOf(sql, reach);
  const objection = objectionTo(ground, candidate, beginningOf(effectiveAt, ctx.now), ctx.act.language);
  if (objection) return ctx.refuse(objection.code, objection.values);
  const number = await insertChange(ctx, official, { level, authority, content, ends, reason, effectiveAt });
  return number === undefined ? ctx.refuse("full") : { number };
});
