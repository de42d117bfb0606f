import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { noteListView } from "#kernel/services/list-views";
import { queueOf, type TaskListItem } from "#kernel/services/task-lists";
import { html } from "#lib/html/html";
import { text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { deadlineMark } from "#ui/components/task-table/task-table";
import { todayOf } from "../case-content.ts";
import { postOf, workbench } from "../frame.ts";
import { officialNames } from "../names.ts";
import { recordTable } from "../table.ts";
import {
  applicantsOf,
  choiceOf,
  filterOf,
  listFilters,
  moreTasks,
  serviceTitle,
  stepsOf,
  summaryOf,
  workingDaysLeft,
} from "../task-lists.ts";

const PATH = "/workbench/queue";
const TITLE = text("全部在办", "Queue");
const LEAD = text("本机关所有未完成的环节，按期限排列。", "Every open step of this authority, by deadline.");
const HEAD = [
  text("办件", "Case"),
  text("申请人", "Applicant"),
  text("环节", "Step"),
  text("时限", "Deadline"),
  text("由谁办理", "Held by"),
];
const NONE = text("没有在办的环节", "Nothing is open");
const NOBODY = text("尚未签收", "Nobody yet");

/** All open tasks of the authority: what is late, and who holds it. */
export function queuePage(site: Site): Page {
  return definePage({ path: PATH, audience: "official", get: (request) => show(site, request) });
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const { post } = postOf(request);
  // Whoever does no step of any case here has no queue to look at.
  const steps = stepsOf(site, post);
  if (stepsOf(site, post, post.duties).length === 0) return { kind: "not-found" };
  const { held: _, ...choice } = { ...choiceOf(request.query) };
  const shown = { ...choice, held: undefined };
  const act = request.act({ purpose: "case" });
  const tasks = await queueOf(site.kernel, act, filterOf(post, shown));
  const applicants = applicantsOf(tasks);
  await noteListView(site.kernel, act, { list: "queue", applicants });
  const names = await officialNames(
    request,
    tasks.flatMap(({ claimedBy }) => (claimedBy === undefined ? [] : [claimedBy])),
  );
  const today = todayOf(request.now);
  const rowOf = (task: TaskListItem) => {
    const due = task.dueOn === undefined ? undefined : Temporal.PlainDate.from(task.dueOn);
    return [
      html`<a class="govuk-link" href="/workbench/cases/${task.caseId}">${task.number}</a><br>${serviceTitle(site, task, language)}`,
      task.applicantName,
      task.title[language],
      due ? deadlineMark({ on: due, daysLeft: workingDaysLeft(today, due) }, language) : "",
      task.claimedBy === undefined ? NOBODY[language] : (names.get(task.claimedBy) ?? ""),
    ];
  };
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({
      title: TITLE[language],
      lead: LEAD[language],
      meta: tasks.length > 0 ? summaryOf(tasks, today, language) : undefined,
    })}${listFilters(PATH, shown, { steps, language, holders: false })}${
      tasks.length === 0
        ? emptyState({ title: NONE[language] })
        : recordTable({
            caption: TITLE[language],
            head: HEAD.map((name) => name[language]),
            rows: tasks.map(rowOf),
          })
    }${moreTasks(PATH, shown, tasks, language)}`,
  });
}
