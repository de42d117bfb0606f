import { civilDay } from "#lib/calendar/civil-day";
import type { Json } from "#lib/json/canonical";
import type { RowsDecision } from "../access/access.ts";
import { AUDIT_DUTY, LEDGER_READ } from "../access/action.ts";
import { isRefusal } from "../contract/refusal.ts";
import { readNote } from "../ledger/checkpoints.ts";
import { INTACT, TAMPERED } from "../ledger/checks.ts";
import { LEDGER_ENTRY_TYPES, type LedgerEntry, type LedgerSubject } from "../ledger/entry.ts";
import type { EntryFilter } from "../ledger/filter.ts";
import { readFiltered } from "../ledger/filtered.ts";
import { ENTRY_MAX_SUBJECTS, PAGE_MAX_RECORDS } from "../ledger/limits.ts";
import {
  type EntryKind,
  isWithheld,
  LEAF_COLUMNS,
  type LedgerPage,
  type LedgerRecord,
  type PageOptions,
} from "../ledger/records.ts";
import { SAMPLE_MAX, sampleIndexes, typeDraws } from "../ledger/sample.ts";
import type { CaseView } from "../procedures/changes.ts";
import type { Act } from "../system/act.ts";
import { actorOf } from "../system/idempotency.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, readApplications } from "./application.ts";
import { caseForOfficial } from "./case-views.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { readingOfItems, shownCases } from "./shown-cases.ts";

/** Entries of the ledger on one page of an official's. */
export const MAX_LEDGER_PAGE = 50;
/** Cases on one page of an auditor's list. */
export const MAX_CASE_PAGE = 50;

/** Which entries: of a case, of an official, or all (an auditor's alone). */
export interface LedgerWanted {
  readonly caseId?: string;
  readonly officialId?: string;
  /** What is recorded of the reader himself: where he is not who acted, but whom it concerned. */
  readonly aboutReader?: true;
  /** Of one kind, for supervision. */
  readonly kind?: EntryKind;
  /** Narrowed further, for supervision. */
  readonly filter?: EntryFilter;
  /** Only entries with a smaller id. */
  readonly before?: number;
}

/**
 * The ledger as an official may read it: his own acts, the cases that he may read, and for supervision everything. What he
 * read goes into the ledger too, and whom it concerned can see that.
 */
export async function readLedger(kernel: Kernel, act: Act, wanted: LedgerWanted): Promise<LedgerPage | ServiceRefusal> {
  const found = await listEntries(kernel, act, wanted, MAX_LEDGER_PAGE);
  if (isRefusal(found)) return found;
  await noteReading(kernel, act, { operation: "entries", subjects: subjectsOf(found.records) });
  return found;
}

