import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { dataRights, HANDLE_OBJECTIONS } from "#services/data-rights";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formatDate, formatInstant } from "#ui/format";
import { doneBanner, formFields, holds, problems, workbench } from "../frame.ts";
import { PURPOSE_WORDS } from "../ledger-words.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/objections";
const TITLE = text("查询异议", "Objections to looks");
const LEAD = text(
  "当事人认为不应该的查询。由您核查并书面答复；查询的人和他的机关不能答复。",
  "Looks that someone finds should not have been. You look into each and answer it; whoever looked, and his authority, cannot.",
);
const NONE = text("没有待答复的异议", "No objection waits for an answer");
const HEAD = [text("编号", "Number"), text("查询", "The look"), text("答复期限", "Answer due by")];
const OVERDUE = text("（已超期）", " (overdue)");
const ANSWER = text("答复", "Answer");
const LABELS = {
  at: text("查询时间", "When"),
  what: text("操作", "Operation"),
  by: text("查询机关", "Authority that looked"),
  purpose: text("登记的目的", "Purpose on record"),
  basis: text("登记的依据", "Legal basis on record"),
  entry: text("日志条目", "Entry of the ledger"),
  reason: text("当事人的理由", "Why it should not have been"),
  due: text("答复期限", "Answer due by"),
} as const;
const REMEDIES_FOLLOW = text(
  "复议和诉讼的途径由系统附在答复之后。",
  "The ways of reconsideration and to court are added below the answer by the system.",
);
const FIELDS = formDescriptors(dataRights.operations.answerObjection.input).filter(({ name }) => name !== "id");

/** The task of the supervising authority's data protection post. */
export function objectionPages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => list(site, request) }),
    definePage({
      path: `${PATH}/:objection`,
      audience: "official",
      get: (request) => show(site, request, {}),
      post: (request) => answer(site, request),
    }),
  ];
}

async function openOnes(request: PageRequest) {
  if (!holds(request, HANDLE_OBJECTIONS)) return undefined;
  const found = await request.front(dataRights, { purpose: "supervision" }).openObjections({});
  return isRefusal(found) ? undefined : found.items;
}

type Open = NonNullable<Awaited<ReturnType<typeof openOnes>>>[number];

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const items = await openOnes(request);
  if (!items) return { kind: "not-found" };
  const { language } = request;
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      items.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({
            caption: TITLE[language],
            head: HEAD.map((name) => name[language]),
            rows: items.map((one) => [
              html`<a class="govuk-link" href="${PATH}/${one.id}">${one.number}</a>`,
              whatOf(site, one, request),
              dueOf(one, request),
            ]),
          })
    }`,
  });
}

function whatOf(site: Site, one: Open, { language }: PageRequest): string {
  const contract = site.kernel.systems.get(one.room)?.contract;
  const operation = contract?.operations[one.operation]?.title[language] ?? one.operation;
  return `${contract?.title[language] ?? one.room} · ${operation}`;
}

function dueOf({ answerBy }: Open, { language, now }: PageRequest): string {
  const late = answerBy < now.slice(0, 10) ? OVERDUE[language] : "";
  return `${formatDate(Temporal.PlainDate.from(answerBy), language)}${late}`;
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

async function show(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const one = (await openOnes(request))?.find(({ id }) => id === request.params["objection"]);
  if (!one) return { kind: "not-found" };
  const { language } = request;
  const authority = one.lookedAuthority === undefined ? undefined : await site.posts.authority(one.lookedAuthority);
  const row = (label: keyof typeof LABELS, value: string | Html | undefined) =>
    value === undefined || value === "" ? [] : [{ key: { text: LABELS[label][language] }, value: { text: value } }];
  const errors = shown.problem
    ? [{ text: shown.problem, href: "#finding" }]
    : Object.entries(shown.errors ?? {}).map(([name, said]: [string, Text]) => ({ text: said, href: `#${name}` }));
  return workbench(site, request, {
    title: one.number,
    hasErrors: errors.length > 0,
    breadcrumbs: [{ href: PATH, text: TITLE[language] }, { text: one.number }],
    main: html`${errors.length > 0 ? problems(request, errors) : NOTHING}${pageHeading({ title: one.number, caption: TITLE[language] })}${summaryList(
      {
        rows: [
          ...row("at", formatInstant(Temporal.Instant.from(one.at), language, { year: true })),
          ...row("what", whatOf(site, one, request)),
          ...row("by", authority?.name[language]),
          ...row("purpose", PURPOSE_WORDS[one.purpose]?.[language] ?? one.purpose),
          ...row("basis", one.legalBasis),
          ...row("entry", String(one.entryId)),
          ...row("reason", one.reason),
          ...row("due", dueOf(one, request)),
        ],
      },
    )}<form class="zt-sheet" action="${PATH}/${one.id}" method="post" novalidate>${formFields(request)}<h2>${ANSWER[language]}</h2>${renderForm(
      FIELDS,
      { language, values: shown.values, errors: shown.errors },
    )}<p class="govuk-hint">${REMEDIES_FOLLOW[language]}</p>${button({ text: ANSWER[language], preventDoubleClick: true })}</form>`,
  });
}

async function answer(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, HANDLE_OBJECTIONS)) return { kind: "not-found" };
  const read = parseForm(FIELDS, request.fields);
  if (Object.keys(read.errors).length > 0) return show(site, request, read);
  const doors = request.front(dataRights, { purpose: "supervision" });
  const given = { ...(read.input as object), id: request.params["objection"] ?? "" };
  const outcome = await doors.answerObjection(given as Parameters<typeof doors.answerObjection>[0]);
  if (!isRefusal(outcome)) return { kind: "redirect", to: `${PATH}?done=answered` };
  return show(site, request, { ...read, problem: outcome.text });
}
