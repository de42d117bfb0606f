import { CHANGE_FACTORS } from "#infrastructure/identity";
import { isAssured } from "#kernel/contract/assurance";
import { isRefusal } from "#kernel/contract/refusal";
import { codeRows } from "#kernel/documents/quick-response-code";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import { localPath } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import type { Session } from "#kernel/ports";
import { fromBase32 } from "#lib/crypto/base32";
import { secretUri } from "#lib/crypto/one-time-password";
import { isUuid } from "#lib/crypto/uuid";
import { html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { input } from "#ui/components/input/input";
import { qr } from "#ui/components/qr/qr";
import { accountDoors, recoveryCodeList, securityCrumbs, withSession } from "../account.ts";
import { formFields, portalResponse } from "../frame.ts";
import { problemSummary, refused } from "../problem.ts";

const TITLE = text("设置验证码应用", "Set up a code generator");
const INTRO = text(
  "验证码应用装在手机里，每三十秒显示一个新的六位数字，不需要网络和手机号码。常用的有各手机自带的密码应用，以及支持 TOTP 的其他应用。",
  "A code generator is a program on your phone that shows six new digits every thirty seconds; it needs neither a network nor a phone number. The password program of your phone may be one; any that knows TOTP will do.",
);
const BEGIN = text("开始设置", "Begin");
const SCAN = text("一、用验证码应用扫描", "1. Scan this with it");
const SCANNED = text(
  "含有验证码密钥的二维码，其文字在下面",
  "A QR code that holds the secret, whose text stands below",
);
const SECRET = text(
  "不能扫描时，在应用里选择手动输入，填写密钥：",
  "If you cannot scan, choose to enter a key by hand, and type:",
);
const ENTER = text("二、填写应用显示的六位数字", "2. Enter the six digits that it shows");
const CODE = text("验证码", "Code");
const CONFIRM = text("确认", "Confirm");
const WRONG = text(
  "数字不正确。请核对手机时间是否自动校准，再输入现在显示的数字",
  "The digits are not right. See that the phone sets its clock by itself, and enter what it shows now",
);
const WAIT = text(
  "尝试次数过多，请 {minutes} 分钟后再试",
  "There were too many attempts; try again in {minutes} minutes",
);
const DONE = text("验证码应用已设置好", "The code generator is set up");
const GO_ON = text("继续刚才的办理", "Go on with what you were doing");

/** Setting up a code generator: a secret to scan or type, and a code that shows that it arrived. */
export function generatorPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/account/generator/new",
      audience: "public",
      get: async (request) => withSession(request, (session) => begin(site, request, session)),
      post: async (request) =>
        withSession(request, async (session) => {
          const begun = await accountDoors(request).beginGenerator({ session: session.id });
          if (!isRefusal(begun)) return { kind: "redirect", to: `/account/generator?${goingOn(request)}` };
          return begun.code === "prove-first"
            ? { kind: "step-up", needs: CHANGE_FACTORS }
            : refused(site, request, begun, "/account/security");
        }),
    }),
    definePage({
      path: "/account/generator",
      audience: "public",
      get: async (request) => withSession(request, (session) => show(site, request, session)),
      post: async (request) => withSession(request, (session) => confirm(site, request, session)),
    }),
  ];
}

/** What waits to go on when this is done. */
function goingOn(request: PageRequest): string {
  const given = (name: string) => fieldOf(request.fields, name) || request.query[name] || "";
  const kept = given("kept");
  if (isUuid(kept)) return `kept=${kept}`;
  const back = localPath(given("back"));
  return back === "/" ? "" : `back=${encodeURIComponent(back)}`;
}

