import { z } from "zod";
import { civilDay } from "#lib/calendar/civil-day";
import { text } from "#lib/language/text";
import { provableInstead } from "../access/step-up.ts";
import type { Service } from "../contract/contract.ts";
import { field } from "../contract/field.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Transaction } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import { ruleHolds } from "../procedures/rule-values.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { readInput } from "../system/read-input.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { archiveAfterNotice } from "./archive.ts";
import { caseEntry } from "./case-entry.ts";
import { noteTold } from "./notices.ts";
import { MAX_PARTIES, type Party, partiesOf, readParty, sealParty } from "./parties.ts";
import { keepRecord, recordsOf } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { caseFacts } from "./shown-cases.ts";

const MAX_NAME_CHARACTERS = 120;
const MAX_ADDRESS_CHARACTERS = 200;
const MAX_INTEREST_CHARACTERS = 1000;
const MAX_NOTE_CHARACTERS = 500;

/** Under these a record says that somebody was named, taken off, or handed a notice. */
export const PARTY_RECORDS = Object.freeze({
  "party-named": text("列明利害关系人", "Interested party named"),
  "party-removed": text("撤下利害关系人", "Interested party taken off"),
  "notice-delivered": text("登记文书送达", "Delivery of a notice recorded"),
});

/** Who is named, and why. */
export const PARTY_FORM = z.object({
  name: field(z.string().trim().min(1).max(MAX_NAME_CHARACTERS), { title: text("姓名或者名称", "Name") }),
  address: field(z.string().trim().min(1).max(MAX_ADDRESS_CHARACTERS), {
    title: text("地址", "Address"),
    hint: text("文书送到这里", "Notices are handed over or sent there"),
  }),
  interest: field(z.string().trim().min(1).max(MAX_INTEREST_CHARACTERS), {
    title: text("涉及的重大利益", "The weighty interest that is touched"),
    hint: text(
      "将写入告知书，例如“住在隔壁，厨房油烟影响通风和居住”",
      "This is printed in the notice, such as “lives next door; kitchen fumes reach the windows”",
    ),
    kind: "textarea",
  }),
});

/** How a notice was handed to someone who has no account: 直接、留置、邮寄、公告送达. */
export const DELIVERY_FORM = z.object({
  method: field(z.enum(["in-person", "left", "post", "announcement"]), {
    title: text("送达方式", "How it was delivered"),
    kind: "radios",
    options: {
      "in-person": text("直接送达", "Handed over in person"),
      left: text("留置送达", "Left, since they would not take it"),
      post: text("邮寄送达", "By post"),
      announcement: text("公告送达", "By public announcement"),
    },
  }),
  on: field(z.iso.date(), {
    title: text("送达日期", "Delivered on"),
    hint: text(
      "以签收、回执载明或者公告期满之日为准",
      "The day of the signature, of the receipt, or on which the announcement ends",
    ),
    kind: "date",
  }),
  note: field(z.string().trim().min(1).max(MAX_NOTE_CHARACTERS), {
    title: text("送达情况", "Particulars"),
    hint: text("签收人、邮件号码、见证人等", "Who signed, the number of the letter, witnesses"),
  }),
});

interface PartyCase {
  readonly application: Application;
  readonly service: Service;
  readonly policies: readonly string[];
}

