import { directory } from "#infrastructure/directory";
import { ASSURANCE_WORDS, identity } from "#infrastructure/identity";
import { trust } from "#infrastructure/trust";
import { fieldMeta } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { passwordInput } from "#ui/components/password-input/password-input";
import { tag } from "#ui/components/tag/tag";
import { formatInstant } from "#ui/format";
import { doneBanner, formFields, holds, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/account";
const TITLE = text("我的账户", "My account");
const POSTS = text("我的岗位", "My posts");
const POSTS_WHY = text(
  "一次以一个岗位办事，每一步都记在这个岗位名下。",
  "You act in one post at a time; every step is recorded under it.",
);
const NOW = text("当前岗位", "Now");
const CHOOSE = text("以此岗位办事", "Act in this post");
const ON_LEAVE = text("请假代理中", "On leave; a stand-in acts");
const STANDING_IN = text("代理", "As a stand-in");
const LEAVE = text("请假和代理", "Leave and stand-ins");
const SESSIONS = text("我的登录", "Where you are signed in");
const HEAD = {
  since: text("登录时间", "Signed in"),
  seen: text("最近使用", "Last used"),
  agent: text("设备", "Device"),
  address: text("网络地址", "From"),
  level: text("认证等级", "Assurance"),
  end: text("操作", "Action"),
};
const FACTORS = text(
  "第二重验证：验证码应用、通行密钥、恢复码",
  "Second factors: code generator, passkeys, recovery codes",
);
const EMAIL = text("工作邮箱：账户有变动时通知您", "Work e-mail: you are told when your account changes");
const THIS_ONE = text("本次登录", "This one");
const END = text("退出这个登录", "Sign this out");
const CERTIFICATES = text("我的签名证书", "My signing certificates");
const CERTIFICATE = {
  serial: text("序列号", "Serial number"),
  from: text("有效期自", "Valid from"),
  until: text("有效期至", "Valid until"),
  status: text("状态", "Status"),
};
const PASSWORD = text("修改密码", "Change the password");
const CURRENT = text("现在的密码", "Current password");
const NEXT = text("新密码", "New password");
const WRONG = text("现在的密码不正确", "The current password is not right");
const WAIT = text("尝试次数过多，请稍后再试", "Too many attempts; please try again later");

/** The official's own account: posts, sign-ins, password. */
export function accountPages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => show(site, request) }),
    definePage({ path: `${PATH}/post`, audience: "official", post: (request) => choosePost(site, request) }),
    definePage({ path: `${PATH}/sign-out`, audience: "official", post: (request) => endSession(site, request) }),
    definePage({ path: `${PATH}/password`, audience: "official", post: (request) => changePassword(site, request) }),
  ];
}

/** An auditor changes nothing but his own sign-in; for him the room is asked by the node, which checks whose session it is. */
function ownDoors(request: PageRequest) {
  const asNode = holds(request, "audit.read") ? { asNode: identity.id } : {};
  return request.front(identity, { purpose: "administration", ...asNode });
}

async function show(site: Site, request: PageRequest, problem?: { text: Text; href: string }): Promise<PageResponse> {
  const { language } = request;
  return workbench(site, request, {
    title: TITLE[language],
    hasErrors: problem !== undefined,
    main: html`${doneBanner(request)}${problem ? problems(request, [problem]) : NOTHING}${pageHeading({
      title: TITLE[language],
      meta: request.session?.displayName,
    })}${await postList(request)}${await sessionList(request)}${await certificateList(request)}${passwordForm(request)}`,
  });
}

async function postList(request: PageRequest): Promise<Html> {
  const { language } = request;
  const { officialId, post } = postOf(request);
  const doors = request.front(directory, { purpose: "administration", asNode: directory.id });
  const held = await doors.postsOf({ official: officialId });
  const items = isRefusal(held) ? [] : held.items;
  const posts = items.map((one) => {
    const notes = [
      one.onLeave ? ON_LEAVE[language] : undefined,
      one.standsInFor === undefined ? undefined : STANDING_IN[language],
    ].filter((note) => note !== undefined);
    const choice =
      one.id === post.id
        ? tag({ text: NOW[language] })
        : html`<form class="zt-inline" method="post" action="${PATH}/post">${formFields(request)}<input type="hidden" name="post" value="${one.id}"><button class="zt-link-button" type="submit">${CHOOSE[language]}<span class="govuk-visually-hidden"> ${one.title[language]}</span></button></form>`;
    return html`<li>${one.authorityName[language]} · ${one.title[language]} ${notes.join(" ")} ${choice}</li>`;
  });
  const leave = holds(request, "directory.delegate")
    ? html`<p><a class="govuk-link" href="/workbench/leave">${LEAVE[language]}</a></p>`
    : NOTHING;
  return html`<section class="zt-sheet"><h2>${POSTS[language]}</h2><p class="govuk-hint">${POSTS_WHY[language]}</p><ul class="govuk-list">${posts}</ul>${leave}</section>`;
}

function ownSessions(request: PageRequest) {
  return ownDoors(request).listSessions(request.session ? { session: request.session.id } : {});
}

