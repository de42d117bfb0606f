import { COUNTER, DECIDE_POWERS, identity, POWER_BASES, POWER_KINDS } from "#infrastructure/identity";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, renderForm } from "#ui/form/render-form";
import { formatDate, formatInstant } from "#ui/format";
import { doneBanner, formFields, holds, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/powers";
const TITLE = text("代理他人办事的权限", "Powers to act for a person");
const LEAD = text(
  "窗口凭证明材料登记，另一名工作人员决定；决定之前谁也不能据此办事。未成年人的监护人由户籍登记，不在这里认定。",
  "A clerk records a power from the documents, another official decides; until then nobody can act by it. Guardians of minors are in the population register and not recognized here.",
);
const RECORD = text("登记一项权限", "Record a power");
const RECORD_LEAD = text(
  "请当面核对双方证件和证明材料原件。监护人：成年人的监护人凭判决、指定文书或者意定监护协议；继承人：被继承人去世后凭公证书、判决或者亲属关系证明；受托人：凭本人签名的授权委托书。",
  "Compare the identity documents and the originals. Guardians of adults: by judgment, designation or agreement; heirs: after the death, by notarial certificate, judgment or proof of kinship; agents: by a letter that the principal signed.",
);
const NONE = text("没有待决定的权限", "No power waits for a decision");
const HEAD = [text("代理人", "Who acts"), text("被代理人", "For whom"), text("身份", "As"), text("登记", "Recorded")];
const DECIDE = text("决定", "Decide");
const OWN = text("这项权限由您登记，应当由其他人员决定。", "You recorded this one: someone else has to decide.");
const PERIOD = text("{from} 至 {to}", "{from} to {to}");
const WHICH_HINT = text("只办理一个事项时选择", "Where it is for one service alone");
const DECISION_FIELDS = formDescriptors(identity.operations.decidePower.input).filter(({ name }) => name !== "id");
const FACTS = new Map(formDescriptors(identity.operations.recordPower.input).map((one) => [one.name, one]));

/** What a counter records, and a second official decides. */
export function powerPages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => list(site, request) }),
    definePage({
      path: `${PATH}/new`,
      audience: "official",
      get: async (request) => (holds(request, COUNTER) ? recordForm(site, request, {}) : { kind: "not-found" }),
      post: (request) => record(site, request),
    }),
    definePage({
      path: `${PATH}/:power`,
      audience: "official",
      get: (request) => show(site, request, {}),
      post: (request) => decide(site, request),
    }),
  ];
}

const doors = (request: PageRequest) => request.front(identity, { purpose: "administration" });

