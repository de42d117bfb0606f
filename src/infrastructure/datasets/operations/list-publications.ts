import type { Citation } from "#kernel/contract/citation";
import { implement } from "../implement.ts";
import { LIST_LENGTH } from "../limits.ts";
import { kernelOf } from "../ports.ts";
import { followers } from "../publishing/followers.ts";

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
  readonly basis: readonly Citation[];
  readonly ends_on: string;
  readonly acknowledged: number | null;
  readonly asked_at: string | null;
}

export const listPublications = implement("listPublications", async (ctx) => {
  const { registers, database, grants } = kernelOf(ctx);
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
    `SELECT register, node, division, attributes, basis, ends_on, acknowledged, asked_at FROM datasets.offer
      WHERE ended_at IS NULL ORDER BY register, node`,
  );
  const following = await followers(database);
  const titleOf = (register: string) => registers.get(register)?.declaration.title ?? { zh: register, en: register };
  const granted = ((await grants?.inForce(ctx.now)) ?? []).filter(({ register }) => registers.has(register));
  const asked: unknown[] = [[...new Set(granted.map(({ register }) => register))]];
  const waiting = ctx.listed({ register: "p.register" }, (value) => `$${asked.push(value)}`);
  const unpublished = await database.query<{ register: string }>(
    `SELECT p.register FROM unnest($1::text[]) AS p (register)
      WHERE ${waiting} AND NOT EXISTS (SELECT FROM datasets.publication d WHERE d.register = p.register)`,
    asked,
  );
  const awaited = new Set(unpublished.map(({ register }) => register));
  return {
    awaited: granted
      .filter(({ register }) => awaited.has(register))
      .map((one) => ({ ...one, title: titleOf(one.register) })),
    items: rows.map(({ register, state, entries, position, waiting }) => ({
      ...{ register, entries, waiting, position: position ?? 0, state: state ?? ("preparing" as const) },
      title: titleOf(register),
      followers: following
        .filter((one) => one.register === register)
        .map(({ node, grant, attributes, acknowledged, asked_at: askedAt, refused }) => ({
          ...{ node, grant, attributes: [...attributes], askedAt },
          ...(acknowledged !== null && { acknowledged }),
          ...(refused !== null && { refused }),
        })),
      offers: offers
        .filter((offer) => offer.register === register)
        .map(({ node, division, attributes, basis, ends_on, acknowledged, asked_at }) => ({
          ...{ node, division, attributes: [...attributes], basis: [...basis], endsOn: ends_on },
          ...(acknowledged !== null && { acknowledged }),
          ...(asked_at !== null && { askedAt: asked_at }),
        })),
    })),
  };
});
