import { Buffer } from "node:buffer";
import type { z } from "zod";
import { civilDay } from "#lib/calendar/civil-day";
import type { Text } from "#lib/language/text";
import type { Citation } from "../contract/citation.ts";
import type { ObjectSchema } from "../contract/contract.ts";
import { fieldMeta } from "../contract/field.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { DETACHED_SEAL_MEDIA_TYPE } from "../documents/detached-seal.ts";
import { assert } from "../errors/fault.ts";
import type { Addresses, Documents, Posts, Signer } from "../ports.ts";
import type { CaseView } from "../procedures/changes.ts";
import type { Act } from "../system/act.ts";
import type { Fact } from "../system/context.ts";
import { namingSeals } from "../system/detached-seals.ts";
import type { Kernel } from "../system/kernel.ts";
import { announceNotice, type OutgoingItem } from "./announce.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { clockOf } from "./case-clock.ts";
import { caseEntry, nodeAct } from "./case-entry.ts";
import type { NoticeContent } from "./issue-notice.ts";
import { ownApplication } from "./own-application.ts";
import { isOwnParty, type Party, readParty } from "./parties.ts";
import { type CaseRecord, recordsOf } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** What the room that draws documents is given. Dates are civil days, ISO 8601. */
export interface NoticeFacts {
  readonly kind: string;
  readonly number: string;
  readonly issuedOn: string;
  readonly issuedAt: string;
  readonly authority: {
    readonly id: string;
    readonly name: Text;
    readonly address: string;
    readonly phone: string;
    readonly reconsideration: Text;
    readonly court: Text;
  };
  /** The post in whose name the step was taken; absent where no official took it. */
  readonly issuedBy: Text | undefined;
  readonly applicant: { readonly name: string; readonly kind: "person" | "organization" };
  /** To whom it goes, where that is an interested party: as whom they were named. */
  readonly party?: {
    readonly name: string;
    readonly interest: string;
    /** They stated their case. */
    readonly stated: boolean;
    /** They are told on line, and answer there. */
    readonly online: boolean;
  };
  readonly item: {
    readonly room: string;
    readonly service: string;
    readonly title: Text;
    readonly result: Text;
    readonly legalBasis: readonly Citation[];
  };
  readonly caseNumber: string;
  readonly submittedOn: string;
  /** A clerk files for someone who came in person (`counter`). */
  readonly channel: "online" | "counter";
  /** What the applicant entered, and what government said. */
  readonly form: Readonly<Record<string, unknown>>;
  readonly facts: readonly Fact[];
  readonly variables: Readonly<Record<string, unknown>>;
  /** By field of the form: what each value of an enumeration is called. */
  readonly terms: Readonly<Record<string, Readonly<Record<string, Text>>>>;
  readonly materials: readonly { readonly title: Text; readonly fileName: string }[];
  /** By element or message: the latest of what was filled in there, until the notice was issued. */
  readonly records: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** By element or message: the day of that. */
  readonly recordedOn: Readonly<Record<string, string>>;
  /** By element: the name of the official who filled that in, where the notice names them. */
  readonly recordedBy: Readonly<Record<string, string>>;
  readonly clocks: readonly {
    readonly id: string;
    readonly title: Text;
    readonly amount: number;
    readonly unit: string;
    readonly promised?: number;
    readonly article: string;
    readonly startedOn: string;
    readonly dueOn: string;
    /** When it would have been due without its last extension. */
    readonly dueWithoutExtensionOn: string;
    readonly extensions: readonly { readonly amount: number; readonly reason: string }[];
  }[];
  readonly remark: Text | undefined;
  readonly details: Readonly<Record<string, string>>;
}

interface NoticeRecord {
  readonly id: string;
  readonly case_id: string;
  readonly kind: string;
  readonly number: string;
  readonly content: Buffer;
  readonly digest: string | null;
  readonly status: string;
  readonly issued_at: string;
  readonly delivered_at: string | null;
  readonly opened_at: string | null;
  readonly party_id: string | null;
}

