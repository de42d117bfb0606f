import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { knownService } from "#kernel/services/application";
import { type CaseListItem, inboxOf, myCases } from "#kernel/services/case-views";
import { draftsOf } from "#kernel/services/drafts";
import { answerBy, isAwaited } from "#kernel/services/parties";
import { casesForParty } from "#kernel/services/party-views";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { caseCard } from "#ui/components/case-card/case-card";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { topics } from "#ui/components/topics/topics";
import { formatDate, formatInstant } from "#ui/format";
import { authorityName } from "../authority.ts";
import { awaitedFromApplicant, statusTag } from "../case-words.ts";
import { portalResponse } from "../frame.ts";
import { principalId } from "./apply.ts";

const TITLE = text("我的", "My affairs");
const CASES = text("我的办件", "My cases");
const INTERESTS = text("与我有利害关系的办件", "Cases that touch my interests");
const INTEREST_META = text("{number} · {authority} · {at} 告知您", "{number} · {authority} · you were told {at}");
const ANSWER_BY = text("请在 {day} 前答复", "Answer by {day}");
const DRAFTS = text("没有提交的草稿", "Drafts not yet submitted");
const DRAFT_META = text("{at} 保存 · 草稿保留九十天", "saved {at} · kept for ninety days");
const DRAFT = text("草稿", "Draft");
const DISCARD = text("放弃", "Discard");
const DISCARDED = text("草稿已放弃，内容已删除。", "The draft was discarded and its contents deleted.");
const NO_CASES = text("还没有办件", "You have no cases yet");
const NO_CASES_TEXT = text(
  "提交申请后，进度、期限和文书都在这里。",
  "Once you have applied, progress, limits and notices are here.",
);
const FIND = text("找一件要办的事", "Find a service");
const ALL = text("查看全部办件", "All my cases");
const AS = text("现在以 {name} 的名义办事", "You act for {name}");
const AS_SELF = text("现在以本人名义办事", "You act for yourself");
const CHANGE = text("更换", "Change");
const META = text("{number} · {authority} · {name} · {at} 提交", "{number} · {authority} · {name} · submitted {at}");
const YOUR_TURN = text("等待您：{what}", "Waiting for you: {what}");
const SHOWN_ON_HUB = 5;

const PLACES = {
  messages: text("我的消息", "My messages"),
  messagesText: text("全部文书，何时送达、何时打开", "Every notice, when delivered and opened"),
  unread: text("有 {count} 份没有打开", "{count} not opened yet"),
  licences: text("我的证照", "My licences"),
  licencesText: text("下载正本、副本和电子证照", "Download originals, duplicates and credentials"),
  access: text("谁查过我的数据", "Who looked at my data"),
  accessText: text(
    "谁、为什么、依据哪条法律、什么时候，都有凭证",
    "Who, why, under which law, when; each with its receipt",
  ),
  wrong: text("信息有误，申请更正", "Something about me is wrong"),
  wrongText: text("人口、法人登记信息的更正", "Corrections of the registers about persons and businesses"),
  identity: text("代表谁办事", "On whose behalf"),
  identityText: text("本人，或您可以代表的单位、个人", "Yourself, or whom you may act for"),
  powers: text("代家人、他人办事", "Acting for other people"),
  powersText: text("谁可以为您办事，您可以为谁办事", "Who can act for you, and for whom you can act"),
  authorizations: text("委托他人以单位名义办事", "Let someone act for your organization"),
  authorizationsText: text("委托和撤销，一个事项或者全部", "Authorize someone for one service or all, and end it"),
  email: text("电子邮箱提醒", "E-mail reminders"),
  emailText: text("有新文书时发邮件告诉您", "Be written to when there is a notice"),
  systems: text("同意过的系统", "Systems that you agreed to"),
  systemsText: text(
    "哪些系统凭您的同意取得信息，随时撤回",
    "Which systems are given what by your consent; withdraw it",
  ),
  account: text("登录和密码", "Sign-ins and password"),
  accountText: text("在哪里登录着，修改密码", "Where you are signed in; change your password"),
} as const;

/** What is mine: cases and drafts first, then the places where everything else is. */
export function myPages(site: Site): readonly Page[] {
  return [
    definePage({ path: "/my", audience: "person", get: (request) => hub(site, request) }),
    definePage({ path: "/my/cases", audience: "person", get: (request) => allCases(site, request) }),
  ];
}

