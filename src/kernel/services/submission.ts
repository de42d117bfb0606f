import { civilDay } from "#lib/calendar/civil-day";
import { text } from "#lib/language/text";
import { provableInstead } from "../access/step-up.ts";
import { isAssured } from "../contract/assurance.ts";
import type { Service } from "../contract/contract.ts";
import { assuranceNeeded } from "../contract/door-refusals.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Transaction } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { openContext } from "../system/open-context.ts";
import { readInput } from "../system/read-input.ts";
import type { System } from "../system/system.ts";
import { UnitOfWork } from "../system/unit-of-work.ts";
import { type Application, type Draft, knownService, readApplication, sealContent } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { afterStep } from "./case-step.ts";
import { fetchFacts, readDraft, recordReading } from "./drafts.ts";
import { type Hold, heldByAnother, isHeld, takeHolds } from "./holds.ts";
import { issueNotice } from "./issue-notice.ts";
import { actsForApplicant } from "./own-application.ts";
import { received, shared } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { canonicalBytes, digestOf, ProofUsed, type Signing, signStatement, useProof } from "./statement.ts";

/** What an applicant has in hand after submitting. */
export interface Submitted {
  readonly caseId: string;
  readonly number: string;
}

/**
 * Submits a draft: checks form and documents, asks government's registers anew, lets the item's room screen it, signs, and
 * then in one transaction makes the case, starts its procedure and writes the ledger. Twice the same draft is one case.
 */
export async function submitDraft(
  kernel: Kernel,
  act: Act,
  submission: { readonly draftId: string; readonly signing?: ApplicationSigning },
): Promise<Submitted | ServiceRefusal> {
  const { draftId } = submission;
  const earlier = await submittedFrom(kernel, act, draftId);
  if (earlier) return earlier;
  const draft = await readDraft(kernel, kernel.database, act, draftId);
  if (isRefusal(draft)) return draft;
  const { system, service } = knownService(kernel, draft);
  const ready = await checkDraft(kernel, act, { draft, system, service });
  if (isRefusal(ready)) return ready;
  const attempt = {
    act: { ...act, caseId: draftId },
    room: draft.room,
    operation: `${draft.service}.submit`,
    kind: "command",
  } as const;
  const decision = kernel.access.decide(attempt);
  const provable = decision.allowed ? undefined : provableInstead(kernel.access, attempt);
  if (provable) return provable;
  const { applicant } = draft;
  const forAnother =
    act.principal.kind === "person" && applicant.kind === "person" && applicant.id !== applicant.personId;
  if (!decision.allowed || (forAnother && !actsForApplicant(act, draft))) {
    await kernel.ledger.append(kernel.database, [
      caseEntry(
        act,
        { ...draft, caseId: draftId },
        { type: "refused", step: "submit", outcome: "denied", policies: decision.policies },
      ),
    ]);
    return serviceRefusal(draft.room, forAnother ? "not-for-others" : "draft-unknown");
  }
  const statement = await signContent(kernel, act, ready.draft, submission.signing);
  if (isRefusal(statement)) return statement;
  const opening = kernel.database.transaction(
    (transaction) => openCase(kernel, transaction, { act, ready, service, statement, policies: decision.policies }),
    { retries: 0 },
  );
  const opened = await opening.catch(async (error: unknown) => {
    if (error instanceof ProofUsed) return error.refusal;
    const held =
      isHeld(error) && (await heldByAnother(kernel.database, { room: draft.room, holds: ready.holds ?? [] }));
    if (held) return held;
    throw error;
  });
  // The form was sent twice at the same time: the first stands. Or its draft was discarded meanwhile.
  return opened ?? (await submittedFrom(kernel, act, draftId)) ?? serviceRefusal(draft.room, "draft-unknown");
}

async function submittedFrom(kernel: Kernel, act: Act, draftId: string): Promise<Submitted | undefined> {
  const [row] = await kernel.database.query<{
    case_id: string;
    number: string;
    person_id: string;
    clerk_id: string | null;
  }>("SELECT case_id, number, person_id, clerk_id FROM service.application WHERE draft_id = $1", [draftId]);
  const { principal } = act;
  if (!row || (principal.kind !== "person" && principal.kind !== "official")) return undefined;
  return principal.id === row.person_id || principal.id === row.clerk_id
    ? { caseId: row.case_id, number: row.number }
    : undefined;
}

interface Ready {
  readonly draft: Draft;
  readonly screening: "fits" | "not-our-remit";
  readonly remark: { readonly zh: string; readonly en: string } | undefined;
  readonly variables?: Readonly<Record<string, string | number>>;
  readonly holds?: readonly Hold[];
}