/** Renders, seals and puts into the applicant's inbox. Repeated after a crash, it delivers once. */
export async function deliverNotice(
  kernel: Kernel,
  noticeId: string,
  ports: {
    readonly documents: Documents;
    readonly signer: Signer;
    readonly posts: Posts;
    readonly addresses: Addresses;
  },
): Promise<void> {
  const [row] = await kernel.database.query<NoticeRecord>("SELECT * FROM service.notice WHERE id = $1", [noticeId]);
  if (!row || row.status === "delivered" || row.status === "made") return;
  const application = await readApplication(kernel, kernel.database, row.case_id);
  assert(application, "a notice has its application");
  const addressee = await addresseeOf(kernel, row, application, ports.addresses);
  const facts = await noticeFacts(kernel, row, application, { posts: ports.posts, addressee });
  const rendered = await ports.documents.render({ kind: row.kind, data: facts });
  if ("missingCharacters" in rendered) {
    await kernel.database.query(
      "UPDATE service.notice SET status = 'stopped', problem = $2 WHERE id = $1 AND status <> 'delivered'",
      [noticeId, JSON.stringify({ missingCharacters: rendered.missingCharacters })],
    );
    return;
  }
  const declaration = knownService(kernel, application).service.procedure.notices[row.kind];
  assert(declaration, `the notice ${row.kind} is declared`);
  const sealed = await ports.signer.sealDocument({
    pdf: rendered.pdf,
    authority: application.authority,
    seal: declaration.seal,
    reason: declaration.title.zh,
    at: kernel.now(),
  });
  const stored = await kernel.files.put(sealed, { mediaType: "application/pdf", name: `${row.kind}.pdf` });
  const beside = await ports.signer.sealBeside({
    ...{ document: sealed, authority: application.authority, seal: declaration.seal },
    ...{ reason: declaration.title.zh, at: kernel.now() },
  });
  const seal = await kernel.files.put(beside, { mediaType: DETACHED_SEAL_MEDIA_TYPE, name: `${row.kind}.seal.json` });
  const { personId, party } = addressee;
  const { caseId } = application;
  const email = personId === undefined ? undefined : await ports.addresses.emailOf({ personId, caseId });
  await kernel.database.transaction(async (transaction) => {
    const now = kernel.now();
    const delivered = await transaction.execute(
      `UPDATE service.notice SET status = $4, problem = NULL, digest = $2, delivered_at = $3
       WHERE id = $1 AND status NOT IN ('delivered', 'made')`,
      [noticeId, stored.digest, personId === undefined ? null : now, personId === undefined ? "made" : "delivered"],
    );
    // Two processes drew it at the same time: the first stands, and its seal alone is on the record.
    if (delivered === 0) return;
    const entry = caseEntry(nodeAct(kernel, application, now), application, {
      type: "seal",
      step: `notice.${row.kind}`,
      outcome: stored.digest,
      parties: party && [party],
    });
    const written: Promise<unknown>[] = [kernel.ledger.append(transaction, [entry])];
    for (const { text, values } of namingSeals([{ document: stored.digest, seal: seal.digest }], now))
      written.push(transaction.query(text, values));
    if (personId !== undefined) {
      const notice = { id: noticeId, kind: row.kind, application, at: now, email };
      const message = [kernel.newId(), personId, caseId, noticeId, row.kind, now];
      written.push(
        transaction.query(
          `INSERT INTO service.message (id, person_id, case_id, notice_id, kind, sent_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (notice_id) DO NOTHING`,
          message,
        ),
        announceNotice(kernel, transaction, { ...notice, ...(party && { party }) }),
      );
      if (party && declaration.to === "untold-parties") written.push(noteTold(transaction, party.id, dayOf(now)));
    }
    transaction.unanswered(...written);
  });
}

/** Who is written to: the applicant, or an interested party. Without a person it is handed over by an official. */
interface Addressee {
  readonly personId: string | undefined;
  readonly party?: Party;
}

async function addresseeOf(
  kernel: Kernel,
  row: Pick<NoticeRecord, "party_id">,
  { applicant, caseId }: Application,
  addresses: Addresses,
): Promise<Addressee> {
  if (row.party_id === null) return { personId: applicant.personId };
  const party = await readParty(kernel, kernel.database, row.party_id);
  assert(party, "a party who is sent a notice is not taken off");
  const personId = party.registered?.personId;
  const signsIn = personId !== undefined && (await addresses.hasAccount({ personId, caseId }));
  return { personId: signsIn ? personId : undefined, party };
}

/** Their period to answer runs from the day on which they were told (行政许可法 §47). */
export async function noteTold(transaction: Transaction, partyId: string, day: string): Promise<void> {
  await transaction.query("UPDATE service.party SET told_on = $2 WHERE id = $1 AND told_on IS NULL", [partyId, day]);
}

function dayOf(at: string): string {
  return civilDay(Temporal.Instant.from(at)).toString();
}

