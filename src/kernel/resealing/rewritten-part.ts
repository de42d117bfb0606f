import type { Transaction } from "../database/sql.ts";
import type { SealedPart } from "./part.ts";
import { blocksOf, isClosed, STEP_BLOCKS } from "./table-part.ts";

/** Columns of a table whose values follow from what a row holds sealed, by a key that has changed. */
export interface RewrittenTable<Row extends object, Found> {
  readonly name: string;
  /** As SQL writes it; of a partitioned table each partition. */
  readonly table: string;
  /** What is needed of a row, with `t` for the table. */
  readonly select: string;
  readonly where: string;
  /** `type` as it travels; `as`, where the column is of another one. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly as?: string }[];
  /** What the columns of a row are to hold, where they do not hold it. @throws what says that the row cannot be opened */
  readonly rewrite: (row: Row, found: Found) => readonly unknown[] | undefined;
  /** What is looked up for the rows of a step together. */
  readonly find?: (tx: Transaction, rows: readonly Row[]) => Promise<Found>;
  /** Settings of the transaction, which let the table be changed. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Walks a table block by block, as `tablePart` does. */
export function rewrittenPart<Row extends object, Found = undefined>(
  rewritten: RewrittenTable<Row, Found>,
): SealedPart {
  const { table, select, where, columns, rewrite, settings = {} } = rewritten;
  const assigned = columns.map(({ name, type, as = type }) => `"${name}" = v."${name}"::${as}`).join(", ");
  const arrays = columns.map(({ type }, at) => `$${at + 2}::${type}[]`).join(", ");
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  return {
    name: rewritten.name,
    async step(tx, position) {
      const size = await blocksOf(tx, table);
      if (position >= size) return { position, size, resealed: 0, closed: 0 };
      const end = position + STEP_BLOCKS;
      const rows = await tx.query<Row & { readonly ctid: string }>(
        `SELECT t.ctid::text AS ctid, ${select} FROM ONLY ${table} t
          WHERE t.ctid >= $1::tid AND t.ctid < $2::tid AND ${where} FOR UPDATE OF t`,
        [`(${position},0)`, `(${end},0)`],
      );
      const found = (await rewritten.find?.(tx, rows)) as Found;
      const ctids: string[] = [];
      const values: unknown[][] = columns.map(() => []);
      let closed = 0;
      for (const row of rows) {
        try {
          const made = rewrite(row, found);
          if (made === undefined) continue;
          ctids.push(row.ctid);
          for (const [at, of] of values.entries()) of.push(made[at] ?? null);
        } catch (error) {
          if (!isClosed(error)) throw error;
          closed += 1;
        }
      }
      if (ctids.length > 0) {
        for (const [name, value] of Object.entries(settings)) {
          await tx.query("SELECT set_config($1, $2, true)", [name, value]);
        }
        await tx.execute(
          `UPDATE ONLY ${table} t SET ${assigned} FROM unnest($1::text[], ${arrays}) AS v (ctid, ${names})
            WHERE t.ctid = v.ctid::tid`,
          [ctids, ...values],
        );
      }
      return { position: end, size, resealed: ctids.length, closed };
    },
  };
}
