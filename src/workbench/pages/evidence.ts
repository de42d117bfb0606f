import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { evidenceForOfficial, provedEvidence } from "#kernel/services/case-evidence";
import { EVIDENCE_MEDIA_TYPE, evidenceBytes } from "#kernel/services/evidence";
import { readLedgerEntry } from "#kernel/services/oversight";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { absent, holds } from "../frame.ts";

const TITLE = text("证据包", "Bundle of evidence");
const DOWNLOAD = text("下载证据包", "Download the bundle");
const WHAT = text(
  "一个文件，含申请和签名、各环节记录、文书、作出决定时的访问规则和存证证明，供法院、复议机关断网核验。下载记入日志。",
  "One file for courts and reconsideration bodies, to be checked off line: application and signature, records of each step, notices, the access rules that decided, and proofs of the ledger. That you took it is recorded.",
);

const WITH_MATERIALS = text("下载证据包，附材料原件", "Download the bundle with the materials");
const MATERIALS = text(
  "申请人提交的材料和现场照片等附件，在前一个文件中只载摘要，在此连同原件。",
  "What the applicant handed in, and photographs and other files of records: by their digests in the former, themselves in this one.",
);

/** Bundles of evidence, for officials who may read the case or the entry. */
export function evidencePages(site: Site): readonly Page[] {
  const mediaType = EVIDENCE_MEDIA_TYPE;
  return [
    definePage({
      path: "/workbench/cases/:caseId/evidence",
      audience: "official",
      get: async (request) => {
        const caseId = request.params["caseId"] ?? "";
        if (!isUuid(caseId)) return { kind: "not-found" };
        const act = request.act({ purpose: holds(request, "audit.read") ? "supervision" : "case", caseId });
        const extent = { materials: request.query["materials"] === "yes" };
        const bundle = await evidenceForOfficial(site.kernel, act, caseId, site.certificates, extent);
        if (isRefusal(bundle)) return absent(bundle);
        const name = `${bundle.about.caseNumber ?? caseId}.evidence.json`;
        return { kind: "file", bytes: evidenceBytes(bundle), mediaType, name };
      },
    }),
    definePage({
      path: "/workbench/ledger/:entry/evidence",
      audience: "official",
      get: async (request) => {
        const written = request.params["entry"] ?? "";
        if (!/^\d{1,15}$/.test(written)) return { kind: "not-found" };
        const act = request.act({ purpose: holds(request, "audit.read") ? "supervision" : "case" });
        const record = await readLedgerEntry(site.kernel, act, Number(written));
        if (isRefusal(record)) return absent(record);
        const bundle = await provedEvidence(site.kernel, { about: { entryId: record.id }, entryIds: [record.id] });
        return { kind: "file", bytes: evidenceBytes(bundle), mediaType, name: `entry-${record.id}.evidence.json` };
      },
    }),
  ];
}

/** What a case's page says of it. */
export function evidenceSection(caseId: string, language: Language): Html {
  return html`<h2>${TITLE[language]}</h2><p><a class="govuk-link" href="/workbench/cases/${caseId}/evidence">${DOWNLOAD[language]}</a> ${WHAT[language]}</p><p><a class="govuk-link" href="/workbench/cases/${caseId}/evidence?materials=yes">${WITH_MATERIALS[language]}</a> ${MATERIALS[language]}</p>`;
}
