import { type AssuranceNeed, isAssured } from "#kernel/contract/assurance";
import { isRefusal } from "#kernel/contract/refusal";
import { keptNeeds } from "#kernel/http/kept-submissions";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import { localPath } from "#kernel/http/pages";
import type { Site } from "#kernel/http/site";
import type { Session } from "#kernel/ports";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { accountDoors } from "../account.ts";
import { CODE_MISSING, codeField, codeProblem, givenCode, lostPhone } from "../code-field.ts";
import { formFields, portalResponse } from "../frame.ts";
import { passkeyForm } from "../passkey-form.ts";
import { problemSummary } from "../problem.ts";

const TITLE = text("验证是您本人", "Prove that it is you");
const WHY = text(
  "办理此事，需要在登录密码之外再验证一次。",
  "This needs more than a password: please prove once more that it is you.",
);
const FRESH = text(
  "验证后 {minutes} 分钟内办理同类事项不再询问。",
  "For {minutes} minutes after it, you are not asked again.",
);
const KEPT = text(
  "您填写和上传的内容都已保留，还没有提交；验证后自动继续。",
  "What you entered and uploaded is kept and not sent yet; it goes on by itself once you did.",
);
const PROVE = text("验证并继续", "Prove it and go on");
const BY_PASSKEY = text("用通行密钥验证", "Prove it with a passkey");
const PASSKEY_FAILED = text(
  "通行密钥没有通过验证。请重试，或改用其他方式。",
  "The passkey could not be verified. Try again, or use another way.",
);
const PASSKEY_ONLY = text(
  "此事只接受本机通行密钥，需要在支持它的浏览器里办理。",
  "This takes a passkey of one device alone, in a browser that knows them.",
);
const GO_ON = text("继续", "Go on");
const PROVED = text("已验证，可以继续。", "It is proved; you can go on.");
const NONE = text(
  "您还没有设置第二重验证。用手机上的验证码应用设置，只需几分钟；不需要手机号码，也不发送短信。",
  "You have not set up a second factor. With a code generator on your phone it takes a few minutes; it needs no phone number, and sends no message.",
);
const ADD_PASSKEY = text("添加通行密钥", "Add a passkey");
const SET_UP = text("设置验证码应用", "Set up a code generator");

/** What someone has to prove before he goes on, and where to. */
interface Asked {
  readonly needs: AssuranceNeed;
  readonly kept: string;
  readonly back: string;
}

/** Proves more than a sign-in does; then goes on where the person was. */
export function stepUpPage(site: Site): Page {
  return definePage({
    path: "/sign-in/step-up",
    audience: "public",
    get: async (request) => {
      const { session } = request;
      if (!session) return signInFirst(request);
      return screen(site, request, { session, asked: await askedOf(site, request, session) });
    },
    post: async (request) => {
      const { session } = request;
      return session ? prove(site, request, session) : signInFirst(request);
    },
  });
}

function signInFirst(request: PageRequest): PageResponse {
  const back = request.method === "GET" ? request.url : request.path;
  return { kind: "redirect", to: `/sign-in?back=${encodeURIComponent(back)}` };
}

async function askedOf(site: Site, request: PageRequest, session: Session): Promise<Asked> {
  const given = (name: string) => fieldOf(request.fields, name) || request.query[name] || "";
  const kept = given("kept");
  const back = localPath(given("back"));
  const known =
    kept === "" ? undefined : await keptNeeds(site.kernel, { id: kept, session: session.id, now: request.now });
  if (known) return { needs: known.needs, kept, back };
  const minutes = Number(given("within"));
  const withinMinutes = Number.isInteger(minutes) && minutes > 0 ? { withinMinutes: minutes } : {};
  return { needs: { level: given("level") === "3" ? 3 : 2, ...withinMinutes }, kept, back };
}

async function prove(site: Site, request: PageRequest, session: Session): Promise<PageResponse> {
  const asked = await askedOf(site, request, session);
  // It was proved in another window meanwhile.
  if (fieldOf(request.fields, "go-on") !== "" && isAssured(session.principal, asked.needs, request.now)) {
    return goOn(asked, []);
  }
  const response = fieldOf(request.fields, "response");
  if (response !== "") {
    const proved = await accountDoors(request).proveByPasskey({ session: session.id, response });
    return isRefusal(proved) || proved.outcome === "failed"
      ? screen(site, request, { session, asked, problem: PASSKEY_FAILED })
      : goOn(asked, [{ name: "session", value: proved.token }]);
  }
  const code = givenCode(request);
  if (code === "") return screen(site, request, { session, asked, problem: CODE_MISSING });
  const proved = await accountDoors(request).proveByCode({ session: session.id, code });
  if (isRefusal(proved)) return screen(site, request, { session, asked, problem: proved.text });
  return proved.outcome === "proved"
    ? goOn(asked, [{ name: "session", value: proved.token }])
    : screen(site, request, { session, asked, problem: codeProblem(proved) });
}

