import { civilDay } from "#lib/calendar/civil-day";
import { text } from "#lib/language/text";
import type { MessageDeclaration } from "../contract/contract.ts";
import { isRefusal } from "../contract/refusal.ts";
import { assert } from "../errors/fault.ts";
import { ruleHolds } from "../procedures/rule-values.ts";
import type { Variables } from "../procedures/types.ts";
import type { Act } from "../system/act.ts";
import { inputIssues } from "../system/input-issues.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { afterStep, unanswered } from "./case-step.ts";
import { issueNotice } from "./issue-notice.ts";
import { ownApplication } from "./own-application.ts";
import { keepRecord, received, shared } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { ruleVariables } from "./task-rules.ts";

/**
 * Gives a running case a message that its procedure declares: a supplement, a withdrawal, a request for a hearing or an
 * extension. One transaction for the step, the words, what follows, and the ledger.
 */
export async function sendToCase(
  kernel: Kernel,
  act: Act,
  sent: { readonly caseId: string; readonly message: string; readonly form: Readonly<Record<string, unknown>> },
): Promise<{ readonly caseId: string } | ServiceRefusal> {
  const sender = await senderCase(kernel, act, sent);
  if (isRefusal(sender)) return sender;
  const { application, policies } = sender;
  const { procedure } = knownService(kernel, application).service;
  const declaration = procedure.messages[sent.message];
  assert(declaration, "the sender was checked against the declaration");
  const view = await kernel.procedures.view(kernel.database, sent.caseId);
  assert(view, "an application has its case");
  if (view.status !== "running") return serviceRefusal(application.room, "case-closed");
  if (!isTaken(declaration, ruleVariables(view, act.at))) return serviceRefusal(application.room, "not-waiting");
  const parsed = declaration.form.safeParse(sent.form);
  if (!parsed.success) {
    return serviceRefusal(application.room, "form-wrong", {}, inputIssues(parsed.error, declaration.form));
  }
  const form = parsed.data as Readonly<Record<string, unknown>>;
  const by = act.principal.kind === "official" || act.principal.kind === "person" ? act.principal.id : "node";
  const work = kernel.database.transaction(
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
              ...shared(procedure, { [`${sent.message}On`]: civilDay(Temporal.Instant.from(act.at)).toString() }),
            },
          });
      if (!answer.ok) return answer;
      // What was read above may be over: this is the case as the transaction holds it.
      if (declaration.ends && !isTaken(declaration, answer.change.variables)) throw new Overtaken();
      const { version } = answer.change;
      const entry = caseEntry(act, application, { type: "act", step: sent.message, outcome: "received", policies });
      unanswered(
        keepRecord(kernel, transaction, { act, caseId: sent.caseId, element: sent.message, content: form }),
        afterStep(kernel, transaction, { change: answer.change, act, application }),
        kernel.ledger.append(transaction, [entry]),
      );
      if (declaration.notice) {
        const step = `${version}/${sent.message}`;
        unanswered(issueNotice(kernel, transaction, { act, application, kind: declaration.notice, step }));
      }
      return answer;
    },
    { retries: 0 },
  );
  const done = await work.catch((error: unknown) => {
    if (error instanceof Overtaken) return undefined;
    throw error;
  });
  return done?.ok ? { caseId: sent.caseId } : serviceRefusal(application.room, "not-waiting");
}

/** The case went on between the look at it and the step: a decision and a withdrawal met. */
class Overtaken extends Error {}

/** Whether a case takes the message as it stands. */
function isTaken(declaration: MessageDeclaration, variables: Variables): boolean {
  return !declaration.while || ruleHolds(declaration.while, variables);
}

const SELF = text("本人", "you yourself, for nobody else");
const REPRESENTATIVE = text("该单位的代表", "those who act for the organization");

/** The case, where whoever sends may; a refused attempt is on the record. */
export async function senderCase(
  kernel: Kernel,
  act: Act,
  sent: { readonly caseId: string; readonly message: string },
): Promise<{ readonly application: Application; readonly policies: readonly string[] } | ServiceRefusal> {
  const { principal } = act;
  const application =
    principal.kind === "person"
      ? await ownApplication(kernel, act, sent.caseId)
      : await readApplication(kernel, kernel.database, sent.caseId);
  if (!application) return serviceRefusal("services", "case-unknown");
  if (isRefusal(application)) return application;
  const { messages } = knownService(kernel, application).service.procedure;
  const from = Object.hasOwn(messages, sent.message) ? messages[sent.message]?.from : undefined;
  if (from === undefined) return serviceRefusal("services", "case-unknown");
  const decision = kernel.access.decide({
    act: { ...act, caseId: sent.caseId },
    room: application.room,
    operation: `${application.service}.message.${sent.message}`,
    kind: "command",
    case: { id: sent.caseId, authority: application.authority },
  });
  const suits = from === "applicant" ? principal.kind === "person" : principal.kind === "official";
  const acting = principal.kind !== "person" || actsForApplicant(act, application);
  if (decision.allowed && suits && acting) return { application, policies: decision.policies };
  await kernel.ledger.append(kernel.database, [
    caseEntry(act, application, {
      type: "refused",
      step: `message.${sent.message}`,
      outcome: "denied",
      policies: decision.policies,
    }),
  ]);
  // Whoever filed it may look at the case, also when his right to act for the organization has ended; he may not change it.
  if (principal.kind === "person" && suits && !acting) {
    const who = application.applicant.kind === "person" ? SELF : REPRESENTATIVE;
    return serviceRefusal(application.room, "not-an-applicant", { who });
  }
  return serviceRefusal("services", "case-unknown");
}

/** Whether a person acts, here and now, for the one who applied. */
function actsForApplicant(act: Act, { applicant }: Application): boolean {
  return applicant.kind === "person" ? act.onBehalfOf === undefined : act.onBehalfOf?.id === applicant.id;
}
