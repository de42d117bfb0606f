import { entryInForce, isMarkedSecret } from "../entries.ts";
import { implement } from "../implement.ts";
import { openMatter } from "../matters.ts";
import { officialOf } from "../official.ts";
import { cataloguePorts, keptResource } from "../ports.ts";
import { objectionToRequest } from "../request.ts";
import { superiorsOf } from "../superiors.ts";

export const requestData = implement("requestData", async (ctx, { resource, content }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const consumer = official.post.authority;
  const sql = ctx.tables.read();
  const entry = keptResource(cataloguePorts(sql), resource) && (await entryInForce(sql, resource));
  if (!entry) return ctx.refuse("not-found");
  if (entry.authority === consumer) return ctx.refuse("own-resource");
  if (isMarkedSecret(content)) return ctx.refuse("secret");
  const asker = ctx.act.origin?.node;
  const objection = objectionToRequest(entry, content, { sql, consumer, now: ctx.now, asker });
  if (objection) return ctx.refuse(objection.code, objection.values);
  const listed = cataloguePorts(sql).listedAuthorities();
  const superiors = await superiorsOf(ctx.rooms.directory, { one: consumer, other: entry.authority, listed });
  if (!superiors) return ctx.refuse("no-superior");
  const asked = entry.description.attributes.filter(({ name }) => content.attributes.includes(name));
  const number = await openMatter(ctx, official, "consumer", {
    ...{ kind: "request", root: undefined, about: null, resource, provider: entry.authority, consumer, ...superiors },
    content: { ...content, entry: entry.number },
    sharing: asked.every(({ sharing }) => sharing === "unconditional") ? "unconditional" : "conditional",
    words: content.purpose,
  });
  // A request has no family yet: nobody is barred from it.
  return number === undefined ? ctx.refuse("not-found") : { number };
});