/** Everything that can be said before a case exists. */
export async function checkDraft(
  kernel: Kernel,
  act: Act,
  checked: { readonly draft: Draft; readonly system: System; readonly service: Service },
): Promise<Ready | ServiceRefusal> {
  const { draft, system, service } = checked;
  const parsed = readInput(service.form, draft.form, kernel.zone);
  if (parsed.issues) return serviceRefusal(draft.room, "form-wrong", {}, parsed.issues);
  const missing = Object.entries(service.materials).filter(
    ([name, material]) => material.required && !draft.materials.some((held) => held.name === name),
  );
  if (missing.length > 0) {
    const titles = text(
      missing.map(([, material]) => material.title.zh).join("、"),
      missing.map(([, material]) => material.title.en).join(", "),
    );
    const issues = missing.map(([name, material]) => ({
      path: `materials.${name}`,
      text: text(`请上传${material.title.zh}`, `Upload: ${material.title.en}`),
    }));
    return serviceRefusal(draft.room, "material-missing", { titles }, issues);
  }
  // Before the registers are asked, so that what is sent again after the proof does not ask them twice.
  if (service.assurance && act.principal.kind === "person" && !isAssured(act.principal, service.assurance, act.at)) {
    return assuranceNeeded(draft.room, service.assurance);
  }
  const facts = await fetchFacts(kernel, { act, system, ref: draft, applicant: draft.applicant, caseId: draft.id });
  if (isRefusal(facts)) return facts;
  const current: Draft = { ...draft, form: parsed.data, facts };
  const implementation = system.services[draft.service];
  assert(implementation, `${draft.room}.${draft.service} is implemented`);
  const asking: Act = { ...act, purpose: "case", caseId: draft.id, idempotencyKey: undefined };
  const unit = new UnitOfWork(kernel.database);
  const context = openContext(kernel, { act: asking, unit, system });
  const screening = await implementation.screen(context, { applicant: draft.applicant, form: parsed.data, facts });
  await recordReading(kernel, asking, { ...draft, caseId: draft.id, step: "screening", unit });
  switch (screening.kind) {
    case "fits": {
      const { variables = {}, holds = [] } = screening;
      const held = await heldByAnother(kernel.database, { room: draft.room, holds });
      return held ?? { draft: current, screening: "fits", remark: undefined, variables, holds };
    }
    case "not-our-remit":
      return {
        draft: current,
        screening: "not-our-remit",
        remark: text(`${screening.reason.zh}${screening.next.zh}`, `${screening.reason.en} ${screening.next.en}`),
      };
    case "not-needed":
      return serviceRefusal(draft.room, "not-needed", { reason: screening.reason, next: screening.next });
    case "barred":
      return serviceRefusal(draft.room, "barred", { reason: screening.reason, until: screening.until });
    case "wrong":
      return serviceRefusal(draft.room, "form-wrong", {}, screening.issues);
  }
}

/** Who signs, in which words, and the digest of what was shown to them (`signedContent`). */
export interface ApplicationSigning extends Signing {
  readonly digest: string;
}

/** What an applicant confirms. */
export const APPLICATION_WORDS = text("我确认以上内容真实、完整。", "I confirm that all of this is true and complete.");

type Signable = Pick<Draft, "room" | "service" | "id" | "applicant" | "form" | "facts" | "materials">;

/**
 * What an applicant signs: the item, what was entered, what registers say, and the digests of the files. When registers were asked
 * is left out: asked again they say the same.
 */
export function signedContent(draft: Signable): unknown {
  return {
    format: "zhengtong-application/1",
    service: `${draft.room}.${draft.service}`,
    case: draft.id,
    applicant: draft.applicant,
    form: draft.form,
    facts: draft.facts.map(({ id, value }) => ({ id, value })),
    materials: draft.materials.map(({ name, digest }) => ({ name, digest })),
  };
}

/** An application as it was when it was signed: what was handed in later, while the case waited for it, was not in it. */
export function asSigned(application: Application): Signable {
  const submittedMs = Date.parse(application.submittedAt);
  const materials = application.materials.filter(({ uploadedAt }) => Date.parse(uploadedAt) <= submittedMs);
  return { ...application, id: application.caseId, materials };
}

/** The digest of what the applicant would sign now; undefined while the form is not complete. */
export function digestToSign(service: Service, draft: Draft): string | undefined {
  const parsed = service.form.safeParse(draft.form);
  return parsed.success ? digestOf(signedContent({ ...draft, form: parsed.data })) : undefined;
}

/** What was signed before there were statements. */
export function formerSignedBytes(draft: Signable): Uint8Array {
  const { format: _, ...content } = signedContent(draft) as { readonly format: string };
  return canonicalBytes({ ...content, facts: draft.facts });
}

