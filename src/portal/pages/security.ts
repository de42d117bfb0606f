import { ASSURANCE_WORDS, CHANGE_FACTORS, identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { Session } from "#kernel/ports";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { insetText } from "#ui/components/inset-text/inset-text";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { warningText } from "#ui/components/warning-text/warning-text";
import { formatInstant } from "#ui/format";
import { accountDoors, SECURITY_TITLE, securityCrumbs, withSession } from "../account.ts";
import { formFields, portalResponse } from "../frame.ts";
import { refused } from "../problem.ts";

const LEAD = text(
  "签名、作出决定等事项，除密码外还要验证一次。请至少设置一种方式，并保管好恢复码。",
  "To sign or to decide, a password is not enough. Set up at least one way to prove that it is you, and keep recovery codes.",
);
const NOT_OPENED = identity.operations.beginGenerator.refusals["not-opened"];
const NOW = text("本次登录的认证等级：{level}", "Assurance of this sign-in: {level}");
const GENERATOR = text("验证码应用", "Code generator");
const GENERATOR_SINCE = text("{since} 起使用", "In use since {since}");
const GENERATOR_NONE = text("没有设置。", "Not set up.");
const SET_UP = text("设置验证码应用", "Set up a code generator");
const REPLACE = text("换一部手机", "Move it to another phone");
const REMOVE = text("移除", "Remove it");
const PASSKEYS = text("通行密钥", "Passkeys");
const PASSKEYS_WHAT = text(
  "用本机的指纹、面容或开机密码登录和验证，不会被假冒网站骗走。需要较新的浏览器。",
  "You sign in and prove who you are with the fingerprint, face or PIN of your device; no false site can take it from you. It needs a newer browser.",
);
const PASSKEY = text("{made} 添加，{used} 最近使用", "added {made}, last used {used}");
const ONE_DEVICE = text("只在一台设备里", "in one device alone");
const COPIED = text("可在您的设备间同步", "copied between your devices");
const SEPARATOR = text("，", ", ");
const ADD_PASSKEY = text("添加通行密钥", "Add a passkey");
const PASSKEY_REMOVED = text("通行密钥已移除。", "The passkey was removed.");
const UNDER_WAY = text(
  "有人在政务服务窗口以您的名义登记了找回账户。如果不是您本人到场办理，请立即停止并修改密码。",
  "At a service counter someone asked in your name for access to be given back. If it was not you in person, stop it now and change your password.",
);
const STOP = text("不是我，停止办理", "It was not me: stop it");
const CODES = text("恢复码", "Recovery codes");
const CODES_LEFT = text("还有 {count} 个没有用过。", "{count} of them are unused.");
const RENEW = text("重新生成（旧的全部作废）", "Make new ones (the old ones end)");
const REMOVED = text("验证码应用已移除。", "The code generator was removed.");

const AT_SIGN_IN = text("登录时都要验证码", "A code at each sign-in");
const AT_SIGN_IN_OFF = text(
  "现在只在签名、作出决定等事项时要验证码。开启后，每次用密码登录都要；用通行密钥登录的不另外要。",
  "Codes are asked for now where you sign or decide. Turned on, each sign-in by password asks for one; a passkey stands for both.",
);
const AT_SIGN_IN_ON = text(
  "每次用密码登录都要验证码。手机不在身边时可以用恢复码，请保管好。",
  "Each sign-in by password asks for a code. A recovery code stands for it when you have not your phone: keep them safe.",
);
const TURN_ON = text("开启", "Turn it on");
const TURN_OFF = text("关闭", "Turn it off");
const DONE: Readonly<Record<string, Text>> = {
  removed: REMOVED,
  passkey: PASSKEY_REMOVED,
  asked: text(
    "已开启：以后每次用密码登录都要验证码。",
    "Turned on: from now on each sign-in by password asks for a code.",
  ),
  "not-asked": text("已关闭：登录时不再要验证码。", "Turned off: sign-ins no longer ask for a code."),
};

/** How one proves that it is oneself, for persons and officials alike. */
export function securityPage(site: Site): Page {
  return definePage({
    path: "/account/security",
    audience: "public",
    get: (request) => withSession(request, (session) => screen(site, request, session)),
    post: (request) =>
      withSession(request, async (session) => {
        const id = fieldOf(request.fields, "passkey");
        if (isUuid(id)) return removePasskey(site, request, { session, id });
        if (fieldOf(request.fields, "stop") === "recovery") {
          const stopped = await accountDoors(request).stopRecovery({ session: session.id });
          return isRefusal(stopped)
            ? refused(site, request, stopped, "/account/security")
            : { kind: "redirect", to: "/account/security" };
        }
        const wanted = fieldOf(request.fields, "codeAtSignIn");
        if (wanted === "yes" || wanted === "no") {
          return askCode(site, request, { session, wanted: wanted === "yes" });
        }
        if (fieldOf(request.fields, "remove") !== "generator") return { kind: "not-found" };
        const removed = await accountDoors(request).removeGenerator({ session: session.id });
        if (!isRefusal(removed)) return { kind: "redirect", to: "/account/security?done=removed" };
        return removed.code === "prove-first"
          ? { kind: "step-up", needs: CHANGE_FACTORS }
          : refused(site, request, removed, "/account/security");
      }),
  });
}

async function removePasskey(
  site: Site,
  request: PageRequest,
  { session, id }: { readonly session: Session; readonly id: string },
): Promise<PageResponse> {
  const removed = await accountDoors(request).removePasskey({ session: session.id, id });
  if (!isRefusal(removed)) return { kind: "redirect", to: "/account/security?done=passkey" };
  return removed.code === "prove-first"
    ? { kind: "step-up", needs: CHANGE_FACTORS }
    : refused(site, request, removed, "/account/security");
}

async function askCode(
  site: Site,
  request: PageRequest,
  { session, wanted }: { readonly session: Session; readonly wanted: boolean },
): Promise<PageResponse> {
  const asked = await accountDoors(request).askCodeAtSignIn({ session: session.id, wanted });
  if (!isRefusal(asked)) return { kind: "redirect", to: `/account/security?done=${wanted ? "asked" : "not-asked"}` };
  return asked.code === "prove-first"
    ? { kind: "step-up", needs: CHANGE_FACTORS }
    : refused(site, request, asked, "/account/security");
}

async function screen(site: Site, request: PageRequest, session: Session): Promise<PageResponse> {
  const { language } = request;
  const { principal } = session;
  const factors = await accountDoors(request).myFactors({ session: session.id });
  if (isRefusal(factors)) return refused(site, request, factors);
  const level = "assurance" in principal ? ASSURANCE_WORDS[principal.assurance] : ASSURANCE_WORDS[1];
  const { generator, recoveryCodesLeft } = factors;
  const done = DONE[request.query["done"] ?? ""];
  return portalResponse(site, request, {
    title: SECURITY_TITLE[language],
    breadcrumbs: securityCrumbs(request, SECURITY_TITLE),
    main: html`<div class="zt-prose">${done ? notificationBanner({ language, type: "success", text: done[language] }) : NOTHING}${factors.recovery ? underWay(request) : NOTHING}${factors.notOpened ? insetText({ text: NOT_OPENED[language] }) : NOTHING}<h1>${SECURITY_TITLE[language]}</h1><p>${LEAD[language]}</p><p>${fill(NOW, { level: level[language] })[language]}</p><h2>${GENERATOR[language]}</h2>${
      generator ? html`${held(request, generator.since)}${atSignIn(request, factors.codeAtSignIn)}` : none(request)
    }<h2>${PASSKEYS[language]}</h2><p>${PASSKEYS_WHAT[language]}</p>${passkeyList(request, factors.passkeys)}${button({
      text: ADD_PASSKEY[language],
      href: "/account/passkeys/new",
      classes: "govuk-button--secondary",
    })}${
      generator || recoveryCodesLeft > 0
        ? html`<h2>${CODES[language]}</h2><p>${fill(CODES_LEFT, { count: recoveryCodesLeft })[language]}</p><form action="/account/recovery-codes" method="post">${formFields(request)}${button({ text: RENEW[language], classes: "govuk-button--secondary", preventDoubleClick: true })}</form>`
        : NOTHING
    }</div>`,
  });
}

/** Whoever did not come to a counter himself stops it here. */
function underWay(request: PageRequest): Html {
  const { language } = request;
  return html`${warningText({ language, text: UNDER_WAY[language] })}<form action="/account/security" method="post">${formFields(request)}<input type="hidden" name="stop" value="recovery">${button({ text: STOP[language], classes: "govuk-button--warning" })}</form>`;
}

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly madeAt: string;
  readonly usedAt: string;
  readonly multiDevice: boolean;
}