async function sessionList(request: PageRequest): Promise<Html> {
  const { language } = request;
  const sessions = await ownSessions(request);
  const when = (at: string) => formatInstant(Temporal.Instant.from(at), language);
  return html`<section class="zt-sheet"><h2>${SESSIONS[language]}</h2>${recordTable({
    caption: SESSIONS[language],
    head: [
      HEAD.since[language],
      HEAD.seen[language],
      HEAD.agent[language],
      HEAD.address[language],
      HEAD.level[language],
      HEAD.end[language],
    ],
    rows: (isRefusal(sessions) ? [] : sessions.items).map((one) => [
      when(one.openedAt),
      when(one.seenAt),
      one.agent,
      one.address,
      ASSURANCE_WORDS[one.assurance][language],
      one.id === request.session?.id
        ? THIS_ONE[language]
        : html`<form class="zt-inline" method="post" action="${PATH}/sign-out">${formFields(request)}<input type="hidden" name="session" value="${one.id}"><button class="zt-link-button" type="submit">${END[language]}</button></form>`,
    ]),
  })}<p><a class="govuk-link" href="/account/security">${FACTORS[language]}</a></p>${
    holds(request, "directory.delegate")
      ? html`<p><a class="govuk-link" href="${PATH}/email">${EMAIL[language]}</a></p>`
      : NOTHING
  }</section>`;
}

/** The certificates under which this official's decisions are signed. */
async function certificateList(request: PageRequest): Promise<Html> {
  const { language } = request;
  const { officialId } = postOf(request);
  const doors = request.front(trust, { purpose: "administration", asNode: trust.id });
  const found = await doors.listCertificates({ subjectKind: "official", subjectId: officialId });
  const items = isRefusal(found) ? [] : found.items;
  if (items.length === 0) return NOTHING;
  const shape = trust.registers.certificate.schema.shape;
  const day = (at: string) => formatInstant(Temporal.Instant.from(at), language);
  return html`<section class="zt-sheet"><h2>${CERTIFICATES[language]}</h2>${recordTable({
    caption: CERTIFICATES[language],
    head: [
      CERTIFICATE.serial[language],
      CERTIFICATE.from[language],
      CERTIFICATE.until[language],
      CERTIFICATE.status[language],
    ],
    rows: items.map((one) => [
      one.serial,
      day(one.notBefore),
      day(one.notAfter),
      fieldMeta(shape.status)?.options?.[one.status]?.[language] ?? one.status,
    ]),
  })}</section>`;
}

function passwordForm(request: PageRequest): Html {
  const { language } = request;
  const field = (name: string, label: Text, autocomplete: string) =>
    passwordInput({
      language,
      id: name,
      name,
      label: { text: label[language] },
      autocomplete,
      classes: "govuk-input--width-20",
    });
  return html`<section class="zt-sheet"><h2>${PASSWORD[language]}</h2><form method="post" action="${PATH}/password" novalidate>${formFields(request)}${field("current", CURRENT, "current-password")}${field("next", NEXT, "new-password")}${button({ text: PASSWORD[language], preventDoubleClick: true })}</form></section>`;
}

async function choosePost(site: Site, request: PageRequest): Promise<PageResponse> {
  const post = fieldOf(request.fields, "post");
  const session = request.session?.id ?? "";
  if (!isUuid(post)) return { kind: "not-found" };
  // Which posts one holds is checked here, as the node asks for an auditor who changes nothing else.
  const { officialId } = postOf(request);
  const held = await request
    .front(directory, { purpose: "administration", asNode: directory.id })
    .postsOf({ official: officialId });
  if (isRefusal(held) || !held.items.some(({ id }) => id === post)) return { kind: "not-found" };
  const chosen = await ownDoors(request).choosePost({ session, post });
  return isRefusal(chosen) ? refusalPage(site, request, chosen, PATH) : { kind: "redirect", to: `${PATH}?done=post` };
}

async function endSession(site: Site, request: PageRequest): Promise<PageResponse> {
  const session = fieldOf(request.fields, "session");
  const own = await ownSessions(request);
  if (isRefusal(own) || !own.items.some(({ id }) => id === session)) return { kind: "not-found" };
  const ended = await ownDoors(request).signOut({ session });
  return isRefusal(ended) ? refusalPage(site, request, ended, PATH) : { kind: "redirect", to: `${PATH}?done=session` };
}

async function changePassword(site: Site, request: PageRequest): Promise<PageResponse> {
  const session = request.session?.id ?? "";
  const given = (name: string) => fieldOf(request.fields, name).slice(0, 200);
  if (given("current") === "") return show(site, request, { text: WRONG, href: "#current" });
  const changed = await ownDoors(request).changePassword({ session, current: given("current"), next: given("next") });
  if (isRefusal(changed)) {
    return show(site, request, { text: changed.issues[0]?.text ?? changed.text, href: "#next" });
  }
  if (changed.outcome === "changed") return { kind: "redirect", to: `${PATH}?done=password` };
  return show(site, request, { text: changed.outcome === "wait" ? WAIT : WRONG, href: "#current" });
}
