import type { Refusal } from "#kernel/contract/refusal";
import type { PageRequest, PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { PostRef } from "#kernel/system/act";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import type { Breadcrumb } from "#ui/components/breadcrumbs/breadcrumbs";
import { errorSummary } from "#ui/components/error-summary/error-summary";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { workbenchPage } from "#ui/layouts/workbench";

interface Section {
  readonly href: string;
  readonly title: Text;
  /** Shown to posts with one of these duties; to every official where absent. */
  readonly duties?: readonly string[];
}

const LICENSING = [
  "licensing.accept",
  "licensing.inspect",
  "licensing.examine",
  "licensing.decide",
  "licensing.extend",
  "licensing.hear",
];
/** Every post but an auditor's has it. */
const WORK = ["directory.delegate"];

/** The parts of the workbench, in the order of its navigation. An auditor's post has no tasks of its own. */
export const SECTIONS: readonly Section[] = [
  { href: "/workbench", title: text("我的待办", "My tasks"), duties: WORK },
  { href: "/workbench/queue", title: text("全部在办", "Queue"), duties: LICENSING },
  { href: "/workbench/cases", title: text("办件", "Cases"), duties: ["audit.read"] },
  { href: "/workbench/search", title: text("查找办件", "Find a case"), duties: [...LICENSING, "audit.read"] },
  { href: "/workbench/counter", title: text("窗口代办", "Counter"), duties: ["counter.file"] },
  {
    href: "/workbench/registers",
    title: text("信息库", "Registers"),
    duties: ["population.read", "legal-entities.read", "register.keep", "audit.read"],
  },
  {
    href: "/workbench/operations",
    title: text("其他职责", "Other duties"),
    duties: ["register.keep", "licensing.decide", "participation.handle", "directory.administer", "counter.file"],
  },
  { href: "/workbench/powers", title: text("代理权限", "Powers to act"), duties: ["counter.file", "identity.powers"] },
  {
    href: "/workbench/sealings",
    title: text("延后告知", "Kept looks"),
    duties: ["data-rights.seal", "data-rights.approve-seal"],
  },
  { href: "/workbench/sharing", title: text("数据共享", "Data sharing"), duties: ["catalogue.read"] },
  { href: "/workbench/catalogue", title: text("数据目录", "Data catalogue"), duties: ["catalogue.read"] },
  { href: "/workbench/objections", title: text("查询异议", "Objections"), duties: ["data-rights.handle"] },
  { href: "/workbench/ledger", title: text("存证日志", "Ledger"), duties: ["audit.read", ...WORK] },
  {
    href: "/workbench/directory",
    title: text("机构和岗位", "Directory"),
    duties: ["directory.administer", "audit.read"],
  },
  { href: "/workbench/clients", title: text("统一登录", "Sign-in of systems"), duties: ["directory.administer"] },
  { href: "/workbench/systems", title: text("外部系统", "Systems of others"), duties: ["exchange.register"] },
  {
    href: "/workbench/certificates",
    title: text("数字证书", "Certificates"),
    duties: ["trust.administer", "trust.issue"],
  },
  {
    href: "/workbench/access",
    title: text("权限", "Rights"),
    duties: ["security.propose", "security.approve", "directory.administer", "audit.read"],
  },
  { href: "/workbench/acme", title: text("自动签发证书", "Enrolment of nodes"), duties: ["trust.administer"] },
  { href: "/workbench/nodes", title: text("节点", "Nodes"), duties: ["directory.administer", "directory.approve"] },
  { href: "/workbench/keys", title: text("密钥", "Keys"), duties: ["trust.keys"] },
  { href: "/workbench/exchange-watch", title: text("交换运行", "Exchange at work"), duties: ["exchange.watch"] },
  { href: "/workbench/ferry", title: text("区域间摆渡", "Ferry"), duties: ["network.look"] },
  { href: "/workbench/events", title: text("事件交换", "Events"), duties: ["events.manage"] },
  { href: "/workbench/datasets", title: text("数据集", "Data sets"), duties: ["datasets.publish", "datasets.receive"] },
  { href: "/workbench/stopped", title: text("待处理故障", "Stopped"), duties: ["directory.administer"] },
];

export interface WorkbenchContent {
  readonly title: string;
  readonly main: Html;
  readonly breadcrumbs?: readonly Breadcrumb[];
  readonly hasErrors?: boolean;
  readonly status?: number;
}

/** Hidden fields that each form carries: the form's token, and the key under which it is done once. */
export function formFields(request: PageRequest): Html {
  return html`<input type="hidden" name="csrf" value="${request.csrf}"><input type="hidden" name="key" value="${request.newFormKey}">`;
}

/** The post of the official who asks. Pages of the workbench are opened for officials alone. */
export function postOf(request: PageRequest): { readonly officialId: string; readonly post: PostRef } {
  const principal = request.session?.principal;
  if (principal?.kind !== "official") throw new TypeError("a page of the workbench has an official");
  return { officialId: principal.id, post: principal.post };
}

/** A page of the workbench with its head and foot. */
export function workbench(site: Site, request: PageRequest, content: WorkbenchContent): PageResponse {
  const { language, session } = request;
  const { post } = postOf(request);
  const navigation = SECTIONS.filter(({ duties }) => duties?.some((duty) => post.duties.includes(duty)) ?? true);
  const page = workbenchPage({
    language,
    title: content.title,
    siteName: text(`${site.name.zh}工作台`, `${site.name.en} Workbench`)[language],
    homeHref: "/workbench",
    languageHref: `/language/${language === "zh" ? "en" : "zh"}?back=${encodeURIComponent(request.method === "GET" ? request.url : request.path)}`,
    demonstration: site.demonstration,
    navigation: navigation.map(({ href, title }) => ({
      href,
      text: title[language],
      current: request.path === href || (href !== "/workbench" && request.path.startsWith(`${href}/`)),
    })),
    account: {
      name: session?.displayName ?? "",
      role: `${post.authorityName[language]} · ${post.title[language]}`,
      href: "/workbench/account",
      signOut: { action: "/sign-out", token: formFields(request) },
    },
    footer: { authority: post.authorityName[language], links: [{ href: "/", text: text("门户", "Portal")[language] }] },
    breadcrumbs: content.breadcrumbs,
    hasErrors: content.hasErrors,
    main: content.main,
  });
  return { kind: "page", status: content.status ?? (content.hasErrors ? 422 : 200), html: page.toString() };
}

const DONE = text("“{step}”已提交并记录。", "“{step}” is submitted and on the record.");
const DONE_PLAIN = text("已办理并记录。", "Done and on the record.");
const CASE = text("查看办件 {number}", "See case {number}");
const CASE_NUMBER = /^[A-Z]{2,10}-\d{4}-\d{6,9}$/;

/** Says on the page that follows what was done, with the way back to its case. */
export function doneBanner(request: PageRequest, step?: Text): Html {
  const { done } = request.query;
  if (!done) return NOTHING;
  const { language } = request;
  const said = step ? fill(DONE, { step: step[language] })[language] : DONE_PLAIN[language];
  const link = CASE_NUMBER.test(done)
    ? html` <a class="govuk-notification-banner__link" href="/workbench/search?q=${done}">${fill(CASE, { number: done })[language]}</a>`
    : NOTHING;
  return notificationBanner({
    language,
    type: "success",
    text: html`<p class="govuk-notification-banner__heading">${said}${link}</p>`,
  });
}

const NOT_DONE = text("未能办理", "This could not be done");
const BACK = text("返回", "Go back");

/** A page that says what could not be done and why; what needs proof asks for it. */
export function refusalPage(
  site: Site,
  request: PageRequest,
  refusal: Pick<Refusal, "text" | "code" | "needs">,
  backHref = "/workbench",
): PageResponse {
  if (refusal.code === "case-unknown" || refusal.code === "draft-unknown") return { kind: "not-found" };
  if (refusal.needs) return { kind: "step-up", needs: refusal.needs };
  const { language } = request;
  return workbench(site, request, {
    title: NOT_DONE[language],
    status: refusal.code === "unavailable" ? 503 : 409,
    main: html`${pageHeading({ title: NOT_DONE[language] })}<p>${refusal.text[language]}</p><p><a class="govuk-link" href="${backHref}">${BACK[language]}</a></p>`,
  });
}

const PROBLEM = text("有问题需要处理", "There is a problem");

/** All that is wrong, above a form; nothing where nothing is. */
export function problems(
  request: PageRequest,
  list: readonly { readonly text: Text; readonly href?: string | undefined }[],
): Html {
  if (list.length === 0) return NOTHING;
  const { language } = request;
  return errorSummary({
    title: PROBLEM[language],
    errorList: list.map((one) => ({ text: one.text[language], href: one.href })),
  });
}

/** Whether the official's post holds a duty. */
export function holds(request: PageRequest, duty: string): boolean {
  return postOf(request).post.duties.includes(duty);
}

/** A page that is as if it were not there for whoever may not see it; where a surer proof is all that is missing, it asks for that. */
export function absent({ needs }: Pick<Refusal, "needs">): PageResponse {
  return needs ? { kind: "step-up", needs } : { kind: "not-found" };
}
