import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type CasePage, caseByNumber, caseForOfficial } from "#kernel/services/case-views";
import { previewNotice } from "#kernel/services/notices";
import { isUuid } from "#lib/crypto/uuid";
import { html, NOTHING } from "#lib/html/html";
import { text } from "#lib/language/text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { searchBox } from "#ui/components/search-box/search-box";
import { applicationAnswers, applicationFiles, caseClocks, caseHistory, registerFacts } from "../case-content.ts";
import { doneBanner, postOf, workbench } from "../frame.ts";
import { namesOf } from "./task.ts";

const PARTS = {
  answers: text("申请内容", "The application"),
  facts: text("登记信息", "What the registers say"),
  files: text("申请材料", "Documents"),
  notices: text("文书", "Notices"),
  history: text("办理经过", "What was done so far"),
  tasks: text("当前环节", "Now"),
};
const CLOSED = text("已办结", "Closed");
const RUNNING = text("办理中", "In progress");

/** One case, its files and notices, and finding one by its number. */
export function casePages(site: Site): readonly Page[] {
  return [
    definePage({ path: "/workbench/cases/:caseId", audience: "official", get: (request) => showCase(site, request) }),
    definePage({
      path: "/workbench/cases/:caseId/files/:materialId",
      audience: "official",
      get: (request) => showFile(site, request),
    }),
    definePage({
      path: "/workbench/cases/:caseId/records/:recordId/:digest",
      audience: "official",
      get: (request) => showPhotograph(site, request),
    }),
    definePage({
      path: "/workbench/cases/:caseId/notices/:noticeId",
      audience: "official",
      get: (request) => showNotice(site, request),
    }),
    definePage({ path: "/workbench/search", audience: "official", get: (request) => search(site, request) }),
  ];
}

/** The case, if this official may read it: for his duty, or for supervision. */
async function readCase(
  site: Site,
  request: PageRequest,
  caseId = request.params["caseId"] ?? "",
): Promise<CasePage | undefined> {
  if (!isUuid(caseId)) return undefined;
  const { post } = postOf(request);
  const purpose = post.duties.includes("audit.read") ? "supervision" : "case";
  const page = await caseForOfficial(site.kernel, request.act({ purpose, caseId }), caseId);
  return isRefusal(page) ? undefined : page;
}

async function showCase(site: Site, request: PageRequest): Promise<PageResponse> {
  const page = await readCase(site, request);
  if (!page) return { kind: "not-found" };
  const { language } = request;
  const { application, view, service } = page;
  const names = await namesOf(request, page);
  const applicant = application.facts.find((fact) => fact.id === "applicantName")?.value ?? "";
  const { post } = postOf(request);
  const tasks = view.openTasks.map((task) =>
    post.duties.includes(task.duty) && post.authority === application.authority
      ? html`<li><a class="govuk-link" href="${`/workbench/cases/${application.caseId}/tasks/${task.taskId}`}">${task.title[language]}</a></li>`
      : html`<li>${task.title[language]}</li>`,
  );
  const notices = page.notices.map(
    (notice) =>
      html`<li><a class="govuk-link" href="${`/workbench/cases/${application.caseId}/notices/${notice.id}`}">${service.procedure.notices[notice.kind]?.title[language] ?? notice.kind}</a> ${notice.number} ${
        notice.openedAt
          ? text("已查阅", "opened")[language]
          : notice.deliveredAt
            ? text("已送达", "delivered")[language]
            : text("制作中", "being made")[language]
      }</li>`,
  );
  return workbench(site, request, {
    title: application.number,
    breadcrumbs: [{ href: "/workbench", text: text("我的待办", "My tasks")[language] }, { text: application.number }],
    main: html`${doneBanner(request)}${pageHeading({
      title: service.title[language],
      tag: { text: (view.status === "running" ? RUNNING : CLOSED)[language] },
      meta: `${application.number} · ${applicant}`,
    })}${caseClocks(page, request.now, language)}${
      tasks.length > 0
        ? html`<h2>${PARTS.tasks[language]}</h2><ul class="govuk-list govuk-list--bullet">${tasks}</ul>`
        : NOTHING
    }<h2>${PARTS.notices[language]}</h2><ul class="govuk-list">${notices}</ul><h2>${PARTS.answers[language]}</h2>${applicationAnswers(page, language)}<h2>${PARTS.files[language]}</h2>${applicationFiles(page, language)}<h2>${PARTS.facts[language]}</h2>${registerFacts(page, language)}<h2>${PARTS.history[language]}</h2>${caseHistory(page, names, language)}`,
  });
}

async function showFile(site: Site, request: PageRequest): Promise<PageResponse> {
  const page = await readCase(site, request);
  const material = page?.application.materials.find((held) => held.id === request.params["materialId"]);
  if (!material) return { kind: "not-found" };
  const bytes = await site.kernel.files.read(material.digest);
  return { kind: "file", bytes, mediaType: material.mediaType, name: material.fileName, inline: true };
}

async function showPhotograph(site: Site, request: PageRequest): Promise<PageResponse> {
  const page = await readCase(site, request);
  const record = page?.records.find((kept) => kept.id === request.params["recordId"]);
  const photographs = record?.content["photographs"] as
    | readonly { readonly digest: string; readonly name: string; readonly mediaType: string }[]
    | undefined;
  const taken = photographs?.find((one) => one.digest === request.params["digest"]);
  if (!taken) return { kind: "not-found" };
  const bytes = await site.kernel.files.read(taken.digest);
  return { kind: "file", bytes, mediaType: taken.mediaType, name: taken.name, inline: true };
}

async function showNotice(site: Site, request: PageRequest): Promise<PageResponse> {
  const page = await readCase(site, request);
  const notice = page?.notices.find((sent) => sent.id === request.params["noticeId"]);
  if (!notice) return { kind: "not-found" };
  const pdf = await previewNotice(site.kernel, notice.id, site);
  if (!pdf) return { kind: "not-found" };
  return { kind: "file", bytes: pdf, mediaType: "application/pdf", name: `${notice.kind}.pdf`, inline: true };
}

const SEARCH = text("办件编号", "Case number");
const NOT_FOUND = text(
  "没有找到这个办件，或您的岗位不能查看。请核对编号。",
  "No such case, or not one that your post may see. Please check the number.",
);

async function search(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const number = request.query["q"] ?? "";
  if (number !== "") {
    const caseId = await caseByNumber(site.kernel, number);
    // A number of another authority's answers like one that does not exist.
    if (caseId && (await readCase(site, request, caseId)))
      return { kind: "redirect", to: `/workbench/cases/${caseId}` };
  }
  const title = text("查找办件", "Find a case")[language];
  return workbench(site, request, {
    title,
    main: html`${pageHeading({ title })}${searchBox({ language, action: "/workbench/search", label: SEARCH[language], value: number })}${
      number === "" ? NOTHING : html`<p>${NOT_FOUND[language]}</p>`
    }`,
  });
}
