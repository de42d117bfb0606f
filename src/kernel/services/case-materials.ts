import { Buffer } from "node:buffer";
import { isRefusal } from "../contract/refusal.ts";
import { assert } from "../errors/fault.ts";
import type { UploadedFile } from "../http/page.ts";
import type { Scanner } from "../ports.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { knownService } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
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
  const view = await kernel.procedures.view(kernel.database, upload.caseId);
  assert(view, "an application has its case");
  if (view.status !== "running") return serviceRefusal(application.room, "case-closed");
  const waits = view.awaited.some(({ message }) => service.procedure.messages[message]?.from === "applicant");
  if (!waits) return serviceRefusal(application.room, "not-waiting");
  if (application.materials.length >= MAX_MATERIALS) return serviceRefusal(application.room, "too-many-materials");
  const { file } = upload;
  const stored = await takeUpload(kernel, { room: application.room, material, file, scanner: upload.scanner });
  if (isRefusal(stored)) return stored;
  const id = kernel.newId();
  await kernel.database.transaction(async (transaction) => {
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
      caseEntry(act, application, { type: "act", step: "material", outcome: stored.digest }),
    ]);
  });
  return { caseId: upload.caseId };
}
