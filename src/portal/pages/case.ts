import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { Procedure } from "#kernel/procedures/types";
import { nameOf } from "#kernel/services/application";
import { type CaseEntry, type CasePage, caseForApplicant } from "#kernel/services/case-views";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, join, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { clock } from "#ui/components/clock/clock";
import { details } from "#ui/components/details/details";
import { type Fact, facts } from "#ui/components/facts/facts";
import { nextStep } from "#ui/components/next-step/next-step";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { rail } from "#ui/components/rail/rail";
import { receipt } from "#ui/components/receipt/receipt";
import { formatInstant, formatSize } from "#ui/format";
import { answerText } from "../answers.ts";
import { authorityName } from "../authority.ts";
import { clockShown } from "../case-clock.ts";
import { railSteps } from "../case-rail.ts";
import { awaitedFromApplicant, grantedInPart, outcomeOf, statusTag } from "../case-words.ts";
import { factsShown } from "../facts.ts";
import { fileType } from "../files.ts";
import { portalResponse } from "../frame.ts";
import { formParts } from "../item.ts";
import { lastDayText } from "../last-day.ts";
import { noticeList } from "../notice-list.ts";
import { ownEntries, receiptOfSource } from "../own-entries.ts";
import { refused } from "../problem.ts";
import { procedurePicture } from "../procedure-picture.ts";

const MY = text("我的", "My affairs");
const CASES = text("我的办件", "My cases");
const META = text("办件编号 {number} · {authority} · 申请人 {name}", "Case {number} · {authority} · applicant {name}");
const APPLICATION = text("您的申请", "Your application");
const NOTICES = text("文书", "Notices");
const YOUR_WORDS = text("您在办理中说的", "What you said on the way");
const RECEIPTS = text("凭证", "Receipts");
const RECEIPTS_TEXT = text(
  "这个办件的每一步都记入了存证日志。打开任何一张凭证，可以不依赖本平台核验。",
  "Each step of this case is in the ledger. Any receipt can be verified without relying on this site.",
);
const WITH_MATERIALS = text(
  "下载证据包，附您提交的材料原件",
  "Download the evidence with the documents that you handed in",
);
const EVIDENCE = text(
  "下载证据包：申请、文书、凭证和证明，一个文件，可离线核验，供复议、诉讼使用",
  "Download the evidence: application, notices, receipts and proofs in one file, verified off line, for reconsideration or a court",
);
const PROCEDURE = text("办理程序图", "The procedure drawn");
const WITHDRAW = text("撤回申请", "Withdraw the application");
const RATE = text("评价这次服务", "Rate this service");
const RATE_TITLE = text("这件事办得怎么样？", "How was it?");
const RATE_TEXT = text(
  "您的评价会交给承办机关；不满意的，会有人联系并整改。",
  "Your rating goes to the authority; if you were not satisfied, someone must answer it.",
);
const FINISHED = text("这个办件已经结束：{outcome}", "This case is closed: {outcome}");
const IN_PART = text("准予的项目：{items}。", "Granted: {items}.");
const REFUSED_PART = text(
  "其余项目不予许可，理由和救济途径写在决定书里。",
  "The rest was refused; the decision gives the reasons and what you can do about it.",
);
const WAIT_TITLE = text("现在不需要您做什么", "There is nothing that you need to do now");
const WAIT_TEXT = text(
  "有新的文书会放在“我的消息”里。时限届满前，承办机关应当作出决定。",
  "New notices come to My messages. The authority must decide before the limit is reached.",
);
const LICENCES = text("查看和下载证照", "See and download the licence");
const ACT_TEXT = text(
  "请在 {at} 前办理，逾期的后果写在通知书里。",
  "Do this by {at}; the notice says what follows otherwise.",
);

/** A case as its applicant sees it. */
export function casePage(site: Site): Page {
  return definePage({
    path: "/cases/:case",
    audience: "person",
    get: async (request) => {
      const opened = await openCase(site, request);
      if ("kind" in opened) return opened;
      return show(site, request, opened, ownEntries(request, opened.page.entries));
    },
  });
}

