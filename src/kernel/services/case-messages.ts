import { civilDay } from "#lib/calendar/civil-day";
import { text } from "#lib/language/text";
import { provableInstead } from "../access/step-up.ts";
import type { MessageDeclaration, PartyRules } from "../contract/contract.ts";
import { isRefusal } from "../contract/refusal.ts";
import type { Transaction } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import { ruleHolds } from "../procedures/rule-values.ts";
import type { Variables } from "../procedures/types.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { readInput } from "../system/read-input.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { caseEntry } from "./case-entry.ts";
import { afterStep, partiesToTell } from "./case-step.ts";
import { issueNotice } from "./issue-notice.ts";
import { actsForApplicant, isOwn } from "./own-application.ts";
import { actsForParty, answerBy, isAwaited, isOwnParty, type Party, partiesOf, partyStanding } from "./parties.ts";
import { keepRecord, received, recordsOf, saidIn, shared } from "./records.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { caseFacts } from "./shown-cases.ts";
import { ruleVariables } from "./task-rules.ts";

/** Something that reaches a running case. */
export interface SentMessage {
  readonly caseId: string;
  readonly message: string;
  readonly form: Readonly<Record<string, unknown>>;
  /** An official writes down what an interested party said at a counter or in a letter: who it was, by which way, on which day. */
  readonly said?: { readonly party: string; readonly way: string; readonly on: string };
}

/**
 * Gives a running case a message that its procedure declares: a supplement, a withdrawal, a statement, a request for a hearing or an
 * extension. One transaction for the step, the words, what follows, and the ledger.
 */
export async function sendToCase(
  kernel: Kernel,
  act: Act,
  sent: SentMessage,
): Promise<{ readonly caseId: string } | ServiceRefusal> {
  const sender = await senderCase(kernel, act, sent);
  if (isRefusal(sender)) return sender;
  const { application, party } = sender;
  const { procedure } = knownService(kernel, application).service;
  const declaration = procedure.messages[sent.message];
  assert(declaration, "the sender was checked against the declaration");
  const [view, said, parties] = await kernel.database.together((sql) =>
    Promise.all([
      kernel.procedures.view(sql, sent.caseId),
      saidIn(sql, sent.caseId),
      partiesOf(kernel, sql, sent.caseId),
    ]),
  );
  assert(view, "an application has its case");
  if (view.status !== "running") return serviceRefusal(application.room, "case-closed");
  const beside = { said, ...partyStanding(parties, procedure.parties, act.at) };
  const awaited = declaration.step !== "together" || view.awaited.some(({ message }) => message === sent.message);
  if (!awaited || !isTaken(declaration, ruleVariables(view, act.at, beside))) {
    return serviceRefusal(application.room, "not-waiting");
  }
  if (sent.said && sent.said.on > dayOf(act.at)) {
    return serviceRefusal(application.room, "form-wrong", {}, [{ path: "on", text: NOT_YET }]);
  }
  const late = party && lateAnswer(application, party, declaration, procedure.parties, sent.said?.on ?? dayOf(act.at));
  if (late) return late;
  if (declaration.once && (await wasSent(kernel, sent.caseId, sent.message, party))) {
    return serviceRefusal(application.room, "already-sent");
  }
  const parsed = readInput(declaration.form, sent.form, kernel.zone);
  if (parsed.issues) return serviceRefusal(application.room, "form-wrong", {}, parsed.issues);
  const form = parsed.data as Readonly<Record<string, unknown>>;
  const work = kernel.database.transaction(
    (transaction) => take(kernel, transaction, { act, sent, sender, declaration, form }),
    { retries: 0 },
  );
  const done = await work.catch((error: unknown) => {
    if (error instanceof Overtaken) return undefined;
    throw error;
  });
  return done?.ok ? { caseId: sent.caseId } : serviceRefusal(application.room, "not-waiting");
}

function dayOf(at: string): string {
  return civilDay(Temporal.Instant.from(at)).toString();
}

interface Taken {
  readonly act: Act;
  readonly sent: SentMessage;
  readonly sender: Sender;
  readonly declaration: MessageDeclaration;
  readonly form: Readonly<Record<string, unknown>>;
}

