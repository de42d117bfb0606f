import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { LEDGER_ENTRY_TYPES } from "#kernel/ledger/entry";
import type { EntryFilter } from "#kernel/ledger/filter";
import { ENTRY_KINDS } from "#kernel/ledger/records";
import { caseByNumber } from "#kernel/services/case-views";
import type { LedgerWanted } from "#kernel/services/oversight";
import type { Act } from "#kernel/system/act";
import { dayBegins, dayEnds } from "#lib/calendar/civil-day";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import { input } from "#ui/components/input/input";
import { select } from "#ui/components/select/select";
import { directoryDoors } from "../access/people.ts";
import { holds, postOf } from "../frame.ts";
import { TYPE_WORDS } from "../ledger-words.ts";
import { hrefWith } from "../table.ts";

const PATH = "/workbench/ledger";
/** Rooms and operations are named in a few words. */
const NAME = /^[A-Za-z][A-Za-z0-9.-]{0,99}$/;
const AUTHORITIES_MAX = 500;
/** Names of what is not a room, and has entries of its own. */
const OTHER_ROOMS = {
  ledger: text("存证日志", "Ledger"),
  services: text("办件列表", "Lists of cases"),
} as const;
/** Parameters of the address that say which entries. */
const KEPT = ["q", "of", "kind", "about", "from", "to", "room", "operation", "type", "authority"] as const;

const LABELS = {
  narrow: text("按时间、系统、操作、机关筛选", "Narrow by time, system, operation, authority"),
  from: text("起始日", "From"),
  to: text("截止日（含）", "To, this day included"),
  day: text("年-月-日，如 2026-03-01", "Year-month-day, such as 2026-03-01"),
  room: text("系统", "System"),
  operation: text("操作", "Operation"),
  operationHint: text("契约中的名称，如 findPersonForCase", "By its name in the contract, such as findPersonForCase"),
  type: text("条目类型", "Type of entry"),
  authority: text("操作人所属机关", "Authority of whoever acted"),
  any: text("不限", "Any"),
  show: text("筛选", "Show"),
  wrong: text("有一项筛选条件不能识别，没有使用：", "A condition was not understood, and was left out: "),
  export: text("导出筛选结果", "Take out what is listed"),
  exported: text(
    "全部页，不止本页；导出本身也记入日志。CSV 可用表格软件打开，NDJSON 含完整内容。",
    "All pages, not this one alone; that you took it out goes into the ledger. CSV opens in a spreadsheet, NDJSON has all there is.",
  ),
} as const;

export function actOf(request: PageRequest, caseId?: string): Act {
  const purpose = holds(request, "audit.read") ? "supervision" : "case";
  return request.act({ purpose, ...(caseId !== undefined && { caseId }) });
}

export interface Asked {
  readonly number: string;
  readonly wanted: LedgerWanted | undefined;
  readonly mine: boolean;
}

/** What the address asks for; undefined where it names a case that is not there. */
export async function askedFor(site: Site, request: PageRequest): Promise<Asked> {
  const { q = "", of = "", before = "", kind = "", about = "" } = request.query;
  const auditor = holds(request, "audit.read");
  const { officialId } = postOf(request);
  const position = /^\d{1,15}$/.test(before) ? { before: Number(before) } : {};
  const narrowed = { ...position, ...(auditor && { filter: filterOf(request).filter }) };
  const number = q.trim();
  if (number !== "") {
    const caseId = await caseByNumber(site.kernel, number);
    return { number, mine: false, wanted: caseId === undefined ? undefined : { caseId, ...narrowed } };
  }
  const named = ENTRY_KINDS.find((one) => one === kind);
  if (auditor && named !== undefined) return { number, mine: false, wanted: { kind: named, ...narrowed } };
  if (about === "me") return { number, mine: true, wanted: { aboutReader: true, ...position } };
  if (auditor && isUuid(of)) return { number, mine: of === officialId, wanted: { officialId: of, ...narrowed } };
  if (auditor) return { number, mine: false, wanted: narrowed };
  return { number, mine: true, wanted: { officialId, ...position } };
}

/** What the address narrows the list to, and which of its parts say nothing that is understood. */
function filterOf({ query }: PageRequest): { readonly filter: EntryFilter; readonly wrong: readonly FilterPart[] } {
  const wrong: FilterPart[] = [];
  const part = <T>(name: FilterPart, read: (written: string) => T | undefined): T | undefined => {
    const written = query[name]?.trim() ?? "";
    const value = written === "" ? undefined : read(written);
    if (written !== "" && value === undefined) wrong.push(name);
    return value;
  };
  const first = part("from", writtenDay);
  const last = part("to", writtenDay);
  const [from, until] = [first && dayBegins(first).toString(), last && dayEnds(last).toString()];
  const room = part("room", (written) => (NAME.test(written) ? written : undefined));
  const operation = part("operation", (written) => (NAME.test(written) ? written : undefined));
  const type = part("type", (written) => LEDGER_ENTRY_TYPES.find((one) => one === written));
  const authority = part("authority", (written) => (isUuid(written) ? written : undefined));
  const given = { from, until, room, operation, type, authority };
  return { filter: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), wrong };
}

