import { civilDay } from "#lib/calendar/civil-day";
import { extensionDaysOf, type TaskDeclaration } from "../contract/contract.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import type { OpenTask } from "../procedures/changes.ts";
import type { QueuedTask, TaskQuery } from "../procedures/procedures.ts";
import type { Variables } from "../procedures/types.ts";
import type { Act, PostRef } from "../system/act.ts";
import { inputIssues } from "../system/input-issues.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService, nameOf, readApplication, readApplications } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { afterStep } from "./case-step.ts";
import { keepRecord, shared } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { brokenRule, ruleVariables, wrongDays } from "./task-rules.ts";

/** The element under which an official's recusal from a case is recorded (回避). */
export const RECUSAL = "recusal";

interface TaskCall {
  readonly caseId: string;
  readonly taskId: number;
}

/** A task that this official may do now, with its declaration; otherwise why not. */
export async function openTaskFor(
  kernel: Kernel,
  act: Act,
  call: TaskCall,
): Promise<
  | {
      application: Application;
      task: OpenTask;
      declaration: TaskDeclaration;
      policies: readonly string[];
      variables: Variables;
      officialId: string;
    }
  | ServiceRefusal
> {
  if (act.principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const officialId = act.principal.id;
  const [application, view, done] = await kernel.database.together((sql) =>
    Promise.all([
      readApplication(kernel, sql, call.caseId),
      kernel.procedures.view(sql, call.caseId),
      elementsDoneBy(sql, officialId, call.caseId),
    ]),
  );
  if (!application) return serviceRefusal("services", "case-unknown");
  assert(view, "an application has its case");
  const task = view.openTasks.find((open) => open.taskId === call.taskId);
  if (!task) return taskOver(kernel, act, application, view.status === "running" ? "task-gone" : "case-closed");
  const declaration = knownService(kernel, application).service.procedure.tasks[task.element];
  assert(declaration, `the task ${task.element} is declared`);
  const decision = kernel.access.decide({
    act: { ...act, caseId: call.caseId },
    room: application.room,
    operation: `${application.service}.task.${task.element}`,
    kind: "command",
    case: { id: call.caseId, authority: application.authority },
  });
  if (!decision.allowed || act.principal.post.authority !== application.authority) {
    await kernel.ledger.append(kernel.database, [
      caseEntry(act, application, {
        type: "refused",
        step: `task.${task.element}`,
        outcome: "denied",
        policies: decision.policies,
      }),
    ]);
    // A task of another post answers like one that is not there.
    return serviceRefusal("services", "case-unknown");
  }
  const barred = barredFrom(done, task);
  if (barred) {
    await kernel.ledger.append(kernel.database, [
      caseEntry(act, application, { type: "refused", step: `task.${task.element}`, outcome: barred, policies: [] }),
    ]);
    return serviceRefusal(application.room, barred);
  }
  const variables = ruleVariables(view, act.at);
  return { application, task, declaration, policies: decision.policies, variables, officialId };
}

/** That a step is over is told to those who may see the case; to others it is not there. */
async function taskOver(
  kernel: Kernel,
  act: Act,
  application: Application,
  over: "task-gone" | "case-closed",
): Promise<ServiceRefusal> {
  const { caseId, authority } = application;
  const decision = kernel.access.decide({
    act: { ...act, caseId },
    room: application.room,
    operation: `${application.service}.read`,
    kind: "query",
    case: { id: caseId, authority },
  });
  if (decision.allowed) return serviceRefusal(application.room, over);
  await kernel.ledger.append(kernel.database, [
    caseEntry(act, application, { type: "refused", step: "task", outcome: "denied", policies: decision.policies }),
  ]);
  return serviceRefusal("services", "case-unknown");
}

/** Which steps of a case an official did himself. */
async function elementsDoneBy(sql: Sql, officialId: string, caseId: string): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ element: string }>(
    "SELECT DISTINCT element FROM service.record WHERE case_id = $1 AND by_kind = 'official' AND by_id = $2",
    [caseId, officialId],
  );
  return new Set(rows.map((row) => row.element));
}

function barredFrom(done: ReadonlySet<string>, task: OpenTask): "task-barred" | "task-recused" | undefined {
  if (done.has(RECUSAL)) return "task-recused";
  return task.notBy.some((element) => done.has(element)) ? "task-barred" : undefined;
}

