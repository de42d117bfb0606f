import { approvedChanges, changeByNumber } from "../change.ts";
import { implement } from "../implement.ts";
import { changeView } from "../views.ts";

export const findChange = implement("findChange", async (ctx, { number }) => {
  const sql = ctx.tables.read();
  const change = await changeByNumber(sql, number);
  return change ? changeView(change, await approvedChanges(sql), ctx.now) : ctx.refuse("not-found");
});