type FilterPart = "from" | "to" | "room" | "operation" | "type" | "authority";

/** A day as it is written in an address or a form: `2026-03-01`; undefined where it is none. */
export function writtenDay(written: string | undefined): Temporal.PlainDate | undefined {
  if (written === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(written)) return undefined;
  try {
    return Temporal.PlainDate.from(written);
  } catch {
    return undefined;
  }
}

/** The parameters of an address that say which entries, for a link to more of them. */
export function keptOf({ query }: PageRequest): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(KEPT.map((name) => [name, query[name]]));
}

/** The same without the list that is looked at: another list is narrowed as this one is. */
export function narrowedBy(request: PageRequest): Readonly<Record<string, string | undefined>> {
  return { ...keptOf(request), q: undefined, of: undefined, kind: undefined, about: undefined };
}

/** How an auditor narrows the list, and takes it out. */
export async function filterForm(site: Site, request: PageRequest, asked: Asked): Promise<Html> {
  const { language, query } = request;
  if (asked.wanted === undefined || asked.wanted.aboutReader) return html``;
  const { filter, wrong } = filterOf(request);
  const kept = (["q", "of", "kind"] as const).flatMap((name) =>
    query[name] ? [html`<input type="hidden" name="${name}" value="${query[name]}">`] : [],
  );
  const day = (name: "from" | "to") =>
    input({
      ...{ language, id: name, name, type: "date", value: query[name] ?? "", classes: "govuk-input--width-10" },
      ...{ label: { text: LABELS[name][language] }, hint: LABELS.day[language] },
    });
  const choice = (name: "room" | "type" | "authority", items: readonly (readonly [string, string])[]) =>
    select({
      ...{ language, id: name, name, label: { text: LABELS[name][language] }, value: query[name] ?? "" },
      items: [["", LABELS.any[language]] as const, ...items].map(([value, words]) => ({ value, text: words })),
    });
  const types = LEDGER_ENTRY_TYPES.map((type) => [type, TYPE_WORDS[type][language]] as const);
  const form = html`<form method="get" action="${PATH}">${kept}<div class="zt-fields">${day("from")}${day("to")}${choice("room", rooms(site, request))}${input(
    {
      ...{ language, id: "operation", name: "operation", value: query["operation"] ?? "" },
      ...{ label: { text: LABELS.operation[language] }, hint: LABELS.operationHint[language] },
      attributes: { maxlength: 100 },
    },
  )}${choice("type", types)}${choice("authority", await authorities(request))}</div>${button({ text: LABELS.show[language], classes: "govuk-button--secondary" })}</form>`;
  const address = (format: string) => hrefWith(`${PATH}/export`, { ...keptOf(request), format });
  const complaint =
    wrong.length === 0
      ? html``
      : html`<p class="govuk-error-message">${LABELS.wrong[language]}${wrong.map((name) => LABELS[name][language]).join(language === "zh" ? "、" : ", ")}</p>`;
  return html`${complaint}${details({
    summary: LABELS.narrow[language],
    text: form,
    open: Object.keys(filter).length > 0 || wrong.length > 0,
  })}<p>${LABELS.export[language]}${language === "zh" ? "：" : ": "}<a class="govuk-link" href="${address("csv")}" download>CSV</a> · <a class="govuk-link" href="${address("ndjson")}" download>NDJSON</a> <span class="govuk-hint zt-quiet">${LABELS.exported[language]}</span></p>`;
}

function rooms(site: Site, { language }: PageRequest): readonly (readonly [string, string])[] {
  const own = [...site.kernel.systems.values()].map(({ contract }) => [contract.id, contract.title[language]] as const);
  const others = Object.entries(OTHER_ROOMS).map(([id, title]) => [id, title[language]] as const);
  return [...own, ...others].filter(([id], at, all) => all.findIndex(([one]) => one === id) === at);
}

async function authorities(request: PageRequest): Promise<readonly (readonly [string, string])[]> {
  const found: (readonly [string, string])[] = [];
  for (let after: string | undefined; found.length < AUTHORITIES_MAX; ) {
    const page = await directoryDoors(request).listAuthorities(after === undefined ? {} : { after });
    if (isRefusal(page)) break;
    found.push(...page.items.map(({ id, name }) => [id, name[request.language]] as const));
    after = page.next;
    if (after === undefined) break;
  }
  return found;
}
