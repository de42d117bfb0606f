import { fieldMeta } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { Procedure } from "#kernel/procedures/types";
import { caseByNumber, caseForOfficial, type OfficialCasePage } from "#kernel/services/case-views";
import { previewNotice } from "#kernel/services/notices";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { details } from "#ui/components/details/details";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { searchBox } from "#ui/components/search-box/search-box";
import { formatInstant } from "#ui/format";
import {
  applicationAnswers,
  applicationFiles,
  caseClocks,
  caseHistory,
  drawnProcedure,
  opinions,
  registerFacts,
} from "../case-content.ts";
import { caseParties, PARTIES } from "../case-parties.ts";
import { doneBanner, holds, postOf, workbench } from "../frame.ts";
import { namesOf } from "../names.ts";
import { separationReport } from "../separation.ts";
import { archiveSection } from "./case-archive.ts";
import { evidenceSection } from "./evidence.ts";
import { tableOf } from "./ledger.ts";
import { keepsParties } from "./parties.ts";

const PARTS = {
  opinions: text("各环节意见", "What each step found"),
  answers: text("申请内容", "The application"),
  facts: text("登记信息", "What the registers say"),
  files: text("申请材料", "Documents"),
  notices: text("文书", "Notices"),
  more: text("更多", "More"),
  history: text("全部办理经过", "All that was done so far"),
  procedure: text("程序图", "The procedure, drawn"),
  tasks: text("当前环节", "Now"),
  separation: text("岗位分离", "Separation of duties"),
  readers: text("谁查看过此办件", "Who looked at this case"),
  ledger: text("此办件的全部存证记录（{count} 条）", "All ledger entries of this case ({count})"),
};
const STATES = {
  opened: text("已查阅", "Opened"),
  delivered: text("已送达", "Delivered"),
  waiting: text("制作中", "Being made"),
  made: text("待送达", "To be handed over"),
  stopped: text("因缺字停止，等待运维人员处理", "Stopped for a missing character; an operator is to see to it"),
};
const UNTOLD = {
  sms: text("短信提醒未能发出", "the SMS about it could not be sent"),
  email: text("邮件提醒未能发出", "the e-mail about it could not be sent"),
} as const;
const NO_NOTICE = text("还没有文书", "None yet");
/** Readings listed on one page. */
const MAX_READINGS = 200;
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
): Promise<OfficialCasePage | undefined> {
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
  const auditor = holds(request, "audit.read");
  const definition = await site.kernel.procedures.byDigest(site.kernel.database, view.digest);
  const applicant = application.facts.find((fact) => fact.id === "applicantName")?.value ?? "";
  const said = opinions(page, names, { language });
  const home = auditor
    ? { href: "/workbench/cases", text: text("办件", "Cases")[language] }
    : { href: "/workbench", text: text("我的待办", "My tasks")[language] };
  const part = (title: Text, content: Html) =>
    html`<section class="zt-decision__part"><h2>${title[language]}</h2>${content}</section>`;
  return workbench(site, request, {
    title: application.number,
    breadcrumbs: [home, { text: application.number }],
    main: html`${doneBanner(request)}${pageHeading({
      title: service.title[language],
      tag: { text: standing(page, definition)[language] },
      meta: `${application.number} · ${applicant}`,
    })}<div class="zt-decision"><div class="zt-decision__file">${caseClocks(page, request.now, language)}${
      String(said) === "" ? NOTHING : part(PARTS.opinions, said)
    }${service.procedure.parties ? part(PARTIES, caseParties(page, { at: request.now, language, keeps: keepsParties(request, page) })) : NOTHING}${part(PARTS.answers, applicationAnswers(page, language))}${part(PARTS.files, applicationFiles(page, language))}${part(
      PARTS.facts,
      registerFacts(page, language),
    )}${auditor ? part(PARTS.separation, separationReport(page, definition, names, language)) : NOTHING}${
      auditor ? part(PARTS.readers, await readersOf(site, request, application.caseId)) : NOTHING
    }${part(
      PARTS.more,
      html`${details({ summary: PARTS.history[language], text: caseHistory(page, names, language) })}${details({
        summary: PARTS.procedure[language],
        text: drawnProcedure(definition, page, language),
      })}<p><a class="govuk-link" href="/workbench/ledger?q=${application.number}">${fill(PARTS.ledger, { count: page.entryCount })[language]}</a></p>`,
    )}</div><aside class="zt-decision__form">${openSteps(request, page)}<h2>${PARTS.notices[language]}</h2>${noticeList(request, page)}${view.status === "running" ? NOTHING : await archiveSection(site, application.caseId, language)}${evidenceSection(application.caseId, language)}</aside></div>`,
  });
}

/** That it runs, or how it ended; a grant in part in the words of the decision. */
function standing({ service, view }: OfficialCasePage, definition: Procedure): Text {
  if (view.status === "running") return RUNNING;
  const said = service.procedure.tasks["decision"]?.form.shape["outcome"];
  const options = said && fieldMeta(said as never)?.options;
  const partial = view.variables["decision"] === "partial" && view.variables["licenceNumber"] !== undefined;
  return (partial ? options?.["partial"] : undefined) ?? definition.elements.get(view.outcome ?? "")?.title ?? CLOSED;
}

/** What is open now; a link where this official may do it. */
function openSteps(request: PageRequest, { view, application }: OfficialCasePage): Html {
  const { language } = request;
  const { post } = postOf(request);
  if (view.openTasks.length === 0) return NOTHING;
  const tasks = view.openTasks.map((task) =>
    post.duties.includes(task.duty) && post.authority === application.authority
      ? html`<li><a class="govuk-link" href="/workbench/cases/${application.caseId}/tasks/${task.taskId}">${task.title[language]}</a></li>`
      : html`<li>${task.title[language]}</li>`,
  );
  return html`<h2>${PARTS.tasks[language]}</h2><ul class="govuk-list govuk-list--bullet">${tasks}</ul>`;
}

function noticeList(request: PageRequest, { notices, application, service, parties }: OfficialCasePage): Html {
  const { language } = request;
  if (notices.length === 0) return html`<p>${NO_NOTICE[language]}</p>`;
  const items = notices.map((notice) => {
    const [state, at] = notice.openedAt
      ? [STATES.opened, notice.openedAt]
      : notice.deliveredAt
        ? [STATES.delivered, notice.deliveredAt]
        : [notice.status === "delivered" ? STATES.delivered : STATES[notice.status], undefined];
    const to = parties.find(({ id }) => id === notice.partyId)?.name;
    const when = at === undefined ? "" : formatInstant(Temporal.Instant.from(at), language);
    const untold = notice.told.filter(({ status }) => status === "undeliverable");
    return html`<li><a class="govuk-link" href="/workbench/cases/${application.caseId}/notices/${notice.id}">${service.procedure.notices[notice.kind]?.title[language] ?? notice.kind}</a>${to === undefined ? NOTHING : html` · ${to}`}<br><span class="zt-opinion__by">${state[language]} ${when}${untold.map(({ channel }) => ` · ${UNTOLD[channel][language]}`)}</span></li>`;
  });
  return html`<ul class="govuk-list">${items}</ul>`;
}

/** Who looked at this case, from the ledger. */
async function readersOf(site: Site, request: PageRequest, caseId: string): Promise<Html> {
  const log = await site.kernel.ledger.byCase(caseId, { limit: MAX_READINGS });
  return tableOf(site, request, {
    records: log.records.filter(({ leaf }) => leaf.type === "read" || leaf.type === "refused"),
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
