import { PROPOSE, security } from "#infrastructure/security";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import { input } from "#ui/components/input/input";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { radios } from "#ui/components/radios/radios";
import { textarea } from "#ui/components/textarea/textarea";
import { effectSection, LEVELS } from "../access/change-words.ts";
import { dutiesOf } from "../derived-form.ts";
import { formFields, holds, postOf, problems, workbench } from "../frame.ts";
import { ACCESS_TITLE } from "./access.ts";

const HOME = "/workbench/access";
const POLICY = text("会改变什么？试算并提出策略", "What would change? Try and propose a policy");
const POLICY_LEAD = text(
  "写下策略，先查看它会改变哪些岗位的哪些操作，再提出。提出后由另一名管理人员审批。",
  "Write the policy, see first which posts and actions it would change, then propose it. Another administrator decides on it.",
);
const RULE = text("提出岗位分离规则", "Propose a rule that keeps duties apart");
const RULE_LEAD = text(
  "同一岗位不得兼办的两类工作。已有岗位违反的规则不能提出。",
  "Two kinds of work that no post may do both of. A rule that a post already breaks is refused.",
);
const LABELS = {
  level: text("对象", "Whom it reaches"),
  source: text("策略（Cedar）", "Policy (Cedar)"),
  effectiveAt: text("生效时间（北京时间）", "In force from (Beijing time)"),
  ends: text("同时终止的变更编号", "Number of the change that it ends"),
  reason: text("理由", "Reason"),
  zh: text("规则（中文）", "The rule, in Chinese"),
  en: text("规则（英文）", "The rule, in English"),
  one: text("一方的职责或操作", "Duties or actions on one side"),
  other: text("另一方的职责或操作", "Duties or actions on the other side"),
};
const HINTS = {
  source: text(
    '以 @zh("…") @en("…") 开头，用两种语言说明它做什么。',
    'It begins with @zh("…") @en("…"), which say in both languages what it does.',
  ),
  effectiveAt: text("留空则审批后立即生效。", "Empty: at once when approved."),
  ends: text("没有则留空。", "Empty where there is none."),
  side: text("每行一项。", "One on each line."),
};
const EXAMPLES = text("示例", "Examples");
const DUTIES = text("职责一览", "All duties");
const PREVIEW = text("查看会改变什么", "See what would change");
const SUBMIT = text("提出", "Propose");
const BAD_TIME = text("生效时间的格式应为 2026-03-02T08:00。", "Write the time as 2026-03-02T08:00.");
const BAD_NUMBER = text("变更编号是数字。", "The number of a change is a number.");
const MISSING = text("请填写全部必填项。", "Please fill in what is asked for.");
const BEIJING = "Asia/Shanghai";
export const EXAMPLE_SOURCES = `@zh("登记簿不得从互联网区查阅。") @en("Registers are not read from the internet zone.")
forbid(principal, action in Action::"register-read", resource)
when { context.zone == Zone::"internet" };

@zh("窗口岗位可查法人库。") @en("Counter posts look organizations up.")
permit(principal, action == Action::"legal-entities.organization.read", resource)
when { context.duties.contains(Duty::"counter.file") && context has purpose && context.purpose == Purpose::"register-keeping" };

@zh("外区企业的登记信息不得查阅。") @en("Entries of other districts are not looked up.")
forbid(principal, action == Action::"legal-entities.organization.read", resource)
when { context has entry && context.entry has division && !(context.entry.division like "990101*") };

@zh("代表组织申请的办件不由本岗受理。") @en("Cases of organizations are not accepted here.")
forbid(principal, action == Action::"quality.foodBusinessLicence.task.acceptance", resource)
when { resource has applicant && resource.applicant == "organization" };`;

