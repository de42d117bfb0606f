import { classNames, type Html, html, join, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { formatDate } from "#ui/format";

/** Days that the law does not count (行政许可法 §45), standing after the counted day `afterDay`. */
export interface ClockPause {
  readonly afterDay: number;
  readonly days: number;
  /** 听证 / hearing */
  readonly reason: Text;
  /** 《行政许可法》第四十五条 / Licensing Law, art. 45 */
  readonly article: Text;
}

export interface ClockOptions {
  readonly language: Language;
  readonly unit: "working-day" | "calendar-day";
  readonly state: "running" | "paused" | "done";
  /** Running: which counted day today is, from 1. Paused and done: how many counted days were used. */
  readonly day: number;
  readonly limitDays: number;
  readonly promiseDays?: number | undefined;
  readonly startedOn: Temporal.PlainDate;
  /** 受理 / accepted */
  readonly startedBy: Text;
  /** The last day of the limit, or while paused the last day if the pause ended today. */
  readonly dueOn: Temporal.PlainDate;
  /** 作出决定 / the decision */
  readonly outcome: Text;
  readonly doneOn?: Temporal.PlainDate | undefined;
  readonly pauses?: readonly ClockPause[] | undefined;
  /** Where the limit stands: 《行政许可法》第四十二条 */
  readonly article?: Text | undefined;
  /** Who set the limit; the law where absent. */
  readonly setBy?: "law" | "house" | undefined;
}

/** A longer pause is drawn as this many days. */
const PAUSE_CELLS_AT_MOST = 6;
/** From this many cells on the bar has no gaps. */
const DENSE_FROM_CELLS = 24;
/** A longer overrun is drawn as this many days. */
const LATE_CELLS_AT_MOST = 10;

const UNIT = { "working-day": text("个工作日", " working days"), "calendar-day": text("日", " days") } as const;
const RUNNING = {
  "working-day": text("第 {day} 个工作日，最迟 {due}{outcome}", "Working day {day}: {outcome} by {due} at the latest"),
  "calendar-day": text("第 {day} 日，最迟 {due}{outcome}", "Day {day}: {outcome} by {due} at the latest"),
} as const;
/** The day that starts a period does not count (民法典 §201). */
const FIRST_DAY = text(
  "{by}当日不计，明天起算；最迟 {due}{outcome}",
  "The first day does not count; {outcome} by {due} at the latest",
);
const SAME_DAY = text("{date}{outcome}，当日办结", "{outcome} on {date}, the same day");
const PAUSED = text(
  "计时暂停：{reason}。已用 {used}，还有 {left}",
  "The clock has stopped: {reason}. {used} used, {left} left",
);
const DONE = text("{date}{outcome}，用时 {used}", "{outcome} on {date}, after {used}");
const LATE = text("应在 {due}前{outcome}，已超期 {over}", "{outcome} was due by {due}: {over} overdue");
const PROMISED = text("承诺 {days}", "{days} promised");
const LIMITED = text("法定 {days}", "{days} by law");
const LIMITED_HERE = text("本平台期限 {days}", "{days} by rule of this platform");
const NOT_COUNTED = text("依法不计 {days} 日（{reason}）", "{days} not counted ({reason})");
const BEGAN = text("{date} {by}", "{by} {date}");
const DUE = text("最迟 {date}", "{date} at the latest");
const MOVES_ON = text("期限随暂停顺延", "the limit moves on with the pause");
const LEGEND = {
  used: text("已用", "Used"),
  late: text("超期", "Overdue"),
  promise: text("承诺时限", "Promised limit"),
} as const;

type Cell = "used" | "today" | "pause" | "ahead" | "late";

/** One sentence that says it all, over one bar of legal days. */
export function clock(options: ClockOptions): Html {
  const { language } = options;
  const overdue = options.state !== "done" && options.day > options.limitDays;
  const sentence = sentenceOf(options, overdue);
  const cells = cellsOf(options);
  const classes = classNames("zt-clock__bar", cells.length >= DENSE_FROM_CELLS && "zt-clock__bar--dense");
  const bar = cells.map(
    ({ kind, promise }) => html`<i class="${classNames(`zt-clock__${kind}`, promise && "zt-clock__promise")}"></i>`,
  );
  return html`<section class="${classNames("zt-clock", `zt-clock--${overdue ? "late" : options.state}`)}">
<p class="zt-clock__say">${sentence}</p>
<p class="zt-clock__terms">${terms(options)}</p>
<div class="${classes}" role="img" aria-label="${sentence}">${bar}</div>
<p class="zt-clock__ends"><span>${fill(BEGAN, { date: formatDate(options.startedOn, language), by: options.startedBy[language] })[language]}</span><span>${options.state === "paused" ? MOVES_ON[language] : fill(DUE, { date: formatDate(options.dueOn, language) })[language]}</span></p>
${legend(options, overdue)}
</section>`;
}

/** The clock in one line, for lists and letters. */
export function sentenceOf(options: ClockOptions, overdue = options.day > options.limitDays): string {
  const { language, day, limitDays } = options;
  const values = {
    day,
    due: formatDate(options.dueOn, language),
    date: formatDate(options.doneOn ?? options.dueOn, language),
    outcome: options.outcome[language],
    used: days(day, options),
    left: days(Math.max(0, limitDays - day), options),
    over: days(day - limitDays, options),
    reason: options.pauses?.at(-1)?.reason[language] ?? "",
    by: options.startedBy[language],
  };
  const template = templateOf(options, overdue);
  return capitalised(fill(template, values)[language]);
}

function templateOf({ state, day, unit }: ClockOptions, overdue: boolean): Text {
  switch (state) {
    case "done":
      return day === 0 ? SAME_DAY : DONE;
    case "paused":
      return PAUSED;
    case "running":
      if (overdue) return LATE;
      return day === 0 ? FIRST_DAY : RUNNING[unit];
  }
}

function terms(options: ClockOptions): Html {
  const { language } = options;
  const pauses = (options.pauses ?? []).map(
    (pause) => fill(NOT_COUNTED, { days: pause.days, reason: pause.reason[language] })[language],
  );
  const promise =
    options.promiseDays !== undefined && fill(PROMISED, { days: days(options.promiseDays, options) })[language];
  const limit = fill(options.setBy === "house" ? LIMITED_HERE : LIMITED, { days: days(options.limitDays, options) })[
    language
  ];
  const article = options.article && (language === "zh" ? `（${options.article.zh}）` : ` (${options.article.en})`);
  return join([promise, html`${limit}${article}`, ...pauses], " · ");
}

function cellsOf(options: ClockOptions): { kind: Cell; promise: boolean }[] {
  const cells: { kind: Cell; promise: boolean }[] = [];
  const last = Math.max(options.limitDays, Math.min(options.day, options.limitDays + LATE_CELLS_AT_MOST));
  pushPauses(cells, options, 0);
  for (let day = 1; day <= last; day += 1) {
    cells.push({ kind: kindOf(day, options), promise: day === options.promiseDays });
    pushPauses(cells, options, day);
  }
  return cells;
}

function pushPauses(cells: { kind: Cell; promise: boolean }[], options: ClockOptions, afterDay: number): void {
  for (const pause of options.pauses ?? []) {
    if (pause.afterDay !== afterDay) continue;
    const count = Math.min(pause.days, PAUSE_CELLS_AT_MOST);
    for (let index = 0; index < count; index += 1) cells.push({ kind: "pause", promise: false });
  }
}

function kindOf(day: number, { day: today, limitDays, state }: ClockOptions): Cell {
  if (day > today) return "ahead";
  if (day > limitDays) return "late";
  return day === today && state === "running" ? "today" : "used";
}

function legend(options: ClockOptions, overdue: boolean): Html {
  const { language } = options;
  const pauses = uniqueArticles(options.pauses ?? []).map(
    (article) =>
      html`<li class="zt-clock__key zt-clock__key--pause">${language === "zh" ? `依法不计（${article.zh}）` : `Not counted (${article.en})`}</li>`,
  );
  const late = overdue ? html`<li class="zt-clock__key zt-clock__key--late">${LEGEND.late[language]}</li>` : NOTHING;
  const promise =
    options.promiseDays === undefined
      ? NOTHING
      : html`<li class="zt-clock__key zt-clock__key--promise">${LEGEND.promise[language]}</li>`;
  return html`<ul class="zt-clock__legend"><li class="zt-clock__key zt-clock__key--used">${LEGEND.used[language]}</li>${late}${pauses}${promise}</ul>`;
}

function uniqueArticles(pauses: readonly ClockPause[]): readonly Text[] {
  return [...new Map(pauses.map((pause) => [pause.article.zh, pause.article])).values()];
}

function days(count: number, { unit, language }: ClockOptions): string {
  const words = UNIT[unit][language];
  if (language === "zh") return `${count} ${words}`;
  return count === 1 ? `1${words.slice(0, -1)}` : `${count}${words}`;
}

function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