async function waiting(request: PageRequest) {
  if (!holds(request, DECIDE_POWERS)) return [];
  const found = await doors(request).powerRequests({});
  return isRefusal(found) ? [] : found.items;
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const decides = holds(request, DECIDE_POWERS);
  if (!decides && !holds(request, COUNTER)) return { kind: "not-found" };
  const { language } = request;
  const items = await waiting(request);
  const table = recordTable({
    caption: TITLE[language],
    head: HEAD.map((name) => name[language]),
    rows: items.map((one) => [
      html`<a class="govuk-link" href="${PATH}/${one.id}">${one.agentName}</a>`,
      one.principalName,
      POWER_KINDS[one.kind][language],
      formatInstant(Temporal.Instant.from(one.recordedAt), language),
    ]),
  });
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      holds(request, COUNTER)
        ? html`<div class="zt-actions">${button({ text: RECORD[language], href: `${PATH}/new` })}</div>`
        : NOTHING
    }${decides ? (items.length === 0 ? emptyState({ title: NONE[language] }) : table) : NOTHING}`,
  });
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

function recordFields(site: Site): readonly FieldDescriptor[] {
  const services = [...site.kernel.systems.values()].flatMap(({ contract }) =>
    Object.entries(contract.services).map(([name, { title }]) => ({ value: `${contract.id}.${name}`, title })),
  );
  return [...FACTS.values()].map((one) =>
    one.name === "service" ? { ...one, kind: "select", hint: WHICH_HINT, options: services } : one,
  );
}

function recordForm(site: Site, request: PageRequest, { values, errors, problem }: Shown): PageResponse {
  const { language } = request;
  const fields = recordFields(site);
  const wrong = Object.keys(errors ?? {}).length > 0;
  return workbench(site, request, {
    title: RECORD[language],
    hasErrors: wrong || problem !== undefined,
    breadcrumbs: [{ href: PATH, text: TITLE[language] }, { text: RECORD[language] }],
    main: html`${wrong ? formErrorSummary(fields, { language, errors }) : NOTHING}${
      problem ? problems(request, [{ text: problem }]) : NOTHING
    }${pageHeading({ title: RECORD[language], lead: RECORD_LEAD[language] })}<form class="zt-sheet" action="${PATH}/new" method="post" novalidate>${formFields(request)}${renderForm(
      fields,
      { language, values, errors },
    )}${button({ text: RECORD[language], preventDoubleClick: true })}</form>`,
  });
}

const PLACES: Readonly<Record<string, string>> = {
  "agent-not-found": "agentNumber",
  "own-agent": "agentNumber",
  "principal-not-found": "principalNumber",
  "bad-period": "to",
  "bad-service": "service",
  "not-fitting": "basis",
};

async function record(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, COUNTER)) return { kind: "not-found" };
  const read = parseForm(recordFields(site), request.fields);
  if (Object.keys(read.errors).length > 0) return recordForm(site, request, read);
  const answer = await doors(request).recordPower(read.input as never);
  if (!isRefusal(answer)) return { kind: "redirect", to: `${PATH}?done=recorded` };
  if (answer.needs) return refusalPage(site, request, answer as Refusal, PATH);
  const place = PLACES[answer.code];
  const said = place === undefined ? { problem: answer.text } : { errors: { [place]: answer.text } };
  return recordForm(site, request, { values: read.values, ...said });
}

async function show(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const one = (await waiting(request)).find(({ id }) => id === request.params["power"]);
  if (!one) return { kind: "not-found" };
  const { language } = request;
  const day = (iso: string) => formatDate(Temporal.PlainDate.from(iso), language, { year: true });
  const title = fill(text("{agent} 代 {principal} 办事", "{agent} for {principal}"), {
    agent: one.agentName,
    principal: one.principalName,
  })[language];
  const row = (name: string, value: string | undefined) =>
    value === undefined ? [] : [{ key: { text: FACTS.get(name)?.title[language] ?? name }, value: { text: value } }];
  const scope = FACTS.get("scope")?.options?.find(({ value }) => value === one.scope)?.title[language];
  const wrong = Object.keys(shown.errors ?? {}).length > 0;
  const form: Html = html`<form class="zt-sheet" action="${PATH}/${one.id}" method="post" novalidate>${formFields(request)}<h2>${DECIDE[language]}</h2>${renderForm(
    DECISION_FIELDS,
    { language, values: shown.values, errors: shown.errors },
  )}${button({ text: DECIDE[language], preventDoubleClick: true })}</form>`;
  return workbench(site, request, {
    title,
    hasErrors: wrong || shown.problem !== undefined,
    breadcrumbs: [{ href: PATH, text: TITLE[language] }, { text: title }],
    main: html`${wrong ? formErrorSummary(DECISION_FIELDS, { language, errors: shown.errors }) : NOTHING}${
      shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING
    }${pageHeading({ title, caption: TITLE[language] })}${summaryList({
      rows: [
        ...row("kind", POWER_KINDS[one.kind][language]),
        ...row("basis", POWER_BASES[one.basis][language]),
        ...row("evidence", one.evidence),
        ...row("scope", [scope, one.service].filter((part) => part !== undefined).join(" · ")),
        ...row("from", fill(PERIOD, { from: day(one.from), to: day(one.to) })[language]),
      ],
    })}${one.recordedBy === postOf(request).officialId ? html`<p>${OWN[language]}</p>` : form}`,
  });
}

async function decide(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, DECIDE_POWERS)) return { kind: "not-found" };
  const read = parseForm(DECISION_FIELDS, request.fields);
  if (Object.keys(read.errors).length > 0) return show(site, request, read);
  const given = { ...(read.input as object), id: request.params["power"] ?? "" };
  const answer = await doors(request).decidePower(given as never);
  if (!isRefusal(answer)) return { kind: "redirect", to: `${PATH}?done=decided` };
  if (answer.needs) return refusalPage(site, request, answer as Refusal, PATH);
  return show(site, request, { ...read, problem: answer.text });
}
