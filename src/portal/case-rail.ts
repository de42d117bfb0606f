import type { CaseView, ClosedTask } from "#kernel/procedures/changes";
import type { Procedure } from "#kernel/procedures/types";
import type { CasePage } from "#kernel/services/case-views";
import { type Language, type Text, text } from "#lib/language/text";
import type { RailStep } from "#ui/components/rail/rail";
import { formatDate, formatInstant } from "#ui/format";
import { outcomeOf } from "./case-words.ts";
import { lastDayText } from "./last-day.ts";
import { usualTasks } from "./usual-way.ts";

const SUBMITTED = text("提交申请", "Application submitted");
const BY_YOU = text("您签名提交", "Signed and submitted by you");
const AT_COUNTER = text("窗口人员代为提交", "Filed by a clerk at the counter");
const DONE_BY = text("{authority}", "{authority}");
const HELD = text("现在由{authority}办理", "With {authority} now");
const HELD_BY_SYSTEM = text("系统正在自动办理", "Being done by the system");
const WAITS_FOR_YOU = text("等待您办理", "Waiting for you");
const DUE = text("应在 {date}前完成", "due by {date}");

/** The steps of a case: what was done, who holds the file now, and what normally follows. */
export function railSteps(
  page: CasePage,
  about: { readonly definition: Procedure; readonly authority: Text; readonly language: Language },
): readonly RailStep[] {
  const { application, view } = page;
  const { language, definition } = about;
  const first: RailStep = {
    title: SUBMITTED[language],
    state: "done",
    when: formatInstant(Temporal.Instant.from(application.submittedAt), language),
    who: (application.clerkId === undefined ? BY_YOU : AT_COUNTER)[language],
  };
  const done = view.closedTasks.map((task): RailStep => closedStep(task, about));
  if (view.status !== "running") {
    const when = view.closedAt && formatInstant(Temporal.Instant.from(view.closedAt), language);
    const state = view.status === "completed" ? "done" : "stopped";
    return [first, ...done, { title: outcomeOf(page, definition)[language], state, when }];
  }
  return [first, ...done, ...nowSteps(view, about), ...aheadSteps(view, about)];
}

function closedStep(task: ClosedTask, { language, authority }: { language: Language; authority: Text }): RailStep {
  return {
    title: task.title[language],
    state: task.outcome === "cancelled" ? "skipped" : "done",
    when: formatInstant(Temporal.Instant.from(task.closedAt), language),
    who: task.closedBy === undefined ? undefined : filled(DONE_BY, authority, language),
  };
}

function nowSteps(
  view: CaseView,
  { definition, authority, language }: { definition: Procedure; authority: Text; language: Language },
): readonly RailStep[] {
  const tasks = view.openTasks.map((task): RailStep => {
    const due = task.dueOn && formatDate(Temporal.PlainDate.from(task.dueOn), language);
    return {
      title: task.title[language],
      state: "now",
      who: filled(HELD, authority, language),
      when: due && DUE[language].replace("{date}", due),
    };
  });
  if (tasks.length > 0) return tasks;
  const [element] = view.at;
  const title =
    (element === undefined ? undefined : definition.elements.get(element)?.title) ?? text("办理中", "In hand");
  const timer = view.timers[0]?.dueAt;
  return [
    {
      title: title[language],
      state: "now",
      who: (view.awaited.length > 0 && view.timers.length > 0 ? WAITS_FOR_YOU : HELD_BY_SYSTEM)[language],
      when: timer && DUE[language].replace("{date}", lastDayText(timer, language)),
    },
  ];
}

/** What normally follows from where the case rests. */
function aheadSteps(
  view: CaseView,
  { definition, language }: { definition: Procedure; language: Language },
): readonly RailStep[] {
  const from = view.openTasks[0]?.element ?? view.at[0];
  if (from === undefined) return [];
  return usualTasks(definition, from).map((element): RailStep => ({ title: element.title[language], state: "ahead" }));
}

function filled(words: Text, authority: Text, language: Language): string {
  return words[language].replace("{authority}", authority[language]);
}
