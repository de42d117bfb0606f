import { setTimeout as sleep } from "node:timers/promises";
import { makeBag } from "#lib/bagit/bag";
import { zip } from "#lib/bagit/zip";
import { civilDay } from "#lib/calendar/civil-day";
import { provableInstead } from "../access/step-up.ts";
import type { Service } from "../contract/contract.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { assert, isFault } from "../errors/fault.ts";
import { addingJobs } from "../jobs/jobs.ts";
import type { Posts } from "../ports.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { archiveContent } from "./archive-content.ts";
import { caseEntry, nodeAct } from "./case-entry.ts";
import { MAKE_ARCHIVE } from "./case-step.ts";
import { isOfPost } from "./own-authority.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { caseFacts } from "./shown-cases.ts";

/** The largest package; it is held in memory while it is sealed. Twenty materials and their photographs stay below it. */
export const ARCHIVE_MAX_BYTES = 512 * 1024 * 1024;
/** The sequencer puts an entry into the log within a second. */
const LEDGER_WAIT_TRIES = 20;
const LEDGER_WAIT_MS = 250;

/** Has a closed case's package made when nothing of the case waits any more, after one of its notices was delivered. */
export async function archiveAfterNotice(sql: Sql, noticeId: string): Promise<void> {
  await sql.query(
    `WITH ready AS (${READY} = (SELECT case_id FROM service.notice WHERE id = $1))
     ${addingJobs("ready", MAKE_ARCHIVE, {
       payload: "json_build_object('caseId', case_id)",
       key: "'archive/' || case_id",
       yields: true,
     })}`,
    [noticeId],
  );
}

/** The closed case whose package is waited for, while nothing else of it waits. */
const READY = `SELECT a.case_id FROM service.archive a
  WHERE a.status = 'waiting'
    AND NOT EXISTS (SELECT FROM service.notice n WHERE n.case_id = a.case_id AND n.status <> 'delivered') AND a.case_id`;

/** Makes the package (BagIt, as one ZIP file), keeps it, and puts its digest into the ledger. Repeated, it is made once. */
export async function makeArchive(kernel: Kernel, caseId: string, ports: { readonly posts: Posts }): Promise<void> {
  if (!(await isReady(kernel.database, caseId))) return;
  const application = await readApplication(kernel, kernel.database, caseId);
  assert(application, "an archive has its application");
  const payload = await provedContent(kernel, application);
  const size = [...payload.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  if (size > ARCHIVE_MAX_BYTES) {
    await kernel.database.query("UPDATE service.archive SET status = 'stopped', problem = $2 WHERE case_id = $1", [
      caseId,
      `${size} bytes`,
    ]);
    return;
  }
  const now = kernel.now();
  const bag = makeBag({ payload, info: await bagInfo(kernel, application, { posts: ports.posts, now }) });
  const packed = zip(bag, application.number);
  const about = { mediaType: "application/zip", name: `${application.number}.zip`, maxBytes: packed.length };
  const { digest } = await kernel.files.put(packed, about);
  await kernel.database.transaction(async (transaction) => {
    const made = await transaction.execute(
      `UPDATE service.archive SET status = 'made', problem = NULL, digest = $2, bytes = $3, made_at = $4
       WHERE case_id = $1 AND status <> 'made'`,
      [caseId, digest, packed.length, now],
    );
    if (made > 0) await record(kernel, transaction, { application, digest, now });
  });
}

async function isReady(sql: Sql, caseId: string): Promise<boolean> {
  const rows = await sql.query(`${READY} = $1`, [caseId]);
  return rows.length > 0;
}

/** The last entries may not be in the log yet: they are waited for, shortly; then the job is tried again. */
async function provedContent(kernel: Kernel, application: Application): Promise<ReadonlyMap<string, Uint8Array>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await archiveContent(kernel, application);
    } catch (error) {
      if (!isFault(error, "ERR_ARCHIVE_PENDING") || tries >= LEDGER_WAIT_TRIES) throw error;
      await sleep(LEDGER_WAIT_MS);
    }
  }
}