function passkeyList(request: PageRequest, passkeys: readonly Shown[]): Html {
  const { language } = request;
  if (passkeys.length === 0) return NOTHING;
  const said = (at: string) => formatInstant(Temporal.Instant.from(at), language);
  const rows = passkeys.map((one) => {
    const words = { made: said(one.madeAt), used: said(one.usedAt) };
    const where = one.multiDevice ? COPIED : ONE_DEVICE;
    return html`<li><span><strong>${one.name}</strong>${SEPARATOR[language]}${where[language]}${SEPARATOR[language]}${fill(PASSKEY, words)[language]}</span><form action="/account/security" method="post">${formFields(request)}<input type="hidden" name="passkey" value="${one.id}">${button({ text: html`${REMOVE[language]}<span class="govuk-visually-hidden"> ${one.name}</span>`, classes: "govuk-button--secondary" })}</form></li>`;
  });
  return html`<ul class="zt-files">${rows}</ul>`;
}

function none({ language }: PageRequest): Html {
  return html`<p>${GENERATOR_NONE[language]}</p>${button({ text: SET_UP[language], href: "/account/generator/new" })}`;
}

function held(request: PageRequest, since: string): Html {
  const { language } = request;
  const said = formatInstant(Temporal.Instant.from(since), language);
  return html`<p>${fill(GENERATOR_SINCE, { since: said })[language]}</p><form action="/account/security" method="post">${formFields(request)}<input type="hidden" name="remove" value="generator"><div class="zt-actions">${button({ text: REPLACE[language], href: "/account/generator/new", classes: "govuk-button--secondary" })}${button({ text: REMOVE[language], classes: "govuk-button--secondary" })}</div></form>`;
}

function atSignIn(request: PageRequest, on: boolean): Html {
  const { language } = request;
  return html`<h3>${AT_SIGN_IN[language]}</h3><p>${(on ? AT_SIGN_IN_ON : AT_SIGN_IN_OFF)[language]}</p><form action="/account/security" method="post">${formFields(request)}<input type="hidden" name="codeAtSignIn" value="${on ? "no" : "yes"}">${button({ text: html`${(on ? TURN_OFF : TURN_ON)[language]}<span class="govuk-visually-hidden"> ${AT_SIGN_IN[language]}</span>`, classes: "govuk-button--secondary" })}</form>`;
}