/** What a notice's document says. */
export async function noticeFacts(
  kernel: Kernel,
  row: Pick<NoticeRecord, "id" | "kind" | "number" | "content" | "issued_at" | "case_id">,
  application: Application,
  about: { readonly posts: Posts; readonly addressee: Addressee },
): Promise<NoticeFacts> {
  const content = JSON.parse(
    Buffer.from(kernel.vault.open("notice", row.content, row.id)).toString("utf8"),
  ) as NoticeContent;
  const { caseId } = application;
  const [view, records] = await kernel.database.together((sql) =>
    Promise.all([kernel.procedures.view(sql, caseId), recordsOf(kernel, caseId, sql)]),
  );
  const { party, personId } = about.addressee;
  return factsOf(kernel, about.posts, {
    ...(party && { party, online: personId !== undefined }),
    kind: row.kind,
    number: row.number,
    issuedAt: row.issued_at,
    content,
    application,
    variables: view?.variables ?? {},
    clocks: view?.clocks ?? [],
    records,
  });
}

/** What a notice is made of, issued or only looked at beforehand. */
export interface NoticeSource {
  readonly kind: string;
  readonly number: string;
  readonly issuedAt: string;
  readonly content: NoticeContent;
  readonly application: Application;
  readonly variables: CaseView["variables"];
  readonly clocks: CaseView["clocks"];
  readonly records: readonly Pick<CaseRecord, "element" | "at" | "content" | "by">[];
  readonly party?: Party;
  readonly online?: boolean;
}

export async function factsOf(kernel: Kernel, posts: Posts, source: NoticeSource): Promise<NoticeFacts> {
  const { application, content } = source;
  const authority = await posts.authority(application.authority);
  assert(authority, "the authority of a case is in the directory");
  const { service } = knownService(kernel, application);
  const { messages } = service.procedure;
  const records: Record<string, Readonly<Record<string, unknown>>> = {};
  const recordedOn: Record<string, string> = {};
  const officials = new Map<string, string>();
  const issuedAt = Temporal.Instant.from(source.issuedAt);
  const { party } = source;
  for (const record of source.records) {
    // What an interested party said is never taken for the applicant's own words.
    if (record.content["party"] !== undefined) continue;
    const at = Temporal.Instant.from(record.at);
    if (Temporal.Instant.compare(at, issuedAt) > 0) continue;
    records[record.element] = record.content;
    recordedOn[record.element] = civilDay(at).toString();
    if (record.by.kind === "official") officials.set(record.element, record.by.id);
  }
  const recordedBy: Record<string, string> = {};
  for (const element of service.procedure.notices[source.kind]?.names ?? []) {
    const official = officials.get(element);
    const name = official === undefined ? undefined : await posts.nameOf(official);
    if (name !== undefined) recordedBy[element] = name;
  }
  return {
    kind: source.kind,
    number: source.number,
    issuedOn: civilDay(issuedAt).toString(),
    issuedAt: source.issuedAt,
    issuedBy: content.issuedBy?.post,
    authority,
    applicant: { name: content.applicantName, kind: application.applicant.kind },
    ...(party && {
      party: {
        name: party.name,
        interest: party.interest,
        stated: source.records.some(
          ({ element, content: said }) => Object.hasOwn(messages, element) && said["party"] === party.id,
        ),
        online: source.online === true,
      },
    }),
    item: {
      room: application.room,
      service: application.service,
      title: service.title,
      result: service.result,
      legalBasis: service.legalBasis,
    },
    caseNumber: application.number,
    submittedOn: civilDay(Temporal.Instant.from(application.submittedAt)).toString(),
    channel: application.clerkId === undefined ? "online" : "counter",
    form: application.form,
    facts: application.facts,
    variables: source.variables,
    terms: termsOf(service.form),
    materials: application.materials.map((material) => ({
      title: service.materials[material.name]?.title ?? { zh: material.name, en: material.name },
      fileName: material.fileName,
    })),
    records,
    recordedOn,
    recordedBy,
    clocks: source.clocks.map((clock) => {
      const before = { ...clock, extensions: clock.extensions.slice(0, -1) };
      return {
        ...clock,
        dueOn: clockOf(clock, source.issuedAt).dueOn.toString(),
        dueWithoutExtensionOn: clockOf(before, source.issuedAt).dueOn.toString(),
      };
    }),
    remark: content.remark,
    details: content.details ?? {},
  };
}

/** What the values of a form's enumerations are called, those within lists too. */
function termsOf(form: ObjectSchema): NoticeFacts["terms"] {
  const terms: Record<string, Readonly<Record<string, Text>>> = {};
  for (const [name, schema] of Object.entries(form.shape)) {
    const options = fieldMeta(schema as z.ZodType)?.options;
    if (options) terms[name] = options;
  }
  return terms;
}