type Cookies = Extract<PageResponse, { kind: "resume" }>["cookies"];

function goOn({ kept, back }: Asked, cookies: Cookies): PageResponse {
  return kept === "" ? { kind: "redirect", to: back, cookies } : { kind: "resume", kept, cookies };
}

async function screen(
  site: Site,
  request: PageRequest,
  shown: { readonly session: Session; readonly asked: Asked; readonly problem?: Text },
): Promise<PageResponse> {
  const { language } = request;
  const { session, asked, problem } = shown;
  const { needs, kept } = asked;
  const factors = await accountDoors(request).myFactors({ session: session.id });
  const held = isRefusal(factors) ? { recoveryCodesLeft: 0, passkeys: [] } : factors;
  const byCode =
    needs.level < 3 && (("generator" in held && held.generator !== undefined) || held.recoveryCodesLeft > 0);
  const byPasskey = held.passkeys.some(({ multiDevice }) => needs.level < 3 || !multiDevice);
  const proved = isAssured(session.principal, needs, request.now);
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problem !== undefined,
    main: html`<div class="zt-prose">${problemSummary(language, problem ? [{ text: problem, href: "#code" }] : [])}<h1>${TITLE[language]}</h1><p>${WHY[language]}${
      needs.withinMinutes === undefined ? NOTHING : html` ${fill(FRESH, { minutes: needs.withinMinutes })[language]}`
    }</p>${kept === "" ? NOTHING : html`<p>${KEPT[language]}</p>`}${
      proved ? goOnForm(request, asked) : NOTHING
    }${!proved && byPasskey ? await passkeyProof(request, session, asked) : NOTHING}${
      !proved && byCode ? await codeForm(site, request, shown) : NOTHING
    }${proved || byCode || byPasskey ? NOTHING : setUp(request, asked)}</div>`,
  });
}

async function passkeyProof(request: PageRequest, session: Session, asked: Asked): Promise<Html> {
  const { language } = request;
  const passkey = await accountDoors(request).passkeyToProve({ session: session.id });
  if (isRefusal(passkey)) return NOTHING;
  const form = passkeyForm(request, {
    kind: "get",
    options: passkey.options,
    action: "/sign-in/step-up",
    button: BY_PASSKEY,
    fields: hidden(asked),
  });
  const only = asked.needs.level === 3 ? html`<p>${PASSKEY_ONLY[language]}</p>` : NOTHING;
  return html`${only}${form}`;
}

function hidden({ needs, kept, back }: Asked): Html {
  return html`<input type="hidden" name="kept" value="${kept}"><input type="hidden" name="back" value="${back}"><input type="hidden" name="level" value="${needs.level}"><input type="hidden" name="within" value="${needs.withinMinutes ?? ""}">`;
}

function goOnForm(request: PageRequest, asked: Asked): Html {
  const { language } = request;
  return html`<p>${PROVED[language]}</p><form action="/sign-in/step-up" method="post">${formFields(request)}${hidden(asked)}<input type="hidden" name="go-on" value="yes">${button({ text: GO_ON[language], preventDoubleClick: true })}</form>`;
}

async function codeForm(
  site: Site,
  request: PageRequest,
  { session, asked, problem }: { readonly session: Session; readonly asked: Asked; readonly problem?: Text },
): Promise<Html> {
  const { language } = request;
  const about = { session: session.id, name: session.displayName };
  return html`<form action="/sign-in/step-up" method="post" novalidate>${formFields(request)}${hidden(asked)}${await codeField(site, request, { about, problem })}${button({ text: PROVE[language], preventDoubleClick: true })}</form>${lostPhone(language)}`;
}

function setUp({ language }: PageRequest, { kept, back, needs }: Asked): Html {
  if (needs.level === 3) {
    return html`<p>${PASSKEY_ONLY[language]}</p>${button({ text: ADD_PASSKEY[language], href: "/account/security" })}`;
  }
  const query = kept === "" ? `back=${encodeURIComponent(back)}` : `kept=${kept}`;
  return html`<p>${NONE[language]}</p>${button({ text: SET_UP[language], href: `/account/generator/new?${query}` })}`;
}
