import { identity } from "#infrastructure/identity";
import type { PageRequest, PageResponse } from "#kernel/http/page";
import type { Session } from "#kernel/ports";
import { type Html, html } from "#lib/html/html";
import { type Language, type Text, text } from "#lib/language/text";

const ACCOUNT = text("登录和密码", "Sign-ins and password");
export const SECURITY_TITLE = text("第二重验证", "Second factors");
const CODES = text("恢复码", "Recovery codes");
const KEEP = text(
  "手机丢失或更换时，用一个恢复码代替验证码，每个只能用一次。它们只显示这一次：请抄写或打印，与身份证件一样妥善保管，不要存在同一部手机里。",
  "When your phone is lost or replaced, one of these stands for a code; each counts once. They are shown this one time: write them down or print them, keep them as you keep your identity document, and not on the same phone.",
);

/**
 * The identity room as whoever manages his own account asks it, under no key: its answers hold secrets and are kept nowhere. An
 * auditor changes nothing but his own account; for him the room is asked by the node, which names the session that asks.
 */
export function accountDoors(request: PageRequest) {
  const principal = request.session?.principal;
  const isAuditor = principal?.kind === "official" && principal.post.duties.includes("audit.read");
  return request.front(identity, {
    purpose: principal?.kind === "official" ? "administration" : "own-affairs",
    key: null,
    ...(isAuditor && { asNode: identity.id }),
  });
}

/** Where whoever manages his account came from. */
export function accountHref(request: PageRequest): string {
  return request.session?.principal.kind === "official" ? "/workbench/account" : "/my/account";
}

/** Pages of one's account are for persons and officials alike. */
export async function withSession(
  request: PageRequest,
  answer: (session: Session) => Promise<PageResponse>,
): Promise<PageResponse> {
  const { session } = request;
  const back = request.method === "GET" ? request.url : request.path;
  return session ? answer(session) : { kind: "redirect", to: `/sign-in?back=${encodeURIComponent(back)}` };
}

export function securityCrumbs(request: PageRequest, here: Text) {
  const { language } = request;
  return [
    { text: ACCOUNT[language], href: accountHref(request) },
    ...(here === SECURITY_TITLE ? [] : [{ text: SECURITY_TITLE[language], href: "/account/security" }]),
    { text: here[language] },
  ];
}

/** The codes, which are shown once. */
export function recoveryCodeList(language: Language, codes: readonly string[]): Html {
  return html`<h2>${CODES[language]}</h2><p>${KEEP[language]}</p><ul>${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>`;
}
