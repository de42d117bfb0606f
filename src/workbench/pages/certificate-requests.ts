import { directory } from "#infrastructure/directory";
import { ADMINISTER, ISSUE, trust } from "#infrastructure/trust";
import type { ObjectSchema, Output } from "#kernel/contract/contract";
import { fieldMeta } from "#kernel/contract/field";
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
import { formErrorSummary, formPage, renderForm } from "#ui/form/render-form";
import { formatInstant } from "#ui/format";
import { doneBanner, formFields, holds, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { filterLinks, hrefWith, recordTable } from "../table.ts";

const CERTIFICATES = "/workbench/certificates";
const PATH = `${CERTIFICATES}/requests`;
const NEW = `${PATH}/new`;
const TITLE = text("证书申请", "Requests for certificates");
const LEAD = text(
  "一名工作人员核实身份并提出，另一名审批；批准即签发，然后交付。",
  "One official checks the identity and asks; another decides. What is approved is issued at once, and then handed over.",
);
const PARENT = text("数字证书", "Certificates");
const NONE = text("没有申请", "No requests");
const ASK = text("申请证书", "Ask for a certificate");
const SHOW = text("显示", "Show");
const ALL = text("全部", "All");
const HEAD = [text("名称", "Name"), text("种类", "Kind"), text("申请时间", "Asked for at"), text("状态", "Status")];
const KEY = text("公钥指纹（SHA-256）", "Fingerprint of the key (SHA-256)");
const COMPARE = text(
  "请持有者从自己的系统读出公钥指纹，逐位核对。",
  "Have the holder read the key's fingerprint from the system in which it was made, and compare all of it.",
);
const DECIDE = text("审批", "Decide");
const HAND_OVER = text("交付", "Hand over");
const SUBMIT = text("确认", "Confirm");
const OWN = text(
  "这是您提出的申请，须由另一名有签发权的工作人员审批。",
  "You asked for this: another official with the right to issue decides.",
);
const DOWNLOAD = text("下载证书（PEM，含上级）", "Download the certificate (PEM, with those above it)");

type RequestView = Output<(typeof trust)["operations"]["findCertificateRequest"]["output"]>;
type Listed = Output<(typeof trust)["operations"]["listCertificateRequests"]["output"]>["items"][number];
type Status = Listed["status"];

const SHAPE = trust.registers.enrolment.schema.shape;
const STATUSES: readonly Status[] = ["requested", "issued", "handed-over", "refused"];
const TAGS: Readonly<Record<Status, string>> = {
  requested: "zt-tag--wait",
  issued: "zt-tag--wait",
  "handed-over": "",
  refused: "zt-tag--bad",
};
const ACTIONS = { decide: "decideCertificateRequest", "hand-over": "handOverCertificate" } as const;
type Action = keyof typeof ACTIONS;

/** Requests for certificates: the list, each one with what is to be done about it, and the certificate to hand over. */
export function certificateRequestPages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => list(site, request) }),
    definePage({
      path: NEW,
      audience: "official",
      get: (request) => ask(site, request),
      post: (request) => send(site, request),
    }),
    definePage({
      path: `${PATH}/:id`,
      audience: "official",
      get: (request) => show(site, request),
      post: (request) => perform(site, request),
    }),
    definePage({
      path: `${PATH}/:id/certificate.pem`,
      audience: "official",
      get: (request) => download(site, request),
    }),
  ];
}

function doorsOf(request: PageRequest) {
  return request.front(trust, { purpose: "administration" });
}

function words(field: keyof typeof SHAPE, value: string): Text {
  return fieldMeta(SHAPE[field])?.options?.[value] ?? text(value, value);
}

