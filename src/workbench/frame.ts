import type { PageRequest, PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { PostRef } from "#kernel/system/act";
import { type Html, html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import type { Breadcrumb } from "#ui/components/breadcrumbs/breadcrumbs";
import { workbenchPage } from "#ui/layouts/workbench";

interface Section {
  readonly href: string;
  readonly title: Text;
  /** Shown to posts with one of these duties; to every official where absent. */
  readonly duties?: readonly string[];
}

const LICENSING = ["licensing.accept", "licensing.inspect", "licensing.examine", "licensing.decide", "licensing.hear"];

/** The parts of the workbench, in the order of its navigation. */
export const SECTIONS: readonly Section[] = [
  { href: "/workbench", title: text("我的待办", "My tasks") },
  { href: "/workbench/search", title: text("查找办件", "Find a case") },
  { href: "/workbench/counter", title: text("窗口代办", "Counter"), duties: ["counter.file"] },
  {
    href: "/workbench/registers",
    title: text("信息库", "Registers"),
    duties: ["population.read", "legal-entities.read", "register.keep", "audit.read"],
  },
  { href: "/workbench/ledger", title: text("存证日志", "Ledger"), duties: ["audit.read", ...LICENSING] },
  {
    href: "/workbench/directory",
    title: text("机构和岗位", "Directory"),
    duties: ["directory.administer", "audit.read"],
  },
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