async function begin(site: Site, request: PageRequest, session: Session): Promise<PageResponse> {
  const { language } = request;
  const factors = await accountDoors(request).myFactors({ session: session.id });
  if (isRefusal(factors)) return refused(site, request, factors);
  const held = factors.generator !== undefined || factors.recoveryCodesLeft > 0;
  if (held && !isAssured(session.principal, CHANGE_FACTORS, request.now)) {
    return { kind: "step-up", needs: CHANGE_FACTORS };
  }
  return portalResponse(site, request, {
    title: TITLE[language],
    breadcrumbs: securityCrumbs(request, TITLE),
    main: html`<div class="zt-prose"><h1>${TITLE[language]}</h1><p>${INTRO[language]}</p><form action="/account/generator/new?${goingOn(request)}" method="post">${formFields(request)}${button({ text: BEGIN[language], preventDoubleClick: true })}</form></div>`,
  });
}

async function show(site: Site, request: PageRequest, session: Session, problem?: Text): Promise<PageResponse> {
  const { language } = request;
  const doors = accountDoors(request);
  const [pending, factors] = await Promise.all([
    doors.pendingGenerator({ session: session.id }),
    doors.myFactors({ session: session.id }),
  ]);
  if (isRefusal(pending)) return { kind: "redirect", to: "/account/security" };
  if (isRefusal(factors)) return refused(site, request, factors);
  const { secret } = pending;
  const uri = secretUri({
    secret: fromBase32(secret) ?? new Uint8Array(),
    issuer: site.name[language],
    account: factors.signInName,
  });
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problem !== undefined,
    breadcrumbs: securityCrumbs(request, TITLE),
    main: html`<div class="zt-prose">${problemSummary(language, problem ? [{ text: problem, href: "#code" }] : [])}<h1>${TITLE[language]}</h1><h2>${SCAN[language]}</h2><div class="zt-scan">${qr(
      { svg: drawing(uri), alternative: SCANNED[language] },
    )}</div><p>${SECRET[language]} <code class="zt-secret">${secret.match(/.{4}/g)?.join(" ") ?? secret}</code></p><h2>${ENTER[language]}</h2><form action="/account/generator?${goingOn(request)}" method="post" novalidate>${formFields(request)}${input(
      {
        language,
        id: "code",
        name: "code",
        label: { text: CODE[language] },
        errorMessage: problem?.[language],
        autocomplete: "one-time-code",
        inputmode: "numeric",
        classes: "govuk-input--width-10",
        spellcheck: false,
      },
    )}${button({ text: CONFIRM[language], preventDoubleClick: true })}</form></div>`,
  });
}

/** A vector drawing with a quiet zone of four modules (ISO/IEC 18004 §5.3.8). */
function drawing(content: string): string {
  const rows = codeRows(content);
  const size = rows.length + 8;
  const path = rows
    .flatMap((row, y) => [...row].map((module, x) => (module === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")))
    .join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="220" height="220"><path fill="#ffffff" d="M0 0h${size}v${size}H0z"/><path fill="#000000" d="${path}"/></svg>`;
}

async function confirm(site: Site, request: PageRequest, session: Session): Promise<PageResponse> {
  const { language } = request;
  const code = fieldOf(request.fields, "code").slice(0, 40);
  const confirmed = await accountDoors(request).confirmGenerator({ session: session.id, code });
  if (isRefusal(confirmed)) {
    return confirmed.code === "prove-first"
      ? { kind: "step-up", needs: CHANGE_FACTORS }
      : refused(site, request, confirmed, "/account/security");
  }
  if (confirmed.outcome === "wait") {
    return show(site, request, session, fill(WAIT, { minutes: Math.ceil(confirmed.seconds / 60) }));
  }
  if (confirmed.outcome === "wrong") return show(site, request, session, WRONG);
  const onward = goingOn(request);
  const drawn = portalResponse(site, request, {
    title: DONE[language],
    breadcrumbs: securityCrumbs(request, TITLE),
    main: html`<div class="zt-prose"><h1>${DONE[language]}</h1>${recoveryCodeList(language, confirmed.recoveryCodes)}${
      onward === "" ? NOTHING : button({ text: GO_ON[language], href: `/sign-in/step-up?${onward}` })
    }</div>`,
  });
  return drawn.kind === "page" ? { ...drawn, cookies: [{ name: "session", value: confirmed.token }] } : drawn;
}
