import { civilDay, dayEnds } from "#lib/calendar/civil-day";
import { elapsed, lastDay } from "#lib/calendar/statutory-period";
import { isAsked } from "../contract/contract.ts";
import type { CaseView } from "../procedures/changes.ts";
import type { Kernel } from "../system/kernel.ts";
import { knownService } from "./application.ts";
import { answerBy, partiesOf } from "./parties.ts";

/** How often a period that waits for a notice is looked at again. */
const LOOK_AGAIN_HOURS = 12;

/**
 * Until when a period must not end yet, ISO 8601 UTC: nobody loses an application by not answering a notice that never reached
 * him (行政许可法 §32 has the applicant told). Periods that run against the authority end as they are. When the notice could be
 * made at last, the applicant has as many working days more as it was late.
 * @param timer `held`: this was asked before, and the answer was to wait
 */
export async function heldBack(
  kernel: Kernel,
  timer: { readonly caseId: string; readonly timerId: number; readonly held: boolean },
): Promise<string | undefined> {
  const view = await kernel.procedures.view(kernel.database, timer.caseId);
  const set = view?.timers.find(({ timerId }) => timerId === timer.timerId);
  if (!view || !set || !(await runsAgainstApplicant(kernel, view, set.element))) return undefined;
  const [notice] = await kernel.database.query<{ status: string; issued_at: string; delivered_at: string | null }>(
    "SELECT status, issued_at, delivered_at FROM service.notice WHERE case_id = $1 AND party_id IS NULL ORDER BY issued_at DESC, id DESC LIMIT 1",
    [timer.caseId],
  );
  const now = Temporal.Instant.from(kernel.now());
  const parties = await partiesAnswerUntil(kernel, view, now);
  if (parties !== undefined) return parties;
  if (notice?.status === "stopped") return now.add({ hours: LOOK_AGAIN_HOURS }).toString();
  if (!timer.held || !notice?.delivered_at) return undefined;
  const [issued, delivered] = [notice.issued_at, notice.delivered_at].map((at) => civilDay(Temporal.Instant.from(at)));
  if (!issued || !delivered) return undefined;
  const before = civilDay(Temporal.Instant.from(set.dueAt).subtract({ nanoseconds: 1 }));
  const late = elapsed(issued, delivered, "working-day");
  const { day } = lastDay(before, { unit: "working-day", amount: late, article: "行政许可法第三十二条" });
  const due = dayEnds(day);
  return Temporal.Instant.compare(due, now) > 0 ? due.toString() : undefined;
}

/** Whether a period is the other way out of a wait for the applicant. */
async function runsAgainstApplicant(kernel: Kernel, view: CaseView, element: string): Promise<boolean> {
  const { elements, flows } = await kernel.procedures.byDigest(kernel.database, view.digest);
  const timer = elements.get(element);
  const gateways = timer?.incoming.map((flow) => elements.get(flows.get(flow)?.source ?? "")?.kind);
  // A term that runs beside the case, such as that of the licence to be renewed, runs against the authority.
  if (timer?.kind !== "timer-catch" || gateways?.every((kind) => kind !== "event-gateway")) return false;
  const { messages } = knownService(kernel, view).service.procedure;
  return view.awaited.some(({ message }) => Object.hasOwn(messages, message) && isAsked(messages[message]));
}

/** Until when interested parties who were told may still answer (行政许可法 §47): each has the whole period from the day that he was. */
async function partiesAnswerUntil(kernel: Kernel, view: CaseView, now: Temporal.Instant): Promise<string | undefined> {
  const { messages, parties: rules } = knownService(kernel, view).service.procedure;
  if (!rules || !view.awaited.some(({ message }) => messages[message]?.answer)) return undefined;
  const open = (await partiesOf(kernel, kernel.database, view.caseId)).filter(
    ({ noticed, answer }) => noticed && answer === undefined,
  );
  const days = open.map((party) => answerBy(party, rules));
  // A notice is on its way to one of them: it is looked at again, as long as it takes.
  if (days.includes(undefined)) return now.add({ hours: LOOK_AGAIN_HOURS }).toString();
  const last = days.toSorted().at(-1);
  const due = last === undefined ? undefined : dayEnds(Temporal.PlainDate.from(last));
  return due && Temporal.Instant.compare(due, now) > 0 ? due.toString() : undefined;
}
