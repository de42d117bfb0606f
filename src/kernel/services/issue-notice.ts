import { Buffer } from "node:buffer";
import { civilDay } from "#lib/calendar/civil-day";
import type { Text } from "#lib/language/text";
import type { Transaction } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import { addingJobs } from "../jobs/jobs.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService, nameOf } from "./application.ts";
import type { Party } from "./parties.ts";

/** The job that renders, seals and delivers one notice. */
export const DELIVER_NOTICE = "deliver-notice";

/** What a notice says beyond what the case itself knows; sealed with it. */
export interface NoticeContent {
  readonly applicantName: string;
  readonly remark?: Text;
  /** What the room that has it sent says itself. */
  readonly details?: Readonly<Record<string, string>>;
  readonly issuedBy?: { readonly officialId: string; readonly post: Text };
}

/** Numbers a notice, keeps what it says, and has it rendered after the commit. A step sends one notice of its own once. */
export async function issueNotice(
  kernel: Kernel,
  transaction: Transaction,
  notice: {
    readonly act: Act;
    readonly application: Application;
    readonly kind: string;
    readonly step: string;
    /** To whom it goes instead of the applicant. */
    readonly party?: Pick<Party, "id">;
    readonly details?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { act, application } = notice;
  const declaration = knownService(kernel, application).service.procedure.notices[notice.kind];
  assert(declaration, `the notice ${notice.kind} is declared`);
  const id = kernel.newId();
  const { year } = civilDay(Temporal.Instant.from(act.at));
  const content: NoticeContent = {
    applicantName: nameOf(application),
    ...(application.remark && { remark: application.remark }),
    ...(notice.details && { details: notice.details }),
    ...(act.principal.kind === "official" && {
      issuedBy: { officialId: act.principal.id, post: act.principal.post.title },
    }),
  };
  await transaction.query(ISSUE, [
    id,
    application.caseId,
    notice.kind,
    notice.party ? `${notice.step}/${notice.party.id}` : notice.step,
    application.room,
    `notice/${notice.kind}/${year}`,
    `${application.room}/${notice.kind}/${year}/`,
    kernel.vault.seal("notice", Buffer.from(JSON.stringify(content)), id),
    act.at,
    notice.party?.id ?? null,
  ]);
}

/** Number, notice and job in one statement. */
const ISSUE = `
  WITH number AS (
      INSERT INTO act.sequence AS s (room, name, last) VALUES ($5, $6, 1)
      ON CONFLICT (room, name) DO UPDATE SET last = s.last + 1 RETURNING last),
    issued AS (
      INSERT INTO service.notice (id, case_id, kind, step, number, content, issued_at, party_id)
      SELECT $1::uuid, $2::uuid, $3, $4, $7::text || last, $8::bytea, $9::timestamptz, $10::uuid FROM number
      ON CONFLICT (case_id, step) DO NOTHING RETURNING id)
  ${addingJobs("issued", DELIVER_NOTICE, { payload: "json_build_object('noticeId', id)", key: "'notice/' || id" })}`;
