import { trust } from "#infrastructure/trust";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { formatSuiteChoice, type SuiteChoice } from "#lib/crypto/purposes";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { formatInstant } from "#ui/format";
import { holds, postOf, refusalPage, workbench } from "../frame.ts";
import { officialNames } from "../names.ts";
import { recordTable } from "../table.ts";
import { logKeySection } from "./log-key.ts";
import { signingKeys } from "./signing-keys.ts";

const PATH = "/workbench/keys";
const OPERATIONS = "/workbench/operations/trust";
const KEEP_KEYS = "trust.keys";
const TITLE = text("密钥", "Keys");
const DATA_KEYS = text("数据密钥", "Data keys");
const LEAD = text(
  "本节点保存的个人信息、材料和日志内容用加密密钥加密，再用检索密钥查找。密钥定期轮换，轮换时业务照常，旧数据在后台改用新密钥。登记泄露和销毁须由另一岗位的另一人审批。",
  "Personal data, files and what the ledger tells are sealed with one kind of data key and found by another. Keys are rotated in time, work goes on meanwhile, and what is old is moved to the new key in the background. That a key counts as compromised, or is destroyed, another person at another post approves.",
);
const HEAD = [text("密钥", "Key"), text("状态", "State"), text("期限", "Period"), text("操作", "Action")];
const STATES = {
  "pre-active": text("待启用", "Waiting"),
  active: text("使用中", "In use"),
  suspended: text("已暂停", "Suspended"),
  deactivated: text("已停用", "Deactivated"),
  compromised: text("已泄露", "Compromised"),
  destroyed: text("已销毁", "Destroyed"),
};
const SUITE = text("密码套件", "Cryptographic suites");
const SUITES = { international: text("国际算法", "international"), national: text("国密算法", "national") };
const NEXT = {
  seal: text("加密密钥下次轮换", "Next rotation of the key that seals"),
  index: text("检索密钥下次轮换", "Next rotation of the key that finds"),
};
const KINDS = { seal: text("加密", "seals"), index: text("检索", "finds") };
const FROM = text("自 {at} 起使用", "in use from {at}");
const UNTIL = text("使用至 {at}", "until {at}");
const ENDED = text("{at} 停用", "ended {at}");
const DESTROYED = text("{at} 销毁", "destroyed {at}");
const CLEARED = {
  seal: text("已无数据用它加密", "nothing is sealed with it any more"),
  index: text("已无数据靠它查找", "nothing is found by it any more"),
};
const NEEDED = {
  seal: text("仍有数据用它加密", "some things are still sealed with it"),
  index: text("仍有数据靠它查找", "some things are still found by it"),
};
const ROTATE = {
  seal: text("轮换加密密钥", "Rotate the key that seals"),
  index: text("轮换检索密钥", "Rotate the key that finds"),
};
const PROPOSE = text("提出处置", "Propose its end");
const END_SUSPENSION = text("结束暂停", "End the suspension");
const PROGRESS = text("改用新密钥的进度", "Moving to the new keys");
const DONE_OF = text("{done} / {all} 部分已完成", "{done} of {all} parts are done");
const CLOSED = text("{count} 项打不开，保持原样", "{count} could not be opened and stay as they are");
const PROPOSALS = text("待审批", "To be decided");
const PROPOSAL_HEAD = [text("事项", "What"), text("理由", "Reason"), text("提出", "Proposed"), text("操作", "Action")];
const TO = { compromised: text("登记为已泄露", "counts as compromised"), destroyed: text("销毁", "is destroyed") };
const ERASES = text("仍用它加密的数据一并删除", "what is still sealed with it is erased");
const DECIDE = text("审批", "Decide");
const OTHERS = text("由另一人审批", "another person decides");

/** The suite by its name; what a node settled beyond it, as its setting writes it. */
function suiteWords(choice: SuiteChoice, language: Language): string {
  const [, ...rest] = formatSuiteChoice(choice).split(",");
  return [SUITES[choice.suite][language], ...rest].join(", ");
}

/** The keys that seal what the node keeps, and what can be done to them. */
export function keysPage(site: Site): Page {
  return definePage({ path: PATH, audience: "official", get: (request) => show(site, request) });
}

