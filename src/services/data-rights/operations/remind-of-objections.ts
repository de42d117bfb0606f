import { dueReminders, noteReminded } from "../due.ts";
import { implement } from "../implement.ts";
import { dataRightsPorts } from "../ports.ts";

export const remindOfObjections = implement("remindOfObjections", async (ctx) => {
  const due = await dueReminders(ctx.tables.read(), ctx.today);
  // Sent before they are noted: the same reminder again is the same message, and reaches its addressee once.
  for (const { objection, number, answerBy, kind } of due) {
    await dataRightsPorts().remind({ id: `${objection} ${kind}`, number, answerBy, kind });
  }
  const sql = await ctx.tables.write();
  for (const { objection, kind } of due) await noteReminded(sql, objection, kind);
  return { reminded: due.length };
});
