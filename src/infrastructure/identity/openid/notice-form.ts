import type { PageRequest, PageResponse } from "#kernel/http/page";
import type { Session } from "#kernel/ports";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { checkboxes } from "#ui/components/checkboxes/checkboxes";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { OPENID_SCOPES, type OpenidScope } from "./client-contract.ts";
import { type ClientClaim, type ClientRow, isByConsent } from "./client-rows.ts";
import type { Draw } from "./endpoint-pages.ts";

export type PageText = Text;

/** The control that holds what its reader agrees to. */
export const AGREED = "agreed";

const TITLE = text("登录到“{name}”", "Sign in to “{name}”");
const LEAD = text(
  "继续之前，请看清楚：下面列出的信息会提供给这个系统，每次提供都记入您的“谁查过我的数据”。",
  "Before you go on: what is listed here is given to this system, and each time it is, that is written under “who looked at my data”.",
);
const WHOSE = text("系统属于", "It belongs to");
const PURPOSE = text("用于", "For");
const BASIS = text("依据", "Legal basis");
const CHOOSE = text("由您决定是否提供", "What you choose to give");
const CHOOSE_HINT = text(
  "不勾选也能登录。同意后可随时在“我的”中撤回。",
  "You are signed in without it too. What you agree to may be withdrawn under My affairs at any time.",
);
const AS = text("您以谁的身份登录", "You sign in as");
const FOR = text("{name}，代表 {organization}", "{name}, for {organization}");
const IN_POST = text("{name}，{authority}{post}", "{name}, {post}, {authority}");
const GIVEN = text("提供的信息", "It is given");
const SUBJECT = text("只供该系统使用的用户标识", "An identifier that is made for this system alone");
const LEVEL = text("登录的认证级别", "How surely you were identified");
const OTHER = text("换一个单位或本人", "Act for someone else");
const GO_ON = text("继续登录", "Go on");
const NOT_NOW = text("不登录", "Do not sign in");
const TURNED_AWAY = text("没有登录到该系统", "You were not signed in to that system");
const SIGN_IN_AGAIN = text("重新登录", "Sign in again");

interface Notice {
  readonly client: ClientRow;
  readonly claims: readonly ClientClaim[];
  /** What its reader agreed to before. */
  readonly agreed: readonly OpenidScope[];
  readonly session: Session;
  readonly action: string;
  readonly authority: Text | undefined;
}

/** Says who asks for what, why and by which law; sends nothing until its reader goes on (个人信息保护法 §17, §23). */
export function noticeForm(draw: Draw, request: PageRequest, notice: Notice): PageResponse {
  const { language } = request;
  const { client, session } = notice;
  const title = fill(TITLE, { name: language === "zh" ? client.nameZh : client.nameEn })[language];
  const row = (key: Text, value: Html | string) => ({ key: { text: key[language] }, value: { text: value } });
  const chosen = notice.claims.filter(isByConsent);
  const stated = notice.claims.filter((claim) => !isByConsent(claim));
  const rows = [
    row(WHOSE, notice.authority?.[language] ?? ""),
    row(PURPOSE, language === "zh" ? client.purposeZh : client.purposeEn),
    row(BASIS, list(client.legalBasis)),
    row(
      AS,
      html`${asWhom(session)[language]}${session.principal.kind === "person" ? otherLink(request, notice.action) : NOTHING}`,
    ),
    row(GIVEN, list([SUBJECT[language], LEVEL[language], ...stated.map((claim) => claimStated(claim, language))])),
  ];
  const target = URL.parse(client.redirectUris[0] ?? "")?.origin;
  return draw(request, {
    title,
    ...(target !== undefined && { formTarget: target }),
    main: html`${pageHeading({ title, lead: LEAD[language] })}${summaryList({ rows })}<form action="${notice.action}" method="post">${tokens(request)}${chosen.length === 0 ? NOTHING : choices(chosen, notice.agreed, language)}<div class="zt-actions">${button({ text: GO_ON[language], name: "decision", value: "continue", preventDoubleClick: true })}${button({ text: NOT_NOW[language], name: "decision", value: "refuse", classes: "govuk-button--secondary" })}</div></form>`,
  });
}

/** Says why nobody was signed in, and where another account may help. */
export function turnedAway(
  draw: Draw,
  request: PageRequest,
  about: { readonly words: Text; readonly status: number; readonly again?: string },
): PageResponse {
  const { language } = request;
  const again =
    about.again === undefined
      ? NOTHING
      : html`<form action="${about.again}" method="post">${tokens(request)}${button({ text: SIGN_IN_AGAIN[language], name: "decision", value: "again" })}</form>`;
  return draw(request, {
    title: TURNED_AWAY[language],
    status: about.status,
    main: html`${pageHeading({ title: TURNED_AWAY[language] })}<p>${about.words[language]}</p>${again}`,
  });
}

function tokens(request: PageRequest): Html {
  return html`<input type="hidden" name="csrf" value="${request.csrf}"><input type="hidden" name="key" value="${request.newFormKey}">`;
}

/** What is given whoever goes on, what for and by which law. */
function claimStated(claim: ClientClaim, language: Language): Html {
  return html`${OPENID_SCOPES[claim.scope][language]}<br><span class="govuk-hint">${purposeOf(claim, language)}${language === "zh" ? "；" : "; "}${claim.legalBasis.join("；")}</span>`;
}

/** Going on must not hang on a consent (个人信息保护法 §16): nothing is ticked that its reader did not agree to before. */
function choices(claims: readonly ClientClaim[], agreed: readonly OpenidScope[], language: Language): Html {
  return checkboxes({
    language,
    name: AGREED,
    idPrefix: AGREED,
    fieldset: { legend: { text: CHOOSE[language], classes: "govuk-fieldset__legend--m" } },
    hint: { text: CHOOSE_HINT[language] },
    items: claims.map((claim) => ({
      value: claim.scope,
      text: OPENID_SCOPES[claim.scope][language],
      hint: { text: purposeOf(claim, language) },
      checked: agreed.includes(claim.scope),
    })),
  });
}

function purposeOf({ purposeZh, purposeEn }: ClientClaim, language: Language): string {
  return language === "zh" ? purposeZh : purposeEn;
}

function list(items: readonly (string | Html)[]): Html {
  return html`<ul class="govuk-list">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function asWhom({ displayName: name, onBehalfOf, principal }: Session): Text {
  if (onBehalfOf?.kind === "organization") return fill(FOR, { name, organization: onBehalfOf.name });
  if (principal.kind !== "official") return text(name, name);
  const { title, authorityName } = principal.post;
  return text(
    fill(IN_POST, { name, authority: authorityName.zh, post: title.zh }).zh,
    fill(IN_POST, { name, authority: authorityName.en, post: title.en }).en,
  );
}

function otherLink(request: PageRequest, back: string): Html {
  return html` <a class="govuk-link" href="/my/identity?back=${encodeURIComponent(back)}">${OTHER[request.language]}</a>`;
}
