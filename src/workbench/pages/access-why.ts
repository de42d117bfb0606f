import type { Action } from "#kernel/access/action";
import { kernelPolicyTexts } from "#kernel/access/base-policies";
import type { LiveAccess } from "#kernel/access/live-access";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { LedgerRecord } from "#kernel/ledger/records";
import { readLedgerEntry } from "#kernel/services/oversight";
import { applicationColumns } from "#kernel/services/shown-cases";
import { type Assurance, PURPOSES, type Purpose, type Zone } from "#kernel/system/act";
import type { RowColumns } from "#lib/cedar/row-sql";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { select } from "#ui/components/select/select";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { formatInstant } from "#ui/format";
import { allPosts, mayLook, type PostView } from "../access/people.ts";
import { policyList, policyWordsOf } from "../access/policy-words.ts";
import { holds, workbench } from "../frame.ts";
import { PURPOSE_WORDS, recordWords } from "../ledger-words.ts";
import { ACCESS_TITLE, actionChoices, postChoices } from "./access.ts";

const PATH = "/workbench/access/why";
const TITLE = text("为什么被拒绝？", "Why was this denied?");
const LEAD = text(
  "输入日志条目编号，查看当时哪条策略拒绝了它；或者描述一次尝试，按现行策略重新判断。",
  "Give the number of a ledger entry to see which policies refused it then; or describe an attempt, to have it judged by the policies of today.",
);
const LABELS = {
  entry: text("日志条目编号", "Number of the ledger entry"),
  post: text("岗位", "Post"),
  action: text("操作", "Action"),
  purpose: text("目的", "Purpose"),
  zone: text("所在区域", "Zone"),
  assurance: text("身份核验等级", "Assurance"),
  whose: text("办件所属机关", "Whose case"),
  legalBasis: text("是否说明法律依据", "Legal basis stated"),
  who: text("谁", "Who"),
  did: text("做了什么", "What"),
  at: text("何时", "When"),
  outcome: text("结论", "Outcome"),
  policies: text("作出结论的策略", "Policies that decided"),
} as const;
const ZONES: Readonly<Record<Zone, Text>> = {
  intranet: text("政务内网", "Intranet"),
  extranet: text("政务外网", "Extranet"),
  internet: text("互联网区", "Internet"),
};
const ASSURANCES: Readonly<Record<string, Text>> = {
  "1": text("1：口令", "1: password"),
  "2": text("2：双因素", "2: second factor"),
  "3": text("3：证书或当面", "3: certificate or in person"),
};
const WHOSE = { own: text("本机关", "One's own authority's"), other: text("其他机关", "Another authority's") };
const STATED = { yes: text("已说明", "Yes"), no: text("未说明", "No") };
const FIND = text("查看条目", "See the entry");
const JUDGE = text("判断", "Judge");
const ATTEMPT = text("描述一次尝试", "Describe an attempt");
const ALLOWED = text("允许", "Allowed");
const DENIED = text("拒绝", "Denied");
const BY_ROW = text("对部分办件或条目，下列策略另有规定：", "For some cases or entries these policies say otherwise:");
const NOT_REFUSED = text("此条目不是被拒绝的尝试：{outcome}", "This entry is not a refused attempt: {outcome}");
const NO_ENTRY = text("没有这个条目，或您的岗位不能查看。", "No such entry, or not one that your post may see.");
const NONE_PERMITS = text(
  "没有策略允许。操作要求以下之一，而岗位、目的或身份不符合：",
  "No policy permits it. The action asks for one of these, and duty, purpose or standing do not meet it:",
);
const NEEDS_DUTY = text("职责 {duty}{purposes}", "the duty {duty}{purposes}");
const NEEDS_AUDIENCE = text("对象：{audience}", "to be: {audience}");
const WITH_PURPOSE = text("，目的为 {purposes}", ", with the purpose {purposes}");
const BY_OPERATION = text(
  "不是访问规则拒绝的：操作本身未能办理（{code}）。",
  "No access rule refused this: the operation itself said no ({code}).",
);