/** A notice as lists show it. */
export interface NoticeItem {
  readonly id: string;
  readonly caseId: string;
  readonly kind: string;
  readonly number: string;
  /** `made`: sealed, and to be handed to an interested party who has no account here. */
  readonly status: "waiting" | "made" | "delivered" | "stopped";
  /** The interested party to whom it goes; undefined: the applicant. */
  readonly partyId: string | undefined;
  readonly issuedAt: string;
  readonly deliveredAt: string | undefined;
  readonly openedAt: string | undefined;
  /** By which ways the applicant was to be told of it, and how that stands; empty where none was to be sent. */
  readonly told: readonly Pick<OutgoingItem, "channel" | "status">[];
}

export async function noticesOf(sql: Sql, caseId: string): Promise<readonly NoticeItem[]> {
  const rows = await sql.query<NoticeRecord & Pick<NoticeItem, "status" | "told">>(
    `SELECT n.id, n.case_id, n.kind, n.number, n.status, n.issued_at, n.delivered_at, n.opened_at, n.party_id,
       (SELECT coalesce(json_agg(json_build_object('channel', o.channel, 'status', o.status) ORDER BY o.channel DESC), '[]')
        FROM service.outgoing o WHERE o.case_id = n.case_id AND n.id IN (o.notice_id, o.email_notice_id)) AS told
     FROM service.notice n
     WHERE n.case_id = $1 ORDER BY n.issued_at, n.step <> 'submission', n.number`,
    [caseId],
  );
  return rows.map((row) => ({
    id: row.id,
    caseId: row.case_id,
    kind: row.kind,
    number: row.number,
    status: row.status,
    partyId: row.party_id ?? undefined,
    issuedAt: row.issued_at,
    deliveredAt: row.delivered_at ?? undefined,
    openedAt: row.opened_at ?? undefined,
    told: row.told,
  }));
}

interface OpenedNotice {
  readonly pdf: Uint8Array;
  readonly digest: string;
  readonly kind: string;
  readonly number: string;
}

/** The applicant opens a notice: its first opening is recorded, since periods for remedies may run from it. */
export async function openNotice(kernel: Kernel, act: Act, noticeId: string): Promise<OpenedNotice | ServiceRefusal> {
  const [row] = await kernel.database.query<NoticeRecord>("SELECT * FROM service.notice WHERE id = $1", [noticeId]);
  if (!row?.digest) return serviceRefusal("services", "case-unknown");
  const own = await openedBy(kernel, act, row);
  if (isRefusal(own)) return own;
  if (row.opened_at === null) {
    await kernel.database.transaction(async (transaction) => {
      const first = await transaction.execute(
        "UPDATE service.notice SET opened_at = $2 WHERE id = $1 AND opened_at IS NULL",
        [noticeId, act.at],
      );
      if (first === 0) return;
      await transaction.query("UPDATE service.message SET opened_at = $2 WHERE notice_id = $1 AND opened_at IS NULL", [
        noticeId,
        act.at,
      ]);
      await kernel.ledger.append(transaction, [
        caseEntry(act, own.application, {
          type: "act",
          step: `notice.${row.kind}`,
          outcome: "opened",
          parties: own.party && [own.party],
        }),
      ]);
    });
  }
  return { pdf: await kernel.files.read(row.digest), digest: row.digest, kind: row.kind, number: row.number };
}

/** The case of a notice, where it was sent to whoever opens it: one to somebody else is not there. */
async function openedBy(
  kernel: Kernel,
  act: Act,
  row: NoticeRecord,
): Promise<{ readonly application: Application; readonly party?: Party } | ServiceRefusal> {
  if (row.party_id === null) {
    const application = await ownApplication(kernel, act, row.case_id);
    return isRefusal(application) ? application : { application };
  }
  const [application, party] = await kernel.database.together((sql) =>
    Promise.all([readApplication(kernel, sql, row.case_id), readParty(kernel, sql, row.party_id ?? "")]),
  );
  return application && party && isOwnParty(act, party, application)
    ? { application, party }
    : serviceRefusal("services", "case-unknown");
}

/** A notice as it is or will be printed: the sealed document, or where it is not made yet, how it would look. */
export async function previewNotice(
  kernel: Kernel,
  noticeId: string,
  ports: { readonly documents: Documents; readonly posts: Posts; readonly addresses: Addresses },
): Promise<Uint8Array | undefined> {
  const [row] = await kernel.database.query<NoticeRecord>("SELECT * FROM service.notice WHERE id = $1", [noticeId]);
  if (!row) return undefined;
  if (row.digest) return kernel.files.read(row.digest);
  const application = await readApplication(kernel, kernel.database, row.case_id);
  assert(application, "a notice has its application");
  const addressee = await addresseeOf(kernel, row, application, ports.addresses);
  const facts = await noticeFacts(kernel, row, application, { posts: ports.posts, addressee });
  const rendered = await ports.documents.render({ kind: row.kind, data: facts });
  return "pdf" in rendered ? rendered.pdf : undefined;
}
