import { civilDay } from "#lib/calendar/civil-day";
import { provableInstead } from "../access/step-up.ts";
import type { Service } from "../contract/contract.ts";
import type { Sql } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import type { LedgerEntry, LedgerEntryType } from "../ledger/entry.ts";
import { isWithheld } from "../ledger/records.ts";
import type { CaseView } from "../procedures/changes.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, applicationsOf, knownService, nameOf, readApplication } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { type NoticeItem, noticesOf } from "./notices.ts";
import { isOwn } from "./own-application.ts";
import { isOfPost } from "./own-authority.ts";
import { type Party, partiesOf } from "./parties.ts";
import { type CaseRecord, recordsOf } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { caseFacts } from "./shown-cases.ts";

/** Ledger entries that a page about one case lists; the rest is on the ledger page. */
const MAX_CASE_ENTRIES = 200;

/** A case with everything that is decided upon. */
export interface CaseFile {
  readonly application: Application;
  readonly service: Service;
  readonly view: CaseView;
  readonly notices: readonly NoticeItem[];
  /** What was filled in at each step. Applicants see only their own words here; officials' words reach them in notices. */
  readonly records: readonly CaseRecord[];
  /** Whose weighty interests it touches; applicants are not shown who they are. */
  readonly parties: readonly Party[];
}

/** The same as an official sees it. */
export interface OfficialCasePage extends CaseFile {
  /** How many entries about it the ledger has, counted up to {@link MAX_CASE_ENTRIES}. */
  readonly entryCount: number;
}

/** The same with what the ledger has about it. */
export interface CasePage extends CaseFile {
  /** The ledger's entries about this case, oldest first. */
  readonly entries: readonly CaseEntry[];
}

/** One ledger entry about a case. */
export interface CaseEntry {
  readonly id: number;
  readonly type: LedgerEntryType;
  readonly room: string;
  readonly operation: string;
  readonly at: string;
  /** The ids of whom it concerns. */
  readonly concerns: ReadonlySet<string>;
  /** YYYY-MM-DD: kept by law from whom it concerns until then. */
  readonly withheldUntil?: string;
}

/** A case as its applicant sees it. */
export async function caseForApplicant(kernel: Kernel, act: Act, caseId: string): Promise<CasePage | ServiceRefusal> {
  const [read, entries] = await kernel.database.together((sql) =>
    Promise.all([readCaseFile(kernel, sql, caseId), entriesOf(kernel, sql, caseId)]),
  );
  if (!read || !isOwn(act, read.application)) return serviceRefusal("services", "case-unknown");
  const { applicant } = read.application;
  return {
    ...read,
    // What interested parties said and were sent is theirs: it reaches the applicant at a hearing and in the decision.
    records: read.records.filter(({ by, content }) => by.kind === "person" && content["party"] === undefined),
    notices: read.notices.filter(({ partyId }) => partyId === undefined),
    parties: [],
    // A receipt is given to whom an entry concerns: what the case did with other rooms' registers is theirs.
    entries: entries.filter(
      (entry) =>
        (entry.concerns.has(applicant.id) || entry.concerns.has(applicant.personId)) &&
        !isWithheld(entry, dayOf(act.at)),
    ),
  };
}