/** Which policies spoke, of an entry of the ledger or of an attempt that is described. */
export function accessWhyPage(site: Site): Page {
  return definePage({ path: PATH, audience: "official", get: (request) => show(site, request) });
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!mayLook(request)) return { kind: "not-found" };
  const { language, query } = request;
  const posts = await allPosts(request);
  const entry = query["entry"]?.trim() ?? "";
  const answer = entry !== "" ? await ofEntry(site, request, entry) : await ofAttempt(site, request, posts);
  return workbench(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ href: "/workbench/access", text: ACCESS_TITLE[language] }, { text: TITLE[language] }],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${answer}${entryForm(request, entry)}${attemptForm(site, request, posts)}`,
  });
}

function entryForm(request: PageRequest, entry: string): Html {
  const { language } = request;
  return html`<form class="zt-sheet" method="get" action="${PATH}"><div class="govuk-form-group"><label class="govuk-label" for="entry">${LABELS.entry[language]}</label><input class="govuk-input govuk-input--width-10" id="entry" name="entry" inputmode="numeric" maxlength="15" value="${entry}"></div>${button({ text: FIND[language], classes: "govuk-button--secondary" })}</form>`;
}

function attemptForm(site: Site, request: PageRequest, posts: readonly PostView[]): Html {
  const { language, query } = request;
  const choice = (name: keyof typeof LABELS, options: Readonly<Record<string, Text>>) =>
    select({
      name,
      label: { text: LABELS[name][language] },
      items: Object.entries(options).map(([value, words]) => ({ value, text: words[language] })),
      value: query[name],
    });
  const purposes = Object.fromEntries(
    PURPOSES.map((purpose) => [purpose, PURPOSE_WORDS[purpose] ?? text(purpose, purpose)]),
  );
  return html`<form class="zt-sheet" method="get" action="${PATH}"><h2>${ATTEMPT[language]}</h2>${select({
    name: "post",
    label: { text: LABELS.post[language] },
    items: postChoices(posts, request),
    value: query["post"],
  })}${select({
    name: "action",
    label: { text: LABELS.action[language] },
    items: actionChoices(site, request),
    value: query["action"],
  })}${choice("purpose", purposes)}${choice("zone", ZONES)}${choice("assurance", ASSURANCES)}${choice("whose", WHOSE)}${choice(
    "legalBasis",
    STATED,
  )}${button({ text: JUDGE[language], classes: "govuk-button--secondary" })}</form>`;
}

async function ofEntry(site: Site, request: PageRequest, written: string): Promise<Html> {
  const { language } = request;
  const id = /^\d{1,15}$/.test(written) ? Number(written) : undefined;
  const purpose = holds(request, "audit.read") ? "supervision" : "case";
  const record = id === undefined ? undefined : await readLedgerEntry(site.kernel, request.act({ purpose }), id);
  if (!record || isRefusal(record)) return html`<p>${NO_ENTRY[language]}</p>`;
  const said = (await recordWords(site, request, [record])).get(record.id);
  const policies = record.content?.policies ?? [];
  const words = await policyWordsOf(site, request, policies);
  const row = (label: Text, value: string | Html) => ({ key: { text: label[language] }, value: { text: value } });
  return html`<section class="zt-sheet">${summaryList({
    rows: [
      row(LABELS.who, said?.who ?? ""),
      row(LABELS.did, said?.what ?? ""),
      row(LABELS.at, formatInstant(Temporal.Instant.from(record.leaf.at), language, { year: true })),
      row(LABELS.purpose, said?.purpose ?? ""),
      row(LABELS.outcome, said?.outcome ?? ""),
      row(LABELS.policies, policyList(policies, words)),
    ],
  })}${whyOf(site, request, record, said?.outcome ?? "")}</section>`;
}

function whyOf(site: Site, request: PageRequest, { leaf, content }: LedgerRecord, outcome: string): Html {
  const { language } = request;
  if (leaf.type !== "refused") return html`<p>${fill(NOT_REFUSED, { outcome })[language]}</p>`;
  const code = content?.outcome ?? "";
  if (code !== "denied") return html`<p>${fill(BY_OPERATION, { code })[language]}</p>`;
  if ((content?.policies ?? []).length > 0) return NOTHING;
  const action = site.kernel.access.actions.find(({ id }) => id === `${leaf.room}.${leaf.operation}`);
  return action ? needsOf(request, action) : NOTHING;
}

/** What the contract asks for, where nothing permits. */
function needsOf(request: PageRequest, action: Action): Html {
  const { language } = request;
  const needs = action.grants.map(({ audience, duty, purposes }) => {
    const named = purposes
      ?.map((purpose) => PURPOSE_WORDS[purpose]?.[language] ?? purpose)
      .join(language === "zh" ? "、" : ", ");
    const withPurpose = named === undefined ? "" : fill(WITH_PURPOSE, { purposes: named })[language];
    return duty === undefined
      ? fill(NEEDS_AUDIENCE, { audience })[language]
      : fill(NEEDS_DUTY, { duty, purposes: withPurpose })[language];
  });
  return html`<p>${NONE_PERMITS[language]}</p><ul class="govuk-list govuk-list--bullet">${needs.map((need) => html`<li>${need}</li>`)}</ul>`;
}

async function ofAttempt(site: Site, request: PageRequest, posts: readonly PostView[]): Promise<Html> {
  const { language, query } = request;
  const action = site.kernel.access.actions.find(({ id }) => id === query["action"]);
  const post = posts.find(({ id }) => id === query["post"]);
  const purpose = PURPOSES.find((one) => one === query["purpose"]);
  const zone = query["zone"] as Zone | undefined;
  const assurance = Number(query["assurance"]) as Assurance;
  if (!action || !post || !purpose || !zone || !(zone in ZONES) || !(String(assurance) in ASSURANCES)) return NOTHING;
  const act = describedAct(request, { post, purpose, zone, assurance });
  const attempt = { act, room: action.room, operation: action.name, kind: action.kind };
  const decision = site.kernel.access.decide({
    ...attempt,
    case: { id: DESCRIBED, authority: query["whose"] === "other" ? OTHER_AUTHORITY : post.authority },
  });
  const byRow = decision.allowed ? byRowOf(site, action, attempt) : [];
  const words = await policyWordsOf(site, request, [...decision.policies, ...byRow]);
  const why = decision.policies.length > 0 ? policyList(decision.policies, words) : needsOf(request, action);
  const further = byRow.length === 0 ? NOTHING : html`<p>${BY_ROW[language]}</p>${policyList(byRow, words)}`;
  return html`<section class="zt-sheet"><h2>${(decision.allowed ? ALLOWED : DENIED)[language]}</h2>${why}${further}</section>`;
}

/** Policies that depend on which case or entry it is; that of the kernel about the authority has been answered. */
function byRowOf(site: Site, action: Action, attempt: Parameters<LiveAccess["decideRows"]>[0]): readonly string[] {
  if (action.resource !== "Case" && action.entry === undefined) return [];
  const { resource, ...columns } = applicationColumns(site.kernel, attempt.act);
  const of =
    action.entry === undefined
      ? { resource, ...columns }
      : { resource: {}, entry: anyOf(action.entry), context: columns.context };
  const { byRow = [] } = site.kernel.access.decideRows(attempt, of);
  return byRow.filter((id) => !(id in KERNEL_POLICIES));
}

/** Of rows that are asked for in words, and not read. */
function anyOf(entry: NonNullable<Action["entry"]>): RowColumns["entry"] {
  return Object.fromEntries(
    Object.entries(entry).map(([name, type]) => [name, { type, nullable: true, write: () => "NULL" }]),
  );
}

const KERNEL_POLICIES = kernelPolicyTexts();

const DESCRIBED = "described";
const OTHER_AUTHORITY = "another";

function describedAct(
  request: PageRequest,
  of: { readonly post: PostView; readonly purpose: Purpose; readonly zone: Zone; readonly assurance: Assurance },
) {
  const stated = request.query["legalBasis"] !== "no";
  return {
    ...request.act({ purpose: of.purpose }),
    principal: { kind: "official", id: DESCRIBED, post: of.post, assurance: of.assurance } as const,
    legalBasis: stated ? [{ law: text("岗位职责", "Duties of the post"), article: "" }] : [],
    zone: of.zone,
    caseId: DESCRIBED,
  };
}
