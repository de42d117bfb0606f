import { APPROVE, PROPOSE, security } from "#infrastructure/security";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { pagination } from "#ui/components/pagination/pagination";
import { radios } from "#ui/components/radios/radios";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { textarea } from "#ui/components/textarea/textarea";
import { topics } from "#ui/components/topics/topics";
import { formatInstant } from "#ui/format";
import { type ChangeView, contentWords, effectSection, LEVELS, STATES } from "../access/change-words.ts";
import { mayLook } from "../access/people.ts";
import { doneBanner, formFields, holds, postOf, problems, workbench } from "../frame.ts";
import { officialNames } from "../names.ts";
import { recordTable } from "../table.ts";
import { ACCESS_TITLE } from "./access.ts";

const HOME = "/workbench/access";
const LEAD = text(
  "契约授予的权限之外，本机关可以为自己的岗位增减权限，上级可以对下级禁止。每项变更由一人提出、另一人审批，全部记入存证日志。",
  "Beyond what contracts grant, an authority gives and takes rights of its own posts, and a superior forbids to those below. One proposes a change, another approves it, and all of it is in the ledger.",
);
const TOPICS = [
  {
    href: `${HOME}/who`,
    title: text("谁能办理？", "Who can do this?"),
    duties: undefined,
  },
  { href: `${HOME}/post`, title: text("这个岗位能办什么？", "What can this post do?"), duties: undefined },
  { href: `${HOME}/why`, title: text("为什么被拒绝？", "Why was this denied?"), duties: undefined },
  {
    href: `${HOME}/propose`,
    title: text("会改变什么？试算并提出策略", "What would change? Try and propose a policy"),
    duties: PROPOSE,
  },
  {
    href: `${HOME}/propose-rule`,
    title: text("提出岗位分离规则", "Propose a rule that keeps duties apart"),
    duties: PROPOSE,
  },
];
const CHANGES = text("权限变更", "Changes of rights");
const NONE = text("还没有变更", "There are no changes yet");
const OLDER = text("更早的", "Older");
const HEAD = [
  text("编号", "No."),
  text("内容", "What"),
  text("对象", "Whom"),
  text("状态", "State"),
  text("生效", "From"),
];
const CHANGE = text("第 {number} 号变更", "Change {number}");
const LABELS = {
  content: text("内容", "What"),
  level: text("对象", "Whom it reaches"),
  state: text("状态", "State"),
  reason: text("理由", "Reason"),
  effectiveAt: text("要求的生效时间", "Wanted from"),
  inForceFrom: text("生效时间", "In force from"),
  proposed: text("提出", "Proposed"),
  decided: text("审批", "Decided"),
  withdrawn: text("撤回", "Withdrawn"),
  ends: text("同时终止", "Ends"),
  sides: text("不得兼办", "Apart"),
  source: text("策略原文（Cedar）", "Policy (Cedar)"),
  digest: text("内容摘要（SHA-256，日志所记）", "Digest (SHA-256, as in the ledger)"),
};
const DECIDE = text("审批", "Decide");
const DECISIONS = { approved: text("同意", "Approve"), rejected: text("驳回", "Reject") };
const DECISION = text("决定", "Decision");
const REASON = text("理由", "Reason");
const WITHDRAW = text("撤回", "Withdraw");
const END = text("提出终止", "Propose to end it");
const OWN = text("您提出的变更，由另一名管理人员审批。", "You proposed this; another administrator decides on it.");
const AT_ONCE = text("批准后立即", "at once when approved");

/** The room of rights: what is in force, what waits, and the way to each question. */
export function accessChangePages(site: Site): readonly Page[] {
  return [
    definePage({ path: HOME, audience: "official", get: (request) => home(site, request) }),
    definePage({
      path: `${HOME}/changes/:number`,
      audience: "official",
      get: (request) => show(site, request),
      post: (request) => act(site, request),
    }),
  ];
}

function nodeDoors(request: PageRequest) {
  return request.front(security, { purpose: "administration", asNode: security.id });
}

/** Auditors and who runs the directory see all; administrators of rights, what their authority made. */
function seesAll(request: PageRequest): boolean {
  return holds(request, "audit.read") || holds(request, "directory.administer");
}

