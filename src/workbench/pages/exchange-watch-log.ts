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
import { select } from "#ui/components/select/select";
import { formatInstant } from "#ui/format";
import { holds, refusalPage, workbench } from "../frame.ts";
import { whatOf } from "../ledger-words.ts";
import { EXCHANGE_OUTCOMES, outcomeOf } from "../outcome-words.ts";
import { hrefWith, recordTable } from "../table.ts";
import { writtenDay } from "./ledger-filter.ts";

const WATCHING = { purpose: "administration" } as const;
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
  operation: text("如 findPersonForCase", "Such as findPersonForCase"),
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

const ANY = text("全部", "All");

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
    : await request.front(exchange, WATCHING).searchExchanges({
        ...{ ...named, id, before },
        ...(first && { from: dayBegins(first).toString() }),
        ...(last && { until: dayEnds(last).toString() }),
      });
  if (isRefusal(found)) return refusalPage(site, request, found);
  const peers = await peerNames(request);
  const older =
    found.next === undefined ? undefined : hrefWith(PATH, { ...asked(request), before: String(found.next) });
  return workbench(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ href: WATCHED, text: BACK[language] }, { text: TITLE[language] }],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${form(site, request, { isWrong, peers })}${table(site, request, found, peers)}${
      older === undefined ? NOTHING : pagination({ language, next: { href: older, text: OLDER[language] } })
    }`,
  });
}

/** Nodes of the directory and foreign systems, by their codes: in words of whoever looks. */
async function peerNames(request: PageRequest): Promise<ReadonlyMap<string, string>> {
  const { language } = request;
  const doors = request.front(exchange, WATCHING);
  const nodes = await doors.watchNodes({});
  const clients = await doors.watchClients({});
  return new Map([
    ...(isRefusal(nodes) ? [] : nodes.nodes.filter(({ code }) => code !== nodes.self)).map(
      ({ code, name }): [string, string] => [code, name[language]],
    ),
    ...(isRefusal(clients) ? [] : clients.items).map(({ client, name }): [string, string] => [client, name[language]]),
  ]);
}

/** What can be chosen of; a field without an entry is written in. */
function choicesOf(
  site: Site,
  { language }: PageRequest,
  peers: ReadonlyMap<string, string>,
): Readonly<Partial<Record<Field, readonly (readonly [value: string, text: string])[]>>> {
  const rooms = [...site.kernel.systems].map(([id, { contract }]): [string, string] => [id, contract.title[language]]);
  return {
    peer: [...peers],
    room: rooms.sort(([, one], [, other]) => one.localeCompare(other, language)),
    outcome: Object.entries(EXCHANGE_OUTCOMES).map(([code, words]) => [code, words[language]]),
  };
}

function form(
  site: Site,
  request: PageRequest,
  { isWrong, peers }: { readonly isWrong: boolean; readonly peers: ReadonlyMap<string, string> },
): Html {
  const { language } = request;
  const values = asked(request);
  const choices = choicesOf(site, request, peers);
  const fields = NAMES.map((name) => {
    const value = values[name] ?? "";
    const common = { language, id: name, name, label: { text: FIELDS[name][language] }, value };
    const known = choices[name];
    if (known !== undefined) {
      // A link may ask for what is not listed any more: it stays chosen.
      const others = value === "" || known.some(([one]) => one === value) ? [] : [[value, value] as const];
      const all = [["", ANY[language]] as const, ...known, ...others];
      return select({ ...common, items: all.map(([one, words]) => ({ value: one, text: words })) });
    }
    const hint = HINTS[name]?.[language];
    return input({
      ...common,
      ...((name === "from" || name === "to") && { type: "date", classes: "govuk-input--width-10" }),
      ...(hint !== undefined && { hint }),
      ...(name === "id" && isWrong && { errorMessage: WRONG_ID[language] }),
      attributes: { maxlength: VALUE_MAX_CHARACTERS },
    });
  });
  return html`<form class="zt-sheet" method="get" action="${PATH}"><div class="zt-fields">${fields}</div>${button({ text: SEARCH[language] })}</form>`;
}

function table(site: Site, request: PageRequest, { items }: Found, peers: ReadonlyMap<string, string>): Html {
  const { language } = request;
  if (items.length === 0) return html`<section class="zt-section">${emptyState({ title: NONE[language] })}</section>`;
  const reads = holds(request, "audit.read");
  const rows = items.map(({ entry, at, direction, peer, room, operation, outcome, act }) => {
    const when = formatInstant(Temporal.Instant.from(at), language);
    return [
      reads ? html`<a class="govuk-link" href="/workbench/ledger/${entry}">${when}</a>` : when,
      DIRECTIONS[direction][language],
      html`<a class="govuk-link" href="${hrefWith(PATH, { peer })}">${peers.get(peer) ?? peer}</a>`,
      html`${whatOf(site, room, operation)[language]}<br><code>${room}.${operation}</code>`,
      outcomeOf(site, { room, operation, outcome })[language],
      isUuid(act) ? html`<a class="govuk-link zt-mono" href="${hrefWith(PATH, { id: act })}">${act}</a>` : act,
    ];
  });
  const head = HEAD.map((one) => one[language]);
  return html`<section class="zt-section">${recordTable({ caption: TITLE[language], head, rows })}</section>`;
}