/** A case of the acting person with the definition that it is pinned to. */
export interface OpenCase {
  readonly page: CasePage;
  readonly definition: Procedure;
  readonly authority: Text;
}

/** Opens the case that the address names; another person's is as if it were not there. */
export async function openCase(site: Site, request: PageRequest): Promise<OpenCase | PageResponse> {
  const caseId = request.params["case"] ?? "";
  if (!isUuid(caseId)) return { kind: "not-found" };
  const page = await caseForApplicant(site.kernel, request.act({ purpose: "own-affairs", caseId }), caseId);
  if (isRefusal(page)) return refused(site, request, page);
  const definition = await site.kernel.procedures.byDigest(site.kernel.database, page.view.digest);
  return { page, definition, authority: await authorityName(site, page.application.authority) };
}

function show(site: Site, request: PageRequest, opened: OpenCase, entries: readonly CaseEntry[]): PageResponse {
  const { language } = request;
  const { page, definition, authority } = opened;
  const { application, service, view } = page;
  const titleOf = (element: string) => definition.elements.get(element)?.title;
  const meta = fill(META, { number: application.number, authority: authority[language], name: nameOf(application) });
  return portalResponse(site, request, {
    title: `${service.title[language]} ${application.number}`,
    breadcrumbs: [
      { text: MY[language], href: "/my" },
      { text: CASES[language], href: "/my/cases" },
      { text: application.number },
    ],
    main: html`${pageHeading({
      title: service.title[language],
      tag: statusTag(page, definition, language),
      meta: meta[language],
    })}<div class="zt-stack">${next(request, opened)}${view.clocks.map((row) => clock(clockShown(row, { language, now: request.now, titleOf, citations: service.legalBasis })))}</div><div class="zt-section zt-two"><aside>${rail(
      { language, steps: railSteps(page, { definition, authority, language }) },
    )}</aside><div class="zt-stack">${notices(page, language)}${yourApplication(page, language, receiptOfSource(site, entries))}${yourWords(page, language)}${receipts(entries, page.application.caseId, language)}${actions(page, language)}</div></div>${details(
      { summary: PROCEDURE[language], text: procedurePicture(definition, view, language) },
    )}`,
  });
}

/** What stands first: what the reader must do, or that there is nothing. */
function next(request: PageRequest, opened: OpenCase): Html {
  const { language } = request;
  const { page, definition } = opened;
  const { service, view, application } = page;
  if (view.status !== "running") {
    const granted = view.variables["licenceNumber"] !== undefined;
    return html`${nextStep({
      language,
      kind: "done",
      title: fill(FINISHED, { outcome: outcomeOf(page, definition)[language] })[language],
      text: html`${inPart(page, language)}<p>${RATE_TITLE[language]} ${RATE_TEXT[language]}</p>`,
      actions: html`${granted ? button({ text: LICENCES[language], href: "/my/licences" }) : NOTHING}${button({ text: RATE[language], href: `/cases/${application.caseId}/rating`, classes: "govuk-button--secondary" })}`,
    })}`;
  }
  const awaited = awaitedFromApplicant(service, view);
  if (awaited.length === 0) {
    return nextStep({ language, kind: "wait", title: WAIT_TITLE[language], text: WAIT_TEXT[language] });
  }
  const due = view.timers[0]?.dueAt;
  const titles = awaited.map((name) => service.procedure.messages[name]?.title[language] ?? name);
  return nextStep({
    language,
    kind: "act",
    title: titles.join(language === "zh" ? "、" : ", "),
    text: due && fill(ACT_TEXT, { at: lastDayText(due, language) })[language],
    actions: html`${awaited.map((name, index) => button({ text: titles[index] ?? name, href: messageHref(application.caseId, name) }))}`,
  });
}

