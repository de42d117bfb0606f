import { civilDay } from "#lib/calendar/civil-day";
import { sha256Hex } from "#lib/crypto/digest";
import { provableInstead } from "../access/step-up.ts";
import { isAssured } from "../contract/assurance.ts";
import { extensionDaysOf, type TaskDeclaration } from "../contract/contract.ts";
import { assuranceNeeded } from "../contract/door-refusals.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import type { CaseView, OpenTask } from "../procedures/changes.ts";
import type { Variables } from "../procedures/types.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { readInput } from "../system/read-input.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { afterStep, partiesToTell } from "./case-step.ts";
import { type CaseFile, readCaseFile, readingOf } from "./case-views.ts";
import { isOfPost } from "./own-authority.ts";
import { type Party, partiesOf, partyStanding } from "./parties.ts";
import { keepRecord, recordBytes, saidIn, shared } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { caseFacts } from "./shown-cases.ts";
import { digestOf, ProofUsed, type Signing, signStatement, useProof } from "./statement.ts";
import { brokenRule, followedBy, lastDoneBy, ruleVariables, wrongDays } from "./task-rules.ts";

/** The element under which an official's recusal from a case is recorded (回避). */
export const RECUSAL = "recusal";

interface TaskCall {
  readonly caseId: string;
  readonly taskId: number;
}

interface FilledTask extends TaskCall {
  readonly form: Readonly<Record<string, unknown>>;
}

/** A task that an official may do now, with its declaration and its case. */
export interface TaskAtHand {
  readonly application: Application;
  readonly view: CaseView;
  readonly task: OpenTask;
  readonly declaration: TaskDeclaration;
  readonly policies: readonly string[];
  readonly variables: Variables;
  readonly officialId: string;
}

