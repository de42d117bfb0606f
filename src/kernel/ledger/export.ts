import { toBase64 } from "#lib/crypto/base64url";
import type { Database } from "../database/sql.ts";
import type { CheckpointSigner } from "../ports.ts";
import type { LedgerKeys } from "./keys.ts";
import { VERIFY_CHECKPOINTS } from "./limits.ts";
import { type EntryRow, keptOf, readEntryRows } from "./records.ts";

export interface ExportOptions {
  readonly database: Database;
  readonly signer: Pick<CheckpointSigner, "origin" | "verifierKey">;
  /** With keys, contents are opened and written too; without, leaves and checkpoints alone. */
  readonly keys?: LedgerKeys;
}

/**
 * The whole log as lines of JSON: a header; then, round by round, each entry and the checkpoint after it. The verifier
 * checks such a file by itself.
 */
export async function* exportLedger({
  database,
  signer,
  keys,
}: ExportOptions): AsyncGenerator<string, void, undefined> {
  yield line({ format: "zhengtong-ledger-export/1", origin: signer.origin, verifierKey: signer.verifierKey });
  let index = 0;
  for (let size = -1; ; ) {
    const rounds = await database.query<{
      readonly size: number;
      readonly note: string;
      readonly entry_ids: readonly number[];
    }>("SELECT size, note, entry_ids FROM ledger.checkpoint WHERE size > $1 ORDER BY size LIMIT $2", [
      size,
      VERIFY_CHECKPOINTS,
    ]);
    for (const round of rounds) {
      const rows = new Map((await readEntryRows(database, round.entry_ids)).map((row) => [row.id, row]));
      for (const id of round.entry_ids) {
        const row = rows.get(id);
        // A missing entry is left out: the verifier says so, and this is not the place to hide it.
        if (row !== undefined) yield line({ index, leaf: toBase64(row.leaf), ...(keys && opened(row, keys)) });
        index += 1;
      }
      yield line({ checkpoint: round.note });
    }
    const last = rounds.at(-1);
    if (last === undefined) return;
    size = last.size;
  }
}

function opened(row: EntryRow, keys: LedgerKeys): object {
  const kept = keptOf(row, keys);
  if (kept.content === undefined) return { content: { erased: true } };
  return { content: { value: kept.content.value, salt: toBase64(kept.content.salt) } };
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
