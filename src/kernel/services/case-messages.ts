import { compileFeel } from "#lib/feel/expression";
import { isRefusal } from "../contract/refusal.ts";
import { assert } from "../errors/fault.ts";
import type { Act } from "../system/act.ts";
import { inputIssues } from "../system/input-issues.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { afterStep } from "./case-step.ts";
import { issueNotice } from "./issue-notice.ts";
import { ownApplication } from "./own-application.ts";
import { keepRecord, received, shared } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/**
 * Gives a running case a message that its procedure declares: a supplement, a withdrawal, a request for a hearing or an
 * extension. One transaction for the step, the words, what follows, and the ledger.
 */
export async function sendToCase(
  kernel: Kernel,
  act: Act,
  sent: { readonly caseId: string; readonly message: string; readonly form: Readonly<Record<string, unknown>> },
): Promise<{ readonly caseId: string } | ServiceRefusal> {
  const application = await senderCase(kernel, act, sent);
  if (isRefusal(application)) return application;
  const { procedure } = knownService(kernel, application).service;
  const declaration = procedure.messages[sent.message];
  assert(declaration, "the sender was checked against the declaration");
  const view = await kernel.procedures.view(kernel.database, sent.caseId);
  assert(view, "an application has its case");
  if (view.status !== "running") return serviceRefusal(application.room, "case-closed");
  if (declaration.while && compileFeel(declaration.while).evaluate(view.variables) !== true) {
    return serviceRefusal(application.room, "not-waiting");
  }
  const parsed = declaration.form.safeParse(sent.form);
  if (!parsed.success) {
    return serviceRefusal(application.room, "form-wrong", {}, inputIssues(parsed.error, declaration.form));
  }
  const form = parsed.data as Readonly<Record<string, unknown>>;
  const by = act.principal.kind === "official" || act.principal.kind === "person" ? act.principal.id : "node";
  const done = await kernel.database.transaction(
    async (transaction) => {
      const step = { caseId: sent.caseId, by, at: act.at };
      const answer = declaration.ends
        ? await kernel.procedures.cancel(transaction, { ...step, outcome: declaration.ends })
        : await kernel.procedures.deliver(transaction, {
            ...step,
            message: sent.message,
            variables: {
              ...shared(procedure, form),
              ...(declaration.from === "applicant" && received(procedure, act.at)),
            },
          });
      if (!answer.ok) return answer;
      await keepRecord(kernel, transaction, { act, caseId: sent.caseId, element: sent.message, content: form });
      await afterStep(kernel, transaction, { change: answer.change, act, application });
      if (declaration.notice) {
        await issueNotice(kernel, transaction, {
          act,
          application,
          kind: declaration.notice,
          step: `${answer.change.version}/${sent.message}`,
        });
      }
      await kernel.ledger.append(transaction, [
        caseEntry(act, application, { type: "act", step: sent.message, outcome: "received" }),
      ]);
      return answer;
    },
    { retries: 0 },
  );
  return done.ok ? { caseId: sent.caseId } : serviceRefusal(application.room, "not-waiting");
}

async function senderCase(
  kernel: Kernel,
  act: Act,
  sent: { readonly caseId: string; readonly message: string },
): Promise<Application | ServiceRefusal> {
  if (act.principal.kind === "person") {
    const own = await ownApplication(kernel, act, sent.caseId);
    if (isRefusal(own)) return own;
    const declaration = knownService(kernel, own).service.procedure.messages[sent.message];
    return declaration?.from === "applicant" ? own : serviceRefusal("services", "case-unknown");
  }
  const application = await readApplication(kernel, kernel.database, sent.caseId);
  if (!application || act.principal.kind !== "official") return serviceRefusal("services", "case-unknown");
  const { post } = act.principal;
  const from = knownService(kernel, application).service.procedure.messages[sent.message]?.from;
  const may = from !== undefined && from !== "applicant" && post.duties.includes(from.duty);
  return may && post.authority === application.authority ? application : serviceRefusal("services", "case-unknown");
}
