import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { civilDay } from "#lib/calendar/civil-day";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { dataRights, FINDINGS } from "#services/data-rights";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { type Fact, facts } from "#ui/components/facts/facts";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { renderForm } from "#ui/form/render-form";
import { formatDate, formatInstant, formatNumber } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { type Problem, problemSummary, refused } from "../problem.ts";
import { type OwnReceipt, ownReceipt } from "./receipts.ts";

const ACCESS = text("谁查过我的数据", "Who looked at my data");
const RECEIPT = text("凭证 {id}", "Receipt {id}");
const TITLE = text("对这次查询提出异议", "Object to this look");
const LEAD = text(
  "由监督部门核查，不由查询的机关自己核查；三十日内书面答复结论和理由（个人信息保护法第五十条、第六十五条）。",
  "The supervising authority looks into it, not the one that looked; it answers within thirty days with its finding and reasons (Personal Information Protection Law, art. 50 and 65).",
);
const SEND = text("提出异议", "Object");
const MINE = text("我的查询异议", "My objections");
const MINE_LEAD = text(
  "您对查询记录提出的异议和答复。",
  "What you objected to on your record, and how it was answered.",
);
const NONE = text("没有提出过异议", "You have not objected to anything");
const START = text(
  "从“谁查过我的数据”中打开一条凭证即可提出。",
  "Open a receipt from “Who looked at my data” to object.",
);
const LABELS = {
  what: text("查询", "The look"),
  reason: text("您的理由", "Your reasons"),
  raised: text("提出日期", "Raised on"),
  due: text("答复期限", "Answer due by"),
  finding: text("核查结论", "Finding"),
  answer: text("理由", "Reasons"),
  measures: text("采取的措施", "What was done"),
  answered: text("答复日期", "Answered on"),
} as const;
const WAITING = text("监督部门正在核查", "The supervising authority is looking into it");
const REMEDIES = text(
  "不服答复的，可以自收到之日起六十日内向{reconsideration}申请行政复议，或者六个月内向{court}提起诉讼；也可以向履行个人信息保护职责的上级部门投诉。",
  "If you do not agree: within sixty days apply to {reconsideration} for reconsideration, or within six months sue at {court}; you may also complain to the department above that is in charge of personal information.",
);
const LATE = text(
  "答复期限已过，仍未答复，监督部门已收到提醒。您可以就不答复向{reconsideration}申请行政复议，或者向{court}提起诉讼；也可以向履行个人信息保护职责的上级部门投诉。",
  "The answer is overdue, and whoever answers was reminded. You may apply to {reconsideration} for reconsideration because there is none, or sue at {court}; you may also complain to the department above that is in charge of personal information.",
);
const FIELDS = formDescriptors(dataRights.operations.object.input).filter(({ name }) => name !== "entryId");

/** Objecting to a look that should not have been, and what became of it. */
export function objectionPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/receipts/:entry/objection",
      audience: "person",
      get: async (request) => withReceipt(site, request, (own) => form(site, request, own, {})),
      post: async (request) => withReceipt(site, request, (own) => send(site, request, own)),
    }),
    definePage({ path: "/my/objections", audience: "person", get: (request) => list(site, request) }),
  ];
}

async function withReceipt(
  site: Site,
  request: PageRequest,
  show: (own: OwnReceipt) => PageResponse | Promise<PageResponse>,
): Promise<PageResponse> {
  const own = await ownReceipt(site, request, request.params["entry"] ?? "");
  return own ? show(own) : { kind: "not-found" };
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problems?: readonly Problem[];
}

async function send(site: Site, request: PageRequest, own: OwnReceipt): Promise<PageResponse> {
  const read = parseForm(FIELDS, request.fields);
  if (Object.keys(read.errors).length > 0) return form(site, request, own, read);
  const doors = request.front(dataRights, { purpose: "own-affairs" });
  const reason = String((read.input as { readonly reason?: unknown }).reason ?? "");
  const raised = await doors.object({ entryId: own.receipt.entryId, reason });
  if (!isRefusal(raised)) return { kind: "redirect", to: "/my/objections" };
  return form(site, request, own, { ...read, problems: [{ text: raised.text, href: "#reason" }] });
}

