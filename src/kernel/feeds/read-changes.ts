import type { Summary } from "#lib/reconciliation/summary";
import type { Database, Transaction } from "../database/sql.ts";
import { namesOf } from "../registers/definition.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { versionColumns } from "../registers/statements.ts";
import { type Feed, inScope, readFeed } from "./feed.ts";
import { CHANGES_MAX_POSITIONS } from "./limits.ts";
import { totalOf } from "./summaries.ts";
import { type FeedRow, type FeedVersion, feedVersions } from "./versions.ts";

export interface ChangesAsked {
  /** Everything up to here is known already. */
  readonly after: number;
  /** Divisions that begin with it; empty for all. */
  readonly scope: string;
  readonly limit?: number;
}

/** What came and went between two positions, in sum. */
export interface Changes {
  readonly feed: Feed;
  readonly upTo: number;
  /** When the newest of them was committed or a little before, ISO 8601 UTC. */
  readonly upToAt: string | undefined;
  readonly removed: readonly { readonly key: string; readonly digest: Buffer }[];
  readonly added: readonly FeedVersion[];
  /** Came, and is no longer kept by the register: another change takes it away. */
  readonly forgotten: number;
  /** What stands in the scope at `upTo`, where that is the newest position. */
  readonly total: Summary | undefined;
}

export type ChangesProblem =
  /** The asked position is one that this feed did not reach: it was restored from a backup. */
  | "ahead"
  /** Changes behind the asked position are not kept any more. */
  | "too-old";

interface NetRow {
  readonly key: string;
  readonly digest: Buffer;
  readonly division: string;
  readonly valid_from: string;
  readonly recorded_from: string;
  readonly net: number;
}

/** Changes that have their positions (`givePositions`), in one snapshot of the database. */
export async function readChanges(
  database: Database,
  store: RegisterStore,
  { after, scope, limit = CHANGES_MAX_POSITIONS }: ChangesAsked,
): Promise<Changes | ChangesProblem> {
  return await database.transaction(
    async (tx) => {
      const feed = await readFeed(tx, store);
      if (after > feed.position) return "ahead";
      if (after < feed.oldest) return "too-old";
      const upTo = Math.min(feed.position, after + limit);
      const net = await tx.query<NetRow>(
        `SELECT key, digest, division, valid_from, recorded_from, sum(CASE WHEN added THEN 1 ELSE -1 END)::int AS net
           FROM feed.change WHERE feed = $1 AND position > $2 AND position <= $3 AND ${inScope("division", "$4")}
          GROUP BY key, digest, division, valid_from, recorded_from
         HAVING sum(CASE WHEN added THEN 1 ELSE -1 END) <> 0 ORDER BY max(position)`,
        [feed.id, after, upTo, scope],
      );
      const come = net.filter((row) => row.net > 0);
      const added = await contents(tx, store, come);
      const [last] = await tx.query<{ noted_at: string }>(
        "SELECT noted_at FROM feed.change WHERE feed = $1 AND position = $2",
        [feed.id, upTo],
      );
      return {
        ...{ feed, upTo, added, upToAt: last?.noted_at, forgotten: come.length - added.length },
        removed: net.filter((row) => row.net < 0).map(({ key, digest }) => ({ key, digest })),
        total: upTo === feed.position ? await totalOf(tx, feed, scope) : undefined,
      };
    },
    { readOnly: true, isolation: "repeatable read" },
  );
}

/** What the versions say: of those that were replaced since, from where the register keeps those. */
async function contents(
  tx: Transaction,
  store: RegisterStore,
  rows: readonly NetRow[],
): Promise<readonly FeedVersion[]> {
  if (rows.length === 0) return [];
  const standing = await read(tx, store, rows, "current");
  const missing = rows.filter((_, at) => standing[at] === undefined);
  const replaced = missing.length === 0 ? [] : await read(tx, store, missing, "superseded");
  const former = replaced.values();
  return rows.flatMap((_, at) => standing[at] ?? former.next().value ?? []);
}

async function read(
  tx: Transaction,
  store: RegisterStore,
  rows: readonly NetRow[],
  table: "current" | "superseded",
): Promise<readonly (FeedVersion | undefined)[]> {
  const recorded = table === "current" ? "v.recorded_from" : "lower(v.recorded)";
  const near = table === "current" ? "feed.place(v.key) = feed.place(w.key) AND" : "";
  const found = await tx.query<FeedRow & { readonly at: number }>(
    `SELECT ${versionColumns("v", table)}, w.at, ''::text AS division, ''::bytea AS digest
       FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS w (key, valid_from, recorded_from, at)
       JOIN ${namesOf(store.shape)[table]} v ON ${near} v.key = w.key AND lower(v.valid) = w.valid_from
                                            AND ${recorded} = w.recorded_from`,
    [rows.map(({ key }) => key), rows.map((row) => row.valid_from), rows.map((row) => row.recorded_from)],
  );
  const named = found.map((row) => {
    const { digest, division } = rows[row.at - 1] as NetRow;
    return { ...row, digest, division };
  });
  const versions: (FeedVersion | undefined)[] = rows.map(() => undefined);
  for (const [place, version] of feedVersions(store, named).entries()) {
    versions[(found[place]?.at ?? 0) - 1] = version;
  }
  return versions;
}
