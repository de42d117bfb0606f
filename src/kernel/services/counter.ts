import type { Buffer } from "node:buffer";
import { isRefusal } from "../contract/refusal.ts";
import type { Addresses, Documents, Posts } from "../ports.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, nameOf, openContent, readApplication } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { noteListView } from "./list-views.ts";
import { noticesOf, previewNotice } from "./notices.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** A draft that a clerk began at a counter. */
export interface CounterDraft {
  readonly id: string;
  readonly room: string;
  readonly service: string;
  readonly applicantName: string;
  readonly updatedAt: string;
}

/** Drafts in one list of a clerk's. */
export const MAX_COUNTER_DRAFTS = 50;

/** The drafts that this clerk has open, newest first. */
export async function counterDrafts(kernel: Kernel, act: Act): Promise<readonly CounterDraft[]> {
  if (act.principal.kind !== "official") return [];
  const rows = await kernel.database.query<{
    id: string;
    room: string;
    service: string;
    content: Buffer;
    updated_at: string;
    person_id: string;
    applicant_kind: "person" | "organization";
    applicant_id: string;
  }>(
    `SELECT id, room, service, content, updated_at, person_id, applicant_kind, applicant_id FROM service.draft WHERE clerk_id = $1
     ORDER BY updated_at DESC LIMIT $2`,
    [act.principal.id, MAX_COUNTER_DRAFTS],
  );
  // Of an item that he may not file any more, by policy, a clerk's drafts are not shown.
  const mayFile = new Map<string, boolean>();
  const shown = rows.filter(({ room, service }) => {
    const name = `${room}.${service}`;
    const may =
      mayFile.get(name) ??
      kernel.access.decide({
        act: { ...act, caseId: act.caseId ?? act.id },
        room,
        operation: `${service}.submit`,
        kind: "command",
      }).allowed;
    mayFile.set(name, may);
    return may;
  });
  const applicants = shown.map((row) => ({ kind: row.applicant_kind, id: row.applicant_id, personId: row.person_id }));
  await noteListView(kernel, act, { list: "counter-drafts", applicants });
  return shown.map((row) => ({
    id: row.id,
    room: row.room,
    service: row.service,
    applicantName: nameOf(openContent(kernel, row.id, row.content)),
    updatedAt: row.updated_at,
  }));
}

/** An application that this clerk filed for someone, to be handed its receipt; to everyone else it is not there. */
export async function filedAtCounter(
  kernel: Kernel,
  act: Act,
  caseId: string,
): Promise<{ readonly application: Application; readonly receiptId: string | undefined } | ServiceRefusal> {
  const application = await readApplication(kernel, kernel.database, caseId);
  const { principal } = act;
  if (!application || principal.kind !== "official" || application.clerkId !== principal.id) {
    return serviceRefusal("services", "case-unknown");
  }
  await kernel.ledger.append(kernel.database, [
    caseEntry({ ...act, caseId }, application, { type: "read", step: "receipt", outcome: "answered" }),
  ]);
  const notices = await noticesOf(kernel.database, caseId);
  return { application, receiptId: notices.find(({ kind }) => kind === "receipt")?.id };
}

/** The receipt (收件凭证) of what a clerk filed, as it is or will be printed. */
export async function counterReceipt(
  kernel: Kernel,
  act: Act,
  caseId: string,
  ports: { readonly documents: Documents; readonly posts: Posts; readonly addresses: Addresses },
): Promise<Uint8Array | undefined> {
  const filed = await filedAtCounter(kernel, act, caseId);
  if (isRefusal(filed) || filed.receiptId === undefined) return undefined;
  return previewNotice(kernel, filed.receiptId, ports);
}
