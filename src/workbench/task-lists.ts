import type { Site } from "#kernel/http/site";
import { knownService } from "#kernel/services/application";
import { MAX_TASK_PAGE, type TaskFilter, type TaskListItem } from "#kernel/services/task-lists";
import type { PostRef } from "#kernel/system/act";
import type { Applicant } from "#kernel/system/context";
import { elapsed } from "#lib/calendar/statutory-period";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { pagination } from "#ui/components/pagination/pagination";
import { filterLinks, hrefWith } from "./table.ts";

/** Which tasks a list of the workbench shows, as its address says. */
export interface ListChoice {
  readonly step: string | undefined;
  readonly held: "mine" | "free" | undefined;
  readonly after: string | undefined;
}

export function choiceOf(query: Readonly<Record<string, string>>): ListChoice {
  const { step, held, after } = query;
  return {
    step: step && /^[A-Za-z]{1,60}$/.test(step) ? step : undefined,
    held: held === "mine" || held === "free" ? held : undefined,
    after: after && positionOf(after) ? after : undefined,
  };
}

/** The filter that a choice asks for. */
export function filterOf(post: PostRef, choice: ListChoice): TaskFilter {
  const after = positionOf(choice.after);
  return {
    post,
    ...(choice.step && { elements: [choice.step] }),
    ...(choice.held && { held: choice.held }),
    ...(after && { after }),
  };
}

/** Whom a list names. */
export function applicantsOf(tasks: readonly TaskListItem[]): readonly Applicant[] {
  return tasks.flatMap(({ application }) => (application ? [application.applicant] : []));
}

const SEPARATOR = "~";

function positionOf(written: string | undefined): TaskFilter["after"] {
  const [dueOn = "", openedAt = "", caseId = "", taskId = ""] = (written ?? "").split(SEPARATOR);
  if (!isUuid(caseId) || !/^\d{1,9}$/.test(taskId) || !/^(\d{4}-\d\d-\d\d)?$/.test(dueOn)) return undefined;
  if (!/^\d{4}-\d\d-\d\dT[\d:.]{8,18}(Z|[+-]\d\d:\d\d)$/.test(openedAt)) return undefined;
  return { dueOn: dueOn || undefined, openedAt, caseId, taskId: Number(taskId) };
}

function writtenPosition(task: TaskListItem): string {
  return [task.dueOn ?? "", task.openedAt, task.caseId, task.taskId].join(SEPARATOR);
}

const ALL = text("全部", "All");
const MINE = text("我签收的", "Taken by me");
const FREE = text("未签收的", "Not taken yet");
const BY_HOLDER = text("按签收", "By holder");
const BY_STEP = text("按环节", "By step");
const NEXT = text("更多", "More");

export interface StepChoice {
  readonly element: string;
  readonly title: Text;
}

/** The steps whose tasks a post, or the whole authority, may have. */
export function stepsOf(site: Site, post: PostRef, duties?: readonly string[]): readonly StepChoice[] {
  const steps = new Map<string, Text>();
  for (const [room, { contract }] of site.kernel.systems) {
    if (site.kernel.authorityOf(room) !== post.authority) continue;
    for (const { procedure } of Object.values(contract.services)) {
      for (const [element, { duty, title }] of Object.entries(procedure.tasks)) {
        if (duties?.includes(duty) ?? true) steps.set(element, title);
      }
    }
  }
  return [...steps].map(([element, title]) => ({ element, title }));
}

/** Links that narrow a list; nothing where there is only one choice. */
export function listFilters(
  path: string,
  choice: ListChoice,
  { steps, language, holders }: { steps: readonly StepChoice[]; language: Language; holders: boolean },
): Html {
  const byHolder = [
    { held: undefined, title: ALL },
    { held: "mine" as const, title: MINE },
    { held: "free" as const, title: FREE },
  ].map(({ held, title }) => ({
    href: hrefWith(path, { step: choice.step, held }),
    text: title[language],
    current: choice.held === held,
  }));
  const byStep = [{ element: undefined, title: ALL }, ...steps].map(({ element, title }) => ({
    href: hrefWith(path, { held: choice.held, step: element }),
    text: title[language],
    current: choice.step === element,
  }));
  return html`<div class="zt-filter">${holders ? filterLinks(BY_HOLDER[language], byHolder) : NOTHING}${
    steps.length > 1 ? filterLinks(BY_STEP[language], byStep) : NOTHING
  }</div>`;
}

/** A link to what follows, when the list is longer than a page. */
export function moreTasks(path: string, choice: ListChoice, tasks: readonly TaskListItem[], language: Language): Html {
  const last = tasks.at(-1);
  if (tasks.length < MAX_TASK_PAGE || !last) return NOTHING;
  const href = hrefWith(path, { step: choice.step, held: choice.held, after: writtenPosition(last) });
  return pagination({ language, next: { href, text: NEXT[language] } });
}

/** Working days until a day: 0 is today, below 0 is past. */
export function workingDaysLeft(today: Temporal.PlainDate, due: Temporal.PlainDate): number {
  return Temporal.PlainDate.compare(due, today) >= 0
    ? elapsed(today, due, "working-day")
    : -Math.max(1, elapsed(due, today, "working-day"));
}

const SUMMARY = text("共 {count} 件", "{count} in all");
const SUMMARY_MORE = text("{count} 件以上", "More than {count}");
const LATE = text("超期 {count} 件", "{count} overdue");
const TODAY = text("今日到期 {count} 件", "{count} due today");

/** One line that says how things stand. */
export function summaryOf(tasks: readonly TaskListItem[], today: Temporal.PlainDate, language: Language): string {
  const left = tasks.flatMap((task) =>
    task.dueOn === undefined ? [] : [workingDaysLeft(today, Temporal.PlainDate.from(task.dueOn))],
  );
  const late = left.filter((days) => days < 0).length;
  const due = left.filter((days) => days === 0).length;
  const full = tasks.length >= MAX_TASK_PAGE;
  const parts = [fill(full ? SUMMARY_MORE : SUMMARY, { count: tasks.length })[language]];
  if (late > 0) parts.unshift(fill(LATE, { count: late })[language]);
  if (due > 0) parts.push(fill(TODAY, { count: due })[language]);
  return parts.join(language === "zh" ? "，" : ", ");
}

/** The item's title, step and deadline of a task. */
export function serviceTitle(site: Site, task: TaskListItem, language: Language): string {
  return knownService(site.kernel, task).service.title[language];
}
