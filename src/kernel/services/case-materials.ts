import { Buffer } from "node:buffer";
import { isAsked } from "../contract/contract.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Sql } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import type { UploadedFile } from "../http/page.ts";
import type { Scanner } from "../ports.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { senderCase } from "./case-messages.ts";
import { MAX_MATERIALS } from "./drafts.ts";
import { ownApplication } from "./own-application.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { takeUpload } from "./take-upload.ts";

/**
 * Adds a document to a running case that waits for its applicant, such as after the one-time list (行政许可法 §32). What was
 * handed in before stays: officials see both, each with its time.
 */
export async function addCaseMaterial(
  kernel: Kernel,
  act: Act,
  upload: { readonly caseId: string; readonly name: string; readonly file: UploadedFile; readonly scanner: Scanner },
): Promise<{ readonly caseId: string } | ServiceRefusal> {
  const application = await ownApplication(kernel, act, upload.caseId);
  if (isRefusal(application)) return application;
  const { service } = knownService(kernel, application);
  const material = Object.hasOwn(service.materials, upload.name) ? service.materials[upload.name] : undefined;
  if (!material) return serviceRefusal(application.room, "material-unknown");
  const before = await waiting(kernel, kernel.database, application);
  if (isRefusal(before)) return before;
  // What may be sent may be handed in: a document belongs to the message that the case waits for.
  const sender = await senderCase(kernel, act, { caseId: upload.caseId, message: before.message });
  if (isRefusal(sender)) return sender;
  const { file } = upload;
  const stored = await takeUpload(kernel, { room: application.room, material, file, scanner: upload.scanner });
  if (isRefusal(stored)) return stored;
  const id = kernel.newId();
  return kernel.database.transaction(async (transaction) => {
    // The case may have gone on while the file was looked at: what counts is how it stands now, and it stands until the commit.
    await transaction.query('SELECT 1 FROM procedure."case" WHERE id = $1 FOR UPDATE', [upload.caseId]);
    const now = await waiting(kernel, transaction, application);
    if (isRefusal(now)) return now;
    await transaction.query(
      `INSERT INTO service.material (id, draft_id, case_id, name, digest, bytes, media_type, file_name, uploaded_at)
       VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8)`,
      [
        id,
        upload.caseId,
        upload.name,
        stored.digest,
        stored.bytes,
        stored.mediaType,
        kernel.vault.seal("file-name", Buffer.from(file.name, "utf8"), id),
        act.at,
      ],
    );
    await kernel.ledger.append(transaction, [
      caseEntry(act, application, {
        type: "act",
        step: "material",
        outcome: stored.digest,
        policies: sender.policies,
      }),
    ]);
    return { caseId: upload.caseId };
  });
}

/** The message of the applicant's for which a case waits, and room for another document; otherwise why not. */
async function waiting(
  kernel: Kernel,
  sql: Sql,
  { caseId, room, service }: Application,
): Promise<{ readonly message: string } | ServiceRefusal> {
  const { messages } = knownService(kernel, { room, service }).service.procedure;
  const view = await kernel.procedures.view(sql, caseId);
  assert(view, "an application has its case");
  if (view.status !== "running") return serviceRefusal(room, "case-closed");
  const awaited = view.awaited.find(({ message }) => isAsked(messages[message]));
  if (!awaited) return serviceRefusal(room, "not-waiting");
  const [held] = await sql.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM service.material WHERE case_id = $1 AND NOT removed",
    [caseId],
  );
  if ((held?.count ?? 0) >= MAX_MATERIALS) return serviceRefusal(room, "too-many-materials");
  return { message: awaited.message };
}
