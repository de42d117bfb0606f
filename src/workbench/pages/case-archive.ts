import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { archiveState, readArchive } from "#kernel/services/archive";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { absent, postOf } from "../frame.ts";

const TITLE = text("档案", "Archive");
const DOWNLOAD = text("下载档案包", "Download the archive package");
const WHAT = text(
  "BagIt 格式，含申请、材料、各环节记录、全部文书、程序和存证凭证",
  "BagIt: application, documents, records of each step, every notice, procedure and ledger receipts",
);
const WAITING = text("全部文书送达后生成，稍后刷新。", "It is made when every notice is delivered; reload in a while.");
const STOPPED = text(
  "未能生成：内容超过了档案包的上限，请联系平台管理员。",
  "It could not be made: its content is larger than a package may be. Tell the platform's administrator.",
);

/** The package of a closed case, for officials of its authority and auditors; each download is on the record. */
export function archivePage(site: Site): Page {
  return definePage({
    path: "/workbench/cases/:caseId/archive",
    audience: "official",
    get: (request) => showArchive(site, request),
  });
}

async function showArchive(site: Site, request: PageRequest): Promise<PageResponse> {
  const caseId = request.params["caseId"] ?? "";
  if (!isUuid(caseId)) return { kind: "not-found" };
  const purpose = postOf(request).post.duties.includes("audit.read") ? "supervision" : "case";
  const archive = await readArchive(site.kernel, request.act({ purpose, caseId }), caseId);
  if (isRefusal(archive)) return absent(archive);
  return { kind: "file", bytes: archive.bytes, mediaType: "application/zip", name: archive.name, inline: false };
}

/** What a case's page says of its package; nothing while the case runs. */
export async function archiveSection(site: Site, caseId: string, language: Language): Promise<Html> {
  const state = await archiveState(site.kernel.database, caseId);
  if (!state) return NOTHING;
  const heading = html`<h2>${TITLE[language]}</h2>`;
  if (state.status !== "made")
    return html`${heading}<p>${(state.status === "waiting" ? WAITING : STOPPED)[language]}</p>`;
  const link = html`<a class="govuk-link" href="${`/workbench/cases/${caseId}/archive`}">${DOWNLOAD[language]}</a>`;
  return html`${heading}<p>${link} ${WHAT[language]}<br>SHA-256 <code>${state.digest ?? ""}</code></p>`;
}
