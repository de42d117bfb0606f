import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { APPROVE_SEALING, ASK_SEALING, dataRights, SEALING_GROUNDS } from "#services/data-rights";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { input } from "#ui/components/input/input";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formErrorSummary, renderForm } from "#ui/form/render-form";
import { formatDate } from "#ui/format";
import { doneBanner, formFields, holds, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/sealings";
const TITLE = text("依法延后告知", "Looks kept from whom they concern");
const LEAD = text(
  "法律规定应当保密、或者告知将妨碍履行法定职责的，经申请和审批两人办理，本机关在该办件中对此人的查询暂不在其“谁查过我的数据”中显示。到复查日期没有延长的，自动显示；情形消除的，应当及时解除。",
  "Where a law requires secrecy, or notice would keep an authority from its duty, one official asks and another approves; then the authority's looks at this person in this case are not shown to them for a while. What is not prolonged by its review is shown by itself; where the ground ends, end it at once.",
);
const ASK = text("申请", "Ask for it");
const FIND = text("查找办件", "Find the case");
const CASE = text("办件编号", "Number of the case");
const WHOM = text("对谁", "From whom");
const NONE = text("没有待审批或者延后告知中的事项", "Nothing waits, and nothing is kept from anyone");
const HEAD = [text("办件", "Case"), text("当事人", "From whom"), text("状态", "State"), text("复查", "Review")];
const STATES = {
  asked: text("待审批", "Waits for approval"),
  prolong: text("待审批：延长", "Waits for approval: to go on"),
  "in-force": text("延后告知中", "Kept from them"),
};
const DUE = {
  no: text("{day}", "{day}"),
  soon: text("{day}（即将到期，请复查）", "{day} (soon: review it)"),
  over: text("{day}（已到期，当事人已可见，请解除）", "{day} (over: they see it now; end it)"),
} as const;
const DECIDE = text("审批", "Decide");
const PROLONG = text("申请延长", "Ask that it goes on");
const END = text("解除", "End it");
const END_LEAD = text(
  "解除后，此前延后告知的查询立即对当事人显示。",
  "What was kept from them is shown to them at once.",
);
const OWN = text("由您申请，应当由其他人员审批。", "You asked for it: someone else decides.");
const LABELS = {
  ground: text("法定情形", "Ground"),
  basis: text("具体依据", "Article"),
  reason: text("理由", "Reasons"),
  review: text("复查日期", "Review on"),
  decision: text("审批意见", "Reasons of the decision"),
  prolongTo: text("申请延至", "To go on until"),
  prolongReason: text("延长理由", "Why it is to go on"),
} as const;

const { askSealing, decideSealing, prolongSealing, endSealing } = dataRights.operations;
const ASK_FIELDS = formDescriptors(askSealing.input).filter(({ name }) => name !== "caseNumber" && name !== "subject");
const without = (schema: Parameters<typeof formDescriptors>[0]) =>
  formDescriptors(schema).filter(({ name }) => name !== "id");
const STEPS = {
  decide: { fields: without(decideSealing.input), title: DECIDE },
  prolong: { fields: without(prolongSealing.input), title: PROLONG },
  end: { fields: without(endSealing.input), title: END },
} as const;
type Step = keyof typeof STEPS;

/** Sealing by law: asked for by the authority that looks, approved by who supervises. */
export function sealingPages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => list(site, request) }),
    definePage({
      path: `${PATH}/new`,
      audience: "official",
      get: (request) => askForm(site, request, {}),
      post: (request) => ask(site, request),
    }),
    definePage({
      path: `${PATH}/:sealing`,
      audience: "official",
      get: (request) => show(site, request, {}),
      post: (request) => take(site, request),
    }),
  ];
}

const doors = (request: PageRequest) => request.front(dataRights, { purpose: "supervision" });

async function openOnes(request: PageRequest) {
  const supervises = holds(request, APPROVE_SEALING);
  if (!supervises && !holds(request, ASK_SEALING)) return undefined;
  const found = await (supervises ? doors(request).supervisedSealings({}) : doors(request).sealings({}));
  return isRefusal(found) ? undefined : found.items;
}

type Open = NonNullable<Awaited<ReturnType<typeof openOnes>>>[number];

