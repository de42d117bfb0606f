import { civilDay } from "#lib/calendar/civil-day";
import { codeOf, openEntries } from "../entries.ts";
import { implement } from "../implement.ts";
import { cataloguePorts } from "../ports.ts";
import { LIST_LENGTH } from "../terms.ts";

export const publicEntries = implement("publicEntries", async (ctx, { after = 0 }) => {
  const { resources } = cataloguePorts();
  const found = await openEntries(ctx.tables.read(), { after, limit: LIST_LENGTH });
  const items = found.flatMap((entry) => {
    const resource = resources.get(entry.resource);
    // What a later version of the platform no longer has is not offered.
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