/** Forms that propose a change; the one for policies tells first what would change. */
export function accessProposePages(site: Site): readonly Page[] {
  return [
    definePage({
      path: `${HOME}/propose`,
      audience: "official",
      get: (request) => policyPage(site, request, {}),
      post: (request) => proposePolicy(site, request),
    }),
    definePage({
      path: `${HOME}/propose-rule`,
      audience: "official",
      get: (request) => rulePage(site, request),
      post: (request) => proposeRule(site, request),
    }),
  ];
}

function crumbs(request: PageRequest, title: Text) {
  return [{ href: HOME, text: ACCESS_TITLE[request.language] }, { text: title[request.language] }];
}

interface Shown {
  readonly problem?: Text;
  readonly effect?: Html;
}

async function policyPage(site: Site, request: PageRequest, { problem, effect }: Shown): Promise<PageResponse> {
  if (!holds(request, PROPOSE)) return { kind: "not-found" };
  const { language, fields } = request;
  const level = fieldOf(fields, "level") || "authority";
  return workbench(site, request, {
    title: POLICY[language],
    hasErrors: problem !== undefined,
    breadcrumbs: crumbs(request, POLICY),
    main: html`${problems(request, problem ? [{ text: problem, href: "#source" }] : [])}${pageHeading({ title: POLICY[language], lead: POLICY_LEAD[language] })}${
      effect ?? NOTHING
    }<form method="post" action="${HOME}/propose">${formFields(request)}${radios({
      name: "level",
      fieldset: { legend: { text: LABELS.level[language], classes: "govuk-fieldset__legend--s" } },
      items: Object.entries(LEVELS).map(([value, words]) => ({ value, text: words[language] })),
      value: level,
    })}${textarea({
      name: "source",
      label: { text: LABELS.source[language] },
      hint: { text: HINTS.source[language] },
      rows: 8,
      spellcheck: false,
      classes: "zt-mono",
      value: fieldOf(fields, "source"),
    })}${details({ summary: EXAMPLES[language], text: html`<pre class="zt-mono zt-pre">${EXAMPLE_SOURCES}</pre>` })}${commonFields(request)}<div class="zt-actions">${button(
      { text: PREVIEW[language], classes: "govuk-button--secondary", name: "what", value: "preview" },
    )}${button({ text: SUBMIT[language], name: "what", value: "propose", preventDoubleClick: true })}</div></form>`,
  });
}

/** When, in place of what, and why: the same for each kind of change. */
function commonFields(request: PageRequest): Html {
  const { language, fields } = request;
  return html`${input({
    name: "effectiveAt",
    type: "datetime-local",
    classes: "govuk-input--width-20",
    label: { text: LABELS.effectiveAt[language] },
    hint: { text: HINTS.effectiveAt[language] },
    value: fieldOf(fields, "effectiveAt"),
  })}${input({
    name: "ends",
    inputmode: "numeric",
    classes: "govuk-input--width-5",
    label: { text: LABELS.ends[language] },
    hint: { text: HINTS.ends[language] },
    value: fieldOf(fields, "ends"),
  })}${textarea({ name: "reason", label: { text: LABELS.reason[language] }, rows: 3, value: fieldOf(fields, "reason") })}`;
}

interface Common {
  readonly effectiveAt?: string;
  readonly ends?: number;
}

/** What was entered, or what is wrong with it. */
function commonOf(request: PageRequest): { readonly value: Common } | { readonly problem: Text } {
  const at = fieldOf(request.fields, "effectiveAt").trim();
  const ends = fieldOf(request.fields, "ends").trim();
  if (ends !== "" && !/^[1-9]\d{0,8}$/.test(ends)) return { problem: BAD_NUMBER };
  const instant = at === "" ? undefined : instantOf(at);
  if (at !== "" && instant === undefined) return { problem: BAD_TIME };
  return {
    value: { ...(instant !== undefined && { effectiveAt: instant }), ...(ends !== "" && { ends: Number(ends) }) },
  };
}

