import { toBase64url } from "#lib/crypto/base64url";
import { leafHash } from "#lib/merkle/hash";
import type { Sql } from "../database/sql.ts";
import { parseLeaf } from "./content.ts";
import type { LedgerLeaf } from "./entry.ts";

/** An entry whose content is still there. */
export interface OldContent {
  readonly id: number;
  readonly leaf: LedgerLeaf;
  /** Of its leaf in the log, base64url. */
  readonly hash: string;
}

interface Row {
  readonly id: number;
  readonly leaf: Buffer;
}

/** The last entry that was in the log at a time; 0 where there was none. */
export async function lastEntryBefore(sql: Sql, before: string): Promise<number> {
  const [row] = await sql.query<{ last: number | null }>(
    "SELECT max(last_id) AS last FROM ledger.checkpoint WHERE at < $1",
    [before],
  );
  return row?.last ?? 0;
}

/** Entries with content, oldest first, but for those that were or are withheld from whom they concern. */
export async function contentsBetween(
  sql: Sql,
  range: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<readonly OldContent[]> {
  const rows = await sql.query<Row>(
    `SELECT e.id, e.leaf FROM ledger.entry e
     WHERE e.id > $1 AND e.id <= $2 AND e.sealed <> '' AND e.withheld_until IS NULL
       AND NOT EXISTS (SELECT FROM ledger.subject s WHERE s.entry_id = e.id AND s.withheld_until IS NOT NULL)
     ORDER BY e.id LIMIT $3`,
    [range.after, range.upTo, range.limit],
  );
  return rows.flatMap(opened);
}

/** Entries with content that were withheld until a day before this one (YYYY-MM-DD). */
export async function contentsShownBefore(
  sql: Sql,
  shown: { readonly day: string; readonly limit: number },
): Promise<readonly OldContent[]> {
  const rows = await sql.query<Row>(
    `SELECT e.id, e.leaf FROM ledger.entry e
     WHERE e.sealed <> '' AND e.id IN
       (SELECT id FROM ledger.entry WHERE withheld_until < $1::date
        UNION
        SELECT s.entry_id FROM ledger.subject s WHERE s.withheld_until IS NOT NULL
        GROUP BY s.entry_id HAVING max(s.withheld_until) < $1::date)
       -- An order that went on longer than its entries say.
       AND NOT EXISTS (SELECT FROM ledger.sealing o WHERE o.id = e.sealing AND o.until >= $1::date)
     ORDER BY e.id LIMIT $2`,
    [shown.day, shown.limit],
  );
  return rows.flatMap(opened);
}

function opened({ id, leaf }: Row): readonly OldContent[] {
  const read = parseLeaf(leaf);
  return read === undefined ? [] : [{ id, leaf: read, hash: toBase64url(leafHash(leaf)) }];
}
