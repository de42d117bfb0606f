import { extensionDaysOf } from "../contract/contract.ts";
import { fieldMeta } from "../contract/field.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Transaction } from "../database/sql.ts";
import type { Documents, Posts } from "../ports.ts";
import type { CaseView } from "../procedures/changes.ts";
import type { Procedure, Variables } from "../procedures/types.ts";
import type { Act } from "../system/act.ts";
import { inputIssues } from "../system/input-issues.ts";
import type { Kernel } from "../system/kernel.ts";
import { openContext } from "../system/open-context.ts";
import { UnitOfWork } from "../system/unit-of-work.ts";
import { type Application, knownService, nameOf } from "./application.ts";
import { nodeAct } from "./case-entry.ts";
import { factsOf } from "./notices.ts";
import { recordsOf, shared } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { openTaskFor } from "./tasks.ts";

/** What a decision would send: its document, or why there is none to look at. */
export type DecisionPreview =
  | { readonly kind: string; readonly pdf: Uint8Array }
  | { readonly missingCharacters: readonly string[] }
  | { readonly noNotice: true };

/** Printed where the number of a notice will stand. */
const NUMBER_PLACE = 0;

/**
 * The notice that a task would send with what is typed, as it will print. Nothing is recorded: the step is taken in a
 * transaction that never commits, and what it would have sent is drawn.
 */
export async function previewDecision(
  kernel: Kernel,
  act: Act,
  call: { readonly caseId: string; readonly taskId: number; readonly form: Readonly<Record<string, unknown>> },
  ports: { readonly documents: Documents; readonly posts: Posts },
): Promise<DecisionPreview | ServiceRefusal> {
  const open = await openTaskFor(kernel, act, call);
  if (isRefusal(open)) return open;
  const { application, task, declaration } = open;
  const parsed = declaration.form.safeParse(call.form);
  if (!parsed.success) {
    return serviceRefusal(application.room, "form-wrong", {}, inputIssues(parsed.error, declaration.form));
  }
  const form = parsed.data as Readonly<Record<string, unknown>>;
  const outcome = String(form["outcome"] ?? "done");
  const { procedure, limits } = knownService(kernel, application).service;
  const tried = await tryOut(kernel, async (transaction) => {
    const answer = await kernel.procedures.complete(transaction, {
      caseId: call.caseId,
      taskId: call.taskId,
      by: open.officialId,
      outcome,
      variables: { ...shared(procedure, form), [task.element]: outcome },
      at: act.at,
    });
    if (!answer.ok) return undefined;
    if (declaration.extends?.outcome === outcome) {
      const { clock, article } = declaration.extends;
      await kernel.procedures.changeClock(transaction, {
        caseId: call.caseId,
        clock,
        change: "extend",
        amount: extensionDaysOf(limits),
        article,
        reason: String(form["reasons"] ?? ""),
        by: open.officialId,
        at: act.at,
      });
    }
    const view = await kernel.procedures.view(transaction, call.caseId);
    return view && { view, sent: answer.change.notices.map((notice) => notice.kind) };
  });
  if (!tried) return serviceRefusal(application.room, "task-gone");
  const kind = tried.sent[0] ?? (await noticeAhead(kernel, tried.view));
  if (kind === undefined) return { noNotice: true };
  const { year } = Temporal.Instant.from(act.at).toZonedDateTimeISO("Asia/Shanghai");
  const data = await factsOf(kernel, ports.posts, {
    kind,
    number: `${application.room}/${kind}/${year}/${NUMBER_PLACE}`,
    issuedAt: act.at,
    content: {
      applicantName: nameOf(application),
      ...(act.principal.kind === "official" && {
        issuedBy: { officialId: act.principal.id, post: act.principal.post.title },
      }),
    },
    application,
    variables: {
      ...applied(kernel, application, form),
      ...(await outlook(kernel, act, { application, element: task.element, form, variables: tried.view.variables })),
      ...tried.view.variables,
    },
    clocks: tried.view.clocks,
    records: [
      ...(await recordsOf(kernel, call.caseId)),
      { element: task.element, at: act.at, content: form, by: { kind: "official", id: open.officialId } },
    ],
  });
  const rendered = await ports.documents.render({ kind, data });
  return "pdf" in rendered ? { kind, pdf: rendered.pdf } : rendered;
}

/** What the item's room would make of it if it were granted now. */
async function outlook(
  kernel: Kernel,
  act: Act,
  about: { application: Application; element: string; form: Readonly<Record<string, unknown>>; variables: Variables },
): Promise<Variables> {
  const { application, variables } = about;
  const { system, service } = knownService(kernel, application);
  const { outlook: foresee } = system.services[application.service] ?? {};
  if (!foresee) return {};
  const records = Object.fromEntries(
    (await recordsOf(kernel, application.caseId)).map(({ element, content }) => [element, content]),
  );
  const asking = { ...nodeAct(kernel, application, act.at), idempotencyKey: undefined };
  const context = openContext(kernel, { act: asking, unit: new UnitOfWork(kernel.database), system });
  const foreseen = await foresee(context, {
    ...application,
    variables,
    records: { ...records, [about.element]: about.form },
  });
  return shared(service.procedure, foreseen);
}

class TriedOut<T> {
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
}

/** Runs work in a transaction and takes all of it back. */
async function tryOut<T>(kernel: Kernel, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  try {
    return await kernel.database.transaction(
      async (transaction): Promise<T> => {
        throw new TriedOut(await work(transaction));
      },
      { retries: 0 },
    );
  } catch (error) {
    if (error instanceof TriedOut) return error.value as T;
    throw error;
  }
}

/** The nearest notice on the way from where the case would rest, before anyone else has to act. */
async function noticeAhead(kernel: Kernel, view: CaseView): Promise<string | undefined> {
  const procedure: Procedure = await kernel.procedures.byDigest(kernel.database, view.digest);
  const seen = new Set<string>(view.at);
  for (const id of seen) {
    const element = procedure.elements.get(id);
    if (!element || element.kind === "user-task" || element.kind === "event-gateway") continue;
    if (element.notice !== undefined) return element.notice;
    for (const flow of element.outgoing) seen.add(flow.target);
  }
  return undefined;
}

/** What the item's room will make of the application, as far as its answers tell it already. */
function applied(kernel: Kernel, application: Application, form: Readonly<Record<string, unknown>>): Variables {
  const { service } = knownService(kernel, application);
  const refused = String(form["refusedItems"] ?? "");
  const scope = Object.entries(service.form.shape).flatMap(([name, schema]) => {
    const value = application.form[name];
    const options = fieldMeta(schema as never)?.options;
    return Array.isArray(value) ? value.map((one) => options?.[String(one)]?.zh ?? String(one)) : [];
  });
  const left = scope.filter((item) => refused === "" || !refused.includes(item));
  return { ...shared(service.procedure, application.form), scope: left, licenceNumber: "决定作出后编定" };
}
