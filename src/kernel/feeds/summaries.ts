import { ITEMS_MAX, type ItemPage } from "#lib/reconciliation/find-differences";
import { boundsOf, PLACE_BITS, type PlaceRange, placeOf } from "#lib/reconciliation/range";
import { EMPTY, type Item, type Summary } from "#lib/reconciliation/summary";
import type { Database, Transaction } from "../database/sql.ts";
import { namesOf } from "../registers/definition.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { versionColumns } from "../registers/statements.ts";
import { digestOf, type Feed, inScope, readFeed } from "./feed.ts";
import { BACKWARD_MAX_POSITIONS } from "./limits.ts";
import { type FeedRow, type FeedVersion, feedVersions } from "./versions.ts";

interface SumRow {
  readonly prefix: number;
  readonly entries: number;
  readonly a: string;
  readonly b: string;
}

/** Where a position cannot be spoken of: the feed is not there yet, or has moved on too far. */
export type PositionProblem = "ahead" | "moved-on";

/** In the database a fingerprint is two halves with a sign; they are asked for as text, since numbers would not hold them. */
export function summaryOfRow({ entries, a, b }: Pick<SumRow, "entries" | "a" | "b">): Summary {
  const fingerprint = (BigInt.asUintN(64, BigInt(a)) << 64n) | BigInt.asUintN(64, BigInt(b));
  return { entries, fingerprint };
}

/** Everything in a scope, at the feed's position. */
export async function totalOf(tx: Transaction, feed: Feed, scope: string): Promise<Summary> {
  const [row] = await tx.query<Omit<SumRow, "prefix">>(
    `SELECT coalesce(sum(entries), 0)::bigint AS entries, coalesce(bit_xor(a), 0)::text AS a, coalesce(bit_xor(b), 0)::text AS b
       FROM feed.total WHERE feed = $1 AND ${inScope("division", "$2")}`,
    [feed.id, scope],
  );
  return row === undefined ? EMPTY : summaryOfRow(row);
}

interface At {
  readonly position: number;
  readonly scope: string;
}

/** What stood in ranges at a position: what stands at the newest, and what changed since counted back. */
export async function summariesAt(
  database: Database,
  store: RegisterStore,
  ranges: readonly PlaceRange[],
  at: At,
): Promise<readonly Summary[] | PositionProblem> {
  return await atPosition(database, store, at, async (tx, feed) => {
    const answers: Summary[] = ranges.map(() => EMPTY);
    for (const bits of new Set(ranges.map((range) => range.bits))) {
      const places = new Map(ranges.flatMap((range, which) => (range.bits === bits ? [[range.prefix, which]] : [])));
      const rows = await sums(tx, feed, { at, bits, prefixes: [...places.keys()] });
      for (const row of rows) answers[places.get(row.prefix) ?? -1] = summaryOfRow(row);
    }
    return answers;
  });
}

/** Ranges that are divided lie close together: where they begin and end is given, so that of each division only leaves between are read. */
function sums(
  tx: Transaction,
  feed: Feed,
  asked: { readonly at: At; readonly bits: number; readonly prefixes: readonly number[] },
): Promise<readonly SumRow[]> {
  const { at, bits, prefixes } = asked;
  const [toLeaf, toPlace] = [feed.leafBits - bits, PLACE_BITS - bits];
  const [first, last] = [Math.min(...prefixes), Math.max(...prefixes)];
  return tx.query<SumRow>(
    `SELECT prefix, sum(entries)::bigint AS entries, bit_xor(a)::text AS a, bit_xor(b)::text AS b FROM (
       SELECT leaf >> $3 AS prefix, entries, a, b FROM feed.leaf
        WHERE feed = $1 AND ${inScope("division", "$2")} AND leaf >= $7 AND leaf < $8 AND leaf >> $3 = ANY ($5::int[])
       UNION ALL
       SELECT feed.place(key) >> $4, CASE WHEN added THEN -1 ELSE 1 END, substr(digest, 1, 8)::bigint, substr(digest, 9, 8)::bigint
         FROM feed.change WHERE feed = $1 AND ${inScope("division", "$2")} AND position > $6
          AND feed.place(key) >> $4 = ANY ($5::int[])
     ) AS sums GROUP BY prefix`,
    [feed.id, at.scope, toLeaf, toPlace, prefixes, at.position, first << toLeaf, (last + 1) << toLeaf],
  );
}

