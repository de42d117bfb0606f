import type { Sql } from "#kernel/database/sql";
import type { SealedColumn } from "#kernel/resealing/parts";
import { COPY_LABEL } from "./copies/rows.ts";

/** What this room seals in tables of its own: the seeds of keys, and what is sensitive in each copy. */
export async function datasetsColumns(sql: Sql): Promise<readonly SealedColumn[]> {
  const copies = await sql.query<{ table: string }>(
    `SELECT inhrelid::regclass::text AS table FROM pg_inherits WHERE inhparent = 'datasets.version'::regclass ORDER BY 1`,
  );
  return [
    { table: "datasets.copy", column: "seed", label: "room datasets", place: "t.node || ' ' || t.register" },
    ...copies.map(({ table }) => ({
      ...{ table, column: "sealed", label: COPY_LABEL },
      place: "t.copy || ' ' || t.key || ' ' || t.bound",
    })),
  ];
}
