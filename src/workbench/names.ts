import { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import type { CaseFile } from "#kernel/services/case-views";
import { ExpiringCache } from "#kernel/system/expiring-cache";
import { text } from "#lib/language/text";

/** What an official is called changes within this long for those who read it before. */
const NAME_LIFE_MS = 2_000;
const NAMES_MAX = 10_000;
const known = new ExpiringCache<string>({ lifeMs: NAME_LIFE_MS, sizeMax: NAMES_MAX, keeps: (name) => name !== "" });

/** The names of the officials and of the applicant in a case's history. */
export async function namesOf(request: PageRequest, page: CaseFile): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { registered, name } of page.parties) if (registered) names.set(registered.personId, name);
  names.set(page.application.applicant.personId, text("申请人", "The applicant")[request.language]);
  const officials = page.records.flatMap(({ by }) => (by.kind === "official" ? [by.id] : []));
  for (const [id, name] of await officialNames(request, officials, page.application.caseId)) names.set(id, name);
  return names;
}

/** What officials are called, as the directory knows them. */
export async function officialNames(
  request: PageRequest,
  ids: readonly string[],
  caseId?: string,
): Promise<ReadonlyMap<string, string>> {
  const doors = request.front(directory, {
    purpose: caseId === undefined ? "administration" : "case",
    ...(caseId !== undefined && { caseId }),
    asNode: directory.id,
  });
  const names = new Map<string, string>();
  for (const id of new Set(ids)) {
    const name = await known.get(id, Date.parse(request.now), async () => {
      const found = await doors.findOfficial({ id });
      return isRefusal(found) ? "" : found.name;
    });
    names.set(id, name);
  }
  return names;
}