/** What was granted, where it is less than what was applied for. */
function inPart({ service, view }: CasePage, language: Language): Html {
  const { scope } = view.variables;
  if (!grantedInPart({ service, view }) || !Array.isArray(scope)) return NOTHING;
  const terms = formDescriptors(service.form).flatMap(({ options = [] }) => options.map(({ title }) => title));
  const items = scope.map((name) => terms.find(({ zh }) => zh === name)?.[language] ?? String(name));
  const licensed = items.join(language === "zh" ? "、" : ", ");
  return html`<p>${fill(IN_PART, { items: licensed })[language]} <strong>${REFUSED_PART[language]}</strong></p>`;
}

/** Where a message to a case is written. */
export function messageHref(caseId: string, message: string): string {
  return `/cases/${caseId}/send/${message}`;
}

function notices(page: CasePage, language: Language): Html {
  return html`<section><h2>${NOTICES[language]}</h2>${noticeList(page, language)}</section>`;
}

function yourApplication(
  { application, service }: CasePage,
  language: Language,
  receiptOf: ReturnType<typeof receiptOfSource>,
): Html {
  const known = factsShown({
    service,
    known: application.facts,
    language,
    wrongHref: `/cases/${application.caseId}/wrong`,
    receiptOf,
  });
  const answers = formParts(service)
    .flatMap((part) => part.fields)
    .filter((field) => application.form[field.name] !== undefined)
    .map(
      (field): Fact => ({
        label: field.title[language],
        value: answerText(field, application.form[field.name], language),
        source: { kind: "applicant" },
      }),
    );
  const materials = application.materials.map(
    (one): Fact => ({
      label: service.materials[one.name]?.title[language] ?? one.name,
      value: html`<a class="govuk-link" href="/cases/${application.caseId}/materials/${one.id}">${one.fileName}</a> <span class="zt-files__size">${fileType(one.mediaType)}, ${formatSize(one.bytes)}</span>`,
      source: { kind: "upload", checked: true },
    }),
  );
  return html`<section><h2>${APPLICATION[language]}</h2>${facts({ language, facts: [...known, ...answers, ...materials] })}</section>`;
}

/** The supplements and requests of the applicant; the form itself stands above. */
function yourWords({ records, service }: CasePage, language: Language): Html {
  const said = records.filter((record) => service.procedure.messages[record.element]);
  if (said.length === 0) return NOTHING;
  const rows = said.map(
    (record): Fact => ({
      label: service.procedure.messages[record.element]?.title[language] ?? record.element,
      value: String(record.content["note"] ?? ""),
      source: { kind: "note", text: formatInstant(Temporal.Instant.from(record.at), language) },
    }),
  );
  return html`<section><h2>${YOUR_WORDS[language]}</h2>${facts({ language, facts: rows })}</section>`;
}

function receipts(entries: readonly CaseEntry[], caseId: string, language: Language): Html {
  const chips = entries.map((entry) => receipt({ language, index: entry.id, href: `/receipts/${entry.id}` }));
  return html`<section><h2>${RECEIPTS[language]}</h2><p class="govuk-hint">${RECEIPTS_TEXT[language]}</p><p>${join(chips, " ")}</p><p><a class="govuk-link" href="/cases/${caseId}/evidence">${EVIDENCE[language]}</a></p><p><a class="govuk-link" href="/cases/${caseId}/evidence?materials=yes">${WITH_MATERIALS[language]}</a></p></section>`;
}

function actions({ application, service, view }: CasePage, language: Language): Html {
  if (view.status !== "running") return NOTHING;
  const { messages } = service.procedure;
  const awaited = new Set(view.awaited.map(({ message }) => message));
  // What nobody waits for, and may be said all the same; the withdrawal last.
  const aside = Object.entries(messages).filter(
    ([name, { from, aside: offered, step }]) =>
      from === "applicant" && offered && (step === "kept" || awaited.has(name)),
  );
  const links = [
    ...aside.map(([name, { title }]) => ({ name, title })),
    ...(messages["withdrawn"]?.from === "applicant" ? [{ name: "withdrawn", title: WITHDRAW }] : []),
  ];
  return html`<div class="zt-actions">${links.map(({ name, title }) =>
    button({
      text: title[language],
      href: messageHref(application.caseId, name),
      classes: "govuk-button--secondary",
    }),
  )}</div>`;
}
