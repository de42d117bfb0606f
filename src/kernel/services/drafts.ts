import { Buffer } from "node:buffer";
import { text } from "#lib/language/text";
import { isRefusal } from "../contract/refusal.ts";
import type { Sql } from "../database/sql.ts";
import type { UploadedFile } from "../http/page.ts";
import type { Scanner } from "../ports.ts";
import type { Act } from "../system/act.ts";
import type { Applicant, Fact } from "../system/context.ts";
import type { Kernel } from "../system/kernel.ts";
import { openContext } from "../system/open-context.ts";
import type { System } from "../system/system.ts";
import { UnitOfWork } from "../system/unit-of-work.ts";
import { type Draft, materialsOf, openContent, type ServiceRef, sealContent, serviceOf } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { actsForApplicant } from "./own-application.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { takeUpload } from "./take-upload.ts";

/** Files that one draft may hold. */
export const MAX_MATERIALS = 20;
/** A draft that nobody touched for so long is removed. */
export const DRAFT_RETENTION_DAYS = 90;
/** Characters of one draft's fields together. */
export const MAX_FORM_CHARACTERS = 200_000;

/** Begins a draft: fetches what government knows, under the purpose of the case that it may become. */
export async function startDraft(
  kernel: Kernel,
  act: Act,
  ref: ServiceRef,
  applicant: Applicant,
): Promise<Draft | ServiceRefusal> {
  const found = serviceOf(kernel, ref);
  if (!found) return serviceRefusal(ref.room, "service-unknown");
  const { system, service } = found;
  if (!service.applicants.includes(applicant.kind)) {
    const who = service.applicants.includes("organization")
      ? text("单位", "an organization")
      : text("个人", "a person");
    return serviceRefusal(ref.room, "not-an-applicant", { who });
  }
  const id = kernel.newId();
  const barred = await barredFromStarting(kernel, { ...act, caseId: id }, { ...ref, caseId: id, applicant });
  if (barred) return barred;
  const facts = await fetchFacts(kernel, { act, system, ref, applicant, caseId: id });
  if (isRefusal(facts)) return facts;
  const clerkId = act.principal.kind === "official" ? act.principal.id : undefined;
  await kernel.database.query(
    `INSERT INTO service.draft (id, room, service, person_id, applicant_kind, applicant_id, clerk_id, content, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
    [
      id,
      ref.room,
      ref.service,
      applicant.personId,
      applicant.kind,
      applicant.id,
      clerkId ?? null,
      sealContent(kernel, id, { form: {}, facts }),
      act.at,
    ],
  );
  return { id, ...ref, applicant, clerkId, form: {}, facts, materials: [], updatedAt: act.at };
}

/**
 * Nobody has the registers asked about someone else: a person begins drafts of his own, and an official only where he may file for
 * who stands before him. Whether a person acts for an organization, the item's room asks the register itself; for another person one acts by
 * the power that the session has now, where the item may be applied for by that.
 */
async function barredFromStarting(
  kernel: Kernel,
  act: Act,
  draft: ServiceRef & { readonly caseId: string; readonly applicant: Applicant },
): Promise<ServiceRefusal | undefined> {
  const { principal } = act;
  const own = principal.kind === "person" && principal.id === draft.applicant.personId;
  const forAnother = draft.applicant.kind === "person" && draft.applicant.id !== draft.applicant.personId;
  if (own && !forAnother) return undefined;
  const decision = kernel.access.decide({
    act,
    room: draft.room,
    operation: `${draft.service}.submit`,
    kind: "command",
  });
  if (principal.kind === "official" && decision.allowed) return undefined;
  if (own && decision.allowed && actsForApplicant(act, draft)) return undefined;
  await kernel.ledger.append(kernel.database, [
    caseEntry(act, draft, { type: "refused", step: "draft", outcome: "denied", policies: decision.policies }),
  ]);
  return serviceRefusal(draft.room, own ? "not-for-others" : "service-unknown");
}

/** Asks the item's room for what government knows; every question is on the record of whom it concerns. */
export async function fetchFacts(
  kernel: Kernel,
  asked: { act: Act; system: System; ref: ServiceRef; applicant: Applicant; caseId: string },
): Promise<readonly Fact[] | ServiceRefusal> {
  const { system, ref } = asked;
  const implementation = system.services[ref.service];
  if (!implementation) return serviceRefusal(ref.room, "service-unknown");
  const act: Act = { ...asked.act, purpose: "case", caseId: asked.caseId, idempotencyKey: undefined };
  const unit = new UnitOfWork(kernel.database);
  const facts = await implementation.facts(openContext(kernel, { act, unit, system }), asked.applicant);
  await recordReading(kernel, act, { ...ref, caseId: asked.caseId, applicant: asked.applicant, step: "facts", unit });
  if (!isRefusal(facts)) return facts;
  if (facts.code === "not-representative") return serviceRefusal(ref.room, "not-representative");
  return serviceRefusal(ref.room, "facts-unavailable", { reason: facts.text });
}

/** What a room read in its own registers for an application is on the record before anything of it is shown. */
export async function recordReading(
  kernel: Kernel,
  act: Act,
  reading: ServiceRef & {
    readonly caseId: string;
    readonly applicant: Applicant;
    readonly step: "facts" | "screening";
    readonly unit: UnitOfWork;
  },
): Promise<void> {
  const subjects = reading.unit.subjects();
  if (subjects.length === 0) return;
  const entry = caseEntry(act, reading, { type: "read", step: reading.step, outcome: "answered" });
  await kernel.ledger.append(kernel.database, [{ ...entry, subjects }]);
}

interface DraftRecord {
  readonly id: string;
  readonly room: string;
  readonly service: string;
  readonly person_id: string;
  readonly applicant_kind: "person" | "organization";
  readonly applicant_id: string;
  readonly clerk_id: string | null;
  readonly content: Buffer;
  readonly updated_at: string;
}

/** A draft of the acting person, or one that this clerk began; to everyone else it is not there. */
export async function readDraft(kernel: Kernel, sql: Sql, act: Act, draftId: string): Promise<Draft | ServiceRefusal> {
  const [row] = await sql.query<DraftRecord>("SELECT * FROM service.draft WHERE id = $1", [draftId]);
  const { principal } = act;
  const own = principal.kind === "person" && row?.person_id === principal.id;
  const clerks = principal.kind === "official" && row?.clerk_id === principal.id;
  if (!row || !(own || clerks)) return serviceRefusal("services", "draft-unknown");
  return {
    id: row.id,
    room: row.room,
    service: row.service,
    applicant: { kind: row.applicant_kind, id: row.applicant_id, personId: row.person_id },
    clerkId: row.clerk_id ?? undefined,
    ...openContent(kernel, row.id, row.content),
    materials: await materialsOf(kernel, sql, row.id),
    updatedAt: row.updated_at,
  };
}

/** The drafts of a person, newest first. */
export async function draftsOf(
  kernel: Kernel,
  personId: string,
): Promise<readonly { id: string; room: string; service: string; updatedAt: string }[]> {
  const rows = await kernel.database.query<{ id: string; room: string; service: string; updated_at: string }>(
    "SELECT id, room, service, updated_at FROM service.draft WHERE person_id = $1 ORDER BY updated_at DESC LIMIT 50",
    [personId],
  );
  return rows.map((row) => ({ id: row.id, room: row.room, service: row.service, updatedAt: row.updated_at }));
}

/** Keeps what was entered, whatever it is: faults are named when the form is checked. */
export async function saveDraft(
  kernel: Kernel,
  act: Act,
  draftId: string,
  form: Readonly<Record<string, unknown>>,
): Promise<Draft | ServiceRefusal> {
  const draft = await readDraft(kernel, kernel.database, act, draftId);
  if (isRefusal(draft)) return draft;
  const merged = { ...draft.form, ...form };
  if (JSON.stringify(merged).length > MAX_FORM_CHARACTERS) return serviceRefusal(draft.room, "form-wrong");
  await kernel.database.query("UPDATE service.draft SET content = $2, updated_at = $3 WHERE id = $1", [
    draftId,
    sealContent(kernel, draftId, { form: merged, facts: draft.facts }),
    act.at,
  ]);
  return { ...draft, form: merged };
}

/** Takes one upload: type by its bytes, size, emptiness and malware are looked at before it is kept. */
export async function addMaterial(
  kernel: Kernel,
  act: Act,
  upload: { readonly draftId: string; readonly name: string; readonly file: UploadedFile; readonly scanner: Scanner },
): Promise<Draft | ServiceRefusal> {
  const draft = await readDraft(kernel, kernel.database, act, upload.draftId);
  if (isRefusal(draft)) return draft;
  const materials = serviceOf(kernel, draft)?.service.materials ?? {};
  const material = Object.hasOwn(materials, upload.name) ? materials[upload.name] : undefined;
  if (!material) return serviceRefusal(draft.room, "material-unknown");
  if (draft.materials.length >= MAX_MATERIALS) return serviceRefusal(draft.room, "too-many-materials");
  const { file } = upload;
  const stored = await takeUpload(kernel, { room: draft.room, material, file, scanner: upload.scanner });
  if (isRefusal(stored)) return stored;
  const id = kernel.newId();
  // A draft that was submitted meanwhile takes nothing more: what was signed is what is in the case.
  const written = await kernel.database.execute(
    `WITH draft AS (UPDATE service.draft SET updated_at = $8 WHERE id = $2 RETURNING id)
     INSERT INTO service.material (id, draft_id, name, digest, bytes, media_type, file_name, uploaded_at)
     SELECT $1, draft.id, $3, $4, $5, $6, $7, $8 FROM draft`,
    [
      id,
      draft.id,
      upload.name,
      stored.digest,
      stored.bytes,
      stored.mediaType,
      kernel.vault.seal("file-name", Buffer.from(file.name, "utf8"), id),
      act.at,
    ],
  );
  if (written === 0) return serviceRefusal("services", "draft-unknown");
  return { ...draft, materials: await materialsOf(kernel, kernel.database, draft.id) };
}

/** Takes a file out of a draft; its bytes go when nothing else names them. */
export async function removeMaterial(
  kernel: Kernel,
  act: Act,
  draftId: string,
  materialId: string,
): Promise<Draft | ServiceRefusal> {
  const draft = await readDraft(kernel, kernel.database, act, draftId);
  if (isRefusal(draft)) return draft;
  await kernel.database.query(
    "UPDATE service.material SET removed = true WHERE id = $1 AND draft_id = $2 AND case_id IS NULL",
    [materialId, draftId],
  );
  return { ...draft, materials: draft.materials.filter((material) => material.id !== materialId) };
}
