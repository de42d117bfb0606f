import { entryInForce } from "../entries.ts";
import { implement } from "../implement.ts";
import { coveringGrant } from "../standing.ts";

export const findGrant = implement("findGrant", async (ctx, use) => {
  const sql = ctx.tables.read();
  const entry = await entryInForce(sql, use.resource);
  // What was shared when the grant was given, and by law is not any more, no grant covers.
  const closed = new Set(
    entry?.description.attributes.flatMap(({ name, sharing }) => (sharing === "none" ? [name] : [])),
  );
  if (use.attributes.some((name) => closed.has(name))) return ctx.refuse("not-found");
  return (await coveringGrant(sql, { ...use, now: ctx.now })) ?? ctx.refuse("not-found");
});
