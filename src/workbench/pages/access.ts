import { LEDGER_READ } from "#kernel/access/action";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { select } from "#ui/components/select/select";
import { allPosts, holderNames, mayLook, type PostView } from "../access/people.ts";
import { policyList, policyWordsOf } from "../access/policy-words.ts";
import { workbench } from "../frame.ts";
import { PURPOSE_WORDS } from "../ledger-words.ts";
import { recordTable } from "../table.ts";

const HOME = "/workbench/access";
export const ACCESS_TITLE = text("权限", "Rights");
const WHO = text("谁能办理？", "Who can do this?");
const WHO_LEAD = text(
  "选择一项操作，查看哪些岗位可能办理、由谁担任、依据哪条策略。目的、时间等条件一律按可能满足计算。",
  "Choose an action to see which posts may do it, who holds them, and by which policy. Conditions on purpose, zone and the like are taken as possibly met.",
);
const WHAT = text("这个岗位能办什么？", "What can this post do?");
const WHAT_LEAD = text(
  "选择一个岗位，查看它可能办理的全部操作和依据。",
  "Choose a post to see all that it may do, and by which policy.",
);
const ACTION = text("操作", "Action");
const POST = text("岗位", "Post");
const SHOW = text("查看", "Show");
const HOLDERS = text("担任人", "Holders");
const BY = text("依据", "By");
const UNLESS = text("以下情形除外", "Except");
const PURPOSES = text("目的", "Purposes");
const VACANT = text("空缺", "vacant");
const NOBODY = text("没有岗位能办理", "No post can do this");
const NOTHING_MAY = text("此岗位不能办理任何操作", "This post can do nothing");
const ALSO = text("契约还向下列对象开放：{audiences}", "The contract also opens it to: {audiences}");
const AUDIENCES = {
  public: text("任何人", "anyone"),
  person: text("已登录的个人", "persons who signed in"),
  organization: text("代表组织办事的个人", "persons acting for an organization"),
  node: text("其他系统", "other systems"),
} as const;

/** Who can do this, and what can this post do: asked of the compiled policies, over all posts × actions. */
export function accessPages(site: Site): readonly Page[] {
  return [
    definePage({ path: `${HOME}/who`, audience: "official", get: (request) => who(site, request) }),
    definePage({ path: `${HOME}/post`, audience: "official", get: (request) => what(site, request) }),
  ];
}

function crumbs(request: PageRequest, title: typeof WHO) {
  return [{ href: HOME, text: ACCESS_TITLE[request.language] }, { text: title[request.language] }];
}

const LEDGER = text("存证日志", "Ledger");

/** Every action by its room, as a list to choose from. */
export function actionChoices(site: Site, request: PageRequest) {
  const { language } = request;
  return site.kernel.access.actions.map(({ id, room, title }) => ({
    value: id,
    text: `${site.kernel.systems.get(room)?.contract.title[language] ?? (room === LEDGER_READ.room ? LEDGER[language] : room)} · ${title[language]} (${id})`,
  }));
}

export function postChoices(posts: readonly PostView[], request: PageRequest) {
  const { language } = request;
  return posts.map(({ id, title, authorityName }) => ({
    value: id,
    text: `${authorityName[language]} · ${title[language]}`,
  }));
}

async function who(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!mayLook(request)) return { kind: "not-found" };
  const { language } = request;
  const asked = request.query["action"] ?? "";
  const action = site.kernel.access.actions.find(({ id }) => id === asked);
  const choose = html`<form method="get" action="${HOME}/who">${select({
    name: "action",
    label: { text: ACTION[language] },
    items: actionChoices(site, request),
    value: asked,
  })}${button({ text: SHOW[language], classes: "govuk-button--secondary" })}</form>`;
  return workbench(site, request, {
    title: WHO[language],
    breadcrumbs: crumbs(request, WHO),
    main: html`${pageHeading({ title: WHO[language], lead: WHO_LEAD[language] })}${choose}${
      action ? await whoTable(site, request, action.id) : NOTHING
    }`,
  });
}

