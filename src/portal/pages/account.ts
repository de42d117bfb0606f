import { ASSURANCE_WORDS, identity } from "#infrastructure/identity";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { passwordInput } from "#ui/components/password-input/password-input";
import { tag } from "#ui/components/tag/tag";
import { formatInstant } from "#ui/format";
import { SECURITY_TITLE } from "../account.ts";
import { formFields, portalResponse } from "../frame.ts";
import { type Problem, problemSummary, refused } from "../problem.ts";

const MY = text("我的", "My affairs");
const TITLE = text("登录和密码", "Sign-ins and password");
const SESSIONS = text("现在的登录", "Where you are signed in");
const SESSION = text(
  "{agent}，地址 {address}，{opened} 登录，{seen} 最近使用，认证等级 {level}",
  "{agent}, from {address}, signed in {opened}, last used {seen}, assurance {level}",
);
const UNKNOWN_AGENT = text("未知设备", "Unknown device");
const END_OTHERS = text("退出其他所有登录", "End all the others");
const FACTORS = text("验证码应用、通行密钥、恢复码", "Code generator, passkeys, recovery codes");
const THIS = text("本次登录", "This one");
const END = text("退出这个登录", "End it");
const PASSWORD = text("修改密码", "Change your password");
const CURRENT = text("现在的密码", "Current password");
const NEXT = text("新密码", "New password");
const NEXT_HINT = text("至少十个字符，可以用几个词连成一句", "At least ten characters; a few words in a row are fine");
const CHANGED = text(
  "密码已修改，其他登录已全部退出。",
  "Your password is changed, and every other sign-in was ended.",
);
const WRONG = text("现在的密码不正确", "The current password is not right");
const WAIT = text("尝试次数过多，请几分钟后再试", "There were too many attempts; try again in a few minutes");
const MISSING = text("请填写现在的密码和新密码", "Enter both the current and the new password");

/** One's own sign-ins, and the password. */
export function accountPage(site: Site): Page {
  return definePage({
    path: "/my/account",
    audience: "person",
    get: (request) => screen(site, request, {}),
    post: async (request) => {
      if (fieldOf(request.fields, "end") === "others") return endOthers(site, request);
      if (fieldOf(request.fields, "end") !== "") return endSession(site, request);
      return changePassword(site, request);
    },
  });
}

async function endSession(site: Site, request: PageRequest): Promise<PageResponse> {
  const session = fieldOf(request.fields, "end");
  if (!isUuid(session)) return { kind: "not-found" };
  const own = session === request.session?.id;
  const ended = await request.front(identity, { purpose: "own-affairs" }).signOut({ session });
  if (isRefusal(ended)) return refused(site, request, ended as Refusal, "/my/account");
  return own
    ? { kind: "redirect", to: "/", cookies: [{ name: "session", value: "" }] }
    : { kind: "redirect", to: "/my/account" };
}

async function endOthers(site: Site, request: PageRequest): Promise<PageResponse> {
  const doors = request.front(identity, { purpose: "own-affairs" });
  const ended = await doors.endOtherSessions({ session: request.session?.id ?? "" });
  return isRefusal(ended)
    ? refused(site, request, ended as Refusal, "/my/account")
    : { kind: "redirect", to: "/my/account" };
}

async function changePassword(site: Site, request: PageRequest): Promise<PageResponse> {
  const current = fieldOf(request.fields, "current");
  const next = fieldOf(request.fields, "next");
  if (current === "" || next === "") {
    return screen(site, request, { problems: [{ text: MISSING, href: current === "" ? "#current" : "#next" }] });
  }
  const session = request.session?.id ?? "";
  // Each attempt is a new act, and its answer is kept nowhere.
  const doors = request.front(identity, { purpose: "own-affairs", key: null });
  const changed = await doors.changePassword({ session, current, next });
  if (isRefusal(changed)) {
    const issues = changed.issues.length > 0 ? changed.issues : [{ text: changed.text, path: "next" }];
    return screen(site, request, { problems: issues.map((one) => ({ text: one.text, href: `#${one.path}` })) });
  }
  if (changed.outcome === "changed") return screen(site, request, { changed: true });
  return screen(site, request, {
    problems: [{ text: changed.outcome === "wait" ? WAIT : WRONG, href: "#current" }],
  });
}

async function screen(
  site: Site,
  request: PageRequest,
  { problems = [], changed = false }: { readonly problems?: readonly Problem[]; readonly changed?: boolean },
): Promise<PageResponse> {
  const { language } = request;
  const sessions = await request.front(identity, { purpose: "own-affairs" }).listSessions({});
  if (isRefusal(sessions)) return refused(site, request, sessions);
  const said = (at: string) => formatInstant(Temporal.Instant.from(at), language);
  const rows = sessions.items.map((one) => {
    const words = {
      agent: one.agent || UNKNOWN_AGENT[language],
      opened: said(one.openedAt),
      seen: said(one.seenAt),
      address: one.address,
      level: ASSURANCE_WORDS[one.assurance][language],
    };
    return html`<li><span>${fill(SESSION, words)[language]}</span> ${
      one.id === request.session?.id ? tag({ text: THIS[language] }) : NOTHING
    }<form action="/my/account" method="post">${formFields(request)}<input type="hidden" name="end" value="${one.id}">${button({ text: END[language], classes: "govuk-button--secondary" })}</form></li>`;
  });
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problems.length > 0,
    breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }],
    main: html`${problemSummary(language, problems)}${changed ? notificationBanner({ language, type: "success", text: CHANGED[language] }) : NOTHING}<h1>${TITLE[language]}</h1><h2>${SESSIONS[language]}</h2><ul class="zt-files">${rows}</ul>${
      sessions.items.length > 1
        ? html`<form action="/my/account" method="post">${formFields(request)}<input type="hidden" name="end" value="others">${button({ text: END_OTHERS[language], classes: "govuk-button--secondary" })}</form>`
        : NOTHING
    }<h2>${SECURITY_TITLE[language]}</h2><p><a class="govuk-link" href="/account/security">${FACTORS[language]}</a></p><h2>${PASSWORD[language]}</h2>${passwordForm(request, problems)}`,
  });
}

function passwordForm(request: PageRequest, problems: readonly Problem[]): Html {
  const { language } = request;
  const errorOf = (id: string) => problems.find((one) => one.href === `#${id}`)?.text[language];
  return html`<form action="/my/account" method="post" novalidate>${formFields(request)}${passwordInput({
    language,
    id: "current",
    name: "current",
    label: { text: CURRENT[language] },
    errorMessage: errorOf("current"),
    autocomplete: "current-password",
    classes: "govuk-input--width-20",
  })}${passwordInput({
    language,
    id: "next",
    name: "next",
    label: { text: NEXT[language] },
    hint: NEXT_HINT[language],
    errorMessage: errorOf("next"),
    autocomplete: "new-password",
    classes: "govuk-input--width-20",
  })}${button({ text: PASSWORD[language], preventDoubleClick: true })}</form>`;
}
