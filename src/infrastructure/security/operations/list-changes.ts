import { approvedChanges, changesBefore } from "../change.ts";
import { LIST_LENGTH } from "../contract.ts";
import { implement } from "../implement.ts";
import { NEW_NUMBER } from "../proposal.ts";
import { changeView } from "../views.ts";

export const listChanges = implement("listChanges", async (ctx, { authority, before = NEW_NUMBER }) => {
  const sql = ctx.tables.read();
  const found = await changesBefore(sql, {
    ...{ before, limit: LIST_LENGTH, authority },
    shown: (bind) => ctx.listed({ level: "level", authority: "authority::text", kind: "content ->> 'kind'" }, bind),
  });
  const approved = await approvedChanges(sql);
  const last = found.length === LIST_LENGTH ? found.at(-1)?.number : undefined;
  return {
    items: found.map((change) => changeView(change, approved, ctx.now)),
    ...(last !== undefined && { next: last }),
  };
});
