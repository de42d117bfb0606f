import { Buffer } from "node:buffer";
import type { z } from "zod";
import { civilDay } from "#lib/calendar/civil-day";
import type { Text } from "#lib/language/text";
import type { Citation } from "../contract/citation.ts";
import type { ObjectSchema } from "../contract/contract.ts";
import { fieldMeta } from "../contract/field.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Sql } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import type { Addresses, Documents, Posts, Signer } from "../ports.ts";
import type { CaseView } from "../procedures/changes.ts";
import type { Act } from "../system/act.ts";
import type { Fact } from "../system/context.ts";
import type { Kernel } from "../system/kernel.ts";
import { announceNotice, type OutgoingItem } from "./announce.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { clockOf } from "./case-clock.ts";
import { caseEntry, nodeAct } from "./case-entry.ts";
import { unanswered } from "./case-step.ts";
import type { NoticeContent } from "./issue-notice.ts";
import { ownApplication } from "./own-application.ts";
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
  if (!row || row.status === "delivered") return;
  const application = await readApplication(kernel, kernel.database, row.case_id);
  assert(application, "a notice has its application");
  const facts = await noticeFacts(kernel, row, application, ports.posts);
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
  const { personId } = application.applicant;
  const email = await ports.addresses.emailOf({ personId, caseId: application.caseId });
  await kernel.database.transaction(async (transaction) => {
    const now = kernel.now();
    const delivered = await transaction.execute(
      `UPDATE service.notice SET status = 'delivered', problem = NULL, digest = $2, delivered_at = $3
       WHERE id = $1 AND status <> 'delivered'`,
      [noticeId, stored.digest, now],
    );
    // Two processes drew it at the same time: the first stands, and its seal alone is on the record.
    if (delivered === 0) return;
    const message = transaction.query(
      `INSERT INTO service.message (id, person_id, case_id, notice_id, kind, sent_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (notice_id) DO NOTHING`,
      [kernel.newId(), application.applicant.personId, application.caseId, noticeId, row.kind, now],
    );
    const step = `notice.${row.kind}`;
    const entry = caseEntry(nodeAct(kernel, application, now), application, {
      type: "seal",
      step,
      outcome: stored.digest,
    });
    unanswered(
      message,
      announceNotice(kernel, transaction, { id: noticeId, kind: row.kind, application, at: now, email }),
      kernel.ledger.append(transaction, [entry]),
    );
  });
}

/** What a notice's document says. */
export async function noticeFacts(
  kernel: Kernel,
  row: Pick<NoticeRecord, "id" | "kind" | "number" | "content" | "issued_at" | "case_id">,
  application: Application,
  posts: Posts,
): Promise<NoticeFacts> {
  const content = JSON.parse(
    Buffer.from(kernel.vault.open("notice", row.content, row.id)).toString("utf8"),
  ) as NoticeContent;
  const { caseId } = application;
  const [view, records] = await kernel.database.together((sql) =>
    Promise.all([kernel.procedures.view(sql, caseId), recordsOf(kernel, caseId, sql)]),
  );
  return factsOf(kernel, posts, {
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
  readonly records: readonly Pick<CaseRecord, "element" | "at" | "content">[];
}

export async function factsOf(kernel: Kernel, posts: Posts, source: NoticeSource): Promise<NoticeFacts> {
  const { application, content } = source;
  const authority = await posts.authority(application.authority);
  assert(authority, "the authority of a case is in the directory");
  const { service } = knownService(kernel, application);
  const records: Record<string, Readonly<Record<string, unknown>>> = {};
  const recordedOn: Record<string, string> = {};
  const issuedAt = Temporal.Instant.from(source.issuedAt);
  for (const record of source.records) {
    const at = Temporal.Instant.from(record.at);
    if (Temporal.Instant.compare(at, issuedAt) > 0) continue;
    records[record.element] = record.content;
    recordedOn[record.element] = civilDay(at).toString();
  }
  return {
    kind: source.kind,
    number: source.number,
    issuedOn: civilDay(issuedAt).toString(),
    issuedAt: source.issuedAt,
    issuedBy: content.issuedBy?.post,
    authority,
    applicant: { name: content.applicantName, kind: application.applicant.kind },
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
  readonly status: "waiting" | "delivered" | "stopped";
  readonly issuedAt: string;
  readonly deliveredAt: string | undefined;
  readonly openedAt: string | undefined;
  /** By which ways the applicant was to be told of it, and how that stands; empty where none was to be sent. */
  readonly told: readonly Pick<OutgoingItem, "channel" | "status">[];
}

export async function noticesOf(sql: Sql, caseId: string): Promise<readonly NoticeItem[]> {
  const rows = await sql.query<NoticeRecord & Pick<NoticeItem, "status" | "told">>(
    `SELECT n.id, n.case_id, n.kind, n.number, n.status, n.issued_at, n.delivered_at, n.opened_at,
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
    issuedAt: row.issued_at,
    deliveredAt: row.delivered_at ?? undefined,
    openedAt: row.opened_at ?? undefined,
    told: row.told,
  }));
}

/** The applicant opens a notice: its first opening is recorded, since periods for remedies may run from it. */
export async function openNotice(
  kernel: Kernel,
  act: Act,
  noticeId: string,
): Promise<{ readonly pdf: Uint8Array; readonly kind: string; readonly number: string } | ServiceRefusal> {
  const [row] = await kernel.database.query<NoticeRecord>("SELECT * FROM service.notice WHERE id = $1", [noticeId]);
  if (!row?.digest) return serviceRefusal("services", "case-unknown");
  const own = await ownApplication(kernel, act, row.case_id);
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
        caseEntry(act, own, { type: "act", step: `notice.${row.kind}`, outcome: "opened" }),
      ]);
    });
  }
  return { pdf: await kernel.files.read(row.digest), kind: row.kind, number: row.number };
}

/** A notice as it is or will be printed: the sealed document, or where it is not made yet, how it would look. */
export async function previewNotice(
  kernel: Kernel,
  noticeId: string,
  ports: { readonly documents: Documents; readonly posts: Posts },
): Promise<Uint8Array | undefined> {
  const [row] = await kernel.database.query<NoticeRecord>("SELECT * FROM service.notice WHERE id = $1", [noticeId]);
  if (!row) return undefined;
  if (row.digest) return kernel.files.read(row.digest);
  const application = await readApplication(kernel, kernel.database, row.case_id);
  assert(application, "a notice has its application");
  const facts = await noticeFacts(kernel, row, application, ports.posts);
  const rendered = await ports.documents.render({ kind: row.kind, data: facts });
  return "pdf" in rendered ? rendered.pdf : undefined;
}
