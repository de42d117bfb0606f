import type { Database, Sql } from "../database/sql.ts";

/** The migrations of this folder, for `migrate`. */
export const WITNESSING_MIGRATIONS = Object.freeze({
  scope: "witnessing",
  folder: `${import.meta.dirname}/migrations`,
});

export interface StoredCosignature {
  readonly size: number;
  readonly witness: string;
  /** ISO 8601. */
  readonly at: string;
  /** A line of a note, with its line feed. */
  readonly line: string;
}

export async function keepCosignature(sql: Sql, { size, witness, at, line }: StoredCosignature): Promise<void> {
  // The first line stands: two of one witness on one checkpoint say the same.
  await sql.query(
    "INSERT INTO witnessing.cosignature (size, witness, at, line) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    [size, witness, at, line],
  );
}

/** The lines of witnesses below the checkpoint of a size, by the witnesses' names. */
export async function cosignatureLines(sql: Sql, size: number): Promise<readonly string[]> {
  const rows = await sql.query<{ readonly line: string }>(
    "SELECT line FROM witnessing.cosignature WHERE size = $1 ORDER BY witness",
    [size],
  );
  return rows.map(({ line }) => line);
}

/** The size of the newest checkpoint that at least so many witnesses signed, of these or of any. */
export async function witnessedSize(
  sql: Sql,
  { quorum, among }: { readonly quorum: number; readonly among?: readonly string[] },
): Promise<number | undefined> {
  const [row] = await sql.query<{ readonly size: number }>(
    `SELECT size FROM witnessing.cosignature WHERE $2::text[] IS NULL OR witness = ANY ($2)
      GROUP BY size HAVING count(*) >= $1 ORDER BY size DESC LIMIT 1`,
    [quorum, among ?? null],
  );
  return row?.size;
}

/** What a witness signed last: where the next proof begins. */
export async function lastSizeOf(database: Database, witness: string): Promise<number> {
  const [row] = await database.query<{ readonly size: number }>(
    "SELECT size FROM witnessing.cosignature WHERE witness = $1 ORDER BY size DESC LIMIT 1",
    [witness],
  );
  return row?.size ?? 0;
}

/** What a witness vouched for last of this node's log. */
export interface LastCosignature {
  readonly witness: string;
  readonly size: number;
  /** ISO 8601. */
  readonly at: string;
  /** When the log first had more than that, ISO 8601: since then the witness is behind. Null: it is not. */
  readonly behindSince: string | null;
}

const WITNESSES_SHOWN_MAX = 200;

/** Every witness that ever vouched for this log, with its newest cosignature. */
export async function lastCosignatures(sql: Sql): Promise<readonly LastCosignature[]> {
  return await sql.query<LastCosignature>(
    `SELECT last.*, later.at AS "behindSince"
       FROM (SELECT DISTINCT ON (witness) witness, size, at FROM witnessing.cosignature ORDER BY witness, size DESC LIMIT $1) last
       LEFT JOIN LATERAL (SELECT c.at FROM ledger.checkpoint c WHERE c.size > last.size ORDER BY c.size LIMIT 1) later ON true`,
    [WITNESSES_SHOWN_MAX],
  );
}
