import type { Sql } from "#kernel/database/sql";
import { summaryOfRow } from "#kernel/feeds/summaries";
import { ITEMS_MAX, type Side } from "#lib/reconciliation/find-differences";
import { boundsOf, type PlaceRange, placeOf } from "#lib/reconciliation/range";
import { EMPTY, type Item, type Summary } from "#lib/reconciliation/summary";
import { digestOfText } from "../views.ts";
import { tableOf } from "./copy.ts";

interface SumRow {
  readonly prefix: number;
  readonly entries: number;
  readonly a: string;
  readonly b: string;
}

/** Everything in a copy. */
export async function totalOfCopy(sql: Sql, copy: number): Promise<Summary> {
  const [row] = await sql.query<Omit<SumRow, "prefix">>(
    `SELECT coalesce(sum(entries), 0)::bigint AS entries, coalesce(bit_xor(a), 0)::text AS a, coalesce(bit_xor(b), 0)::text AS b
       FROM datasets.leaf WHERE copy = $1`,
    [copy],
  );
  return row === undefined ? EMPTY : summaryOfRow(row);
}

/** This node's side of a reconciliation. */
export function copySide(sql: Sql, copy: number, leafBits: number): Side {
  return {
    summaries: (ranges) => summaries(sql, copy, { ranges, leafBits }),
    async items(ranges, after) {
      const bounds = ranges.map(boundsOf);
      const rows = await sql.query<{ key: string; digest: string }>(
        `SELECT v.key, encode(v.digest, 'hex') AS digest FROM unnest($1::int[], $2::int[]) AS r (low, below)
           JOIN ${tableOf(copy)} v ON v.place >= r.low AND v.place < r.below
          WHERE (v.place, v.key, v.digest) > ($3::int, $4::uuid, $5::bytea)
          ORDER BY v.place, v.key, v.digest LIMIT $6`,
        [
          ...[bounds.map(({ from }) => from), bounds.map(({ below }) => below)],
          after === undefined ? -1 : placeOf(after.key),
          after?.key ?? "00000000-0000-0000-0000-000000000000",
          after === undefined ? Buffer.alloc(0) : digestBytes(after),
          ITEMS_MAX + 1,
        ],
      );
      const items = rows.slice(0, ITEMS_MAX).map(({ key, digest }) => ({ key, digest: digestOfText(digest) }));
      return { items, more: rows.length > ITEMS_MAX };
    },
  };
}

async function summaries(
  sql: Sql,
  copy: number,
  { ranges, leafBits }: { readonly ranges: readonly PlaceRange[]; readonly leafBits: number },
): Promise<readonly Summary[]> {
  const answers: Summary[] = ranges.map(() => EMPTY);
  for (const bits of new Set(ranges.map((range) => range.bits))) {
    const places = new Map(ranges.flatMap((range, at) => (range.bits === bits ? [[range.prefix, at]] : [])));
    const rows = await sql.query<SumRow>(
      `SELECT leaf >> $2 AS prefix, sum(entries)::bigint AS entries, bit_xor(a)::text AS a, bit_xor(b)::text AS b
         FROM datasets.leaf WHERE copy = $1 AND leaf >> $2 = ANY ($3::int[]) GROUP BY 1`,
      [copy, leafBits - bits, [...places.keys()]],
    );
    for (const row of rows) answers[places.get(row.prefix) ?? -1] = summaryOfRow(row);
  }
  return answers;
}

function digestBytes({ digest }: Item): Buffer {
  return Buffer.from(digest.toString(16).padStart(32, "0"), "hex");
}