/** Signs what was shown, and nothing else: where it is another by now, the applicant looks at it once more. */
async function signContent(
  kernel: Kernel,
  act: Act,
  draft: Draft,
  signing: ApplicationSigning | undefined,
): Promise<string | undefined | ServiceRefusal> {
  // At a counter the applicant signs on paper; the clerk does not sign for them.
  if (act.principal.kind !== "person") return undefined;
  assert(signing, "a person signs what he submits");
  const digest = digestOf(signedContent(draft));
  if (digest !== signing.digest) {
    const { form, facts } = draft;
    await kernel.database.execute("UPDATE service.draft SET content = $2 WHERE id = $1", [
      draft.id,
      sealContent(kernel, draft.id, { form, facts }),
    ]);
    return serviceRefusal(draft.room, "content-changed");
  }
  return signStatement(act, signing, { act: `${draft.room}.${draft.service}.submit`, caseId: draft.id, digest });
}

async function openCase(
  kernel: Kernel,
  transaction: Transaction,
  opening: { act: Act; ready: Ready; service: Service; statement: string | undefined; policies: readonly string[] },
): Promise<Submitted | undefined> {
  const { act, service, statement, ready } = opening;
  const { draft } = ready;
  // First, since it waits for whoever submits or discards the same draft: only one of them finds it.
  const taken = await transaction.execute("DELETE FROM service.draft WHERE id = $1", [draft.id]);
  if (taken === 0) return undefined;
  if (statement !== undefined) {
    await useProof(transaction, act, { need: service.assurance, caseId: draft.id, room: draft.room });
  }
  const number = await nextCaseNumber(transaction, draft.room, service.numberPrefix, act.at);
  const written = transaction.query(
    `INSERT INTO service.application (case_id, number, draft_id, room, service, authority, person_id, applicant_kind,
       applicant_id, clerk_id, content, submitted_at)
     VALUES ($1, $2, $1, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      draft.id,
      number,
      draft.room,
      draft.service,
      kernel.authorityOf(draft.room),
      draft.applicant.personId,
      draft.applicant.kind,
      draft.applicant.id,
      draft.clerkId ?? null,
      sealContent(kernel, draft.id, { form: draft.form, facts: draft.facts, statement }),
      act.at,
    ],
  );
  const held = takeHolds(transaction, draft.id, { room: draft.room, holds: ready.holds ?? [] });
  // The files that were signed, and no others: one more may have been added or taken out in another window meanwhile.
  const handedIn = transaction.query(
    "UPDATE service.material SET case_id = $1, removed = NOT (id = ANY($2::uuid[])) WHERE draft_id = $1",
    [draft.id, draft.materials.map(({ id }) => id)],
  );
  transaction.unanswered(written, held, handedIn);
  const application = await readApplication(kernel, transaction, draft.id);
  assert(application, "the application was just written");
  transaction.unanswered(issueNotice(kernel, transaction, { act, application, kind: "receipt", step: "submission" }));
  const started = await kernel.procedures.start(transaction, {
    caseId: draft.id,
    number,
    room: draft.room,
    service: draft.service,
    variables: {
      screening: ready.screening,
      promisedDays: service.limits.promisedDays,
      statutoryDays: service.limits.statutoryDays,
      applicantKind: draft.applicant.kind,
      ...shared(service.procedure, ready.variables ?? {}),
      ...received(service.procedure, act.at),
    },
    by: draft.applicant.personId,
    at: act.at,
  });
  if (!started.ok) throw new Fault("ERR_CASE_NOT_STARTED", { message: started.refusal });
  const { policies } = opening;
  const digest = digestOf(signedContent(draft));
  transaction.unanswered(
    afterStep(kernel, transaction, {
      change: started.change,
      act,
      application: ready.remark ? { ...application, remark: ready.remark } : application,
    }),
    kernel.ledger.append(transaction, [
      caseEntry(act, application, { type: "act", step: "submit", outcome: "received", policies, digest }),
    ]),
  );
  return { caseId: draft.id, number };
}

/** `QY-2026-000217`: counts up within the year of its prefix. */
async function nextCaseNumber(transaction: Transaction, room: string, prefix: string, at: string): Promise<string> {
  const { year } = civilDay(Temporal.Instant.from(at));
  const [row] = await transaction.query<{ last: number }>(
    `INSERT INTO act.sequence AS s (room, name, last) VALUES ($1, $2, 1)
     ON CONFLICT (room, name) DO UPDATE SET last = s.last + 1 RETURNING last`,
    [room, `case/${prefix}/${year}`],
  );
  assert(row, "an upsert returns its row");
  return `${prefix}-${year}-${String(row.last).padStart(6, "0")}`;
}
