import { Buffer } from "node:buffer";
import { civilDay } from "#lib/calendar/civil-day";
import type { Procedure } from "../contract/contract.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import type { Variables } from "../procedures/types.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";

/** Keeps what someone filled in for a step: sealed, with who and when. */
export async function keepRecord(
  kernel: Kernel,
  transaction: Transaction,
  record: {
    readonly act: Act;
    readonly caseId: string;
    readonly taskId?: number;
    readonly element: string;
    readonly content: unknown;
  },
): Promise<void> {
  const { principal } = record.act;
  const id = kernel.newId();
  const written = transaction.query(
    `INSERT INTO service.record (id, case_id, task_id, element, by_kind, by_id, post_id, content, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      record.caseId,
      record.taskId ?? null,
      record.element,
      principal.kind,
      principal.kind === "person" || principal.kind === "official" ? principal.id : NOBODY,
      principal.kind === "official" ? principal.post.id : null,
      kernel.vault.seal("record", recordBytes(record.content), id),
      record.act.at,
    ],
  );
  const digests = fileDigests(record.content);
  const attached =
    digests.length > 0 &&
    transaction.query(
      `INSERT INTO service.attachment (digest, case_id) SELECT digest, $2 FROM unnest($1::text[]) AS d (digest)
       ON CONFLICT DO NOTHING`,
      [digests, record.caseId],
    );
  await Promise.all([written, attached]);
}

/** What was filled in, as it is stored and as the ledger commits to it. */
export function recordBytes(content: unknown): Buffer {
  return Buffer.from(JSON.stringify(content));
}

/** The files that a form names: in its fields of kind `file`, as lists of what the file store gave. */
function fileDigests(content: unknown): readonly string[] {
  if (typeof content !== "object" || content === null) return [];
  const files = Object.values(content).flatMap((value: unknown) => (Array.isArray(value) ? value : [value]));
  const digests = files.flatMap((file: unknown) =>
    typeof file === "object" && file !== null && "digest" in file ? [file.digest] : [],
  );
  return [...new Set(digests)].filter((digest): digest is string => /^[0-9a-f]{64}$/.test(String(digest)));
}

/** Stands in a record for a step that no person took: a timer, the node itself. */
export const NOBODY = "00000000-0000-0000-0000-000000000000";

/** What was filled in at the steps of a case, opened, oldest first. */
export interface CaseRecord {
  readonly id: string;
  readonly element: string;
  readonly taskId: number | undefined;
  readonly by: { readonly kind: string; readonly id: string };
  readonly at: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export async function recordsOf(
  kernel: Kernel,
  caseId: string,
  sql: Sql = kernel.database,
): Promise<readonly CaseRecord[]> {
  const rows = await sql.query<{
    id: string;
    element: string;
    task_id: number | null;
    by_kind: string;
    by_id: string;
    content: Buffer;
    at: string;
  }>(
    "SELECT id, element, task_id, by_kind, by_id, content, at FROM service.record WHERE case_id = $1 ORDER BY at, id",
    [caseId],
  );
  return rows.map((row) => ({
    id: row.id,
    element: row.element,
    taskId: row.task_id ?? undefined,
    by: { kind: row.by_kind, id: row.by_id },
    at: row.at,
    content: JSON.parse(Buffer.from(kernel.vault.open("record", row.content, row.id)).toString("utf8")),
  }));
}

/** For which elements and messages of a case something was filled in. */
export async function saidIn(sql: Sql, caseId: string): Promise<readonly string[]> {
  const rows = await sql.query<{ element: string }>("SELECT DISTINCT element FROM service.record WHERE case_id = $1", [
    caseId,
  ]);
  return rows.map(({ element }) => element);
}

/** What of a form the procedure's conditions may read: the fields that its variables name. */
export function shared(procedure: Procedure, form: Readonly<Record<string, unknown>>): Variables {
  const known = Object.keys(procedure.variables.shape);
  return Object.fromEntries(
    known.filter((name) => form[name] !== undefined).map((name) => [name, form[name]]),
  ) as Variables;
}

/** The day on which the applicant last handed something in, for procedures that count from it (行政许可法 §32). */
export function received(procedure: Procedure, at: string): Variables {
  return shared(procedure, { receivedOn: civilDay(Temporal.Instant.from(at)).toString() });
}
