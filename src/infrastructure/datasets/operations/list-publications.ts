import { implement } from "../implement.ts";
import { LIST_LENGTH } from "../limits.ts";
import { kernelOf } from "../ports.ts";

interface PublicationRow {
  readonly register: string;
  readonly state: "preparing" | "ready" | null;
  readonly entries: number;
  readonly position: number | null;
  readonly waiting: number;
}

interface OfferRow {
  readonly register: string;
  readonly node: string;
  readonly division: string;
  readonly attributes: readonly string[];
  readonly ends_on: string;
  readonly acknowledged: number | null;
  readonly asked_at: string | null;
}

export const listPublications = implement("listPublications", async (ctx) => {
  const { registers, database } = kernelOf(ctx);
  const values: unknown[] = [LIST_LENGTH];
  const shown = ctx.listed({ register: "p.register" }, (value) => `$${values.push(value)}`);
  const rows = await database.query<PublicationRow>(
    `SELECT p.register, f.state, f.position,
            coalesce((SELECT sum(t.entries) FROM feed.total t WHERE t.feed = f.id), 0)::bigint AS entries,
            (SELECT count(*) FROM feed.pending w WHERE w.feed = f.id) AS waiting
       FROM datasets.publication p LEFT JOIN feed.feed f ON f.register = p.register
      WHERE ${shown} ORDER BY p.register LIMIT $1`,
    values,
  );
  const offers = await database.query<OfferRow>(
    `SELECT register, node, division, attributes, ends_on, acknowledged, asked_at FROM datasets.offer
      WHERE ended_at IS NULL ORDER BY register, node`,
  );
  return {
    items: rows.map(({ register, state, entries, position, waiting }) => ({
      ...{ register, entries, waiting, position: position ?? 0, state: state ?? ("preparing" as const) },
      title: registers.get(register)?.declaration.title ?? { zh: register, en: register },
      offers: offers
        .filter((offer) => offer.register === register)
        .map(({ node, division, attributes, ends_on, acknowledged, asked_at }) => ({
          ...{ node, division, attributes: [...attributes], endsOn: ends_on },
          ...(acknowledged !== null && { acknowledged }),
          ...(asked_at !== null && { askedAt: asked_at }),
        })),
    })),
  };
});
