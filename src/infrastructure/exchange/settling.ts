import type { Operation } from "#kernel/contract/contract";
import { DOOR_REFUSALS, doorRefusal, unansweredRefusal } from "#kernel/contract/door-refusals";
import type { Refusal } from "#kernel/contract/refusal";
import type { LedgerEntry, LedgerSubject } from "#kernel/ledger/entry";
import type { RoomCall } from "#kernel/ports";
import type { Act } from "#kernel/system/act";
import { actorOf } from "#kernel/system/idempotency";
import type { Outcome } from "./frames/messages.ts";

/** What the ledger of the asking side says of a call that another node answers; its outcome and its detail are the caller's to add. */
export function exchangeEntry({
  act,
  call,
  subjects,
}: {
  readonly act: Act;
  readonly call: RoomCall;
  readonly subjects: readonly LedgerSubject[];
}): Omit<LedgerEntry, "outcome" | "detail"> {
  return {
    type: "exchange",
    at: act.at,
    actId: act.id,
    room: call.room,
    operation: call.operation,
    actor: actorOf(act),
    via: act.via,
    onBehalfOf: act.onBehalfOf && { kind: act.onBehalfOf.kind, id: act.onBehalfOf.id },
    ...(act.origin && { origin: { node: act.origin.node, client: act.origin.client } }),
    purpose: act.purpose ?? "none",
    legalBasis: act.legalBasis.map((citation) => `${citation.law.zh} ${citation.article}`),
    caseId: act.caseId,
    subjects,
  };
}

/** Of a command nobody here knows whether it was done, unless the other side answers as its contract promises. */
export function unanswered(room: string, operation: Operation | undefined): Refusal {
  return operation?.kind === "query" ? doorRefusal(room, "unavailable") : unansweredRefusal(room);
}

/** The other side's word, held against the contract where it is known here: what is not promised is not passed on. */
export function judged(
  outcome: Outcome,
  subjects: readonly LedgerSubject[],
  { room, operation }: { readonly room: string; readonly operation: Operation | undefined },
): { readonly value: unknown; readonly outcome: string; readonly subjects: readonly LedgerSubject[] } {
  const failed = (word: string) => ({ value: unanswered(room, operation), outcome: word, subjects });
  if (outcome.kind === "failed") return failed("failed");
  if (outcome.kind === "refusal") {
    const { refusal } = outcome;
    const isPromised = operation === undefined || refusal.code in DOOR_REFUSALS || refusal.code in operation.refusals;
    return isPromised ? { value: refusal, outcome: refusal.code, subjects } : failed("broken");
  }
  if (operation === undefined) return { value: outcome.value, outcome: "answered", subjects };
  const parsed = operation.output.safeParse(outcome.value);
  if (!parsed.success) return failed("broken");
  return { value: parsed.data, outcome: operation.kind === "command" ? "done" : "answered", subjects };
}
