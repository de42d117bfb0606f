import { assert } from "../errors/fault.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import type { CaseView } from "../procedures/changes.ts";
import type { Act } from "../system/act.ts";
import { actorOf } from "../system/idempotency.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService, nameOf, readApplications } from "./application.ts";
import { type CaseFile, readCaseFile } from "./case-views.ts";
import type { NoticeItem } from "./notices.ts";
import { isOwnParty, type Party, partiesFor, readParty } from "./parties.ts";
import type { CaseRecord } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** Cases on one page of an interested party's list. */
const MAX_PARTY_CASES = 100;

/**
 * A case as an interested party sees it: what it is about, who applied, how it touches them, what they were sent and said. Neither
 * the applicant's documents nor what else he entered, nor what others said.
 */
export interface PartyCase {
  readonly party: Party;
  readonly number: string;
  readonly room: string;
  readonly authority: string;
  readonly service: CaseFile["service"];
  readonly applicantName: string;
  /** The fields of the form that the item shows to interested parties. */
  readonly form: Readonly<Record<string, unknown>>;
  readonly view: CaseView;
  readonly notices: readonly NoticeItem[];
  readonly records: readonly CaseRecord[];
}

/** The case, where the acting person is its interested party and was told; to everyone else it is not there. The look is on record. */
export async function caseForParty(kernel: Kernel, act: Act, partyId: string): Promise<PartyCase | ServiceRefusal> {
  const party = await readParty(kernel, kernel.database, partyId);
  if (!party || party.toldOn === undefined) return serviceRefusal("services", "case-unknown");
  const file = await kernel.database.together((sql) => readCaseFile(kernel, sql, party.caseId));
  assert(file, "a party belongs to a case");
  const { application, service, view } = file;
  if (!isOwnParty(act, party, application)) return serviceRefusal("services", "case-unknown");
  await kernel.ledger.append(kernel.database, [lookEntry(act, application)]);
  const shown = new Set(service.shownToParties);
  return {
    party,
    number: application.number,
    room: application.room,
    authority: application.authority,
    service,
    applicantName: nameOf(application),
    form: Object.fromEntries(Object.entries(application.form).filter(([name]) => shown.has(name))),
    view,
    notices: file.notices.filter(({ partyId: to }) => to === party.id),
    records: file.records.filter(({ element, content }) => {
      return Object.hasOwn(service.procedure.messages, element) && content["party"] === party.id;
    }),
  };
}

/** What an interested party saw of the applicant. */
function lookEntry(act: Act, application: Application): LedgerEntry {
  const { applicant, caseId, room, service } = application;
  return {
    type: "read",
    at: act.at,
    actId: act.id,
    room,
    operation: `${service}.party.read`,
    actor: actorOf(act),
    onBehalfOf: act.onBehalfOf ? { kind: act.onBehalfOf.kind, id: act.onBehalfOf.id } : undefined,
    purpose: act.purpose ?? "case",
    legalBasis: ["行政许可法 第三十六条"],
    caseId,
    subjects: [{ kind: applicant.kind, id: applicant.id, attributes: ["name", "application"] }],
    outcome: "answered",
  };
}

/** A case in an interested party's list. */
export interface PartyListItem {
  readonly party: Party;
  readonly number: string;
  readonly authority: string;
  readonly service: CaseFile["service"];
  readonly view: CaseView;
}

/** The cases that touch the acting person, or the one for whom they act, and of which they were told; newest first. */
export async function casesForParty(kernel: Kernel, act: Act): Promise<readonly PartyListItem[]> {
  if (act.principal.kind !== "person") return [];
  const holder = { personId: act.principal.id, representedId: act.onBehalfOf?.id, limit: MAX_PARTY_CASES };
  const parties = (await partiesFor(kernel, holder)).filter(({ toldOn }) => toldOn !== undefined);
  if (parties.length === 0) return [];
  const ids = [...new Set(parties.map(({ caseId }) => caseId))];
  const [applications, views] = await Promise.all([
    readApplications(kernel, kernel.database, ids),
    kernel.procedures.views(kernel.database, ids),
  ]);
  return parties.flatMap((party) => {
    const [application, view] = [applications.get(party.caseId), views.get(party.caseId)];
    assert(application && view, "a party belongs to a case");
    if (!isOwnParty(act, party, application)) return [];
    const { service } = knownService(kernel, application);
    return [{ party, number: application.number, authority: application.authority, service, view }];
  });
}
