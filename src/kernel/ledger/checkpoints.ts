import { type Checkpoint, parseCheckpoint } from "#lib/merkle/checkpoint";
import { parseNote } from "#lib/merkle/note";
import type { Sql } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";

/** Where in the order of entries a round ended. */
export interface LogPosition {
  readonly era: number;
  /** As text: it may pass what a JavaScript number holds. */
  readonly xid: string;
  readonly id: number;
}

/** The end of a round, as it is stored. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
  readonly rangeHashes: Buffer;
  readonly position: LogPosition;
}

interface CheckpointRow {
  readonly size: number;
  readonly note: string;
  readonly range_hashes: Buffer;
  readonly last_era: number;
  readonly last_xid: string;
  readonly last_id: number;
}

/** The newest checkpoint; undefined before the sequencer's first start. */
export async function latestCheckpoint(sql: Sql): Promise<StoredCheckpoint | undefined> {
  const [row] = await sql.query<CheckpointRow>(
    `SELECT size, note, range_hashes, last_era, last_xid::text, last_id FROM ledger.checkpoint
      ORDER BY size DESC LIMIT 1`,
  );
  if (row === undefined) return undefined;
  const position = { era: row.last_era, xid: row.last_xid, id: row.last_id };
  return { size: row.size, note: row.note, rangeHashes: row.range_hashes, position };
}

/** The smallest stored checkpoint that has at least `size` entries. */
export async function checkpointFrom(sql: Sql, size: number): Promise<string | undefined> {
  const [row] = await sql.query<{ readonly note: string }>(
    "SELECT note FROM ledger.checkpoint WHERE size >= $1 ORDER BY size LIMIT 1",
    [size],
  );
  return row?.note;
}

/** What a stored note says; its signature is not checked here. */
export function readNote(note: string): Checkpoint {
  const parsed = parseNote(note);
  const checkpoint = parsed === undefined ? undefined : parseCheckpoint(parsed.text);
  if (checkpoint === undefined) throw new Fault("ERR_LEDGER_TREE", { message: "a stored checkpoint is malformed" });
  return checkpoint;
}
