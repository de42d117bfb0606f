import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isWithheld } from "#kernel/ledger/records";
import type { CaseEntry } from "#kernel/services/case-views";
import { civilDay } from "#lib/calendar/civil-day";
import type { Text } from "#lib/language/text";
import { ownSubjects } from "./own-subjects.ts";

/** Entries of one draft that a page looks through. */
const DRAFT_ENTRIES_MAX = 100;

/** Those entries that concern the reader: each has a receipt that they can open. */
export function ownEntries(request: PageRequest, entries: readonly CaseEntry[]): readonly CaseEntry[] {
  const own = ownSubjects(request);
  const today = civilDay(Temporal.Instant.from(request.now)).toString();
  return entries.filter((entry) => own.some(({ id }) => entry.concerns.has(id)) && !isWithheld(entry, today));
}

/** What the ledger holds about a draft, which has the id of the case that it may become; oldest first. */
export async function entriesOfDraft(site: Site, draftId: string): Promise<readonly CaseEntry[]> {
  const { records } = await site.kernel.ledger.byCase(draftId, { limit: DRAFT_ENTRIES_MAX });
  return records
    .map(({ id, leaf: { type, room, operation, at }, subjects, withheldUntil }) => ({
      ...{ id, type, room, operation, at },
      ...(withheldUntil !== undefined && { withheldUntil }),
      concerns: new Set(subjects.map((subject) => subject.id)),
    }))
    .reverse();
}

/** The receipt of the last look into the register that a fact comes from. */
export function receiptOfSource(site: Site, entries: readonly CaseEntry[]) {
  return (source: Text) => {
    const room = [...site.kernel.systems.values()].find(({ contract }) => contract.title.zh === source.zh)?.contract.id;
    const entry = entries.findLast((one) => one.type === "read" && one.room === room);
    return entry && { index: entry.id, href: `/receipts/${entry.id}` };
  };
}