/** The step, and all that stands on the record with it. */
async function take(kernel: Kernel, transaction: Transaction, taken: Taken): Promise<{ readonly ok: boolean }> {
  const { act, sent, sender, declaration, form } = taken;
  const { application, policies, party } = sender;
  const { caseId, message } = sent;
  const answer = await moved(kernel, transaction, taken);
  if (!answer.ok) return answer;
  const change = "change" in answer ? answer.change : undefined;
  // What was read above may be over: this is the case as the transaction holds it.
  const variables = change?.variables ?? ("variables" in answer ? answer.variables : {});
  if ((declaration.ends || declaration.step) && !isTaken(declaration, variables)) throw new Overtaken();
  const parties = change ? await partiesToTell(kernel, transaction, { change, application }) : [];
  const content = { ...form, ...(party && { party: party.id }), ...(sent.said && { said: sent.said }) };
  const concerned = party && [party];
  // What a party does in his own name is told apart from what the applicant does, also where both may.
  const step = party && !sent.said ? `party.${message}` : message;
  const entry = { type: "act", step, outcome: "received", policies, parties: concerned } as const;
  transaction.unanswered(
    keepRecord(kernel, transaction, { act, caseId, element: message, content }),
    kernel.ledger.append(transaction, [caseEntry(act, application, entry)]),
  );
  if (change) transaction.unanswered(afterStep(kernel, transaction, { change, act, application, parties }));
  if (change && declaration.notice) {
    const sending = { act, application, kind: declaration.notice, step: `${change.version}/${message}` };
    transaction.unanswered(issueNotice(kernel, transaction, sending));
  }
  return answer;
}

/** What a message does to the procedure: it ends the case, moves it on, or is kept beside it. */
async function moved(kernel: Kernel, transaction: Transaction, { act, sent, sender, declaration, form }: Taken) {
  const { caseId, message } = sent;
  const { application, party } = sender;
  const { procedure } = knownService(kernel, application).service;
  const step = { caseId, by: actorId(act), at: act.at };
  if (declaration.ends) return await kernel.procedures.cancel(transaction, { ...step, outcome: declaration.ends });
  const variables = {
    ...shared(procedure, form),
    ...(declaration.from === "applicant" && !party && received(procedure, act.at)),
    ...shared(procedure, { [`${message}On`]: sent.said?.on ?? dayOf(act.at) }),
  };
  if (declaration.step === undefined) {
    const delivered = await kernel.procedures.deliver(transaction, { ...step, message, variables });
    if (delivered.ok && party && declaration.answer) await noteAnswer(transaction, party.id, message, act.at);
    return delivered;
  }
  const held = await kernel.procedures.hold(transaction, { caseId });
  if (!held.ok || declaration.step === "kept") return held;
  if (party) await noteAnswer(transaction, party.id, message, act.at);
  if (!(await allAnswered(kernel, transaction, { application, act, byApplicant: !party }))) return held;
  const delivered = await kernel.procedures.deliver(transaction, { ...step, message, variables });
  // The answer that is noted above would stand without its step.
  if (!delivered.ok) throw new Overtaken();
  return delivered;
}

function actorId({ principal }: Act): string {
  return principal.kind === "official" || principal.kind === "person" ? principal.id : "node";
}

async function noteAnswer(transaction: Transaction, partyId: string, message: string, at: string): Promise<void> {
  const noted = await transaction.execute(
    "UPDATE service.party SET answer = $2, answered_at = $3 WHERE id = $1 AND answer IS NULL",
    [partyId, message, at],
  );
  if (noted === 0) throw new Overtaken();
}

/** Whether the applicant and every interested party who was told have answered, or let their time pass. */
async function allAnswered(
  kernel: Kernel,
  transaction: Transaction,
  { application, act, byApplicant }: { application: Application; act: Act; byApplicant: boolean },
): Promise<boolean> {
  const { messages, parties: rules } = knownService(kernel, application).service.procedure;
  const answers = Object.keys(messages).filter((name) => messages[name]?.answer);
  const records = await recordsOf(kernel, application.caseId, transaction);
  const applicant = records.some(({ element, content }) => answers.includes(element) && content["party"] === undefined);
  if (!byApplicant && !applicant) return false;
  const parties = await partiesOf(kernel, transaction, application.caseId);
  return parties
    .filter(({ noticed }) => noticed)
    .every((party) => party.toldOn !== undefined && !(rules && isAwaited(party, rules, act.at)));
}

/** Whether it was sent before, by the same one. */
async function wasSent(kernel: Kernel, caseId: string, message: string, party: Party | undefined): Promise<boolean> {
  const records = await recordsOf(kernel, caseId);
  return records.some(({ element, content }) => element === message && content["party"] === party?.id);
}

