import { attributes, type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { languageSwitch } from "#ui/components/language-switch/language-switch";
import type { Content } from "#ui/components/options";

export interface NavigationItem {
  readonly href: string;
  readonly text: string;
  readonly current?: boolean | undefined;
}

/** Who is signed in, as what, and how to leave. */
export interface Account {
  readonly name: string;
  /** The post, or on whose behalf. */
  readonly role?: string | undefined;
  readonly href: string;
  readonly signOut?: { readonly action: string; readonly token: Html } | undefined;
}

export interface TopOptions {
  readonly language: Language;
  readonly siteName: string;
  readonly homeHref: string;
  readonly languageHref: string;
  readonly navigation: readonly NavigationItem[];
  readonly account?: Account | undefined;
  readonly signInHref?: string | undefined;
}

export interface FootOptions {
  readonly language: Language;
  readonly authority: Content;
  readonly links: readonly NavigationItem[];
}

const MAIN_NAVIGATION = text("主导航", "Main");
const SIGN_IN = text("登录", "Sign in");
const SIGN_OUT = text("退出", "Sign out");

/** The head of every page. The navigation shows at every width, with no script. */
export function top(options: TopOptions): Html {
  return html`<header class="zt-top"><div class="zt-container zt-top__bar">${mark(options)}${navigation(options)}<div class="zt-account">${account(options)}${languageSwitch({ language: options.language, href: options.languageHref })}</div></div></header>`;
}

function mark({ homeHref, siteName, language }: TopOptions): Html {
  const name = language === "zh" ? html`政通` : html`<span lang="zh-CN">政通</span>`;
  return html`<a class="zt-mark" href="${homeHref}"><span class="zt-mark__seal" aria-hidden="true" lang="zh-CN">通</span>${name}<span class="zt-mark__site">${siteName}</span></a>`;
}

function navigation({ navigation: items, language }: TopOptions): Html {
  if (items.length === 0) return NOTHING;
  const links = items.map(
    (item) =>
      html`<li><a${attributes({ href: item.href, "aria-current": item.current ? "page" : undefined })}>${item.text}</a></li>`,
  );
  return html`<nav class="zt-nav" aria-label="${MAIN_NAVIGATION[language]}"><ul>${links}</ul></nav>`;
}

function account({ account: who, signInHref, language }: TopOptions): Html {
  if (!who) return signInHref ? html`<a href="${signInHref}">${SIGN_IN[language]}</a>` : NOTHING;
  const role = who.role ? html`<span class="zt-account__role">${who.role}</span>` : NOTHING;
  const signOut = who.signOut
    ? html`<form action="${who.signOut.action}" method="post">${who.signOut.token}<button type="submit">${SIGN_OUT[language]}</button></form>`
    : NOTHING;
  return html`<a class="zt-account__who" href="${who.href}"><span class="zt-account__name">${who.name}</span>${role}</a>${signOut}`;
}

export function foot({ authority, links }: FootOptions): Html {
  return html`<footer class="zt-foot"><div class="zt-container zt-foot__in"><span>${authority}</span>${links.map((link) => html`<a href="${link.href}">${link.text}</a>`)}<span>政通 Zhengtong</span></div></footer>`;
}
