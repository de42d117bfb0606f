import type { Json } from "#lib/json/canonical";
import type { LedgerEntry } from "./entry.ts";

/**
 * What is held against the log, by the operation that its entry names: the whole log verified, a backup that was not restored, a witness who
 * saw another log. An auditor finds them by themselves (`records.ts`).
 */
export const CHECK_OPERATIONS = ["verify", "restore-refused", "witness-refused"] as const;
export type CheckOperation = (typeof CHECK_OPERATIONS)[number];

/** The outcome of a check that found nothing. Every other one failed. */
export const INTACT = "intact";
export const TAMPERED = "tampered";

/** Who runs the node's programs: the command line knows no official. */
const OPERATOR = { kind: "node", id: "operator" } as const;

/** What was checked by the node itself or by its command line, and what came of it. */
export function checkEntry(
  operation: CheckOperation,
  about: { readonly at: string; readonly outcome: string; readonly detail?: Json },
): LedgerEntry {
  return {
    type: "administration",
    room: "ledger",
    operation,
    actor: OPERATOR,
    purpose: "supervision",
    legalBasis: [],
    subjects: [],
    ...about,
  };
}
