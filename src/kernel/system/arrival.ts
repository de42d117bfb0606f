import type { Json } from "#lib/json/canonical";
import type { SqlStatement } from "../database/sql.ts";
import type { LedgerEntry, LedgerSubject } from "../ledger/entry.ts";

/**
 * A call that came from another node: whatever it comes to, one entry of the type `exchange` (or `refused`) tells of it, and says which
 * message it was.
 */
export interface Arrival {
  /** Stands in the entry: which message of which frame. */
  readonly detail: Json;
  /** Statements that commit with the act of a command, right behind its entry. */
  readonly beside: readonly SqlStatement[];
  /** Writes the entry of what has no unit of work; safe on disk when it resolves. */
  enter(entry: LedgerEntry): Promise<void>;
  /** Whom it concerned: the calling node's ledger tells of them as well. */
  noted(subjects: readonly LedgerSubject[]): void;
}
