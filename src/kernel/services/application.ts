import { Buffer } from "node:buffer";
import type { Text } from "#lib/language/text";
import type { Service } from "../contract/contract.ts";
import type { Sql } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import type { Applicant, Fact } from "../system/context.ts";
import type { Kernel } from "../system/kernel.ts";
import type { System } from "../system/system.ts";

/** Names a service item: `{ room: "quality", service: "foodBusinessLicence" }`. */
export interface ServiceRef {
  readonly room: string;
  readonly service: string;
}

/** What an applicant says and what government said, as it is kept: sealed. */
export interface ApplicationContent {
  /** As entered; checked against the item's form when it is submitted. */
  readonly form: Readonly<Record<string, unknown>>;
  readonly facts: readonly Fact[];
  /** What the applicant signed when he submitted it (`statement.ts`); none where a clerk filed on paper. */
  readonly statement?: string | undefined;
}

export interface MaterialRow {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly fileName: string;
  readonly uploadedAt: string;
}

export interface Draft extends ServiceRef, ApplicationContent {
  readonly id: string;
  readonly applicant: Applicant;
  readonly clerkId: string | undefined;
  readonly materials: readonly MaterialRow[];
  readonly updatedAt: string;
}

export interface Application extends ServiceRef, ApplicationContent {
  readonly caseId: string;
  readonly number: string;
  readonly authority: string;
  readonly applicant: Applicant;
  readonly clerkId: string | undefined;
  readonly materials: readonly MaterialRow[];
  readonly submittedAt: string;
  /** Of applications that were signed before there were statements: over `formerSignedBytes`. */
  readonly signature: Buffer | undefined;
  readonly certificate: string | undefined;
  /** What the screening said, for the notice that the first step may send. */
  readonly remark?: Text;
}

/** The room and declaration of an item; undefined where there is no such item. */
export function serviceOf(kernel: Kernel, ref: ServiceRef): { system: System; service: Service } | undefined {
  const system = kernel.systems.get(ref.room);
  const service = system?.contract.services[ref.service];
  return system && service ? { system, service } : undefined;
}

/** The same, for an item whose name comes from our own tables. */
export function knownService(kernel: Kernel, ref: ServiceRef): { system: System; service: Service } {
  const found = serviceOf(kernel, ref);
  assert(found, `the item ${ref.room}.${ref.service} of a stored application is not composed`);
  return found;
}

export function sealContent(kernel: Kernel, id: string, content: ApplicationContent): Uint8Array {
  return kernel.vault.seal("application", Buffer.from(JSON.stringify(content)), id);
}

export function openContent(kernel: Kernel, id: string, sealed: Uint8Array): ApplicationContent {
  return JSON.parse(Buffer.from(kernel.vault.open("application", sealed, id)).toString("utf8")) as ApplicationContent;
}

interface MaterialRecord {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly bytes: number;
  readonly media_type: string;
  /** Sealed, hexadecimal. */
  readonly file_name: string;
  readonly uploaded_at: string;
}

/** As JSON, so that an application and its files are one statement. */
const MATERIALS = `SELECT jsonb_build_object('id', m.id, 'name', m.name, 'digest', m.digest, 'bytes', m.bytes,
    'media_type', m.media_type, 'file_name', encode(m.file_name, 'hex'),
    'uploaded_at', to_char(m.uploaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) AS material
  FROM service.material m WHERE NOT m.removed`;
const MATERIAL_ORDER = "m.name, m.uploaded_at";

/** The files of a draft, which keep its id when it has become a case. */
export async function materialsOf(kernel: Kernel, sql: Sql, draftId: string): Promise<readonly MaterialRow[]> {
  const rows = await sql.query<{ readonly material: MaterialRecord }>(
    `${MATERIALS} AND m.draft_id = $1 ORDER BY ${MATERIAL_ORDER}`,
    [draftId],
  );
  return rows.map(({ material }) => openMaterial(kernel, material));
}

function openMaterial(kernel: Kernel, row: MaterialRecord): MaterialRow {
  const fileName = kernel.vault.open("file-name", Buffer.from(row.file_name, "hex"), row.id);
  return {
    id: row.id,
    name: row.name,
    digest: row.digest,
    bytes: row.bytes,
    mediaType: row.media_type,
    fileName: Buffer.from(fileName).toString("utf8"),
    uploadedAt: row.uploaded_at,
  };
}

interface ApplicationRecord {
  readonly case_id: string;
  readonly number: string;
  readonly draft_id: string;
  readonly room: string;
  readonly service: string;
  readonly authority: string;
  readonly person_id: string;
  readonly applicant_kind: "person" | "organization";
  readonly applicant_id: string;
  readonly clerk_id: string | null;
  readonly content: Buffer;
  readonly signature: Buffer | null;
  readonly certificate: string | null;
  readonly submitted_at: string;
}

/** Reads one application, opened. */
export async function readApplication(kernel: Kernel, sql: Sql, caseId: string): Promise<Application | undefined> {
  const [row] = await sql.query<ApplicationRecord & { readonly materials: readonly MaterialRecord[] }>(
    `SELECT a.*, to_jsonb(ARRAY(${MATERIALS} AND m.draft_id = a.draft_id ORDER BY ${MATERIAL_ORDER})) AS materials
     FROM service.application a WHERE a.case_id = $1`,
    [caseId],
  );
  return row && { ...opened(kernel, row), materials: row.materials.map((material) => openMaterial(kernel, material)) };
}

/** Reads many without their files, for lists. */
export async function readApplications(
  kernel: Kernel,
  sql: Sql,
  caseIds: readonly string[],
): Promise<ReadonlyMap<string, Application>> {
  const rows = await sql.query<ApplicationRecord>("SELECT * FROM service.application WHERE case_id = ANY($1::uuid[])", [
    caseIds,
  ]);
  return new Map(rows.map((row) => [row.case_id, { ...opened(kernel, row), materials: [] }]));
}

/** The applications of a person, by whomever filed, and of the one for whom they act, newest first. */
export async function applicationsOf(
  kernel: Kernel,
  applicant: { readonly personId: string; readonly representedId?: string | undefined; readonly limit: number },
): Promise<readonly Application[]> {
  const rows = await kernel.database.query<ApplicationRecord>(
    `SELECT * FROM service.application WHERE person_id = $1 OR applicant_id = $1 OR applicant_id = $2 ORDER BY submitted_at DESC LIMIT $3`,
    [applicant.personId, applicant.representedId ?? applicant.personId, applicant.limit],
  );
  return rows.map((row) => ({ ...opened(kernel, row), materials: [] }));
}

function opened(kernel: Kernel, row: ApplicationRecord): Omit<Application, "materials"> {
  return {
    caseId: row.case_id,
    number: row.number,
    room: row.room,
    service: row.service,
    authority: row.authority,
    applicant: { kind: row.applicant_kind, id: row.applicant_id, personId: row.person_id },
    clerkId: row.clerk_id ?? undefined,
    ...openContent(kernel, row.draft_id, row.content),
    submittedAt: row.submitted_at,
    signature: row.signature ?? undefined,
    certificate: row.certificate ?? undefined,
  };
}

/** The applicant as the registers name them. */
export function nameOf(application: Pick<Application, "facts">): string {
  return application.facts.find((fact) => fact.id === "applicantName")?.value ?? "";
}
