/** The kernel's port `Documents` for the notices of the licensing procedure. */
import { Fault } from "#kernel/errors/fault";
import type { Documents } from "#kernel/ports";
import type { NoticeFacts } from "#kernel/services/notices";
import "./faults.ts";
import { ENDING_KINDS, isCaseNotice, type NoticeSettings, noticeData } from "./notices/notice-documents.ts";

/**
 * Renders notices as the kernel asks for them: `render({ kind: "acceptance", data: NoticeFacts })`. A kind that is not a
 * notice of a case goes to the typesetter as it is, with its own data (`notice/hearing`, `licence/food`).
 * @param typesetting must know NOTICE_KINDS
 * @throws Fault ERR_NOTICE_FACTS where a case gives no answer to what its notice must say
 */
export function licensingDocuments(typesetting: Documents, settings: NoticeSettings): Documents {
  return {
    async render({ kind, data }) {
      if (!isCaseNotice(kind)) return typesetting.render({ kind, data });
      const facts = data as NoticeFacts;
      if (facts.kind !== kind) throw new Fault("ERR_NOTICE_FACTS", { message: `facts of ${facts.kind} for ${kind}` });
      const document = ENDING_KINDS.has(kind) ? "ending" : kind === "party-hearing" ? "hearing" : kind;
      return typesetting.render({ kind: `notice/${document}`, data: noticeData(facts, settings)[kind]() });
    },
  };
}