function titleOf(field: keyof typeof SHAPE): Text {
  return fieldMeta(SHAPE[field])?.title ?? text(field, field);
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, ADMINISTER)) return { kind: "not-found" };
  const { language, query } = request;
  // What waits comes first: whoever opens this wants to do something.
  const status =
    query["status"] === "all" ? undefined : (STATUSES.find((one) => one === query["status"]) ?? "requested");
  const { after } = query;
  const found = await doorsOf(request).listCertificateRequests({ ...(status && { status }), ...(after && { after }) });
  if (isRefusal(found)) return refusalPage(site, request, found, CERTIFICATES);
  const rows = found.items.map((one) => [
    html`<a class="govuk-link" href="${PATH}/${one.id}">${one.name}</a>`,
    words("profile", one.profile)[language],
    formatInstant(Temporal.Instant.from(one.requestedAt), language, { year: true }),
    tag({ text: words("status", one.status)[language], classes: TAGS[one.status] }),
  ]);
  return workbench(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ href: CERTIFICATES, text: PARENT[language] }, { text: TITLE[language] }],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}<div class="zt-actions">${button({
      text: ASK[language],
      href: NEW,
    })}</div><div class="zt-filter">${filterLinks(
      SHOW[language],
      [...STATUSES, undefined].map((one) => ({
        href: hrefWith(PATH, { status: one ?? "all" }),
        text: (one === undefined ? ALL : words("status", one))[language],
        current: one === status,
      })),
    )}</div>${
      rows.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({ caption: TITLE[language], head: HEAD.map((one) => one[language]), rows })
    }`,
  });
}

const ASK_LEAD = text(
  "持有者在自己的系统里生成密钥和证书请求；私钥不离开那里。请先核实身份，再填写。",
  "The holder makes key and request in the system that will use them; the key never leaves it. Check the identity first.",
);

function ask(
  site: Site,
  request: PageRequest,
  shown: Pick<Shown, "values" | "errors" | "problem"> = {},
): Promise<PageResponse> {
  if (!holds(request, ADMINISTER)) return Promise.resolve({ kind: "not-found" });
  const { language } = request;
  const page = workbench(site, request, {
    title: ASK[language],
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    breadcrumbs: [
      { href: CERTIFICATES, text: PARENT[language] },
      { href: PATH, text: TITLE[language] },
      { text: ASK[language] },
    ],
    main: html`${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${formPage({
      language,
      title: ASK[language],
      lead: ASK_LEAD[language],
      fields: ASKED,
      action: NEW,
      token: formFields(request),
      submit: SEND,
      values: shown.values ?? {},
      errors: shown.errors,
    })}`,
  });
  return Promise.resolve(page);
}

const ASKED = formDescriptors(trust.operations.requestCertificate.input);
const SEND = text("提交审批", "Put it before a second official");

async function send(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, ADMINISTER)) return { kind: "not-found" };
  const { values, errors, input } = parseForm(ASKED, request.fields);
  if (Object.keys(errors).length > 0) return ask(site, request, { values, errors });
  // What was read is checked by the operation's own schema.
  const done = await doorsOf(request).requestCertificate(input as never);
  if (!isRefusal(done)) return { kind: "redirect", to: `${PATH}/${done.id}?done=1` };
  if (done.needs) return refusalPage(site, request, done, NEW);
  const wrong = Object.fromEntries(done.issues.map((issue) => [issue.path.split(".")[0] ?? "", issue.text]));
  return done.issues.length > 0
    ? ask(site, request, { values, errors: wrong })
    : ask(site, request, { values, problem: done.text });
}

interface Shown {
  readonly action?: Action;
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

async function show(site: Site, request: PageRequest, shown: Shown = {}): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  if (!holds(request, ADMINISTER) || !isUuid(id)) return { kind: "not-found" };
  const found = await doorsOf(request).findCertificateRequest({ id });
  if (isRefusal(found))
    return found.code === "not-found" ? { kind: "not-found" } : refusalPage(site, request, found, PATH);
  const { language } = request;
  return workbench(site, request, {
    title: found.name,
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    breadcrumbs: [
      { href: CERTIFICATES, text: PARENT[language] },
      { href: PATH, text: TITLE[language] },
      { text: found.name },
    ],
    main: html`${doneBanner(request)}${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${
      shown.action && shown.errors
        ? formErrorSummary(fieldsOf(shown.action), { language, errors: shown.errors, values: shown.values ?? {} })
        : NOTHING
    }${pageHeading({ title: found.name, caption: words("profile", found.profile)[language] })}${await facts(request, found)}${forms(request, found, shown)}`,
  });
}

async function facts(request: PageRequest, found: RequestView): Promise<Html> {
  const { language } = request;
  const at = (instant: string) => formatInstant(Temporal.Instant.from(instant), language, { year: true });
  const fingerprint = html`<code class="zt-mono zt-break">${found.keyFingerprint.match(/.{4}/g)?.join(" ") ?? ""}</code>`;
  const rows: readonly (readonly [Text, Html | string | undefined])[] = [
    [titleOf("status"), tag({ text: words("status", found.status)[language], classes: TAGS[found.status] })],
    [titleOf("holder"), html`<code>${found.holder}</code>`],
    [titleOf("organization"), found.organization],
    [titleOf("hosts"), found.hosts.length === 0 ? undefined : found.hosts.join(", ")],
    [KEY, fingerprint],
    [titleOf("evidence"), found.evidence],
    [titleOf("requestedBy"), `${await nameOf(request, found.requestedBy)} · ${at(found.requestedAt)}`],
    [
      titleOf("decidedBy"),
      found.decidedBy && found.decidedAt && `${await nameOf(request, found.decidedBy)} · ${at(found.decidedAt)}`,
    ],
    [titleOf("reason"), found.reason],
    [titleOf("serial"), found.serial && html`<code class="zt-mono zt-break">${found.serial}</code>`],
    [
      titleOf("handedOverTo"),
      found.handedOverTo && found.handedOverAt && `${found.handedOverTo} · ${at(found.handedOverAt)}`,
    ],
  ];
  const list = summaryList({
    rows: rows.flatMap(([key, value]) =>
      value === undefined ? [] : [{ key: { text: key[language] }, value: { text: value } }],
    ),
  });
  const link =
    found.chain === undefined
      ? NOTHING
      : html`<a class="govuk-link" href="${PATH}/${found.id}/certificate.pem" download>${DOWNLOAD[language]}</a>`;
  return html`${list}<div class="zt-actions">${link}</div>`;
}

async function nameOf(request: PageRequest, official: string): Promise<string> {
  const answer = await request.front(directory, { purpose: "administration", asNode: directory.id }).findOfficial({
    id: official,
  });
  return isRefusal(answer) ? official : answer.name;
}

function forms(request: PageRequest, found: RequestView, shown: Shown): Html {
  const { language } = request;
  if (found.status === "issued") return form(request, found, { action: "hand-over", title: HAND_OVER, shown });
  if (found.status !== "requested" || !holds(request, ISSUE)) return NOTHING;
  if (found.requestedBy === postOf(request).officialId) return insetText({ text: OWN[language] });
  return html`${insetText({ text: COMPARE[language] })}${form(request, found, { action: "decide", title: DECIDE, shown })}`;
}

function form(
  request: PageRequest,
  { id }: RequestView,
  { action, title, shown }: { readonly action: Action; readonly title: Text; readonly shown: Shown },
): Html {
  const { language } = request;
  const mine = shown.action === action;
  const context = { language, values: (mine && shown.values) || {}, errors: mine ? shown.errors : undefined };
  return html`<section class="zt-sheet"><h2>${title[language]}</h2><form action="${PATH}/${id}" method="post" novalidate>${formFields(request)}<input type="hidden" name="do" value="${action}">${renderForm(fieldsOf(action), context)}<div class="zt-actions">${button(
    { text: SUBMIT[language], preventDoubleClick: true },
  )}</div></form></section>`;
}

/** What is asked: all that the operation takes but for which request it is. */
function fieldsOf(action: Action) {
  const schema: ObjectSchema = trust.operations[ACTIONS[action]].input;
  return formDescriptors(schema).filter(({ name }) => name !== "id");
}

async function perform(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  const action = (Object.keys(ACTIONS) as Action[]).find((one) => one === request.fields["do"]);
  if (!holds(request, ADMINISTER) || !isUuid(id) || action === undefined) return { kind: "not-found" };
  const { values, errors, input } = parseForm(fieldsOf(action), request.fields);
  if (Object.keys(errors).length > 0) return show(site, request, { action, values, errors });
  const doors = doorsOf(request);
  // What was read is checked by the operation's own schema.
  const given = { id, ...input } as never;
  const done =
    action === "decide" ? await doors.decideCertificateRequest(given) : await doors.handOverCertificate(given);
  if (isRefusal(done)) {
    if (done.needs) return refusalPage(site, request, done, `${PATH}/${id}`);
    return show(site, request, { action, values, problem: done.text });
  }
  return { kind: "redirect", to: `${PATH}/${id}?done=1` };
}

async function download(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  if (!holds(request, ADMINISTER) || !isUuid(id)) return { kind: "not-found" };
  const found = await doorsOf(request).findCertificateRequest({ id });
  if (isRefusal(found)) return refusalPage(site, request, found, PATH);
  if (found.chain === undefined) return { kind: "not-found" };
  const bytes = new TextEncoder().encode(found.chain);
  return { kind: "file", bytes, mediaType: "application/x-pem-file", name: `${found.serial ?? id}.pem` };
}