/** A task that this official may do now; otherwise why not. */
export async function openTaskFor(kernel: Kernel, act: Act, call: TaskCall): Promise<TaskAtHand | ServiceRefusal> {
  if (act.principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const { id } = act.principal;
  const [application, view, done, parties, said] = await kernel.database.together((sql) =>
    Promise.all([
      readApplication(kernel, sql, call.caseId),
      kernel.procedures.view(sql, call.caseId),
      elementsDoneBy(sql, id, call.caseId),
      partiesOf(kernel, sql, call.caseId),
      saidIn(sql, call.caseId),
    ]),
  );
  return taskAtHand(kernel, act, call, { application, view, done, parties, said });
}

/** A task with everything needed to decide, asked for in one go; the reading is on the record before anything is shown. */
export async function readTask(
  kernel: Kernel,
  act: Act,
  call: TaskCall,
): Promise<{ readonly open: TaskAtHand; readonly file: CaseFile } | ServiceRefusal> {
  if (act.principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const { id } = act.principal;
  const [file, done] = await kernel.database.together((sql) =>
    Promise.all([readCaseFile(kernel, sql, call.caseId), elementsDoneBy(sql, id, call.caseId)]),
  );
  const said = [...new Set(file?.records.map(({ element }) => element))];
  const { application, view, parties = [] } = file ?? {};
  const open = await taskAtHand(kernel, act, call, { application, view, done, parties, said });
  if (isRefusal(open)) return open;
  assert(file, "a task has its case");
  const { allowed, entry, provable } = readingOf(kernel, act, file);
  if (provable) return provable;
  await kernel.ledger.append(kernel.database, [entry]);
  return allowed ? { open, file } : serviceRefusal("services", "case-unknown");
}

async function taskAtHand(
  kernel: Kernel,
  act: Act,
  call: TaskCall,
  read: {
    readonly application: Application | undefined;
    readonly view: CaseView | undefined;
    readonly done: ReadonlySet<string>;
    readonly parties: readonly Party[];
    readonly said: readonly string[];
  },
): Promise<TaskAtHand | ServiceRefusal> {
  const { application, view, done } = read;
  const { principal } = act;
  if (principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  if (!application) return serviceRefusal("services", "case-unknown");
  assert(view, "an application has its case");
  const task = view.openTasks.find((open) => open.taskId === call.taskId);
  if (!task) return taskOver(kernel, act, application, view.status === "running" ? "task-gone" : "case-closed");
  const declaration = knownService(kernel, application).service.procedure.tasks[task.element];
  assert(declaration, `the task ${task.element} is declared`);
  const attempt = {
    act: { ...act, caseId: call.caseId },
    room: application.room,
    operation: `${application.service}.task.${task.element}`,
    kind: "command",
    case: caseFacts(kernel, act, application),
  } as const;
  const decision = kernel.access.decide(attempt);
  const isOwn = isOfPost(kernel, principal.post, application.authority);
  const provable = decision.allowed || !isOwn ? undefined : provableInstead(kernel.access, attempt);
  if (provable) return provable;
  if (!decision.allowed || !isOwn) {
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
  const rules = knownService(kernel, application).service.procedure.parties;
  const beside = { said: read.said, ...partyStanding(read.parties, rules, act.at) };
  const variables = {
    ...ruleVariables(view, act.at, beside),
    own: lastDoneBy(principal.id, view),
    followed: followedBy(principal.id, view),
  };
  return { application, view, task, declaration, policies: decision.policies, variables, officialId: principal.id };
}

/** That a step is over is told to those who may see the case; to others it is not there. */
async function taskOver(
  kernel: Kernel,
  act: Act,
  application: Application,
  over: "task-gone" | "case-closed",
): Promise<ServiceRefusal> {
  const { caseId } = application;
  const decision = kernel.access.decide({
    act: { ...act, caseId },
    room: application.room,
    operation: `${application.service}.read`,
    kind: "query",
    case: caseFacts(kernel, act, application),
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

/**
 * Completes a task: one transaction for the step, what was filled in, what follows, and the ledger.
 * @param call.open the task as it was just read; what has changed since then is found by the step itself
 */
export async function completeTask(
  kernel: Kernel,
  act: Act,
  call: FilledTask & { readonly open?: TaskAtHand; readonly signing: StepSigning },
): Promise<{ readonly caseId: string; readonly outcome: string } | ServiceRefusal> {
  const ready = call.open ? examined(act, call.open, call.form) : await readyTask(kernel, act, call);
  if (isRefusal(ready)) return ready;
  const record = await signedStep(act, ready, call.signing);
  const step = kernel.database.transaction(
    (transaction) => takeTask(kernel, transaction, { act, ready, ...(record && { record }) }),
    { retries: 0 },
  );
  const done = await step.catch((error: unknown) => {
    if (error instanceof ProofUsed) return error.refusal;
    throw error;
  });
  if (isRefusal(done)) return done;
  return done.ok ? { caseId: call.caseId, outcome: ready.outcome } : overtaken(ready, done.refusal);
}

/** Who signs steps that are signed; the words are the task's. */
export type StepSigning = Pick<Signing, "signer" | "signerName">;

/** The official's signature over what was filled in, where the step has one, as the record keeps it. */
async function signedStep(
  act: Act,
  { application, task, declaration, form, caseId }: ReadyTask,
  signing: StepSigning,
): Promise<{ readonly statement: string } | undefined> {
  const { signed } = declaration;
  if (signed === undefined) return undefined;
  const step = `${application.room}.${application.service}.task.${task.element}`;
  const digest = digestOf({ case: caseId, number: application.number, step, form });
  const words = signed[act.language];
  return { statement: await signStatement(act, { ...signing, words }, { act: step, caseId, digest }) };
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
  /** Of the case, where rules were held against it. */
  readonly version: number | undefined;
}

/** Examines right, form and rules of a step that an official wants to take. */
export async function readyTask(kernel: Kernel, act: Act, call: FilledTask): Promise<ReadyTask | ServiceRefusal> {
  const open = await openTaskFor(kernel, act, call);
  return isRefusal(open) ? open : examined(act, open, call.form);
}

function examined(act: Act, open: TaskAtHand, filled: FilledTask["form"]): ReadyTask | ServiceRefusal {
  const { application, task, declaration, policies, officialId } = open;
  const parsed = readInput(declaration.form, filled, act.zone);
  if (parsed.issues) return serviceRefusal(application.room, "form-wrong", {}, parsed.issues);
  const form = parsed.data as Readonly<Record<string, unknown>>;
  const broken = brokenRule(declaration, { ...open.variables, ...(form as Variables) });
  if (broken) {
    // Beside the outcome, where the form asks for one; a form without it is told as a whole.
    const issues = "outcome" in declaration.form.shape ? [{ path: "outcome", text: broken }] : [];
    return serviceRefusal(application.room, "outcome-barred", { reason: broken }, issues);
  }
  const days = wrongDays(declaration, form, { variables: open.variables, at: act.at });
  if (days.length > 0) return serviceRefusal(application.room, "form-wrong", {}, days);
  if (declaration.assurance && !isAssured(act.principal, declaration.assurance, act.at)) {
    return assuranceNeeded(application.room, declaration.assurance);
  }
  const outcome = String(form["outcome"] ?? "done");
  const { caseId } = application;
  // The rules were held against the case as it was read: where it has moved on since then, they are held against it anew.
  const version = declaration.rules && open.view.version;
  return { caseId, task, application, declaration, policies, officialId, form, outcome, version };
}

/** Takes one step in a transaction of the caller's: what was filled in, what follows, and the ledger commit with it. */
export async function takeTask(
  kernel: Kernel,
  transaction: Transaction,
  taken: {
    readonly act: Act;
    readonly ready: ReadyTask;
    readonly record?: Readonly<Record<string, unknown>>;
    /** Of several steps under one signature, the first uses up the proof. */
    readonly proof?: "used";
  },
) {
  const { act, ready } = taken;
  const { application, task, declaration, policies, officialId, form, outcome, caseId, version } = ready;
  const { taskId } = task;
  const { procedure, limits } = knownService(kernel, application).service;
  const today = civilDay(Temporal.Instant.from(act.at)).toString();
  if (declaration.signed && taken.proof !== "used") {
    await useProof(transaction, act, { need: declaration.assurance, caseId, room: application.room });
  }
  const answer = await kernel.procedures.complete(transaction, {
    caseId,
    taskId,
    by: officialId,
    outcome,
    variables: { ...shared(procedure, { ...form, [`${task.element}On`]: today }), [task.element]: outcome },
    at: act.at,
    ...(version !== undefined && { expectedVersion: version }),
  });
  if (!answer.ok) return answer;
  const parties = await partiesToTell(kernel, transaction, { change: answer.change, application });
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
  const content = { ...form, ...taken.record };
  const entry = caseEntry(act, application, {
    type: "decision",
    step: `task.${task.element}`,
    outcome,
    policies,
    digest: sha256Hex(recordBytes(content)),
  });
  transaction.unanswered(
    keepRecord(kernel, transaction, { act, caseId, taskId, element: task.element, content }),
    afterStep(kernel, transaction, { change: answer.change, act, application, parties }),
    kernel.ledger.append(transaction, [entry]),
  );
  return answer;
}

/** Why a step could not be taken any more. */
export function overtaken({ application }: ReadyTask, refusal: string): ServiceRefusal {
  const told = { "task-barred": "task-barred", stale: "task-stale" } as const;
  return serviceRefusal(
    application.room,
    Object.hasOwn(told, refusal) ? told[refusal as keyof typeof told] : "task-gone",
  );
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
