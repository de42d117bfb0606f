import { exchange, WATCH } from "#infrastructure/exchange";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { dayBegins, dayEnds } from "#lib/calendar/civil-day";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { input } from "#ui/components/input/input";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { pagination } from "#ui/components/pagination/pagination";
import { formatInstant } from "#ui/format";
import { holds, refusalPage, workbench } from "../frame.ts";
import { hrefWith, recordTable } from "../table.ts";
import { writtenDay } from "./ledger-filter.ts";

const WATCHED = "/workbench/exchange-watch";
const PATH = `${WATCHED}/log`;
const BACK = text("交换运行", "Exchange at work");
const TITLE = text("交换日志", "Log of exchanges");
const LEAD = text(
  "本节点与其他节点、外部系统之间的调用，新的在前：谁问了什么、结果如何，不含内容。",
  "Calls with other nodes and foreign systems, newest first: who asked what and how it ended, never what was said.",
);
const FIELDS = {
  peer: text("对方节点或外部系统", "Other node or foreign system"),
  room: text("契约", "Contract"),
  operation: text("操作", "Operation"),
  outcome: text("结果", "Outcome"),
  from: text("起始日", "From"),
  to: text("截止日（含）", "To, this day included"),
  id: text("操作、报文组或调用链编号", "Number of an act, frame or trace"),
} as const;
type Field = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as readonly Field[];
const HINTS: Readonly<Partial<Record<Field, ReturnType<typeof text>>>> = {
  peer: text("节点代码或系统标识", "Its code, or identifier"),
  room: text("如 population", "Such as population"),
  operation: text("如 findPersonForCase", "Such as findPersonForCase"),
  outcome: text("如 answered、denied、unanswered", "Such as answered, denied, unanswered"),
  id: text("填写后不再使用其他条件", "Where it is given, nothing else counts"),
};
const VALUE_MAX_CHARACTERS = 300;
const SEARCH = text("查询", "Search");
const WRONG_ID = text("这不是操作、报文组或调用链的编号。", "That is not the number of an act, a frame or a trace.");
const NONE = text("没有符合的记录", "Nothing was found");
const OLDER = text("更早的", "Older");
const HEAD = [
  text("时间", "When"),
  text("方向", "Way"),
  text("对方", "Other side"),
  text("操作", "Operation"),
  text("结果", "Outcome"),
  text("操作编号", "Act"),
];
const DIRECTIONS = { in: text("收到", "In"), out: text("发出", "Out") };

type Found = Output<(typeof exchange)["operations"]["searchExchanges"]["output"]>;

/** The log of exchanges, searched. */
export function exchangeLogPage(site: Site): Page {
  return definePage({ path: PATH, audience: "official", get: (request) => show(site, request) });
}

function asked({ query }: PageRequest): Readonly<Record<Field, string | undefined>> {
  const given = NAMES.map((name) => [name, query[name]?.trim().slice(0, VALUE_MAX_CHARACTERS) || undefined] as const);
  return Object.fromEntries(given) as Record<Field, string | undefined>;
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, WATCH)) return { kind: "not-found" };
  const { language, query } = request;
  const { id, from, to, ...named } = asked(request);
  const isWrong = id !== undefined && !isUuid(id) && !/^[0-9a-f]{32}$/.test(id);
  const first = writtenDay(from);
  const last = writtenDay(to);
  const before = /^[1-9]\d{0,14}$/.test(query["before"] ?? "") ? Number(query["before"]) : undefined;
  const found = isWrong
    ? { items: [] }
    : await request.front(exchange, { purpose: "administration" }).searchExchanges({
        ...{ ...named, id, before },
        ...(first && { from: dayBegins(first).toString() }),
        ...(last && { until: dayEnds(last).toString() }),
      });
  if (isRefusal(found)) return refusalPage(site, request, found);
  const older =
    found.next === undefined ? undefined : hrefWith(PATH, { ...asked(request), before: String(found.next) });
  return workbench(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ href: WATCHED, text: BACK[language] }, { text: TITLE[language] }],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${form(request, isWrong)}${table(request, found)}${
      older === undefined ? NOTHING : pagination({ language, next: { href: older, text: OLDER[language] } })
    }`,
  });
}

function form(request: PageRequest, isWrong: boolean): Html {
  const { language } = request;
  const values = asked(request);
  const fields = NAMES.map((name) => {
    const hint = HINTS[name]?.[language];
    return input({
      ...{ language, id: name, name, label: { text: FIELDS[name][language] }, value: values[name] ?? "" },
      ...((name === "from" || name === "to") && { type: "date", classes: "govuk-input--width-10" }),
      ...(hint !== undefined && { hint }),
      ...(name === "id" && isWrong && { errorMessage: WRONG_ID[language] }),
      attributes: { maxlength: VALUE_MAX_CHARACTERS },
    });
  });
  return html`<form class="zt-sheet" method="get" action="${PATH}"><div class="zt-fields">${fields}</div>${button({ text: SEARCH[language] })}</form>`;
}

function table(request: PageRequest, { items }: Found): Html {
  const { language } = request;
  if (items.length === 0) return html`<section class="zt-section">${emptyState({ title: NONE[language] })}</section>`;
  const reads = holds(request, "audit.read");
  const rows = items.map(({ entry, at, direction, peer, room, operation, outcome, act }) => {
    const when = formatInstant(Temporal.Instant.from(at), language);
    return [
      reads ? html`<a class="govuk-link" href="/workbench/ledger/${entry}">${when}</a>` : when,
      DIRECTIONS[direction][language],
      html`<a class="govuk-link" href="${hrefWith(PATH, { peer })}">${peer}</a>`,
      html`<code>${room}.${operation}</code>`,
      outcome,
      isUuid(act) ? html`<a class="govuk-link zt-mono" href="${hrefWith(PATH, { id: act })}">${act}</a>` : act,
    ];
  });
  const head = HEAD.map((one) => one[language]);
  return html`<section class="zt-section">${recordTable({ caption: TITLE[language], head, rows })}</section>`;
}
