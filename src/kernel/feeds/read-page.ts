import { placeOf } from "#lib/reconciliation/range";
import type { Database } from "../database/sql.ts";
import { namesOf } from "../registers/definition.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { versionColumns } from "../registers/statements.ts";
import { digestOf, type Feed, readFeed } from "./feed.ts";
import { PAGE_MAX_VERSIONS } from "./limits.ts";
import { type FeedRow, type FeedVersion, feedVersions } from "./versions.ts";

/** Where a page ended: what comes behind has a greater place, or the same and a greater key. */
export interface PageEnd {
  readonly place: number;
  readonly key: string;
}

export interface SnapshotPage {
  readonly feed: Feed;
  readonly versions: readonly FeedVersion[];
  /** Undefined on the last page. */
  readonly end: PageEnd | undefined;
}

const BEFORE_ALL: PageEnd = { place: -1, key: "00000000-0000-0000-0000-000000000000" };

/**
 * One page of what stands, in the order of places, all versions of an entry together. Each page is of its own moment: nothing is held open
 * between them, and a copy that broke off goes on where it was. All changes behind the position of the first page, done again in their order,
 * make of the pages what stands at the last one's (see README).
 */
export async function readPage(
  database: Database,
  store: RegisterStore,
  asked: { readonly after: PageEnd | undefined; readonly scope: string; readonly limit?: number },
): Promise<SnapshotPage> {
  const { after = BEFORE_ALL, scope, limit = PAGE_MAX_VERSIONS } = asked;
  return await database.transaction(
    async (tx) => {
      const feed = await readFeed(tx, store);
      const division = "coalesce(v.data ->> $4, '')";
      const rows = await tx.query<FeedRow>(
        `SELECT ${versionColumns("v", "current")}, ${division} AS division, ${digestOf("$3")} AS digest
           FROM ${namesOf(store.shape).current} v
          WHERE (feed.place(v.key), v.key) > ($1::int, $2::uuid) AND starts_with(${division}, $5)
          ORDER BY feed.place(v.key), v.key FETCH FIRST ${limit} ROWS WITH TIES`,
        [after.place, after.key, feed.salt, feed.divisionAttribute ?? null, scope],
      );
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { feed, versions: feedVersions(store, rows), end: last && { place: placeOf(last.key), key: last.key } };
    },
    { readOnly: true, isolation: "repeatable read" },
  );
}
