import type { Transaction } from "../database/sql.ts";
import { isClosed, type KeptContent, keyToSealAnew, openContent, sealContent, subjectCommitment } from "./content.ts";
import type { LedgerSubject } from "./entry.ts";
import { type LedgerKeys, pseudonyms } from "./keys.ts";
import { type EntryRow, readEntryRows } from "./records.ts";

/** What is to be erased of an entry: everything, or one subject's part. */
export type ErasureScope = "all" | Pick<LedgerSubject, "kind" | "id">;

/**
 * Erases what an entry commits to. The entry stays in the log and stays provable; what it said is gone.
 * @returns false when there is no such entry, or nothing left to erase
 */
export async function eraseContent(
  tx: Transaction,
  keys: LedgerKeys,
  erasure: { readonly entryId: number; readonly scope: ErasureScope },
): Promise<boolean> {
  const { entryId, scope } = erasure;
  await tx.query("SELECT 1 FROM ledger.entry WHERE id = $1 FOR UPDATE", [entryId]);
  const [row] = await readEntryRows(tx, [entryId]);
  if (row === undefined || row.sealed === null || row.sealed.length === 0) return false;
  const kept: KeptContent = isClosed(row.sealed, keys) ? { subjects: [] } : openContent(row.sealed, row.leaf, keys);
  return scope === "all" ? await eraseAll(tx, keys, row, kept) : await eraseSubject(tx, keys, { row, kept, scope });
}

async function eraseAll(tx: Transaction, keys: LedgerKeys, row: EntryRow, kept: KeptContent): Promise<boolean> {
  await tx.query("UPDATE ledger.entry SET sealed = '', actor = NULL, case_ref = NULL, subject = NULL WHERE id = $1", [
    row.id,
  ]);
  const names = kept.subjects.flatMap((subject) =>
    "part" in subject ? pseudonyms(keys, `subject ${subject.part.kind}`, subject.part.id) : [],
  );
  await tx.query("DELETE FROM ledger.subject WHERE entry_id = $1 AND ($3 OR pseudonym = ANY($2::bytea[]))", [
    row.id,
    names,
    isClosed(row.sealed ?? new Uint8Array(0), keys), // whom it named nobody can tell any more
  ]);
  return true;
}

async function eraseSubject(
  tx: Transaction,
  keys: LedgerKeys,
  { row, kept, scope }: { row: EntryRow; kept: KeptContent; scope: Pick<LedgerSubject, "kind" | "id"> },
): Promise<boolean> {
  let found = false;
  const subjects = kept.subjects.map((subject) => {
    if (!("part" in subject) || subject.part.kind !== scope.kind || subject.part.id !== scope.id) return subject;
    found = true;
    return { erased: true, commitment: subjectCommitment(subject) } as const; // the others' proofs need it
  });
  if (!found) return false;
  const sealed = sealContent({ ...kept, subjects }, row.leaf, keyToSealAnew(row.sealed ?? new Uint8Array(0), keys));
  const names = pseudonyms(keys, `subject ${scope.kind}`, scope.id);
  await tx.query(
    "UPDATE ledger.entry SET sealed = $2, subject = CASE WHEN subject = ANY ($3::bytea[]) THEN NULL ELSE subject END WHERE id = $1",
    [row.id, sealed, names],
  );
  await tx.query("DELETE FROM ledger.subject WHERE entry_id = $1 AND pseudonym = ANY ($2::bytea[])", [row.id, names]);
  return true;
}