type Listed = Output<(typeof trust)["operations"]["listDataKeys"]["output"]>;
type Key = Listed["keys"][number];

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, KEEP_KEYS)) return { kind: "not-found" };
  const { language } = request;
  const listed = await request.front(trust, { purpose: "administration" }).listDataKeys({});
  if (isRefusal(listed)) return refusalPage(site, request, listed, PATH);
  const keys = [...listed.keys].reverse();
  const active = (["seal", "index"] as const).flatMap((kind) =>
    keys.filter((key) => key.kind === kind && key.state === "active"),
  );
  const mayRotate = active.filter(
    (key) => !keys.some(({ kind, state }) => kind === key.kind && state === "pre-active"),
  );
  const facts = [
    { key: { text: SUITE[language] }, value: { text: suiteWords(site.kernel.suites, language) } },
    ...active.map(({ kind, protectsUntil }) => ({
      key: { text: NEXT[kind][language] },
      value: { text: instant(protectsUntil, request) },
    })),
  ];
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${summaryList({ rows: facts })}${
      mayRotate.length === 0
        ? NOTHING
        : html`<div class="zt-actions">${mayRotate.map(({ kind }) =>
            button({ text: ROTATE[kind][language], href: `${OPERATIONS}/rotateDataKey?kind=${kind}` }),
          )}</div>`
    }<div class="zt-section">${recordTable({
      caption: DATA_KEYS[language],
      head: HEAD.map((one) => one[language]),
      rows: keys.map((key) => row(request, key)),
    })}</div>${progress(request, listed)}${await proposals(request, listed)}${await logKeySection(request)}${await signingKeys(request, site.kernel.now())}`,
  });
}

function row(request: PageRequest, key: Key) {
  const { language } = request;
  const link = (operation: string, what: typeof PROPOSE) =>
    html`<a class="govuk-link" href="${OPERATIONS}/${operation}?key=${key.id}">${what[language]}<span class="govuk-visually-hidden"> ${key.id}</span></a> `;
  const isOver = key.state === "deactivated" || key.state === "compromised";
  return [
    html`<code>${key.id}</code><br><span class="zt-opinion__by">${KINDS[key.kind][language]} · ${key.algorithms[0]}</span>`,
    html`${STATES[key.state][language]}${
      isOver
        ? html`<br><span class="zt-opinion__by">${(key.clearedAt ? CLEARED : NEEDED)[key.kind][language]}</span>`
        : NOTHING
    }`,
    periodOf(key, request),
    html`${key.state === "suspended" ? link("endSuspension", END_SUSPENSION) : NOTHING}${
      key.state === "active" || key.state === "destroyed" || key.derived ? NOTHING : link("proposeKeyEnd", PROPOSE)
    }`,
  ];
}

function periodOf(key: Key, request: PageRequest): string {
  const at = (when: string) => ({ at: instant(when, request) });
  if (key.destroyedAt) return fill(DESTROYED, at(key.destroyedAt))[request.language];
  if (key.endedAt) return fill(ENDED, at(key.endedAt))[request.language];
  if (key.state === "active") return fill(UNTIL, at(key.protectsUntil))[request.language];
  return fill(FROM, at(key.activeFrom))[request.language];
}

function instant(at: string, { language }: PageRequest): string {
  return formatInstant(Temporal.Instant.from(at), language, { year: true });
}

function progress({ language }: PageRequest, { progress: parts }: Listed): Html {
  if (parts.length === 0) return NOTHING;
  const done = parts.filter(({ finished }) => finished).length;
  const closed = parts.reduce((sum, part) => sum + part.closed, 0);
  return html`<section class="zt-section"><h2>${PROGRESS[language]}</h2><p><progress max="${parts.length}" value="${done}" aria-label="${PROGRESS[language]}"></progress> ${
    fill(DONE_OF, { done, all: parts.length })[language]
  }</p>${closed > 0 ? html`<p>${fill(CLOSED, { count: closed })[language]}</p>` : NOTHING}</section>`;
}

async function proposals(request: PageRequest, listed: Listed): Promise<Html> {
  const { language } = request;
  const open = listed.proposals.filter(({ decision }) => decision === undefined);
  if (open.length === 0) return NOTHING;
  const { officialId } = postOf(request);
  const names = await officialNames(
    request,
    open.map(({ proposedBy }) => proposedBy),
  );
  const rows = open.map(({ number, key, to, erases, reason, proposedBy, proposedAt }) => [
    html`<code>${key}</code> ${TO[to][language]}${erases ? html`<br>${ERASES[language]}` : NOTHING}`,
    reason,
    html`${names.get(proposedBy) ?? ""}<br>${instant(proposedAt, request)}`,
    proposedBy === officialId
      ? OTHERS[language]
      : html`<a class="govuk-link" href="${OPERATIONS}/decideKeyEnd?number=${number}">${DECIDE[language]}<span class="govuk-visually-hidden"> ${key}</span></a>`,
  ]);
  return html`<section class="zt-section"><h2>${PROPOSALS[language]}</h2>${recordTable({
    caption: PROPOSALS[language],
    head: PROPOSAL_HEAD.map((one) => one[language]),
    rows,
  })}</section>`;
}