function instantOf(local: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(local)) return undefined;
  try {
    return Temporal.PlainDateTime.from(local).toZonedDateTime(BEIJING).toInstant().toString();
  } catch (error) {
    if (error instanceof RangeError) return undefined; // no such day
    throw error;
  }
}

async function proposePolicy(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, PROPOSE)) return { kind: "not-found" };
  const { fields } = request;
  const common = commonOf(request);
  if ("problem" in common) return policyPage(site, request, common);
  const level = fieldOf(fields, "level") === "superior" ? "superior" : "authority";
  const source = fieldOf(fields, "source").trim();
  const reason = fieldOf(fields, "reason").trim();
  if (source === "") return policyPage(site, request, { problem: MISSING });
  if (fieldOf(fields, "what") === "preview") {
    const { authority } = postOf(request).post;
    const doors = request.front(security, { purpose: "administration" });
    const effect = await doors.previewChange({ level, authority, source, ...common.value });
    if (isRefusal(effect)) return policyPage(site, request, { problem: effect.text });
    return policyPage(site, request, { effect: await effectSection(site, request, effect) });
  }
  if (reason === "") return policyPage(site, request, { problem: MISSING });
  const doors = request.front(security, { purpose: "administration" });
  const outcome = await doors.proposePolicy({ level, source, reason, ...common.value });
  if (isRefusal(outcome)) return policyPage(site, request, { problem: outcome.text });
  return { kind: "redirect", to: `${HOME}/changes/${outcome.number}?done=propose` };
}

async function rulePage(site: Site, request: PageRequest, problem?: Text): Promise<PageResponse> {
  if (!holds(request, PROPOSE)) return { kind: "not-found" };
  const { language, fields } = request;
  const line = (name: "zh" | "en") =>
    input({ name, label: { text: LABELS[name][language] }, value: fieldOf(fields, name) });
  const side = (name: "one" | "other") =>
    textarea({
      name,
      label: { text: LABELS[name][language] },
      hint: { text: HINTS.side[language] },
      rows: 3,
      spellcheck: false,
      classes: "zt-mono",
      value: fieldOf(fields, name),
    });
  const duties = html`<ul class="govuk-list govuk-list--bullet">${dutiesOf(site).map(({ title }) => html`<li>${title[language]}</li>`)}</ul>`;
  return workbench(site, request, {
    title: RULE[language],
    hasErrors: problem !== undefined,
    breadcrumbs: crumbs(request, RULE),
    main: html`${problems(request, problem ? [{ text: problem, href: "#one" }] : [])}${pageHeading({ title: RULE[language], lead: RULE_LEAD[language] })}<form method="post" action="${HOME}/propose-rule">${formFields(request)}${line("zh")}${line("en")}${side("one")}${side("other")}${details(
      { summary: DUTIES[language], text: duties },
    )}${commonFields(request)}${button({ text: SUBMIT[language], preventDoubleClick: true })}</form>`,
  });
}

async function proposeRule(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, PROPOSE)) return { kind: "not-found" };
  const common = commonOf(request);
  if ("problem" in common) return rulePage(site, request, common.problem);
  const said = (name: string) => fieldOf(request.fields, name).trim();
  const lines = (name: string) =>
    said(name)
      .split(/[\s,，、]+/)
      .filter((one) => one !== "");
  const rule = {
    one: lines("one"),
    other: lines("other"),
    words: { zh: said("zh"), en: said("en") },
    reason: said("reason"),
  };
  const empty = [rule.words.zh, rule.words.en, rule.reason].includes("") || rule.one.length * rule.other.length === 0;
  if (empty) return rulePage(site, request, MISSING);
  const doors = request.front(security, { purpose: "administration" });
  const outcome = await doors.proposeSeparation({ ...rule, ...common.value });
  if (isRefusal(outcome)) return rulePage(site, request, outcome.text);
  return { kind: "redirect", to: `${HOME}/changes/${outcome.number}?done=propose` };
}