/** RFC 8493 §2.2.2 */
async function bagInfo(
  kernel: Kernel,
  application: Application,
  about: { readonly posts: Posts; readonly now: string },
): Promise<readonly (readonly [string, string])[]> {
  const authority = await about.posts.authority(application.authority);
  assert(authority, "the authority of a case is in the directory");
  const { service } = knownService(kernel, application);
  const line = (value: string) => value.replace(/\s+/g, " ").trim();
  return [
    ["Source-Organization", line(authority.name.zh)],
    ["Organization-Address", line(authority.address)],
    ["Contact-Phone", line(authority.phone)],
    ["External-Description", line(`${service.title.zh} ${service.title.en}`)],
    ["External-Identifier", application.number],
    ["Internal-Sender-Identifier", application.caseId],
    ["Retention", retentionWords(service.retention)],
    ["Bagging-Date", civilDay(Temporal.Instant.from(about.now)).toString()],
    ["Bag-Software-Agent", "Zhengtong 政通"],
  ];
}

/** Not a tag of RFC 8493, which allows others: how long the package is to be kept from the close of its case. */
function retentionWords(retention: Service["retention"] = "permanent"): string {
  return retention === "permanent" ? "永久 permanent" : `${retention.years} 年 years`;
}

async function record(
  kernel: Kernel,
  transaction: Transaction,
  made: { readonly application: Application; readonly digest: string; readonly now: string },
): Promise<void> {
  const act = nodeAct(kernel, made.application, made.now);
  await kernel.ledger.append(transaction, [
    caseEntry(act, made.application, { type: "act", step: "archive", outcome: made.digest }),
  ]);
}

/** How a case's package stands; undefined while the case runs. */
export interface ArchiveState {
  readonly status: "waiting" | "made" | "stopped";
  readonly digest: string | undefined;
  readonly bytes: number | undefined;
  readonly madeAt: string | undefined;
}

export async function archiveState(sql: Sql, caseId: string): Promise<ArchiveState | undefined> {
  const [row] = await sql.query<{
    status: ArchiveState["status"];
    digest: string | null;
    bytes: number | null;
    made_at: string | null;
  }>("SELECT status, digest, bytes, made_at FROM service.archive WHERE case_id = $1", [caseId]);
  return (
    row && {
      status: row.status,
      digest: row.digest ?? undefined,
      bytes: row.bytes ?? undefined,
      madeAt: row.made_at ?? undefined,
    }
  );
}

/** An official of the case's authority, or an auditor, takes out the package: the right is decided and recorded first. */
export async function readArchive(
  kernel: Kernel,
  act: Act,
  caseId: string,
): Promise<{ readonly bytes: Uint8Array; readonly name: string; readonly digest: string } | ServiceRefusal> {
  const application = await readApplication(kernel, kernel.database, caseId);
  if (!application || act.principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const attempt = {
    act: { ...act, caseId },
    room: application.room,
    operation: `${application.service}.read`,
    kind: "query",
    case: caseFacts(kernel, act, application),
  } as const;
  const decision = kernel.access.decide(attempt);
  const own = isOfPost(kernel, act.principal.post, application.authority);
  const reaches = own || act.purpose === "supervision";
  const allowed = decision.allowed && reaches;
  const provable = decision.allowed || !reaches ? undefined : provableInstead(kernel.access, attempt);
  if (provable) return provable;
  const state = allowed ? await archiveState(kernel.database, caseId) : undefined;
  await kernel.ledger.append(kernel.database, [
    caseEntry({ ...act, caseId }, application, {
      type: allowed ? "read" : "refused",
      step: "archive",
      outcome: allowed ? (state?.digest ?? "archive-not-made") : "denied",
      policies: decision.policies,
    }),
  ]);
  if (!allowed) return serviceRefusal("services", "case-unknown");
  if (state?.digest === undefined) return serviceRefusal(application.room, "archive-not-made");
  const bytes = await kernel.files.read(state.digest);
  return { bytes, name: `${application.number}.zip`, digest: state.digest };
}
