import { civilDay } from "#lib/calendar/civil-day";
import { codeOf, openEntries } from "../entries.ts";
import { implement } from "../implement.ts";
import { cataloguePorts, keptResource } from "../ports.ts";
import { LIST_LENGTH } from "../terms.ts";

export const publicEntries = implement("publicEntries", async (ctx, { after = 0 }) => {
  const sql = ctx.tables.read();
  const ports = cataloguePorts(sql);
  const found = await openEntries(sql, { after, limit: LIST_LENGTH });
  const items = found.flatMap((entry) => {
    const resource = keptResource(ports, entry.resource);
    // What a later version of the platform no longer has, or another node keeps by now, is not offered.
    if (!resource) return [];
    const titles = new Map(resource.attributes.map(({ name, title }) => [name, title]));
    const { abstract, attributes, updateCycle } = entry.description;
    return [
      {
        number: entry.number,
        code: codeOf(entry),
        title: resource.title,
        authority: entry.authority,
        abstract,
        // Why something is not shared stays inside; that it is not, is public.
        attributes: attributes.map(({ name, sharing }) => ({
          title: titles.get(name) ?? { zh: name, en: name },
          sharing,
        })),
        sharing: entry.sharing,
        updateCycle,
        releasedOn: civilDay(Temporal.Instant.from(entry.reviewedAt ?? entry.draftedAt)).toString(),
      },
    ];
  });
  const last = found.length === LIST_LENGTH ? found.at(-1)?.number : undefined;
  return { items, ...(last !== undefined && { next: last }) };
});
