import type { Database } from "../database/sql.ts";
import type { SeenCheckpoint, SeenCheckpoints } from "./witness.ts";

/** What this node vouched for, in its database: of all processes that share it, one is first. */
export function seenRows(database: Database, now: () => string): SeenCheckpoints {
  return {
    async of(origin) {
      const [row] = await database.query<SeenCheckpoint>(
        "SELECT size, root, note, successions FROM witnessing.seen_checkpoint WHERE origin = $1",
        [origin],
      );
      return row;
    },
    async replace(origin, before, { size, root, note, successions }) {
      const values = [origin, size, root, note, now(), successions];
      const insert =
        "INSERT INTO witnessing.seen_checkpoint (origin, size, root, note, at, successions) VALUES ($1, $2, $3, $4, $5, $6)";
      if (before === undefined) return (await database.execute(`${insert} ON CONFLICT DO NOTHING`, values)) === 1;
      const changed = await database.execute(
        `UPDATE witnessing.seen_checkpoint SET size = $2, root = $3, note = $4, at = $5, successions = $6
          WHERE origin = $1 AND size = $7 AND root = $8 AND successions = $9::text[]`,
        [...values, before.size, before.root, before.successions],
      );
      return changed === 1;
    },
  };
}

/** Logs that this node vouched for, and when it did so last. */
export async function seenLogs(
  database: Database,
): Promise<readonly { readonly origin: string; readonly size: number; readonly at: string }[]> {
  return await database.query("SELECT origin, size, at FROM witnessing.seen_checkpoint ORDER BY origin LIMIT 500");
}

/**
 * Which of its keys a node vouches with: another one after each restore of a backup, since then it may have forgotten what the one before
 * vouched for. Counted by the eras of the ledger.
 */
export async function witnessGeneration(database: Database): Promise<number> {
  const [row] = await database.query<{ readonly era: number }>(
    `SELECT pg_get_expr(adbin, adrelid)::int AS era FROM pg_attrdef
      WHERE adrelid = 'ledger.entry'::regclass
        AND adnum = (SELECT attnum FROM pg_attribute WHERE attrelid = 'ledger.entry'::regclass AND attname = 'era')`,
  );
  return row?.era ?? 1;
}
