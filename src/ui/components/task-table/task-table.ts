import { classNames, type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";
import { formatDate } from "#ui/format";

export interface TaskDeadline {
  readonly on: Temporal.PlainDate;
  /** Legal days left: 0 is due today, below 0 is overdue. */
  readonly daysLeft: number;
  readonly paused?: boolean | undefined;
}

export interface TaskRow {
  readonly href: string;
  readonly number: string;
  readonly item: Content;
  readonly applicant: Content;
  readonly step: Content;
  readonly deadline?: TaskDeadline | undefined;
  /** What helps to choose: 核查记录齐全，3 项数据一致 */
  readonly hint?: Content | undefined;
}

export interface TaskTableOptions {
  readonly language: Language;
  readonly caption: string;
  readonly rows: readonly TaskRow[];
}

const HEAD = {
  case: text("办件", "Case"),
  applicant: text("申请人", "Applicant"),
  step: text("环节", "Step"),
  deadline: text("时限", "Deadline"),
  hint: text("提示", "Note"),
} as const;
const LATE = text("超期 {days} 日", "{days} overdue");
const TODAY = text("今日到期", "Due today");
const LEFT = text("还有 {days} 日", "{days} left");
const PAUSED = text("计时暂停", "Clock stopped");
/** From this many days on a deadline needs no mark. */
const SOON_UNTIL_DAYS = 1;

/** Tasks by deadline; on a phone each row is a block of its own. */
export function taskTable({ language, caption, rows }: TaskTableOptions): Html {
  const head = Object.values(HEAD).map((name) => html`<th scope="col">${name[language]}</th>`);
  return html`<table class="zt-tasks"><caption class="govuk-visually-hidden">${caption}</caption><thead><tr>${head}</tr></thead><tbody>${rows.map((row) => taskRow(row, language))}</tbody></table>`;
}

function taskRow(row: TaskRow, language: Language): Html {
  const cell = (name: keyof typeof HEAD, content: Content) =>
    html`<td data-label="${HEAD[name][language]}">${content}</td>`;
  return html`<tr><th scope="row"><a href="${row.href}">${row.number}</a><span>${row.item}</span></th>${cell("applicant", row.applicant)}${cell("step", row.step)}${cell("deadline", row.deadline ? deadlineMark(row.deadline, language) : NOTHING)}${cell("hint", row.hint ?? NOTHING)}</tr>`;
}

/** A deadline in words; colour and a sign of its own mark what is late or due. */
export function deadlineMark(deadline: TaskDeadline, language: Language): Html {
  const { daysLeft } = deadline;
  const count = Math.abs(daysLeft);
  const days = language === "zh" ? String(count) : `${count} ${count === 1 ? "day" : "days"}`;
  const state = deadline.paused ? "paused" : daysLeft < 0 ? "late" : daysLeft <= SOON_UNTIL_DAYS ? "soon" : "calm";
  const words = deadline.paused ? PAUSED : daysLeft < 0 ? LATE : daysLeft === 0 ? TODAY : LEFT;
  return html`<span class="${classNames("zt-deadline", `zt-deadline--${state}`)}">${fill(words, { days })[language]}</span> <span class="zt-deadline__on">${formatDate(deadline.on, language)}</span>`;
}
