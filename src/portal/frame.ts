import type { PageFrame, PageRequest, PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import type { Breadcrumb } from "#ui/components/breadcrumbs/breadcrumbs";
import { type FaultKind, faultContent, faultTitle } from "#ui/layouts/fault";
import type { Account, NavigationItem } from "#ui/layouts/furniture";
import { portalPage } from "#ui/layouts/portal";
import { keptForm } from "./kept-form.ts";

/** The parts of the portal, in the order of its navigation. */
const NAVIGATION: readonly { readonly href: string; readonly title: Text }[] = [
  { href: "/services", title: text("办事", "Services") },
  { href: "/disclosure", title: text("公开", "Disclosure") },
  { href: "/verify", title: text("核验", "Verify") },
  { href: "/my", title: text("我的", "My affairs") },
];

const FOOT: readonly { readonly href: string; readonly title: Text }[] = [
  { href: "/my/access", title: text("数据被谁查过", "Who looked at my data") },
  { href: "/ledger", title: text("存证日志", "Ledger") },
  { href: "/catalogue", title: text("政务数据目录", "Catalogue of data") },
  { href: "tel:12345", title: text("投诉 12345", "Complaints 12345") },
  { href: "tel:12315", title: text("市场监管投诉 12315", "Market regulation 12315") },
  { href: "/privacy", title: text("隐私", "Privacy") },
  { href: "/accessibility", title: text("无障碍", "Accessibility") },
  { href: "/workbench", title: text("工作台", "Workbench") },
];

/** Whose the demonstration is; a real node's own name stands there otherwise. */
const GOVERNMENT = text("清源县人民政府（演示）", "People's Government of Qingyuan County (demonstration)");

export interface PortalContent {
  readonly title: string;
  readonly main: Html;
  readonly hero?: Html;
  readonly breadcrumbs?: readonly Breadcrumb[];
  readonly backHref?: string;
  readonly hasErrors?: boolean;
  readonly description?: string;
  readonly indexed?: boolean;
}

/** Hidden fields that each form carries: the form's token, and the key under which it is done once. */
export function formFields(request: PageRequest): Html {
  return html`<input type="hidden" name="csrf" value="${request.csrf}"><input type="hidden" name="key" value="${request.newFormKey}">`;
}

/** A page of the portal with its head and foot. */
export function portal(site: Site, request: PageRequest, content: PortalContent): string {
  const { language } = request;
  return portalPage({
    language,
    title: content.title,
    siteName: site.name[language],
    homeHref: "/",
    languageHref: `/language/${language === "zh" ? "en" : "zh"}?back=${encodeURIComponent(request.method === "GET" ? request.url : request.path)}`,
    demonstration: site.demonstration,
    navigation: navigation(request),
    account: account(request),
    signInHref: request.session ? undefined : `/sign-in?back=${encodeURIComponent(request.path)}`,
    footer: {
      authority: (site.demonstration ? GOVERNMENT : site.name)[language],
      links: FOOT.map(({ href, title }) => ({ href, text: title[language] })),
    },
    breadcrumbs: content.breadcrumbs,
    backHref: content.backHref,
    hero: content.hero,
    hasErrors: content.hasErrors,
    description: content.description,
    indexed: content.indexed,
    main: content.main,
  }).toString();
}

/** The same as an answer. */
export function portalResponse(
  site: Site,
  request: PageRequest,
  content: PortalContent & { readonly status?: number },
): PageResponse {
  return {
    kind: "page",
    status: content.status ?? (content.hasErrors ? 422 : 200),
    html: portal(site, request, content),
  };
}

function navigation(request: PageRequest): readonly NavigationItem[] {
  return NAVIGATION.map(({ href, title }) => ({
    href,
    text: title[request.language],
    current: request.path === href || request.path.startsWith(`${href}/`),
  }));
}

function account(request: PageRequest): Account | undefined {
  const { session } = request;
  if (!session) return undefined;
  const role =
    session.principal.kind === "official" ? session.principal.post.title[request.language] : session.onBehalfOf?.name;
  return {
    name: session.displayName,
    role,
    href: session.principal.kind === "official" ? "/workbench" : "/my",
    signOut: { action: "/sign-out", token: formFields(request) },
  };
}

/** What the HTTP layer draws for itself. */
export function portalFrame(site: Site): PageFrame {
  const fault = (request: PageRequest, kind: FaultKind, more: { reference?: string; detail?: string } = {}) =>
    portal(site, request, {
      title: faultTitle(kind, request.language),
      main: faultContent({ language: request.language, kind, ...wayOut(request), ...more }),
    });
  return {
    notFound: (request) => fault(request, "not-found"),
    failed: (request, reference) => fault(request, "broken", { reference }),
    unreachable: (request) => fault(request, "away"),
    refused: (request, words) => fault(request, "malformed", { detail: words[request.language] }),
    kept: (request, words) => portal(site, request, keptForm(request, words)),
    signIn: (back, audience) => `/sign-in?as=${audience}&back=${encodeURIComponent(back)}`,
    stepUp: (to) =>
      "kept" in to
        ? `/sign-in/step-up?kept=${to.kept}`
        : `/sign-in/step-up?level=${to.needs.level}&within=${to.needs.withinMinutes ?? ""}&back=${encodeURIComponent(to.back)}`,
  };
}

const WORKBENCH = text("返回工作台", "Back to the workbench");

/** Officials go on where they work. */
function wayOut({ session }: PageRequest) {
  return session?.principal.kind === "official" ? { homeHref: "/workbench", home: WORKBENCH } : { homeHref: "/" };
}