function day(iso: string, language: Language): string {
  return formatDate(Temporal.PlainDate.from(iso), language, { year: true });
}

function stateOf({ status, prolongTo }: Open): Text {
  return STATES[status === "asked" ? "asked" : prolongTo === undefined ? "in-force" : "prolong"];
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const items = await openOnes(request);
  if (!items) return { kind: "not-found" };
  const { language } = request;
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      holds(request, ASK_SEALING)
        ? html`<div class="zt-actions">${button({ text: ASK[language], href: `${PATH}/new` })}</div>`
        : NOTHING
    }${
      items.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({
            caption: TITLE[language],
            head: HEAD.map((name) => name[language]),
            rows: items.map((one) => [
              html`<a class="govuk-link" href="${PATH}/${one.id}">${one.caseNumber}</a>`,
              one.subjectName,
              stateOf(one)[language],
              fill(DUE[one.due], { day: day(one.reviewOn, language) })[language],
            ]),
          })
    }`,
  });
}

interface Shown {
  readonly step?: Step;
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

/** First the case, then whom of those it concerns: nobody is looked for by name here. */
async function askForm(site: Site, request: PageRequest, shown: Shown, number?: string): Promise<PageResponse> {
  if (!holds(request, ASK_SEALING)) return { kind: "not-found" };
  const { language } = request;
  const caseNumber = number ?? (request.query["case"] ?? "").trim();
  const found = caseNumber === "" ? undefined : await doors(request).sealableIn({ caseNumber });
  const problem = found && isRefusal(found) ? found.text : shown.problem;
  const fields = found && !isRefusal(found) ? [whomField(found.subjects), ...ASK_FIELDS] : [];
  const wrong = Object.keys(shown.errors ?? {}).length > 0;
  const finder = html`<form class="zt-sheet" action="${PATH}/new" method="get">${input({
    language,
    id: "case",
    name: "case",
    label: { text: CASE[language] },
    value: caseNumber,
    classes: "govuk-input--width-20",
  })}${button({ text: FIND[language] })}</form>`;
  const form = html`<form class="zt-sheet" action="${PATH}/new" method="post" novalidate>${formFields(request)}<input type="hidden" name="caseNumber" value="${caseNumber}"><h2>${caseNumber}</h2>${renderForm(
    fields,
    { language, values: shown.values, errors: shown.errors },
  )}${button({ text: ASK[language], preventDoubleClick: true })}</form>`;
  return workbench(site, request, {
    title: `${TITLE[language]} · ${ASK[language]}`,
    hasErrors: wrong || problem !== undefined,
    breadcrumbs: [{ href: PATH, text: TITLE[language] }, { text: ASK[language] }],
    main: html`${wrong ? formErrorSummary(fields, { language, errors: shown.errors }) : NOTHING}${
      problem ? problems(request, [{ text: problem }]) : NOTHING
    }${pageHeading({ title: ASK[language], lead: LEAD[language], caption: TITLE[language] })}${fields.length > 0 ? form : finder}`,
  });
}

function whomField(subjects: readonly { readonly id: string; readonly name: string }[]): FieldDescriptor {
  const options = subjects.map(({ id, name }) => ({ value: id, title: text(name, name) }));
  return { name: "subject", title: WHOM, kind: "radios", required: true, options };
}

async function ask(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, ASK_SEALING)) return { kind: "not-found" };
  const caseNumber = String(request.fields["caseNumber"] ?? "");
  const found = await doors(request).sealableIn({ caseNumber });
  if (isRefusal(found)) return askForm(site, request, {}, caseNumber);
  const read = parseForm([whomField(found.subjects), ...ASK_FIELDS], request.fields);
  if (Object.keys(read.errors).length > 0) return askForm(site, request, read, caseNumber);
  const answer = await doors(request).askSealing({ ...(read.input as object), caseNumber } as never);
  if (!isRefusal(answer)) return { kind: "redirect", to: `${PATH}?done=asked` };
  if (answer.needs) return refusalPage(site, request, answer as Refusal, PATH);
  const said = answer.code === "bad-review" ? { errors: { reviewOn: answer.text } } : { problem: answer.text };
  return askForm(site, request, { values: read.values, ...said }, caseNumber);
}

function stepsOf(request: PageRequest, one: Open): readonly Step[] {
  const { officialId, post } = postOf(request);
  const waits = one.status === "asked" || one.prolongTo !== undefined;
  const asker = one.status === "asked" ? one.askedBy : one.prolongAskedBy;
  const owns = holds(request, ASK_SEALING) && post.authority === one.authority;
  return [
    ...(waits && holds(request, APPROVE_SEALING) && asker !== officialId ? (["decide"] as const) : []),
    ...(owns && one.status === "in-force" && one.due !== "over" && !waits ? (["prolong"] as const) : []),
    ...(owns ? (["end"] as const) : []),
  ];
}

async function show(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const one = (await openOnes(request))?.find(({ id }) => id === request.params["sealing"]);
  if (!one) return { kind: "not-found" };
  const { language } = request;
  const row = (label: keyof typeof LABELS, value: string | undefined) =>
    value === undefined ? [] : [{ key: { text: LABELS[label][language] }, value: { text: value } }];
  const fields = shown.step ? STEPS[shown.step].fields : [];
  const wrong = Object.keys(shown.errors ?? {}).length > 0;
  const steps = stepsOf(request, one);
  const own = steps.length === 0 && holds(request, APPROVE_SEALING);
  return workbench(site, request, {
    title: one.subjectName,
    hasErrors: wrong || shown.problem !== undefined,
    breadcrumbs: [{ href: PATH, text: TITLE[language] }, { text: one.caseNumber }],
    main: html`${wrong ? formErrorSummary(fields, { language, errors: shown.errors, prefix: shown.step }) : NOTHING}${
      shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING
    }${pageHeading({ title: one.subjectName, caption: `${one.caseNumber} · ${stateOf(one)[language]}` })}${summaryList({
      rows: [
        ...row("ground", SEALING_GROUNDS[one.ground][language]),
        ...row("basis", one.basis),
        ...row("reason", one.reason),
        ...row("review", fill(DUE[one.due], { day: day(one.reviewOn, language) })[language]),
        ...row("decision", one.decisionReason),
        ...row("prolongTo", one.prolongTo && day(one.prolongTo, language)),
        ...row("prolongReason", one.prolongReason),
      ],
    })}${own && one.askedBy === postOf(request).officialId ? html`<p>${OWN[language]}</p>` : NOTHING}${steps.map(
      (step) => stepForm(request, one, step, shown),
    )}`,
  });
}

function stepForm(request: PageRequest, one: Open, step: Step, shown: Shown): Html {
  const { language } = request;
  const { fields, title } = STEPS[step];
  const mine = shown.step === step ? shown : {};
  return html`<form class="zt-sheet" action="${PATH}/${one.id}" method="post" novalidate>${formFields(request)}<input type="hidden" name="step" value="${step}"><h2>${title[language]}</h2>${
    step === "end" ? html`<p>${END_LEAD[language]}</p>` : NOTHING
  }${renderForm(fields, { language, prefix: step, values: mine.values, errors: mine.errors })}${button({
    text: title[language],
    preventDoubleClick: true,
    ...(step === "end" && { classes: "govuk-button--secondary" }),
  })}</form>`;
}

async function take(site: Site, request: PageRequest): Promise<PageResponse> {
  const step = Object.keys(STEPS).find((name): name is Step => name === request.fields["step"]);
  if (!step) return { kind: "not-found" };
  const read = parseForm(STEPS[step].fields, request.fields, step);
  if (Object.keys(read.errors).length > 0) return show(site, request, { ...read, step });
  const given = { ...(read.input as object), id: request.params["sealing"] ?? "" } as never;
  const door = doors(request);
  const answer = await (step === "decide"
    ? door.decideSealing(given)
    : step === "prolong"
      ? door.prolongSealing(given)
      : door.endSealing(given));
  if (!isRefusal(answer)) return { kind: "redirect", to: `${PATH}?done=${step}` };
  if (answer.needs) return refusalPage(site, request, answer as Refusal, `${PATH}/${request.params["sealing"]}`);
  return show(site, request, { ...read, step, problem: answer.text });
}