async function hub(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language, session } = request;
  const cases = await myCases(site.kernel, request.act({ purpose: "own-affairs" }));
  const inbox = await inboxOf(site.kernel, principalId(request));
  const unread = inbox.filter((message) => message.openedAt === undefined).length;
  const acting = session?.onBehalfOf ? fill(AS, { name: session.onBehalfOf.name })[language] : AS_SELF[language];
  return portalResponse(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({
      title: TITLE[language],
      meta: html`${acting} <a class="govuk-link" href="/my/identity">${CHANGE[language]}</a>`,
    })}<h2>${CASES[language]}</h2>${await cards(site, cases.slice(0, SHOWN_ON_HUB), language)}${
      cases.length > SHOWN_ON_HUB ? html`<p><a class="govuk-link" href="/my/cases">${ALL[language]}</a></p>` : NOTHING
    }${await interests(site, request)}${await drafts(site, request)}<div class="zt-section">${topics(places(language, unread))}</div>`,
  });
}

async function allCases(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const cases = await myCases(site.kernel, request.act({ purpose: "own-affairs" }));
  return portalResponse(site, request, {
    title: CASES[language],
    breadcrumbs: [{ text: TITLE[language], href: "/my" }, { text: CASES[language] }],
    main: html`${discarded(request)}<h1>${CASES[language]}</h1>${await cards(site, cases, language)}${await interests(site, request)}${await drafts(site, request)}`,
  });
}

function discarded({ language, query }: PageRequest): Html {
  if (query["discarded"] !== "1") return NOTHING;
  return notificationBanner({ language, type: "success", text: DISCARDED[language] });
}

function places(language: Language, unread: number) {
  const count = unread > 0 ? `${fill(PLACES.unread, { count: unread })[language]} · ` : "";
  return [
    { href: "/my/messages", title: PLACES.messages[language], text: `${count}${PLACES.messagesText[language]}` },
    { href: "/my/licences", title: PLACES.licences[language], text: PLACES.licencesText[language] },
    { href: "/my/access", title: PLACES.access[language], text: PLACES.accessText[language] },
    { href: "/my/corrections", title: PLACES.wrong[language], text: PLACES.wrongText[language] },
    { href: "/my/identity", title: PLACES.identity[language], text: PLACES.identityText[language] },
    { href: "/my/powers", title: PLACES.powers[language], text: PLACES.powersText[language] },
    {
      href: "/my/authorizations",
      title: PLACES.authorizations[language],
      text: PLACES.authorizationsText[language],
    },
    { href: "/my/email", title: PLACES.email[language], text: PLACES.emailText[language] },
    { href: "/my/systems", title: PLACES.systems[language], text: PLACES.systemsText[language] },
    { href: "/my/account", title: PLACES.account[language], text: PLACES.accountText[language] },
  ];
}

async function cards(site: Site, cases: readonly CaseListItem[], language: Language): Promise<Html> {
  if (cases.length === 0) {
    const action = { href: "/services", text: FIND[language] };
    return emptyState({ title: NO_CASES[language], text: NO_CASES_TEXT[language], action });
  }
  const shown = await Promise.all(cases.map((one) => card(site, one, language)));
  return html`<div class="zt-cards">${shown}</div>`;
}

async function card(site: Site, one: CaseListItem, language: Language): Promise<Html> {
  const { application, service, view } = one;
  const definition = await site.kernel.procedures.byDigest(site.kernel.database, view.digest);
  const authority = await authorityName(site, application.authority);
  const awaited = view.status === "running" ? awaitedFromApplicant(service, view) : [];
  const what = awaited.map((name) => service.procedure.messages[name]?.title[language] ?? name).join("、");
  return caseCard({
    href: `/cases/${application.caseId}`,
    title: service.title[language],
    status: statusTag(one, definition, language),
    meta: fill(META, {
      number: application.number,
      authority: authority[language],
      name: one.applicantName,
      at: formatInstant(Temporal.Instant.from(application.submittedAt), language),
    })[language],
    next: what === "" ? undefined : fill(YOUR_TURN, { what })[language],
    needsYou: what !== "",
  });
}

/** Cases of others of which one was told, since they touch one's own interests. */
async function interests(site: Site, request: PageRequest): Promise<Html> {
  const { language, now } = request;
  const touched = await casesForParty(site.kernel, request.act({ purpose: "own-affairs" }));
  if (touched.length === 0) return NOTHING;
  const shown = await Promise.all(
    touched.map(async ({ party, number, authority, service, view }) => {
      const definition = await site.kernel.procedures.byDigest(site.kernel.database, view.digest);
      const { parties: rules } = service.procedure;
      const awaited = view.status === "running" && rules && isAwaited(party, rules, now);
      const last = awaited ? answerBy(party, rules) : undefined;
      const day = (iso: string) => formatDate(Temporal.PlainDate.from(iso), language);
      return caseCard({
        href: `/interests/${party.id}`,
        title: service.title[language],
        status: statusTag({ service, view }, definition, language, "party"),
        meta: fill(INTEREST_META, {
          number,
          authority: (await authorityName(site, authority))[language],
          at: party.toldOn === undefined ? "" : day(party.toldOn),
        })[language],
        next: last === undefined ? undefined : fill(ANSWER_BY, { day: day(last) })[language],
        needsYou: last !== undefined,
      });
    }),
  );
  return html`<h2>${INTERESTS[language]}</h2><div class="zt-cards">${shown}</div>`;
}

async function drafts(site: Site, request: PageRequest): Promise<Html> {
  const { language } = request;
  const own = await draftsOf(site.kernel, principalId(request));
  if (own.length === 0) return NOTHING;
  const shown = own.map((draft) => {
    const title = knownService(site.kernel, draft).service.title[language];
    return caseCard({
      href: `/drafts/${draft.id}`,
      title,
      status: { text: DRAFT[language], classes: "zt-tag--quiet" },
      meta: fill(DRAFT_META, { at: formatInstant(Temporal.Instant.from(draft.updatedAt), language) })[language],
      action: { href: `/drafts/${draft.id}/discard`, text: DISCARD[language], about: title },
    });
  });
  return html`<h2>${DRAFTS[language]}</h2><div class="zt-cards">${shown}</div>`;
}
