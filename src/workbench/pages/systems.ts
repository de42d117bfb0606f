import { directory } from "#infrastructure/directory";
import { DECIDE_SYSTEMS, exchange, REGISTER_SYSTEMS } from "#infrastructure/exchange";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { tag } from "#ui/components/tag/tag";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, renderForm } from "#ui/form/render-form";
import { formatInstant } from "#ui/format";
import { doneBanner, formFields, holds, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { PURPOSE_WORDS } from "../ledger-words.ts";
import { filterLinks, hrefWith, recordTable } from "../table.ts";

export const SYSTEMS_PATH = "/workbench/systems";
export const SYSTEMS_TITLE = text("外部系统", "Systems of others");
const LEAD = text(
  "不属于本平台的系统，登记后才能调用本平台的服务，或向本平台提供服务。一名工作人员提出，另一岗位的另一名审批；任何一名可以立即停用。",
  "A system that is not part of this platform calls its services, or offers its own, only once it is registered. One official proposes, another at another post decides; any one can stop it at once.",
);
const NONE = text("没有登记", "Nothing is registered here");
const NONE_WAITS = text("没有待审批的登记", "No registration waits for a decision");
const SHOW = text("显示", "Show");
const WAITING = text("待审批", "Waiting");
const ALL = text("全部", "All");
const MORE = text("更早的登记", "Earlier ones");
const HEAD = [
  text("登记", "Registration"),
  text("种类", "Kind"),
  text("提出时间", "Proposed at"),
  text("状态", "Status"),
];
const PROPOSE = {
  system: text("登记系统", "Register a system"),
  right: text("允许调用", "Let it call"),
  provider: text("登记其服务", "Register its service"),
  certificate: text("登记新证书", "A new certificate"),
} as const;
export const KIND_WORDS = {
  system: text("系统", "System"),
  certificate: text("证书", "Certificate"),
  right: text("调用权限", "Right to call"),
  provider: text("提供的服务", "Service that it offers"),
} as const;
const STATE_WORDS = {
  proposed: text("待审批", "Waits for a decision"),
  rejected: text("已驳回", "Rejected"),
  "in-force": text("执行中", "In force"),
  stopped: text("已停用", "Stopped"),
} as const;
const STATE_TAGS = {
  proposed: "zt-tag--wait",
  rejected: "zt-tag--bad",
  "in-force": "",
  stopped: "zt-tag--bad",
} as const;
const CONTENT_WORDS: Readonly<Record<string, Text>> = {
  client: text("系统标识", "Identifier of the system"),
  name: text("名称", "Name"),
  contact: text("联系方式", "Contact"),
  perMinute: text("每分钟次数上限", "Calls a minute at most"),
  fingerprint: text("证书指纹（SHA-256）", "Fingerprint of the certificate (SHA-256)"),
  node: text("经由的节点", "Node through which it comes"),
  service: text("服务标识", "Identifier of the service"),
  endpoints: text("操作", "Operations"),
  purpose: text("目的", "Purpose"),
  legalBasis: text("法律依据", "Legal basis"),
  until: text("有效期至", "Until"),
  baseUrl: text("服务地址", "Address"),
  documentDigest: text("OpenAPI 文档的 SHA-256", "SHA-256 of its OpenAPI document"),
};
const PROPOSED = text("提出", "Proposed");
const DECIDED = text("审批", "Decided");
const STOPPED = text("停用", "Stopped");
const DECIDE = text("审批", "Decide");
const STOP = text("立即停用", "Stop at once");
const SUBMIT = text("确认", "Confirm");
const OWN = text(
  "这是您提出的，须由另一岗位的另一名工作人员审批。",
  "You proposed this: another official at another post decides.",
);
const COMPARE = text(
  "请向系统的管理单位核对证书指纹，逐位比对。",
  "Compare the whole fingerprint with whoever runs the system.",
);

type View = Output<(typeof exchange)["operations"]["findRegistration"]["output"]>;
const ACTIONS = { decide: "decideRegistration", stop: "stopRegistration" } as const;
type Action = keyof typeof ACTIONS;

/** Registrations of systems that are not ours: what waits, what is in force, and the way to stop it. */
export function systemPages(site: Site): readonly Page[] {
  return [
    definePage({ path: SYSTEMS_PATH, audience: "official", get: (request) => list(site, request) }),
    definePage({
      path: `${SYSTEMS_PATH}/:id`,
      audience: "official",
      get: (request) => show(site, request),
      post: (request) => perform(site, request),
    }),
  ];
}

export function systemDoors(request: PageRequest) {
  return request.front(exchange, { purpose: "administration" });
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, REGISTER_SYSTEMS)) return { kind: "not-found" };
  const { language, query } = request;
  const waiting = query["show"] !== "all";
  const before = isUuid(query["before"] ?? "") ? query["before"] : undefined;
  const found = await systemDoors(request).listRegistrations({ waiting, ...(before && { before }) });
  if (isRefusal(found)) return refusalPage(site, request, found);
  const rows = found.items.map((one) => [
    html`<a class="govuk-link zt-break" href="${SYSTEMS_PATH}/${one.id}">${titleOf(one, request)}</a>`,
    KIND_WORDS[one.kind][language],
    formatInstant(Temporal.Instant.from(one.proposedAt), language, { year: true }),
    tag({ text: STATE_WORDS[one.state][language], classes: STATE_TAGS[one.state] }),
  ]);
  const links = [
    { href: SYSTEMS_PATH, text: WAITING[language], current: waiting },
    { href: hrefWith(SYSTEMS_PATH, { show: "all" }), text: ALL[language], current: !waiting },
  ];
  const next = found.next && hrefWith(SYSTEMS_PATH, { show: waiting ? undefined : "all", before: found.next });
  return workbench(site, request, {
    title: SYSTEMS_TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: SYSTEMS_TITLE[language], lead: LEAD[language] })}<div class="zt-actions">${Object.entries(
      PROPOSE,
    ).map(([kind, words], index) =>
      button({
        text: words[language],
        href: `${SYSTEMS_PATH}/new/${kind}`,
        ...(index > 0 && { classes: "govuk-button--secondary" }),
      }),
    )}</div><div class="zt-filter">${filterLinks(SHOW[language], links)}</div>${
      rows.length === 0
        ? emptyState({ title: (waiting ? NONE_WAITS : NONE)[language] })
        : recordTable({ caption: SYSTEMS_TITLE[language], head: HEAD.map((one) => one[language]), rows })
    }${next ? html`<p><a class="govuk-link" href="${next}">${MORE[language]}</a></p>` : NOTHING}`,
  });
}

function titleOf({ kind, about, content }: View, { language }: PageRequest): string {
  const name = content["name"] as Text | undefined;
  if (kind === "certificate") return `${String(content["client"])} · ${about.slice(0, 16)}…`;
  if (kind === "right") return `${about} → ${String(content["service"])}`;
  return name ? `${name[language]} · ${about}` : about;
}

/** Short enough for a phone: identifiers stand below. */
function headingOf({ kind, about, content }: View, { language }: PageRequest): string {
  const name = content["name"] as Text | undefined;
  if (name) return name[language];
  return kind === "certificate"
    ? `${KIND_WORDS.certificate[language]} ${about.slice(0, 8)}…`
    : KIND_WORDS[kind][language];
}

interface Shown {
  readonly action?: Action;
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

async function show(site: Site, request: PageRequest, shown: Shown = {}): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  if (!holds(request, REGISTER_SYSTEMS) || !isUuid(id)) return { kind: "not-found" };
  const found = await systemDoors(request).findRegistration({ id });
  if (isRefusal(found))
    return found.code === "not-found" ? { kind: "not-found" } : refusalPage(site, request, found, SYSTEMS_PATH);
  const { language } = request;
  const title = headingOf(found, request);
  return workbench(site, request, {
    title,
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    breadcrumbs: [{ href: SYSTEMS_PATH, text: SYSTEMS_TITLE[language] }, { text: title }],
    main: html`${doneBanner(request)}${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${
      shown.action && shown.errors
        ? formErrorSummary(fieldsOf(shown.action), { language, errors: shown.errors, values: shown.values ?? {} })
        : NOTHING
    }${pageHeading({ title, caption: KIND_WORDS[found.kind][language] })}${await facts(request, found)}${forms(request, found, shown)}`,
  });
}

async function facts(request: PageRequest, found: View): Promise<Html> {
  const { language } = request;
  const at = (instant: string) => formatInstant(Temporal.Instant.from(instant), language, { year: true });
  const by = async (official: string | undefined, instant: string | undefined, why: string | undefined) =>
    official && instant ? `${await nameOf(request, official)} · ${at(instant)} · ${why ?? ""}` : undefined;
  const rows: readonly (readonly [Text, Html | string | undefined])[] = [
    [text("状态", "Status"), tag({ text: STATE_WORDS[found.state][language], classes: STATE_TAGS[found.state] })],
    ...Object.entries(CONTENT_WORDS).map(
      ([name, words]) => [words, shownValue(request, name, found.content[name])] as const,
    ),
    [PROPOSED, await by(found.proposedBy, found.proposedAt, found.reason)],
    [DECIDED, await by(found.decidedBy, found.decidedAt, found.decisionReason)],
    [STOPPED, await by(found.stoppedBy, found.stoppedAt, found.stopReason)],
  ];
  return summaryList({
    rows: rows.flatMap(([key, value]) =>
      value === undefined ? [] : [{ key: { text: key[language] }, value: { text: value } }],
    ),
  });
}

function shownValue({ language }: PageRequest, name: string, value: unknown): Html | string | undefined {
  if (value === undefined) return undefined;
  if (name === "name") return (value as Text)[language];
  if (name === "purpose") return (PURPOSE_WORDS[String(value)] ?? text(String(value), String(value)))[language];
  if (name === "until") return formatInstant(Temporal.Instant.from(String(value)), language, { year: true });
  if (name === "legalBasis") {
    return (value as readonly { readonly law: Text; readonly article: string }[])
      .map(({ law, article }) => `${law[language]} ${article}`)
      .join("; ");
  }
  if (Array.isArray(value))
    return html`<ul class="govuk-list">${value.map((one) => html`<li><code class="zt-break">${String(one)}</code></li>`)}</ul>`;
  return typeof value === "number" ? String(value) : html`<code class="zt-break">${String(value)}</code>`;
}

async function nameOf(request: PageRequest, official: string): Promise<string> {
  const answer = await request
    .front(directory, { purpose: "administration", asNode: directory.id })
    .findOfficial({ id: official });
  return isRefusal(answer) ? official : answer.name;
}

function forms(request: PageRequest, found: View, shown: Shown): Html {
  const { language } = request;
  const { officialId, post } = postOf(request);
  if (found.authority !== post.authority) return NOTHING;
  if (found.state === "in-force") return form(request, found, { action: "stop", title: STOP, shown });
  if (found.state !== "proposed" || !holds(request, DECIDE_SYSTEMS)) return NOTHING;
  if (found.proposedBy === officialId) return insetText({ text: OWN[language] });
  const hint = "fingerprint" in found.content ? insetText({ text: COMPARE[language] }) : NOTHING;
  return html`${hint}${form(request, found, { action: "decide", title: DECIDE, shown })}`;
}

function form(
  request: PageRequest,
  { id }: View,
  { action, title, shown }: { readonly action: Action; readonly title: Text; readonly shown: Shown },
): Html {
  const { language } = request;
  const mine = shown.action === action;
  const context = { language, values: (mine && shown.values) || {}, errors: mine ? shown.errors : undefined };
  return html`<section class="zt-sheet"><h2>${title[language]}</h2><form action="${SYSTEMS_PATH}/${id}" method="post" novalidate>${formFields(request)}<input type="hidden" name="do" value="${action}">${renderForm(fieldsOf(action), context)}<div class="zt-actions">${button(
    { text: SUBMIT[language], preventDoubleClick: true },
  )}</div></form></section>`;
}

function fieldsOf(action: Action) {
  return formDescriptors(exchange.operations[ACTIONS[action]].input).filter(({ name }) => name !== "id");
}

async function perform(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  const action = (Object.keys(ACTIONS) as Action[]).find((one) => one === request.fields["do"]);
  if (!holds(request, REGISTER_SYSTEMS) || !isUuid(id) || action === undefined) return { kind: "not-found" };
  const { values, errors, input } = parseForm(fieldsOf(action), request.fields);
  if (Object.keys(errors).length > 0) return show(site, request, { action, values, errors });
  const doors = systemDoors(request);
  // What was read is checked by the operation's own schema.
  const given = { id, ...input } as never;
  const done = action === "decide" ? await doors.decideRegistration(given) : await doors.stopRegistration(given);
  if (isRefusal(done)) {
    return done.needs
      ? refusalPage(site, request, done, `${SYSTEMS_PATH}/${id}`)
      : show(site, request, { action, values, problem: done.text });
  }
  return { kind: "redirect", to: `${SYSTEMS_PATH}/${id}?done=1` };
}