/** Completes a task: one transaction for the step, what was filled in, what follows, and the ledger. */
export async function completeTask(
  kernel: Kernel,
  act: Act,
  call: TaskCall & { readonly form: Readonly<Record<string, unknown>> },
): Promise<{ readonly caseId: string; readonly outcome: string } | ServiceRefusal> {
  const ready = await readyTask(kernel, act, call);
  if (isRefusal(ready)) return ready;
  const done = await kernel.database.transaction((transaction) => takeTask(kernel, transaction, { act, ready }), {
    retries: 0,
  });
  return done.ok ? { caseId: call.caseId, outcome: ready.outcome } : overtaken(ready, done.refusal);
}

/** A task and what is to be filled in, as far as that can be examined before the step is taken. */
export interface ReadyTask {
  readonly caseId: string;
  readonly task: OpenTask;
  readonly application: Application;
  readonly declaration: TaskDeclaration;
  readonly policies: readonly string[];
  readonly officialId: string;
  readonly form: Readonly<Record<string, unknown>>;
  readonly outcome: string;
}

/** Examines right, form and rules of a step that an official wants to take. */
export async function readyTask(
  kernel: Kernel,
  act: Act,
  call: TaskCall & { readonly form: Readonly<Record<string, unknown>> },
): Promise<ReadyTask | ServiceRefusal> {
  const open = await openTaskFor(kernel, act, call);
  if (isRefusal(open)) return open;
  const { application, task, declaration, policies, officialId } = open;
  const parsed = declaration.form.safeParse(call.form);
  if (!parsed.success) {
    return serviceRefusal(application.room, "form-wrong", {}, inputIssues(parsed.error, declaration.form));
  }
  const form = parsed.data as Readonly<Record<string, unknown>>;
  const broken = brokenRule(declaration, { ...open.variables, ...(form as Variables) });
  if (broken)
    return serviceRefusal(application.room, "outcome-barred", { reason: broken }, [{ path: "outcome", text: broken }]);
  const days = wrongDays(declaration, form, { variables: open.variables, at: act.at });
  if (days.length > 0) return serviceRefusal(application.room, "form-wrong", {}, days);
  const outcome = String(form["outcome"] ?? "done");
  return { caseId: call.caseId, task, application, declaration, policies, officialId, form, outcome };
}

/** Takes one step in a transaction of the caller's: what was filled in, what follows, and the ledger commit with it. */
export async function takeTask(
  kernel: Kernel,
  transaction: Transaction,
  taken: { readonly act: Act; readonly ready: ReadyTask; readonly record?: Readonly<Record<string, unknown>> },
) {
  const { act, ready } = taken;
  const { application, task, declaration, policies, officialId, form, outcome, caseId } = ready;
  const { taskId } = task;
  const { procedure, limits } = knownService(kernel, application).service;
  const today = civilDay(Temporal.Instant.from(act.at)).toString();
  const answer = await kernel.procedures.complete(transaction, {
    caseId,
    taskId,
    by: officialId,
    outcome,
    variables: { ...shared(procedure, { ...form, [`${task.element}On`]: today }), [task.element]: outcome },
    at: act.at,
  });
  if (!answer.ok) return answer;
  if (declaration.extends?.outcome === outcome) {
    const { clock, article } = declaration.extends;
    await kernel.procedures.changeClock(transaction, {
      caseId,
      clock,
      change: "extend",
      amount: extensionDaysOf(limits),
      article,
      reason: String(form["reasons"] ?? ""),
      by: officialId,
      at: act.at,
    });
  }
  const entry = caseEntry(act, application, {
    type: "decision",
    step: `task.${task.element}`,
    outcome,
    policies,
  });
  const content = { ...form, ...taken.record };
  await Promise.all([
    keepRecord(kernel, transaction, { act, caseId, taskId, element: task.element, content }),
    afterStep(kernel, transaction, { change: answer.change, act, application }),
    kernel.ledger.append(transaction, [entry]),
  ]);
  return answer;
}

/** Why a step could not be taken any more. */
export function overtaken({ application }: ReadyTask, refusal: string): ServiceRefusal {
  return serviceRefusal(application.room, refusal === "task-barred" ? "task-barred" : "task-gone");
}