async function home(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!mayLook(request)) return { kind: "not-found" };
  const { language } = request;
  const before = /^\d{1,9}$/.test(request.query["before"] ?? "") ? Number(request.query["before"]) : 0;
  const { post } = postOf(request);
  const found = await nodeDoors(request).listChanges({
    ...(!seesAll(request) && { authority: post.authority }),
    ...(before > 0 && { before }),
  });
  const changes = isRefusal(found) ? [] : found.items;
  const next = isRefusal(found) ? undefined : found.next;
  const rows = changes.map((change) => [
    html`<a class="govuk-link" href="${HOME}/changes/${change.number}">${change.number}</a>`,
    contentWords(change, language),
    LEVELS[change.level][language],
    STATES[change.state][language],
    fromOf(change, request),
  ]);
  const table =
    rows.length === 0
      ? emptyState({ title: NONE[language] })
      : recordTable({ caption: CHANGES[language], head: HEAD.map((one) => one[language]), rows });
  return workbench(site, request, {
    title: ACCESS_TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: ACCESS_TITLE[language], lead: LEAD[language] })}${topics(
      TOPICS.filter(({ duties }) => duties === undefined || holds(request, duties)).map(({ href, title }) => ({
        href,
        title: title[language],
      })),
    )}<section class="zt-section"><h2>${CHANGES[language]}</h2>${table}${
      next === undefined
        ? NOTHING
        : pagination({ language, next: { href: `${HOME}?before=${next}`, text: OLDER[language] } })
    }</section>`,
  });
}

function fromOf({ inForceFrom, effectiveAt }: ChangeView, request: PageRequest): string {
  const at = inForceFrom ?? effectiveAt;
  return at === undefined ? AT_ONCE[request.language] : instant(at, request);
}

function instant(at: string, { language }: PageRequest): string {
  return formatInstant(Temporal.Instant.from(at), language, { year: true });
}

async function find(request: PageRequest): Promise<ChangeView | undefined> {
  const written = request.params["number"] ?? "";
  if (!mayLook(request) || !/^[1-9]\d{0,8}$/.test(written)) return undefined;
  const change = await nodeDoors(request).findChange({ number: Number(written) });
  if (isRefusal(change)) return undefined;
  return seesAll(request) || reachedBy(request, change) ? change : undefined;
}

/** One's own authority's, and what a superior forbids: those below may read what binds them. */
function reachedBy(request: PageRequest, change: ChangeView): boolean {
  return change.level === "superior" || change.authority === postOf(request).post.authority;
}

interface Shown {
  readonly problem?: Text;
  readonly reason?: string;
}

async function show(site: Site, request: PageRequest, shown: Shown = {}): Promise<PageResponse> {
  const change = await find(request);
  if (!change) return { kind: "not-found" };
  const { language } = request;
  const title = fill(CHANGE, { number: change.number })[language];
  const effect = await nodeDoors(request).effectOf({ number: change.number });
  return workbench(site, request, {
    title,
    hasErrors: shown.problem !== undefined,
    breadcrumbs: [{ href: HOME, text: ACCESS_TITLE[language] }, { text: title }],
    main: html`${problems(request, shown.problem ? [{ text: shown.problem, href: "#reason" }] : [])}${doneBanner(request)}${pageHeading(
      { title, caption: STATES[change.state][language] },
    )}${await facts(request, change)}${isRefusal(effect) ? NOTHING : await effectSection(site, request, effect)}${actions(request, change, shown)}`,
  });
}

async function facts(request: PageRequest, change: ChangeView): Promise<Html> {
  const { language } = request;
  const { content } = change;
  const officials = [change.proposedBy, change.decidedBy, change.withdrawnBy].filter((id) => id !== undefined);
  const names = await officialNames(request, officials);
  const step = (by: string | undefined, at: string | undefined, why?: string) =>
    by === undefined || at === undefined
      ? undefined
      : `${names.get(by) ?? ""} ${instant(at, request)}${why ? ` · ${why}` : ""}`;
  const row = (label: Text, value: string | Html | undefined) =>
    value === undefined || value === "" ? undefined : { key: { text: label[language] }, value: { text: value } };
  const linked = (number: number | undefined) =>
    number === undefined
      ? undefined
      : html`<a class="govuk-link" href="${HOME}/changes/${number}">${fill(CHANGE, { number })[language]}</a>`;
  return summaryList({
    rows: [
      row(LABELS.content, contentWords(change, language)),
      row(LABELS.level, LEVELS[change.level][language]),
      row(LABELS.reason, change.reason),
      row(LABELS.ends, linked(change.ends)),
      content.kind === "policy"
        ? row(LABELS.source, html`<pre class="zt-mono zt-pre" tabindex="0">${content.source}</pre>`)
        : undefined,
      content.kind === "separation"
        ? row(LABELS.sides, `${content.one.join(", ")} × ${content.other.join(", ")}`)
        : undefined,
      row(LABELS.proposed, step(change.proposedBy, change.proposedAt)),
      row(LABELS.effectiveAt, change.effectiveAt && instant(change.effectiveAt, request)),
      row(LABELS.decided, step(change.decidedBy, change.decidedAt, change.decisionReason)),
      row(LABELS.inForceFrom, change.inForceFrom && instant(change.inForceFrom, request)),
      row(LABELS.withdrawn, step(change.withdrawnBy, change.withdrawnAt, change.withdrawalReason)),
      row(LABELS.digest, html`<span class="zt-mono">${change.digest}</span>`),
    ].filter((one) => one !== undefined),
  });
}

/** What the reader may do with the change as it stands. */
function actions(request: PageRequest, change: ChangeView, shown: Shown): Html {
  const { language } = request;
  const { officialId, post } = postOf(request);
  if (change.authority !== post.authority) return NOTHING;
  const open = change.state === "proposed";
  const deciding = open && holds(request, APPROVE) && change.proposedBy !== officialId;
  const withdrawing = (open || change.state === "approved") && holds(request, PROPOSE);
  const ending = change.state === "in-force" && change.content.kind !== "end" && holds(request, PROPOSE);
  const own = open && change.proposedBy === officialId ? html`<p>${OWN[language]}</p>` : NOTHING;
  if (!deciding && !withdrawing && !ending) return own;
  const decision = deciding
    ? radios({
        name: "decision",
        fieldset: { legend: { text: DECISION[language], classes: "govuk-fieldset__legend--s" } },
        items: Object.entries(DECISIONS).map(([value, words]) => ({ value, text: words[language] })),
      })
    : NOTHING;
  const what = deciding ? "decide" : withdrawing ? "withdraw" : "end";
  const label = deciding ? DECIDE : withdrawing ? WITHDRAW : END;
  return html`${own}<form class="zt-sheet" method="post" action="${HOME}/changes/${change.number}">${formFields(request)}<input type="hidden" name="what" value="${what}"><h2>${label[language]}</h2>${decision}${textarea(
    { name: "reason", label: { text: REASON[language] }, rows: 3, value: shown.reason },
  )}${button({ text: label[language], preventDoubleClick: true })}</form>`;
}

const CHOOSE = text("请选择同意或驳回。", "Choose to approve or to reject.");
const SAY_WHY = text("请填写理由。", "Please give a reason.");

async function act(site: Site, request: PageRequest): Promise<PageResponse> {
  const change = await find(request);
  if (!change) return { kind: "not-found" };
  const reason = fieldOf(request.fields, "reason").trim();
  const doors = request.front(security, { purpose: "administration" });
  const { number } = change;
  const what = fieldOf(request.fields, "what");
  const decision = fieldOf(request.fields, "decision");
  if (what === "decide" && decision !== "approved" && decision !== "rejected") {
    return show(site, request, { problem: CHOOSE, reason });
  }
  if (reason === "") return show(site, request, { problem: SAY_WHY });
  const outcome =
    what === "decide"
      ? await doors.decideChange({ number, decision: decision === "approved" ? "approved" : "rejected", reason })
      : what === "withdraw"
        ? await doors.withdrawChange({ number, reason })
        : await doors.proposeEnd({ number, reason });
  if (isRefusal(outcome)) return show(site, request, { problem: outcome.text, reason });
  const to = "number" in outcome ? outcome.number : number;
  return { kind: "redirect", to: `${HOME}/changes/${to}?done=${what}` };
}