function form(site: Site, request: PageRequest, own: OwnReceipt, shown: Shown): PageResponse {
  const { language } = request;
  const { receipt, words, at } = own;
  const problems =
    shown.problems ??
    Object.entries(shown.errors ?? {}).map(([name, said]: [string, Text]) => ({ text: said, href: `#${name}` }));
  const name = fill(RECEIPT, { id: formatNumber(receipt.entryId) })[language];
  const what = `${formatInstant(Temporal.Instant.from(at), language, { year: true })} · ${[words.who, words.did, words.what].join(language === "zh" ? "" : " ")}`;
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problems.length > 0,
    breadcrumbs: [
      { text: ACCESS[language], href: "/my/access" },
      { text: name, href: `/receipts/${receipt.entryId}` },
      { text: TITLE[language] },
    ],
    main: html`${problemSummary(language, problems)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${facts(
      { language, facts: [{ label: LABELS.what[language], value: what }] },
    )}<form class="zt-section" action="/receipts/${receipt.entryId}/objection" method="post" novalidate>${formFields(request)}${renderForm(FIELDS, { language, values: shown.values, errors: shown.errors })}${button({ text: SEND[language], preventDoubleClick: true })}</form>`,
  });
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const found = await request.front(dataRights, { purpose: "own-affairs" }).ownObjections({});
  if (isRefusal(found)) return refused(site, request, found);
  const authority = await site.posts.authority(site.kernel.authorityOf(dataRights.id));
  const remedies = authority && {
    reconsideration: authority.reconsideration[language],
    court: authority.court[language],
  };
  const items = found.items.toSorted((one, other) => (one.number < other.number ? 1 : -1));
  return portalResponse(site, request, {
    title: MINE[language],
    breadcrumbs: [{ text: ACCESS[language], href: "/my/access" }, { text: MINE[language] }],
    main: html`${pageHeading({ title: MINE[language], lead: MINE_LEAD[language] })}${
      items.length === 0
        ? emptyState({ title: NONE[language], text: START[language] })
        : items.map((one) => objection(site, request, one, remedies))
    }`,
  });
}

interface OwnObjection {
  readonly number: string;
  readonly entryId: number;
  readonly at: string;
  readonly room: string;
  readonly operation: string;
  readonly reason: string;
  readonly raisedOn: string;
  readonly answerBy: string;
  readonly finding?: keyof typeof FINDINGS | undefined;
  readonly answer?: string | undefined;
  readonly measures?: string | undefined;
  readonly answeredOn?: string | undefined;
}

function objection(
  site: Site,
  { language, now }: PageRequest,
  one: OwnObjection,
  remedies: { readonly reconsideration: string; readonly court: string } | undefined,
): Html {
  const day = (written: string) => formatDate(Temporal.PlainDate.from(written), language);
  const today = civilDay(Temporal.Instant.from(now)).toString();
  const contract = site.kernel.systems.get(one.room)?.contract;
  const title = contract?.operations[one.operation]?.title[language] ?? contract?.title[language] ?? one.room;
  const at = formatInstant(Temporal.Instant.from(one.at), language, { year: true });
  const row = (label: keyof typeof LABELS, value: string | undefined): readonly Fact[] =>
    value === undefined || value === "" ? [] : [{ label: LABELS[label][language], value }];
  const said = [
    ...row("what", `${at} · ${title}`),
    ...row("reason", one.reason),
    ...row("raised", day(one.raisedOn)),
    ...(one.finding === undefined
      ? row("due", `${day(one.answerBy)} · ${WAITING[language]}`)
      : [
          ...row("finding", FINDINGS[one.finding][language]),
          ...row("answer", one.answer),
          ...row("measures", one.measures),
          ...row("answered", one.answeredOn === undefined ? undefined : day(one.answeredOn)),
        ]),
  ];
  const receipt = fill(RECEIPT, { id: formatNumber(one.entryId) })[language];
  return html`<section class="zt-section"><h2>${one.number}</h2>${facts({ language, facts: said })}<p class="zt-section"><a class="govuk-link" href="/receipts/${one.entryId}">${receipt}</a></p>${
    one.finding !== undefined && remedies ? insetText({ text: fill(REMEDIES, remedies)[language] }) : NOTHING
  }${one.finding === undefined && one.answerBy < today && remedies ? insetText({ text: fill(LATE, remedies)[language] }) : NOTHING}</section>`;
}
