import { civilDay } from "#lib/calendar/civil-day";
import type { LedgerSubject } from "../ledger/entry.ts";
import type { Act } from "../system/act.ts";
import type { Applicant } from "../system/context.ts";
import { actorOf } from "../system/idempotency.ts";
import type { Kernel } from "../system/kernel.ts";

/** The lists of a workbench that name applicants. */
export type ListName = "my-tasks" | "queue" | "counter-drafts";

/**
 * Records, before a list is shown, whose names an official sees in it: one entry for the list and day over all of them, and a
 * further one only for names that came since. Each of them can prove that he was in the list, and of the others learns nothing.
 */
export async function noteListView(
  kernel: Kernel,
  act: Act,
  view: { readonly list: ListName; readonly applicants: readonly Applicant[] },
): Promise<void> {
  const { principal } = act;
  if (principal.kind !== "official") return;
  const subjects = subjectsOf(view.applicants);
  if (subjects.length === 0) return;
  const day = civilDay(Temporal.Instant.from(act.at)).toString();
  const key = [principal.id, view.list, day, subjects.map(({ kind }) => kind), subjects.map(({ id }) => id)];
  // Most looks show nobody new: they write nothing.
  const seen = await kernel.database.query<{ subject_id: string }>(
    `SELECT subject_id FROM service.list_view WHERE official_id = $1 AND list = $2 AND day = $3
       AND (subject_kind, subject_id) IN (SELECT * FROM unnest($4::text[], $5::uuid[]))`,
    key,
  );
  if (seen.length === subjects.length) return;
  await kernel.database.transaction(
    async (transaction) => {
      await transaction.query("DELETE FROM service.list_view WHERE official_id = $1 AND list = $2 AND day < $3", [
        principal.id,
        view.list,
        day,
      ]);
      const added = await transaction.query<{ subject_id: string }>(
        `INSERT INTO service.list_view (official_id, list, day, subject_kind, subject_id)
         SELECT $1, $2, $3, s.kind, s.id FROM unnest($4::text[], $5::uuid[]) AS s (kind, id)
         ON CONFLICT DO NOTHING RETURNING subject_id`,
        key,
      );
      const fresh = new Set(added.map((row) => row.subject_id));
      if (fresh.size === 0) return;
      await kernel.ledger.append(transaction, [
        {
          type: "read",
          at: act.at,
          actId: act.id,
          room: "services",
          operation: view.list,
          actor: actorOf(act),
          purpose: "case",
          legalBasis: [],
          subjects: subjects.filter(({ id }) => fresh.has(id)),
          outcome: "answered",
        },
      ]);
    },
    { retries: 0 },
  );
}

/** Whom a list names, each once. */
function subjectsOf(applicants: readonly Applicant[]): readonly LedgerSubject[] {
  const found = new Map<string, LedgerSubject>();
  for (const { kind, id, personId } of applicants) {
    found.set(`${kind} ${id}`, { kind, id, attributes: ["applicantName"] });
    found.set(`person ${personId}`, { kind: "person", id: personId, attributes: ["application"] });
  }
  return [...found.values()];
}
