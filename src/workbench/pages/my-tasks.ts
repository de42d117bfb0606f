import { definePage, type Page, type PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { knownService } from "#kernel/services/application";
import { noteListView } from "#kernel/services/list-views";
import { type TaskListItem, tasksOf } from "#kernel/services/task-lists";
import { type Html, html, join, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { type TaskRow, taskTable } from "#ui/components/task-table/task-table";
import { alsoWaiting } from "../also-waiting.ts";
import { todayOf } from "../case-content.ts";
import { differencesOf } from "../differences.ts";
import { doneBanner, formFields, postOf, workbench } from "../frame.ts";
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

const PATH = "/workbench";
const TITLE = text("我的待办", "My tasks");
const NONE = text("现在没有待办", "Nothing waits for you");
const NONE_MORE = text("轮到您的办件会按期限排在这里。", "Cases that need you will stand here by deadline.");
const DIFFERENCES = text("{count} 项与登记信息不一致", "{count} differs from the registers");
const MINE = text("您已签收", "You have taken it");
const CLAIM = text("签收", "Take it");
const RELEASE = text("退回", "Give it back");
const TOGETHER = text("一并准予多件", "Grant several together");
const ABOUT = text("（{number}）", " ({number})");

/** The open tasks of the official's post, those due first. */
export function myTasksPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "official",
    get: async (request) => {
      const { language } = request;
      const { officialId, post } = postOf(request);
      // Whoever only supervises has no tasks: his work begins with the cases.
      if (post.duties.includes("audit.read")) return { kind: "redirect", to: "/workbench/cases" };
      const choice = choiceOf(request.query);
      const act = request.act({ purpose: "case" });
      const tasks = await tasksOf(site.kernel, act, { ...filterOf(post, choice), officialId });
      const applicants = applicantsOf(tasks);
      await noteListView(site.kernel, act, { list: "my-tasks", applicants });
      const today = todayOf(request.now);
      const steps = stepsOf(site, post, post.duties);
      const beside = await alsoWaiting(request);
      return workbench(site, request, {
        title: TITLE[language],
        main: html`${doneBanner(request)}${pageHeading({
          title: TITLE[language],
          meta: tasks.length > 0 ? summaryOf(tasks, today, language) : undefined,
        })}${steps.length > 0 ? listFilters(PATH, choice, { steps, language, holders: true }) : NOTHING}${
          tasks.length === 0
            ? none(request, beside)
            : taskTable({
                language,
                caption: TITLE[language],
                rows: tasks.map((task) => rowOf(site, request, task, today)),
              })
        }${moreTasks(PATH, choice, tasks, language)}${beside}${
          tasks.length > 1 && post.duties.includes("licensing.decide")
            ? html`<p class="zt-section"><a class="govuk-link" href="/workbench/together">${TOGETHER[language]}</a></p>`
            : NOTHING
        }`,
      });
    },
  });
}

/** Whoever has something else to do is not told that nothing waits. */
function none({ language }: PageRequest, beside: Html): Html {
  return beside === NOTHING ? emptyState({ title: NONE[language], text: NONE_MORE[language] }) : NOTHING;
}

function rowOf(site: Site, request: PageRequest, task: TaskListItem, today: Temporal.PlainDate): TaskRow {
  const { language } = request;
  const due = task.dueOn === undefined ? undefined : Temporal.PlainDate.from(task.dueOn);
  return {
    href: `/workbench/cases/${task.caseId}/tasks/${task.taskId}`,
    number: task.number,
    item: serviceTitle(site, task, language),
    applicant: task.applicantName,
    step: task.title[language],
    ...(due && { deadline: { on: due, daysLeft: workingDaysLeft(today, due) } }),
    hint: hintOf(site, request, task),
  };
}

function hintOf(site: Site, request: PageRequest, task: TaskListItem): Html {
  const { language } = request;
  const { application } = task;
  const { service } = knownService(site.kernel, task);
  const count = application ? differencesOf({ application, service }, language).length : 0;
  const differs =
    count > 0
      ? html`<span class="zt-deadline zt-deadline--soon">${fill(DIFFERENCES, { count })[language]}</span>`
      : NOTHING;
  const held = task.claimedBy === undefined ? NOTHING : html`${MINE[language]}`;
  return join([differs, held, claimForm(request, task, language)], html` `);
}

/** Takes a task in hand, or gives it back; the list comes back as it was. */
function claimForm(request: PageRequest, task: TaskListItem, language: Language): Html {
  const verb = task.claimedBy === undefined ? "claim" : "release";
  const words = verb === "claim" ? CLAIM : RELEASE;
  return html`<form class="zt-inline" method="post" action="${`/workbench/cases/${task.caseId}/tasks/${task.taskId}/${verb}`}">${formFields(request)}<input type="hidden" name="back" value="${request.url}"><button class="zt-link-button" type="submit">${words[language]}<span class="govuk-visually-hidden">${fill(ABOUT, { number: task.number })[language]}</span></button></form>`;
}
