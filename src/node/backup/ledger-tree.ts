import type { Transaction } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { readNote } from "#kernel/ledger/checkpoints";
import { equalBytes } from "#lib/crypto/bytes";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";

/** The leaves of the log in its order, computed from the entries themselves. */
const LEAVES = `
  SELECT sha256('\\x00'::bytea || entry.leaf) AS hash
    FROM ledger.checkpoint, unnest(entry_ids) WITH ORDINALITY AS place (id, ordinal)
    JOIN ledger.entry ON entry.id = place.id
   ORDER BY checkpoint.previous, place.ordinal`;

/**
 * Computes the Merkle tree of the whole log anew and compares it with checkpoints (C2SP signed notes).
 * @returns the entries in the tree
 * @throws ERR_BACKUP_DAMAGED when the log is not the one that a checkpoint signed
 */
export async function checkLedgerTree(tx: Transaction, notes: readonly string[]): Promise<number> {
  const wanted = notes.map(readNote).sort((one, other) => one.size - other.size);
  let range = EMPTY_RANGE;
  let next = 0;
  const compare = () => {
    for (; wanted[next]?.size === range.size; next += 1) {
      if (equalBytes(wanted[next]?.root ?? new Uint8Array(), rootOf(range))) continue;
      throw new Fault("ERR_BACKUP_DAMAGED", {
        message: `the log of ${range.size} entries is not the one that was signed`,
      });
    }
  };
  compare();
  for await (const { hash } of tx.stream<{ hash: Buffer }>(LEAVES)) {
    range = appendLeaves(range, [hash]);
    compare();
  }
  const missing = wanted[next];
  if (missing === undefined) return range.size;
  throw new Fault("ERR_BACKUP_DAMAGED", {
    message: `the log has ${range.size} entries, a checkpoint signed ${missing.size}`,
  });
}
