import { noteAnswered } from "../due.ts";
import { implement } from "../implement.ts";
import { maySupervise } from "../supervision.ts";

export const answerObjection = implement("answerObjection", async (ctx, { id, finding, answer, measures }) => {
  const entry = await ctx.registers.objection.lock(id);
  if (entry?.value.status !== "open") return ctx.refuse("not-found");
  if (!maySupervise(ctx.act, entry.value)) return ctx.refuse("own-look");
  if (finding !== "lawful" && (measures ?? "") === "") return ctx.refuse("measures-missing");
  await ctx.registers.objection.put(
    { ...entry.value, status: "answered", finding, answer, ...(measures && { measures }), answeredOn: ctx.today },
    { key: id },
  );
  await noteAnswered(await ctx.tables.write(), id);
  return { id };
});
