import type { Database } from "../database/sql.ts";
import type { SeenCheckpoint, SeenCheckpoints } from "./witness.ts";

/** What this node vouched for, in its database: of all processes that share it, one is first. */
export function seenRows(database: Database, now: () => string): SeenCheckpoints {
  return {
    async of(origin) {
      const [row] = await database.query<SeenCheckpoint>(
        "SELECT size, root, note FROM witnessing.seen_checkpoint WHERE origin = $1",
        [origin],
      );
      return row;
    },
    async replace(origin, before, { size, root, note }) {
      const values = [origin, size, root, note, now()];
      const insert =
        "INSERT INTO witnessing.seen_checkpoint (origin, size, root, note, at) VALUES ($1, $2, $3, $4, $5)";
      if (before === undefined) return (await database.execute(`${insert} ON CONFLICT DO NOTHING`, values)) === 1;
      const changed = await database.execute(
        `UPDATE witnessing.seen_checkpoint SET size = $2, root = $3, note = $4, at = $5
          WHERE origin = $1 AND size = $6 AND root = $7`,
        [...values, before.size, before.root],
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
