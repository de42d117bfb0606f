import type { Sql } from "../database/sql.ts";
import { isFault } from "../errors/fault.ts";
import type { SealedPart } from "./part.ts";

/** Blocks of 8 KiB that one step looks through. */
export const STEP_BLOCKS = 16;
const BLOCK_BYTES = 8_192;

interface Found {
  readonly ctid: string;
  readonly sealed: Buffer;
}

/** A column of a table that holds envelopes. */
export interface SealedTable<Row extends object, Opened> {
  /** As SQL writes it; of a partitioned table each partition. */
  readonly table: string;
  readonly column: string;
  /** What else of a row is needed, with `t` for the table. */
  readonly select: string;
  /** The id of the key that seals now. */
  readonly keyId: () => string;
  /** Whether envelopes may name more behind the key's id: `k0123456789ab-3y202611`. */
  readonly furtherName?: true;
  /** @throws what says that it cannot be opened */
  readonly open: (row: Row & { readonly sealed: Buffer }) => Opened;
  /** Seals with that key, all at once. */
  readonly seal: (opened: readonly Opened[]) => readonly Uint8Array[];
  /** Settings of the transaction, which let the table be changed. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Walks a table block by block: as cheap for the last row as for the first, whatever its key is. */
export function tablePart<Row extends object, Opened>(sealed: SealedTable<Row, Opened>): SealedPart {
  const { table, column, select, keyId, open, seal, settings = {}, furtherName = false } = sealed;
  const named = `get_byte(t.${column}, 1)`;
  const length = furtherName ? `least(${named}, octet_length(convert_to($3, 'UTF8')))` : named;
  return {
    name: `${table}.${column}`,
    async step(tx, position) {
      const size = await blocksOf(tx, table);
      if (position >= size) return { position, size, resealed: 0, closed: 0 };
      const end = position + STEP_BLOCKS;
      // Waits for whoever holds a row: what an act moves elsewhere is found there, not lost between two looks.
      const rows = await tx.query<Row & Found>(
        `SELECT t.ctid::text AS ctid, t.${column} AS sealed${select === "" ? "" : `, ${select}`} FROM ONLY ${table} t
          WHERE t.ctid >= $1::tid AND t.ctid < $2::tid AND octet_length(t.${column}) > 2
            AND substr(t.${column}, 3, ${length}) <> convert_to($3, 'UTF8') FOR UPDATE OF t`,
        [`(${position},0)`, `(${end},0)`, keyId()],
      );
      const { ctids, opened, closed } = openedRows(rows, open);
      if (opened.length > 0) {
        for (const [name, value] of Object.entries(settings)) {
          await tx.query("SELECT set_config($1, $2, true)", [name, value]);
        }
        await tx.execute(
          `UPDATE ONLY ${table} t SET ${column} = v.sealed
             FROM unnest($1::text[], $2::bytea[]) AS v (ctid, sealed) WHERE t.ctid = v.ctid::tid`,
          [ctids, seal(opened)],
        );
      }
      return { position: end, size, resealed: opened.length, closed };
    },
  };
}

function openedRows<Row extends object, Opened>(
  rows: readonly (Row & Found)[],
  open: SealedTable<Row, Opened>["open"],
): { readonly ctids: readonly string[]; readonly opened: readonly Opened[]; readonly closed: number } {
  const ctids: string[] = [];
  const opened: Opened[] = [];
  let closed = 0;
  for (const row of rows) {
    try {
      opened.push(open(row));
      ctids.push(row.ctid);
    } catch (error) {
      if (!isClosed(error)) throw error;
      closed += 1;
    }
  }
  return { ctids, opened, closed };
}

/** Whether something cannot be opened, now or ever: the rest goes on. */
export function isClosed(error: unknown): boolean {
  return CLOSED.some((code) => isFault(error, code));
}

const CLOSED = [
  "ERR_VAULT_KEY",
  "ERR_VAULT_ERASED",
  "ERR_VAULT_SEAL",
  "ERR_REGISTER_DAMAGED",
  "ERR_LEDGER_CONTENT",
  "ERR_FILE_DAMAGED",
  "ERR_FILE_MISSING",
  "ERR_DATASETS_DAMAGED",
] as const;

/** How long a table is now. */
export async function blocksOf(sql: Sql, table: string): Promise<number> {
  const [row] = await sql.query<{ bytes: number }>("SELECT pg_relation_size($1::regclass) AS bytes", [table]);
  return Math.ceil((row?.bytes ?? 0) / BLOCK_BYTES);
}
