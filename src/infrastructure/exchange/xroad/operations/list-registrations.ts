import { implement } from "../../implement.ts";
import { LIST_LENGTH } from "../../xroad-contract.ts";
import { officialOf } from "../official.ts";
import { registrationsBefore, registrationView } from "../registration.ts";

export const listRegistrations = implement("listRegistrations", async (ctx, { kind, waiting = false, before }) => {
  const official = officialOf(ctx.act);
  if (!official) return { items: [] };
  const { authority } = official.post;
  const found = await registrationsBefore(ctx.tables.read(), {
    ...{ authority, kind, waiting, before, limit: LIST_LENGTH },
    shown: (bind) => ctx.listed({ kind: "kind" }, bind),
  });
  const last = found.length === LIST_LENGTH ? found.at(-1)?.id : undefined;
  return { items: found.map(registrationView), ...(last !== undefined && { next: last }) };
});