/** A case as an official or auditor sees it: the right is decided, and the reading recorded, before anything is shown. */
export async function caseForOfficial(
  kernel: Kernel,
  act: Act,
  caseId: string,
): Promise<OfficialCasePage | ServiceRefusal> {
  if (act.principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const read = await kernel.database.together((sql) => readCaseFile(kernel, sql, caseId));
  if (!read) return serviceRefusal("services", "case-unknown");
  const { allowed, entry, provable } = readingOf(kernel, act, read);
  if (provable) return provable;
  if (!allowed) {
    await kernel.ledger.append(kernel.database, [entry]);
    return serviceRefusal("services", "case-unknown");
  }
  const [, entryCount] = await kernel.database.together((sql) =>
    Promise.all([kernel.ledger.append(sql, [entry]), kernel.ledger.countByCase(caseId, MAX_CASE_ENTRIES, sql)]),
  );
  return { ...read, entryCount };
}

/** Whether an official may read a case, and the entry that says that it was read or refused. */
export function readingOf(
  kernel: Kernel,
  act: Act,
  { application, parties }: Pick<CaseFile, "application" | "parties">,
): {
  readonly allowed: boolean;
  readonly entry: LedgerEntry;
  /** A surer proof of who reads it is all that is missing: then nothing was refused. */
  readonly provable: ServiceRefusal | undefined;
} {
  const { caseId, authority } = application;
  const attempt = {
    act: { ...act, caseId },
    room: application.room,
    operation: `${application.service}.read`,
    kind: "query",
    case: caseFacts(kernel, act, application),
  } as const;
  const decision = kernel.access.decide(attempt);
  const own = act.principal.kind === "official" && isOfPost(kernel, act.principal.post, authority);
  const reaches = act.purpose === "supervision" || own;
  const allowed = decision.allowed && reaches;
  const entry = caseEntry({ ...act, caseId }, application, {
    type: allowed ? "read" : "refused",
    step: "read",
    outcome: allowed ? "answered" : "denied",
    policies: decision.policies,
    parties,
  });
  const provable = decision.allowed || !reaches ? undefined : provableInstead(kernel.access, attempt);
  return { allowed, entry, provable };
}

/** What stands in a case, asked for in one go; what of it is shown, and to whom, its readers decide. */
export async function readCaseFile(kernel: Kernel, sql: Sql, caseId: string): Promise<CaseFile | undefined> {
  const [application, view, notices, records, parties] = await Promise.all([
    readApplication(kernel, sql, caseId),
    kernel.procedures.view(sql, caseId),
    noticesOf(sql, caseId),
    recordsOf(kernel, caseId, sql),
    partiesOf(kernel, sql, caseId),
  ]);
  if (!application) return undefined;
  assert(view, "an application has its case");
  return { application, service: knownService(kernel, application).service, view, notices, records, parties };
}

async function entriesOf(kernel: Kernel, sql: Sql, caseId: string): Promise<readonly CaseEntry[]> {
  const log = await kernel.ledger.byCase(caseId, { limit: MAX_CASE_ENTRIES }, sql);
  return log.records
    .map(({ id, leaf: { type, room, operation, at }, subjects, withheldUntil }) => ({
      ...{ id, type, room, operation, at },
      concerns: new Set(subjects.map((subject) => subject.id)),
      ...(withheldUntil !== undefined && { withheldUntil }),
    }))
    .reverse();
}

/** A case in a list. */
export interface CaseListItem {
  readonly application: Application;
  readonly applicantName: string;
  readonly service: Service;
  readonly view: CaseView;
}

/** Cases on one page of a person's list. */
export const MAX_OWN_CASES = 100;

/** The cases of the acting person and of the one for whom they act, newest first. */
export async function myCases(kernel: Kernel, act: Act): Promise<readonly CaseListItem[]> {
  if (act.principal.kind !== "person") return [];
  const found = await applicationsOf(kernel, {
    personId: act.principal.id,
    representedId: act.onBehalfOf?.id,
    limit: MAX_OWN_CASES,
  });
  const applications = found.filter((application) => isOwn(act, application));
  const views = await kernel.procedures.views(
    kernel.database,
    applications.map(({ caseId }) => caseId),
  );
  return applications.map((application) => {
    const view = views.get(application.caseId);
    assert(view, "an application has its case");
    const { service } = knownService(kernel, application);
    return { application, applicantName: nameOf(application), service, view };
  });
}

/** Finds a case by its number; who may see it is decided when it is opened. */
export async function caseByNumber(kernel: Kernel, number: string): Promise<string | undefined> {
  const [row] = await kernel.database.query<{ case_id: string }>(
    "SELECT case_id FROM service.application WHERE number = $1",
    [number.trim().toUpperCase().slice(0, 60)],
  );
  return row?.case_id;
}

/** A message in a person's inbox. */
export interface InboxItem {
  readonly id: string;
  readonly caseId: string | undefined;
  readonly noticeId: string | undefined;
  readonly kind: string;
  readonly number: string | undefined;
  readonly sentAt: string;
  readonly openedAt: string | undefined;
}

const INBOX_LENGTH = 100;

/** A person's messages, newest first: every notice, when it was delivered and when it was first opened. */
export async function inboxOf(kernel: Kernel, personId: string): Promise<readonly InboxItem[]> {
  const rows = await kernel.database.query<{
    id: string;
    case_id: string | null;
    notice_id: string | null;
    kind: string;
    number: string | null;
    sent_at: string;
    opened_at: string | null;
  }>(
    `SELECT m.id, m.case_id, m.notice_id, m.kind, n.number, m.sent_at, m.opened_at
     FROM service.message m LEFT JOIN service.notice n ON n.id = m.notice_id
     WHERE m.person_id = $1 ORDER BY m.sent_at DESC LIMIT $2`,
    [personId, INBOX_LENGTH],
  );
  return rows.map((row) => ({
    id: row.id,
    caseId: row.case_id ?? undefined,
    noticeId: row.notice_id ?? undefined,
    kind: row.kind,
    number: row.number ?? undefined,
    sentAt: row.sent_at,
    openedAt: row.opened_at ?? undefined,
  }));
}

function dayOf(at: string): string {
  return civilDay(Temporal.Instant.from(at)).toString();
}
