import { isRefusal } from "../contract/refusal.ts";
import type { Transaction } from "../database/sql.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { caseEntry } from "./case-entry.ts";
import { readDraft } from "./drafts.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/**
 * Throws a draft away, with what was entered and uploaded. Nothing of it can be had again: the bytes of its files go with the
 * next sweep, unless something else names them. That registers were asked for it stays on the record of whom it concerned.
 */
export async function discardDraft(
  kernel: Kernel,
  act: Act,
  draftId: string,
): Promise<{ readonly draftId: string } | ServiceRefusal> {
  const draft = await readDraft(kernel, kernel.database, act, draftId);
  if (isRefusal(draft)) return draft;
  const discarded = await kernel.database.transaction(async (transaction) => {
    // A draft that is being submitted is locked; when that has come to its end, there is nothing to discard.
    const gone = await transaction.execute("DELETE FROM service.draft WHERE id = $1", [draftId]);
    if (gone === 0) return false;
    await removeMaterials(transaction, [draftId]);
    await kernel.ledger.append(transaction, [
      caseEntry(act, { ...draft, caseId: draftId }, { type: "act", step: "discard", outcome: "discarded" }),
    ]);
    return true;
  });
  return discarded ? { draftId } : serviceRefusal(draft.room, "draft-unknown");
}

/** What was uploaded to drafts that are no more; what a case has keeps its files. */
export async function removeMaterials(transaction: Transaction, draftIds: readonly string[]): Promise<void> {
  await transaction.query("DELETE FROM service.material WHERE draft_id = ANY($1::uuid[]) AND case_id IS NULL", [
    draftIds,
  ]);
}