/** A page of what is wanted, as far as whoever acts may see it; that he saw it is for the caller to enter, before he does. */
async function listEntries(
  kernel: Kernel,
  act: Act,
  wanted: LedgerWanted,
  limit: number,
): Promise<LedgerPage | ServiceRefusal> {
  const { principal } = act;
  if (principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const of = ledgerRows(kernel, act);
  const { filter = {}, kind, before } = wanted;
  const page = { limit, ...(before !== undefined && { before }) };
  if (wanted.aboutReader) {
    const today = civilDay(Temporal.Instant.from(act.at)).toString();
    return kernel.ledger.bySubject({ kind: "official", id: principal.id }, { ...page, today });
  }
  const list = await listWanted(kernel, act, wanted, of.allowed);
  if (isRefusal(list)) return list;
  // What is not the reader's own nor of a case of his is left out by the same policies that decide whether he reads at all.
  const isOwn = wanted.caseId === undefined && wanted.officialId === principal.id;
  const shown = of.allowed && !isOwn ? of.where : undefined;
  const narrows = of.allowed && (kind === "failed-checks" || Object.keys(filter).length > 0);
  if (!narrows) return list({ ...page, shown });
  return readFiltered(kernel.database, list, { ...page, shown, filter, kind });
}

/** Of which list: that of a case, of a kind, of an official, or of all. */
async function listWanted(
  kernel: Kernel,
  act: Act,
  { caseId, kind, officialId }: LedgerWanted,
  supervising: boolean,
): Promise<((page: PageOptions) => Promise<LedgerPage>) | ServiceRefusal> {
  const { ledger } = kernel;
  if (caseId !== undefined) {
    const readable = await caseForOfficial(kernel, act, caseId);
    return isRefusal(readable) ? readable : (page) => ledger.byCase(caseId, page);
  }
  if (kind !== undefined && supervising) return (page) => ledger.byKind(kind, page);
  const own = act.principal.kind === "official" && officialId === act.principal.id;
  if (officialId !== undefined && (supervising || own)) {
    return (page) => ledger.byActor({ kind: "official", id: officialId }, page);
  }
  return supervising && officialId === undefined
    ? (page) => ledger.latest(page)
    : serviceRefusal("services", "case-unknown");
}

/** Entries of one part of an export, which is one entry of the ledger. */
const EXPORT_PART_ENTRIES = 1_000;
/** Whom one part may concern: fewer than an entry of the ledger takes. */
const EXPORT_PART_SUBJECTS = 5_000;

/**
 * All that is wanted, newest first, for supervision: part after part, each of which is entered in the ledger, with the filter, before it leaves,
 * so that also an export that breaks off is on record as far as it came. Whom it concerned sees that.
 * @returns a refusal where whoever acts does not supervise
 */
export function exportEntries(
  kernel: Kernel,
  act: Act,
  wanted: LedgerWanted,
): AsyncGenerator<readonly LedgerRecord[], void, undefined> | ServiceRefusal {
  if (!ledgerRows(kernel, act).allowed || wanted.aboutReader) return serviceRefusal("services", "case-unknown");
  return exportParts(kernel, act, wanted);
}

async function* exportParts(
  kernel: Kernel,
  act: Act,
  wanted: LedgerWanted,
): AsyncGenerator<readonly LedgerRecord[], void, undefined> {
  let { before } = wanted;
  for (let part = 1; ; part += 1) {
    const records: LedgerRecord[] = [];
    let concerned = 0;
    do {
      const page = await listEntries(
        kernel,
        act,
        { ...wanted, ...(before !== undefined && { before }) },
        PAGE_MAX_RECORDS,
      );
      if (isRefusal(page)) return;
      records.push(...page.records);
      concerned += page.records.reduce((sum, { subjects }) => sum + subjects.length, 0);
      before = page.next;
    } while (before !== undefined && records.length < EXPORT_PART_ENTRIES && concerned < EXPORT_PART_SUBJECTS);
    const { filter = {}, kind, officialId } = wanted;
    const detail = {
      ...{ part, count: records.length, filter: { ...filter }, kind, officialId },
      ...{ first: records[0]?.id, last: records.at(-1)?.id },
    };
    await noteReading(kernel, act, {
      ...{ type: "export", operation: "entries", subjects: subjectsOf(records), detail: defined(detail) },
      outcome: `${records.length} entries, part ${part}`,
    });
    yield records;
    if (before === undefined) return;
  }
}

function defined(members: Readonly<Record<string, Json | undefined>>): Json {
  return Object.fromEntries(Object.entries(members).filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

/** Which entries an auditor drew, and from what: whoever has these four draws the same ones. */
export interface Sample {
  readonly seed: string;
  readonly size: number;
  readonly count: number;
  readonly strata: number;
  /** Of each type of entries the same share, instead of each part in time. */
  readonly by?: "type";
}

/** Draws whose types are looked up at once. */
const TYPES_AT_ONCE = 100;

/** The same share of each type, as far as the draws find it (`ledger/sample.ts`). */
async function sampleByType(
  kernel: Kernel,
  wanted: { readonly seed: string; readonly size: number; readonly root: Uint8Array; readonly count: number },
): Promise<readonly number[]> {
  const chosen = new Set<number>();
  for (const [part, type] of LEDGER_ENTRY_TYPES.entries()) {
    const types = LEDGER_ENTRY_TYPES.length;
    const share = Math.floor((wanted.count * (part + 1)) / types) - Math.floor((wanted.count * part) / types);
    const draws = typeDraws(wanted, type);
    let found = 0;
    for (let at = 0; at < draws.length && found < share; at += TYPES_AT_ONCE) {
      const some = draws.slice(at, at + TYPES_AT_ONCE);
      const typed = await kernel.ledger.typesAt(some);
      const fitting = some.filter((index) => typed.get(index) === type).slice(0, share - found);
      found += fitting.length;
      for (const index of fitting) chosen.add(index);
    }
  }
  return [...chosen].sort((one, other) => one - other);
}

/** A sample, and how many of what was drawn policies keep from who drew it. */
export interface DrawnSample {
  readonly sample: Sample;
  readonly records: readonly LedgerRecord[];
  readonly kept: number;
}

/**
 * A sample of the log for supervision (`ledger/sample.ts`). That it was drawn, and with which seed, is on the record: nobody draws until he
 * likes what he sees without being seen.
 * @param wanted.size of a stored checkpoint; the newest where it is not one
 */
export async function readSample(
  kernel: Kernel,
  act: Act,
  wanted: Omit<Sample, "size"> & { readonly size?: number | undefined },
): Promise<DrawnSample | ServiceRefusal> {
  if (!ledgerRows(kernel, act).allowed) return serviceRefusal("services", "case-unknown");
  const newest = await kernel.ledger.checkpoint();
  const asked = wanted.size === undefined ? undefined : await kernel.ledger.checkpointCovering(wanted.size);
  const note = asked ?? newest?.note;
  if (note === undefined) return serviceRefusal("services", "case-unknown");
  const { size, root } = readNote(note);
  const { seed } = wanted;
  const count = Math.min(Math.max(1, wanted.count), SAMPLE_MAX);
  const strata = Math.min(Math.max(1, wanted.strata), count);
  const { by } = wanted;
  const indexes =
    size === 0
      ? []
      : by === "type"
        ? await sampleByType(kernel, { seed, size, root, count })
        : sampleIndexes({ seed, size, root, count, strata });
  // Who draws decides by no policy what is drawn: what is kept from him is counted, so that a second auditor can look at it.
  const drawn = await kernel.ledger.entriesAt(indexes);
  const records = drawn.filter((record) => mayReadEntry(kernel, act, record));
  const parts = by === "type" ? "each type" : strata;
  const outcome = `sample ${count} of ${size} in ${parts}, seed ${JSON.stringify(seed)}`;
  await noteReading(kernel, act, { operation: "sample", subjects: subjectsOf(records), outcome });
  const sample = { seed, size, count, strata, ...(by && { by }) };
  return { sample, records, kept: drawn.length - records.length };
}

/** One entry, if this official may read it: his own act, one on a case that he may read, or for supervision any. */
export async function readLedgerEntry(kernel: Kernel, act: Act, id: number): Promise<LedgerRecord | ServiceRefusal> {
  const record = await kernel.ledger.entry(id);
  const { principal } = act;
  if (!record || principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const own = record.content?.actor.kind === "official" && record.content.actor.id === principal.id;
  const about = record.subjects.some(({ kind, id }) => kind === "official" && id === principal.id);
  const shown = about && !isWithheld(record, civilDay(Temporal.Instant.from(act.at)).toString());
  if (!own && !shown && !mayReadEntry(kernel, act, record)) {
    const caseId = record.content?.caseId;
    if (caseId === undefined) return serviceRefusal("services", "case-unknown");
    const readable = await caseForOfficial(kernel, act, caseId);
    if (isRefusal(readable)) return readable;
  }
  await noteReading(kernel, act, { operation: "entry", subjects: subjectsOf([record]) });
  return record;
}

/** Which entries of all the reader may see: decided before any is read. */
function ledgerRows(kernel: Kernel, act: Act): RowsDecision {
  const columns = { resource: {}, entry: LEAF_COLUMNS, context: {} };
  return kernel.access.decideRows({ act, room: LEDGER_READ.room, operation: LEDGER_READ.name, kind: "query" }, columns);
}

function mayReadEntry(kernel: Kernel, act: Act, { leaf: { room, operation, type } }: LedgerRecord): boolean {
  const entry = { room, operation, type };
  const { room: ledger, name, kind } = LEDGER_READ;
  return kernel.access.decide({ act, room: ledger, operation: name, kind, entry }).allowed;
}

function maySupervise(act: Act): boolean {
  const { principal } = act;
  return principal.kind === "official" && principal.post.duties.includes(AUDIT_DUTY) && act.purpose === "supervision";
}

/** Whom the entries concern, each once: reading about someone is on his record. */
function subjectsOf(records: readonly LedgerRecord[]): readonly LedgerSubject[] {
  const subjects = new Map<string, LedgerSubject>();
  for (const record of records) {
    for (const { kind, id } of record.subjects) subjects.set(`${kind} ${id}`, { kind, id, attributes: ["ledger"] });
  }
  return [...subjects.values()];
}

async function noteReading(
  kernel: Kernel,
  act: Act,
  read: {
    readonly operation: string;
    readonly subjects: readonly LedgerSubject[];
    readonly outcome?: string;
    readonly type?: "export";
    readonly detail?: Json;
  },
): Promise<void> {
  const entry: LedgerEntry = {
    type: read.type ?? "read",
    at: act.at,
    actId: act.id,
    room: "ledger",
    operation: read.operation,
    actor: actorOf(act),
    purpose: act.purpose ?? "none",
    legalBasis: [],
    caseId: act.caseId,
    subjects: [],
    outcome: read.outcome ?? "answered",
    detail: read.detail,
  };
  // Entries that were read may themselves be lists: whom all of them concern can be more than one entry tells.
  const parts = chunks(read.subjects, ENTRY_MAX_SUBJECTS).map((subjects) => ({ ...entry, subjects }));
  await kernel.ledger.append(kernel.database, parts.length === 0 ? [entry] : parts);
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** An auditor asked for the whole log to be verified: that he did, and what came of it, is on the record. */
export function noteVerification(kernel: Kernel, act: Act, intact: boolean): Promise<void> {
  return noteReading(kernel, act, { operation: "verify", subjects: [], outcome: intact ? INTACT : TAMPERED });
}

/** In which state an auditor looks for cases. */
export type CaseState = CaseView["status"];

/** A case in an auditor's list. */
export interface OverseenCase {
  readonly application: Application;
  readonly status: string;
  readonly outcome: string | undefined;
}

/** Cases for supervision, newest first; a page at a time. */
export async function casesForSupervision(
  kernel: Kernel,
  act: Act,
  wanted: { readonly state?: CaseState; readonly before?: string },
): Promise<{ readonly items: readonly OverseenCase[]; readonly next: string | undefined } | ServiceRefusal> {
  if (!maySupervise(act)) return serviceRefusal("services", "case-unknown");
  const allowed = shownCases(kernel, act, readingOfItems(kernel, [...kernel.systems.keys()]), { joined: true });
  if (allowed.none) return { items: [], next: undefined };
  const values: unknown[] = [wanted.state ?? null, wanted.before ?? null, MAX_CASE_PAGE + 1];
  const rows = await kernel.database.query<{ id: string; status: string; outcome: string | null }>(
    `SELECT c.id, c.status, c.outcome FROM procedure."case" c JOIN service.application a ON a.case_id = c.id
     WHERE ($1::text IS NULL OR c.status = $1) AND ($2::uuid IS NULL OR c.id < $2::uuid)
       AND ${allowed.where?.((value) => `$${values.push(value)}`) ?? "true"}
     ORDER BY c.id DESC LIMIT $3`,
    values,
  );
  const shown = rows.slice(0, MAX_CASE_PAGE);
  const applications = await readApplications(
    kernel,
    kernel.database,
    shown.map(({ id }) => id),
  );
  const items = shown.flatMap(({ id, status, outcome }) => {
    const application = applications.get(id);
    return application ? [{ application, status, outcome: outcome ?? undefined }] : [];
  });
  const subjects = items.map(
    ({ application: { applicant } }): LedgerSubject => ({
      kind: applicant.kind,
      id: applicant.id,
      attributes: ["application"],
    }),
  );
  await noteReading(kernel, act, { operation: "cases", subjects: distinct(subjects) });
  return { items, next: rows.length > MAX_CASE_PAGE ? shown.at(-1)?.id : undefined };
}

function distinct(subjects: readonly LedgerSubject[]): readonly LedgerSubject[] {
  return [...new Map(subjects.map((subject) => [`${subject.kind} ${subject.id}`, subject])).values()];
}
