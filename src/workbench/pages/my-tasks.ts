import { definePage, type Page } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { knownService } from "#kernel/services/application";
import { type TaskListItem, tasksOf } from "#kernel/services/tasks";
import { civilDay } from "#lib/calendar/civil-day";
import { elapsed } from "#lib/calendar/statutory-period";
import { html } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { type TaskRow, taskTable } from "#ui/components/task-table/task-table";
import { postOf, workbench } from "../frame.ts";

const TITLE = text("我的待办", "My tasks");
const NONE = text("现在没有待办", "Nothing waits for you");
const NONE_MORE = text("轮到您的办件会按期限排在这里。", "Cases that need you will stand here by deadline.");

/** The open tasks of the official's post, those due first. */
export function myTasksPage(site: Site): Page {
  return definePage({
    path: "/workbench",
    audience: "official",
    get: async (request) => {
      const { language } = request;
      const { officialId, post } = postOf(request);
      const tasks = await tasksOf(site.kernel, { officialId, post });
      const today = civilDay(Temporal.Instant.from(request.now));
      const rows = tasks.map((task) => rowOf(site, task, { language, today }));
      return workbench(site, request, {
        title: TITLE[language],
        main: html`${pageHeading({ title: TITLE[language] })}${
          rows.length === 0
            ? emptyState({ title: NONE[language], text: NONE_MORE[language] })
            : taskTable({ language, caption: TITLE[language], rows })
        }`,
      });
    },
  });
}

function rowOf(
  site: Site,
  task: TaskListItem,
  { language, today }: { language: Language; today: Temporal.PlainDate },
): TaskRow {
  const { service } = knownService(site.kernel, task);
  const due = task.dueOn === undefined ? undefined : Temporal.PlainDate.from(task.dueOn);
  return {
    href: `/workbench/cases/${task.caseId}/tasks/${task.taskId}`,
    number: task.number,
    item: service.title[language],
    applicant: task.applicantName,
    step: task.title[language],
    ...(due && { deadline: { on: due, daysLeft: workingDaysLeft(today, due) } }),
    ...(task.claimedBy !== undefined && { hint: text("已签收", "Claimed")[language] }),
  };
}

/** Working days until a day: 0 is today, below 0 is past. */
export function workingDaysLeft(today: Temporal.PlainDate, due: Temporal.PlainDate): number {
  return Temporal.PlainDate.compare(due, today) >= 0
    ? elapsed(today, due, "working-day")
    : -elapsed(due, today, "working-day");
}