/** The versions that stood in ranges at a position: those of now, and what changed since undone. */
export async function itemsAt(
  database: Database,
  store: RegisterStore,
  ranges: readonly PlaceRange[],
  at: At & { readonly after: Item | undefined },
): Promise<ItemPage | PositionProblem> {
  return await atPosition(database, store, at, async (tx, feed) => {
    const bounds = ranges.map(boundsOf);
    const { after } = at;
    const inRange = (key: string) =>
      `EXISTS (SELECT FROM unnest($3::int[], $4::int[]) AS r (low, below) WHERE feed.place(${key}) >= low AND feed.place(${key}) < below)`;
    const undone = "CASE WHEN c.added THEN -1 ELSE 1 END";
    const rows = await tx.query<{ key: string; digest: Buffer }>(
      `SELECT key, digest FROM (
         SELECT v.key, ${digestOf("$7")} AS digest, 1 AS n
           FROM unnest($3::int[], $4::int[]) AS r (low, below)
           JOIN ${namesOf(store.shape).current} v ON feed.place(v.key) >= r.low AND feed.place(v.key) < r.below
          WHERE starts_with(coalesce(v.data ->> $6, ''), $2)
         UNION ALL
         SELECT c.key, c.digest, ${undone} FROM feed.pending c
          WHERE c.feed = $1 AND ${inScope("c.division", "$2")} AND ${inRange("c.key")}
         UNION ALL
         SELECT c.key, c.digest, ${undone} FROM feed.change c
          WHERE c.feed = $1 AND c.position > $5 AND ${inScope("c.division", "$2")} AND ${inRange("c.key")}
       ) AS standing
       WHERE (feed.place(key), key, digest) > ($8::int, $9::uuid, $10::bytea)
       GROUP BY key, digest HAVING sum(n) > 0
       ORDER BY feed.place(key), key, digest LIMIT $11`,
      [
        ...[feed.id, at.scope, bounds.map(({ from }) => from), bounds.map(({ below }) => below), at.position],
        ...[feed.divisionAttribute ?? null, feed.salt],
        after === undefined ? -1 : placeOf(after.key),
        after?.key ?? "00000000-0000-0000-0000-000000000000",
        after === undefined ? Buffer.alloc(0) : digestBytes(after.digest),
        ITEMS_MAX + 1,
      ],
    );
    const items = rows.slice(0, ITEMS_MAX).map(({ key, digest }) => ({ key, digest: digestNumber(digest) }));
    return { items, more: rows.length > ITEMS_MAX };
  });
}

/** The contents of some versions, for whoever lacks them. What no longer stands is left out: a change takes it away. */
export async function versionsNamed(
  database: Database,
  store: RegisterStore,
  items: readonly Item[],
  scope: string,
): Promise<{ readonly feed: Feed; readonly versions: readonly FeedVersion[] }> {
  return await database.transaction(
    async (tx) => {
      const feed = await readFeed(tx, store);
      const division = "coalesce(v.data ->> $3, '')";
      const rows = await tx.query<FeedRow>(
        `SELECT ${versionColumns("v", "current")}, ${division} AS division, w.digest
           FROM unnest($1::uuid[], $2::bytea[]) AS w (key, digest)
           JOIN ${namesOf(store.shape).current} v ON feed.place(v.key) = feed.place(w.key) AND v.key = w.key
          WHERE starts_with(${division}, $4) AND ${digestOf("$5")} = w.digest`,
        [
          items.map(({ key }) => key),
          items.map(({ digest }) => digestBytes(digest)),
          ...[feed.divisionAttribute ?? null, scope, feed.salt],
        ],
      );
      return { feed, versions: feedVersions(store, rows) };
    },
    { readOnly: true, isolation: "repeatable read" },
  );
}

const DIGEST_HEX = 32;

export function digestBytes(digest: bigint): Buffer {
  return Buffer.from(digest.toString(16).padStart(DIGEST_HEX, "0"), "hex");
}

export function digestNumber(digest: Buffer): bigint {
  return BigInt(`0x${digest.toString("hex")}`);
}

async function atPosition<T>(
  database: Database,
  store: RegisterStore,
  { position }: At,
  work: (tx: Transaction, feed: Feed) => Promise<T>,
): Promise<T | PositionProblem> {
  return await database.transaction(
    async (tx) => {
      const feed = await readFeed(tx, store);
      if (position > feed.position) return "ahead";
      if (position < feed.oldest || feed.position - position > BACKWARD_MAX_POSITIONS) return "moved-on";
      return await work(tx, feed);
    },
    { readOnly: true, isolation: "repeatable read" },
  );
}