async function whoTable(site: Site, request: PageRequest, action: string) {
  const { language } = request;
  const found = (await allPosts(request)).flatMap((post) => {
    const may = site.kernel.access.whatMay(post).find((one) => one.action.id === action);
    return may ? [{ post, may }] : [];
  });
  const words = await policyWordsOf(
    site,
    request,
    found.flatMap(({ may }) => [...may.permits, ...may.mayForbid]),
  );
  const rows = [];
  for (const { post, may } of found) {
    const holders = await holderNames(request, post.id);
    rows.push([
      html`<a class="govuk-link" href="${HOME}/post?post=${post.id}">${post.authorityName[language]} · ${post.title[language]}</a>`,
      holders.length === 0 ? VACANT[language] : holders.join(language === "zh" ? "、" : ", "),
      policyList(may.permits, words),
      policyList(may.mayForbid, words),
    ]);
  }
  const head = [POST, HOLDERS, BY, UNLESS].map((one) => one[language]);
  const table =
    rows.length === 0 ? emptyState({ title: NOBODY[language] }) : recordTable({ caption: WHO[language], head, rows });
  return html`${othersThan(site, request, action)}${table}`;
}

/** Callers that are no officials. */
function othersThan(site: Site, request: PageRequest, action: string) {
  const { language } = request;
  const audiences = new Set(site.kernel.access.whoCan(action).map(({ audience }) => audience));
  const named = Object.entries(AUDIENCES).filter(([audience]) => audiences.has(audience));
  if (named.length === 0) return NOTHING;
  const list = named.map(([, words]) => words[language]).join(language === "zh" ? "、" : ", ");
  return html`<p>${fill(ALSO, { audiences: list })[language]}</p>`;
}

async function what(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!mayLook(request)) return { kind: "not-found" };
  const { language } = request;
  const asked = request.query["post"] ?? "";
  const posts = await allPosts(request);
  const post = isUuid(asked) ? posts.find(({ id }) => id === asked) : undefined;
  const choose = html`<form method="get" action="${HOME}/post">${select({
    name: "post",
    label: { text: POST[language] },
    items: postChoices(posts, request),
    value: asked,
  })}${button({ text: SHOW[language], classes: "govuk-button--secondary" })}</form>`;
  return workbench(site, request, {
    title: WHAT[language],
    breadcrumbs: crumbs(request, WHAT),
    main: html`${pageHeading({ title: WHAT[language], lead: WHAT_LEAD[language] })}${choose}${
      post ? await whatTable(site, request, post) : NOTHING
    }`,
  });
}

async function whatTable(site: Site, request: PageRequest, post: PostView) {
  const { language } = request;
  // What anyone may do says nothing about the post.
  const found = site.kernel.access.whatMay(post).filter(({ action }) => !action.groups.includes("open"));
  if (found.length === 0) return emptyState({ title: NOTHING_MAY[language] });
  const purposes = new Map(site.kernel.access.whatCan(post).map((one) => [one.action, one.purposes]));
  const words = await policyWordsOf(
    site,
    request,
    found.flatMap(({ permits }) => permits),
  );
  const rows = found.map(({ action, permits }) => [
    html`<a class="govuk-link" href="${HOME}/who?action=${encodeURIComponent(action.id)}">${action.title[language]}</a> <code>${action.id}</code>`,
    (purposes.get(action.id) ?? [])
      .map((purpose) => PURPOSE_WORDS[purpose]?.[language] ?? purpose)
      .join(language === "zh" ? "、" : ", "),
    policyList(permits, words),
  ]);
  const holders = await holderNames(request, post.id);
  const held = holders.length === 0 ? VACANT[language] : holders.join(language === "zh" ? "、" : ", ");
  return html`<p>${HOLDERS[language]}${language === "zh" ? "：" : ": "}${held}</p>${recordTable({
    caption: WHAT[language],
    head: [ACTION, PURPOSES, BY].map((one) => one[language]),
    rows,
  })}`;
}