/** An answer for which an interested party was not asked, or not any more (行政许可法 §47). */
function lateAnswer(
  { room }: Application,
  party: Party,
  declaration: MessageDeclaration,
  rules: PartyRules | undefined,
  day: string,
): ServiceRefusal | undefined {
  if (!declaration.answer || !rules) return undefined;
  const last = answerBy(party, rules);
  if (last === undefined) return serviceRefusal(room, "not-told");
  if (party.answer !== undefined) return serviceRefusal(room, "already-sent");
  return day > last ? serviceRefusal(room, "answer-late", { day: last }) : undefined;
}

/** The case went on between the look at it and the step: a decision and a withdrawal met. */
class Overtaken extends Error {}

/** Whether a case takes the message as it stands. */
function isTaken(declaration: MessageDeclaration, variables: Variables): boolean {
  return !declaration.while || ruleHolds(declaration.while, variables);
}

const NOT_YET = text("收到日期不能晚于今天。", "It was not received after today.");
const SELF = text("本人", "you yourself, for nobody else");
const REPRESENTATIVE = text("该单位的代表", "those who act for the organization");

/** Who sends what to which case, by which right. */
export interface Sender {
  readonly application: Application;
  readonly policies: readonly string[];
  /** As or for whom it is sent, where that is not the applicant. */
  readonly party?: Party;
}

/** The case, where whoever sends may; a refused attempt is on the record. */
export async function senderCase(
  kernel: Kernel,
  act: Act,
  sent: Pick<SentMessage, "caseId" | "message" | "said">,
): Promise<Sender | ServiceRefusal> {
  const { principal } = act;
  const application = await readApplication(kernel, kernel.database, sent.caseId);
  if (!application) return serviceRefusal("services", "case-unknown");
  const party = await partyOf(kernel, act, application, sent.said);
  const own = principal.kind !== "person" || isOwn(act, application) || party !== undefined;
  if (!own || (sent.said && !party)) return serviceRefusal("services", "case-unknown");
  const { messages } = knownService(kernel, application).service.procedure;
  const declaration = Object.hasOwn(messages, sent.message) ? messages[sent.message] : undefined;
  if (!declaration || (party && !declaration.parties)) return serviceRefusal("services", "case-unknown");
  const { from } = declaration;
  const attempt = {
    act: { ...act, caseId: sent.caseId },
    room: application.room,
    operation: sent.said ? `${application.service}.party` : `${application.service}.message.${sent.message}`,
    kind: "command",
    case: caseFacts(kernel, act, application),
  } as const;
  const decision = kernel.access.decide(attempt);
  const suits = from === "applicant" && !sent.said ? principal.kind === "person" : principal.kind === "official";
  const acting =
    principal.kind !== "person" || (party ? actsForParty(act, party, application) : actsForApplicant(act, application));
  if (decision.allowed && suits && acting) return { application, policies: decision.policies, ...(party && { party }) };
  const provable = !decision.allowed && suits && acting ? provableInstead(kernel.access, attempt) : undefined;
  if (provable) return provable;
  await kernel.ledger.append(kernel.database, [
    caseEntry(act, application, {
      type: "refused",
      step: `message.${sent.message}`,
      outcome: "denied",
      policies: decision.policies,
      parties: party && [party],
    }),
  ]);
  // Whoever filed it may look at the case, also when his right to act for the organization has ended; he may not change it.
  if (principal.kind === "person" && suits && !acting) {
    if (party) return serviceRefusal(application.room, "not-the-party", { who: party.name });
    const who = application.applicant.kind === "person" ? SELF : REPRESENTATIVE;
    return serviceRefusal(application.room, "not-an-applicant", { who });
  }
  return serviceRefusal("services", "case-unknown");
}

/** The interested party who sends something, or of whom an official writes down what they said. */
async function partyOf(
  kernel: Kernel,
  act: Act,
  application: Application,
  said: SentMessage["said"],
): Promise<Party | undefined> {
  if (act.principal.kind === "official" && !said) return undefined;
  if (isOwn(act, application)) return undefined;
  const parties = await partiesOf(kernel, kernel.database, application.caseId);
  return parties.find((party) =>
    said ? party.id === said.party : party.toldOn !== undefined && isOwnParty(act, party, application),
  );
}