/** An official takes back his hand from a case (回避, 行政许可法 has none of its own: 监察 and service rules ask for it). */
export async function recuse(
  kernel: Kernel,
  act: Act,
  call: TaskCall & { readonly reason: string },
): Promise<{ readonly caseId: string } | ServiceRefusal> {
  const open = await openTaskFor(kernel, act, call);
  if (isRefusal(open)) return open;
  await kernel.database.transaction(async (transaction) => {
    await keepRecord(kernel, transaction, {
      act,
      caseId: call.caseId,
      element: RECUSAL,
      content: { reason: call.reason },
    });
    await kernel.procedures.release(transaction, {
      caseId: call.caseId,
      taskId: call.taskId,
      by: open.officialId,
      at: act.at,
    });
    await kernel.ledger.append(transaction, [
      caseEntry(act, open.application, { type: "act", step: "recusal", outcome: "recused" }),
    ]);
  });
  return { caseId: call.caseId };
}

/** The most tasks that one page of a list has. */
export const MAX_TASK_PAGE = 100;

/** A task in an official's list, with whose case it is. */
export interface TaskListItem extends QueuedTask {
  readonly applicantName: string;
  readonly application: Application | undefined;
}

/** Which tasks a list shows. */
export interface TaskFilter extends Pick<TaskQuery, "after" | "elements" | "held"> {
  readonly post: PostRef;
}

/** The open tasks of a post's duties in its authority, those due first; without what the official may not do. */
export function tasksOf(
  kernel: Kernel,
  about: TaskFilter & { readonly officialId: string },
): Promise<readonly TaskListItem[]> {
  return listTasks(kernel, about, { duties: about.post.duties, for: about.officialId });
}

/** The open tasks of the whole authority, whoever may do them and whoever holds them. */
export function queueOf(kernel: Kernel, about: TaskFilter): Promise<readonly TaskListItem[]> {
  const duties = new Set(
    [...kernel.systems.values()].flatMap(({ contract }) =>
      Object.values(contract.services).flatMap(({ procedure }) =>
        Object.values(procedure.tasks).map(({ duty }) => duty),
      ),
    ),
  );
  return listTasks(kernel, about, { duties: [...duties] });
}

async function listTasks(
  kernel: Kernel,
  { post, after, elements, held }: TaskFilter,
  query: Pick<TaskQuery, "duties" | "for">,
): Promise<readonly TaskListItem[]> {
  const rooms = [...kernel.systems.keys()].filter((room) => kernel.authorityOf(room) === post.authority);
  if (rooms.length === 0 || query.duties.length === 0) return [];
  const tasks: QueuedTask[] = [];
  // A page stays full where some of it falls away: a list that ends early would hide what follows.
  for (let from = after; ; ) {
    const page = await kernel.procedures.tasks(kernel.database, {
      ...query,
      rooms,
      limit: MAX_TASK_PAGE,
      ...(from && { after: from }),
      ...(elements && { elements }),
      ...(held && { held }),
    });
    tasks.push(...(query.for === undefined ? page : await withoutRecused(kernel, page, query.for)));
    const last = page.at(-1);
    if (page.length < MAX_TASK_PAGE || tasks.length >= MAX_TASK_PAGE || !last) break;
    from = { dueOn: last.dueOn, openedAt: last.openedAt, caseId: last.caseId, taskId: last.taskId };
  }
  const shown = tasks.slice(0, MAX_TASK_PAGE);
  const applications = await readApplications(
    kernel,
    kernel.database,
    shown.map((task) => task.caseId),
  );
  return shown.map((task) => {
    const application = applications.get(task.caseId);
    return { ...task, application, applicantName: application ? nameOf(application) : "" };
  });
}

/** Whoever took back his hand from a case is not offered it again. */
async function withoutRecused(
  kernel: Kernel,
  tasks: readonly QueuedTask[],
  officialId: string,
): Promise<readonly QueuedTask[]> {
  if (tasks.length === 0) return tasks;
  const rows = await kernel.database.query<{ case_id: string }>(
    `SELECT DISTINCT case_id FROM service.record
     WHERE case_id = ANY($1::uuid[]) AND element = $2 AND by_kind = 'official' AND by_id = $3`,
    [tasks.map(({ caseId }) => caseId), RECUSAL, officialId],
  );
  const recused = new Set(rows.map((row) => row.case_id));
  return tasks.filter(({ caseId }) => !recused.has(caseId));
}