/** A case whose interested parties this official keeps; a refused attempt is on the record. */
async function partyCase(kernel: Kernel, act: Act, caseId: string, step: string): Promise<PartyCase | ServiceRefusal> {
  const application = await readApplication(kernel, kernel.database, caseId);
  if (!application || act.principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const { service } = knownService(kernel, application);
  if (!service.procedure.parties) return serviceRefusal("services", "case-unknown");
  const attempt = {
    act: { ...act, caseId },
    room: application.room,
    operation: `${application.service}.party`,
    kind: "command",
    case: caseFacts(kernel, act, application),
  } as const;
  const decision = kernel.access.decide(attempt);
  if (decision.allowed) return { application, service, policies: decision.policies };
  const provable = provableInstead(kernel.access, attempt);
  if (provable) return provable;
  const { policies } = decision;
  await kernel.ledger.append(kernel.database, [
    caseEntry(act, application, { type: "refused", step, outcome: "denied", policies }),
  ]);
  return serviceRefusal("services", "case-unknown");
}

/**
 * Names someone whose weighty interest a case touches (行政许可法 §36). They are told with the next notice of rights; until they have
 * answered, or their time is over, the case cannot be decided.
 * @param named.registered as the registers were just asked; absent where they know nobody
 */
export async function nameParty(
  kernel: Kernel,
  act: Act,
  named: {
    readonly caseId: string;
    readonly kind: Party["kind"];
    readonly registered?: { readonly id: string; readonly personId: string };
    readonly form: Readonly<Record<string, unknown>>;
  },
): Promise<{ readonly id: string } | ServiceRefusal> {
  const { caseId, registered, kind } = named;
  const found = await partyCase(kernel, act, caseId, "party.name");
  if (isRefusal(found)) return found;
  const { application, service, policies } = found;
  const parsed = readInput(PARTY_FORM, named.form, kernel.zone);
  if (parsed.issues) return serviceRefusal(application.room, "form-wrong", {}, parsed.issues);
  const { applicant } = application;
  if (registered && (registered.id === applicant.id || registered.id === applicant.personId)) {
    return serviceRefusal(application.room, "party-is-applicant");
  }
  const id = kernel.newId();
  return kernel.database.transaction(async (transaction) => {
    if (!(await isNameable(kernel, transaction, application, service))) {
      return serviceRefusal(application.room, "party-not-foreseen");
    }
    const known = await partiesOf(kernel, transaction, caseId);
    if (known.length >= MAX_PARTIES)
      return serviceRefusal(application.room, "too-many-parties", { count: MAX_PARTIES });
    const written = await transaction.execute(
      `INSERT INTO service.party (id, case_id, kind, subject_id, person_id, content, named_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT DO NOTHING`,
      [
        id,
        caseId,
        kind,
        registered?.id ?? null,
        registered?.personId ?? null,
        sealParty(kernel, id, parsed.data),
        act.at,
      ],
    );
    if (written === 0) return serviceRefusal(application.room, "party-known");
    const content = { party: id, ...parsed.data };
    await keepRecord(kernel, transaction, { act, caseId, element: "party-named", content });
    const parties = [{ kind, registered }];
    const entry = caseEntry(act, application, { type: "act", step: "party", outcome: "named", policies, parties });
    await kernel.ledger.append(transaction, [entry]);
    return { id };
  });
}

/** Whether the case, held until the commit, runs on a definition that tells interested parties, and is not decided. */
async function isNameable(
  kernel: Kernel,
  transaction: Transaction,
  { caseId }: Application,
  { procedure }: Service,
): Promise<boolean> {
  const held = await kernel.procedures.hold(transaction, { caseId });
  if (!held.ok || !procedure.parties || !ruleHolds(procedure.parties.while, held.variables)) return false;
  const view = await kernel.procedures.view(transaction, caseId);
  assert(view, "an application has its case");
  const { elements } = await kernel.procedures.byDigest(transaction, view.digest);
  return [...elements.values()].some(({ notice }) => procedure.notices[notice ?? ""]?.to === "untold-parties");
}

/** Takes someone off who was named by mistake, before anything was sent to them. */
export async function removeParty(
  kernel: Kernel,
  act: Act,
  removed: { readonly caseId: string; readonly partyId: string; readonly reason: string },
): Promise<{ readonly id: string } | ServiceRefusal> {
  const { caseId, partyId, reason } = removed;
  const found = await partyCase(kernel, act, caseId, "party.remove");
  if (isRefusal(found)) return found;
  const { application, policies, service } = found;
  const { messages } = service.procedure;
  const party = await readParty(kernel, kernel.database, partyId);
  if (!party || party.caseId !== caseId) return serviceRefusal("services", "case-unknown");
  return kernel.database.transaction(async (transaction) => {
    const held = await kernel.procedures.hold(transaction, { caseId });
    if (!held.ok) return serviceRefusal(application.room, "case-closed");
    const records = await recordsOf(kernel, caseId, transaction);
    const spoke = records.some(
      ({ element, content }) => Object.hasOwn(messages, element) && content["party"] === partyId,
    );
    const gone = spoke
      ? 0
      : await transaction.execute(
          "DELETE FROM service.party p WHERE id = $1 AND NOT EXISTS (SELECT FROM service.notice n WHERE n.party_id = p.id)",
          [partyId],
        );
    if (gone === 0) return serviceRefusal(application.room, "party-noticed");
    const content = { party: partyId, name: party.name, reason: reason.trim().slice(0, MAX_NOTE_CHARACTERS) };
    await keepRecord(kernel, transaction, { act, caseId, element: "party-removed", content });
    const entry = { type: "act", step: "party", outcome: "removed", policies, parties: [party] } as const;
    await kernel.ledger.append(transaction, [caseEntry(act, application, entry)]);
    return { id: partyId };
  });
}

const NOT_THEN = text(
  "送达日期不能早于文书作出之日，也不能晚于今天。",
  "The day of delivery is not before that of the notice, and not after today.",
);

/** Records that a notice was handed to an interested party who has no account here: their period runs from that day. */
export async function recordDelivery(
  kernel: Kernel,
  act: Act,
  delivery: { readonly caseId: string; readonly noticeId: string; readonly form: Readonly<Record<string, unknown>> },
): Promise<{ readonly id: string } | ServiceRefusal> {
  const { caseId, noticeId } = delivery;
  const found = await partyCase(kernel, act, caseId, "party.deliver");
  if (isRefusal(found)) return found;
  const { application, service, policies } = found;
  const { room } = application;
  const parsed = readInput(DELIVERY_FORM, delivery.form, kernel.zone);
  if (parsed.issues) return serviceRefusal(room, "form-wrong", {}, parsed.issues);
  const { on } = parsed.data;
  const [notice] = await kernel.database.query<{
    kind: string;
    number: string;
    issued_at: string;
    party_id: string | null;
  }>(
    "SELECT kind, number, issued_at, party_id FROM service.notice WHERE id = $1 AND case_id = $2 AND status = 'made'",
    [noticeId, caseId],
  );
  const party = notice?.party_id ? await readParty(kernel, kernel.database, notice.party_id) : undefined;
  if (!notice || !party) return serviceRefusal(room, "not-made");
  const dayOf = (at: string) => civilDay(Temporal.Instant.from(at)).toString();
  if (on < dayOf(notice.issued_at) || on > dayOf(act.at)) {
    return serviceRefusal(room, "form-wrong", {}, [{ path: "on", text: NOT_THEN }]);
  }
  const deliveredAt = Temporal.PlainDate.from(on).toZonedDateTime("Asia/Shanghai").toInstant().toString();
  const done = await kernel.database.transaction(async (transaction) => {
    const delivered = await transaction.execute(
      "UPDATE service.notice SET status = 'delivered', delivered_at = $2 WHERE id = $1 AND status = 'made'",
      [noticeId, deliveredAt],
    );
    if (delivered === 0) return false;
    if (service.procedure.notices[notice.kind]?.to === "untold-parties") await noteTold(transaction, party.id, on);
    const content = { party: party.id, notice: notice.kind, number: notice.number, ...parsed.data };
    await keepRecord(kernel, transaction, { act, caseId, element: "notice-delivered", content });
    const about = {
      type: "act",
      step: `notice.${notice.kind}`,
      outcome: "delivered",
      policies,
      parties: [party],
    } as const;
    await kernel.ledger.append(transaction, [caseEntry(act, application, about)]);
    return true;
  });
  if (!done) return serviceRefusal(room, "not-made");
  await archiveAfterNotice(kernel.database, noticeId);
  return { id: noticeId };
}
