import { SpanKind } from "@opentelemetry/api";
import { doorRefusal } from "#kernel/contract/door-refusals";
import { isRefusal } from "#kernel/contract/refusal";
import type { LedgerEntry, LedgerSubject } from "#kernel/ledger/entry";
import type { Act } from "#kernel/system/act";
import type { Arrival } from "#kernel/system/arrival";
import { continuing, readTraceparent, traced } from "#kernel/system/trace";
import type { NodeEntry } from "#lib/directory/entries";
import type { OpenedFrame } from "../frames/frame.ts";
import type { CallMessage, Outcome } from "../frames/messages.ts";
import { callBeside, type KeptCall, placeText } from "../journal.ts";
import type { Party } from "../party.ts";
import { believe } from "./belief.ts";

/** One call of a frame that was taken. */
export interface ReceivedCall {
  readonly from: NodeEntry;
  readonly frame: OpenedFrame;
  readonly place: number;
  readonly message: CallMessage;
}

export interface PerformedCall {
  readonly outcome: Outcome;
  /** Whom it concerned: the calling node's ledger tells of them as well. */
  readonly subjects: readonly LedgerSubject[];
  /** To be written down before the answer leaves; undefined where the act's own transaction has done so. */
  readonly kept: KeptCall | undefined;
}

/** Takes a call through the one door, as far as its sender is believed. Never throws: what fails is an outcome, and on the record. */
export function performCall(party: Party, call: ReceivedCall): Promise<PerformedCall> {
  const span = { name: "exchange", attributes: { "zhengtong.peer": call.from.code }, kind: SpanKind.SERVER };
  return continuing(call.message.trace, () => traced(span, () => perform(party, call)));
}

async function perform(party: Party, call: ReceivedCall): Promise<PerformedCall> {
  const { kernel } = party;
  const { message, from, frame, place } = call;
  const detail = { exchange: { from: from.code, call: placeText(frame.id, place) } };
  const bare = { ...bareEntry(party, call), detail };
  const act = actOf(party, call);
  if (typeof act === "string") {
    const entry: LedgerEntry = { ...bare, type: "refused", outcome: "denied", detail: { ...detail, why: act } };
    return { outcome: refused(call, "denied"), subjects: [], kept: keptOf(call, entry) };
  }
  if (!isOffered(party, message)) {
    const entry = { ...bare, outcome: "unavailable" };
    return { outcome: refused(call, "unavailable"), subjects: [], kept: keptOf(call, entry) };
  }
  let entered: LedgerEntry | undefined;
  let subjects: readonly LedgerSubject[] = [];
  const arrival: Arrival = {
    detail,
    beside: [callBeside({ act: message.act, frame: frame.id, place, trace: traceOf(message) })],
    enter: async (entry) => {
      entered = entry;
    },
    noted: (noted) => {
      subjects = noted;
    },
  };
  try {
    const { room, operation, input } = message;
    const value = await kernel.perform(act, { room, operation, input }, arrival);
    const schema = kernel.systems.get(room)?.contract.operations[operation]?.output;
    if (schema && !isRefusal(value)) await party.offerAnswer({ schema, value, to: from.code, act: message.act });
    if (!isRefusal(value)) return { outcome: { kind: "value", value }, subjects, kept: keptOf(call, entered) };
    // Where another node keeps the room, the door was not reached, and has entered nothing.
    const entry = entered ?? { ...bare, outcome: value.code };
    return { outcome: { kind: "refusal", refusal: value }, subjects, kept: keptOf(call, entry) };
  } catch (error) {
    party.onFault(error);
    return { outcome: { kind: "failed" }, subjects, kept: keptOf(call, entered ?? { ...bare, outcome: "failed" }) };
  }
}

function actOf(party: Party, { message, from }: ReceivedCall): Act | string {
  const { kernel } = party;
  const view = party.view();
  if (view === undefined) return "no-directory";
  return believe(message, { view, from, systems: kernel.systems, zone: kernel.zone, at: kernel.now() });
}

/** Whether there is such an operation, in the major version that the caller knows. */
export function isOffered({ kernel }: Pick<Party, "kernel">, { room, operation, major }: CallMessage): boolean {
  const contract = kernel.systems.get(room)?.contract;
  if (contract === undefined || !Object.hasOwn(contract.operations, operation)) return false;
  return major === undefined || major === Number(contract.version.split(".")[0]);
}

function refused({ message }: ReceivedCall, code: "denied" | "unavailable"): Outcome {
  return { kind: "refusal", refusal: doorRefusal(message.room, code) };
}

function keptOf({ message, frame, place }: ReceivedCall, entry: LedgerEntry | undefined): KeptCall | undefined {
  return entry && { act: message.act, frame: frame.id, place, entry, trace: traceOf(message) };
}

function traceOf({ trace }: CallMessage): string | undefined {
  return readTraceparent(trace)?.traceId;
}

/** What is told of a call that did not come to a door: nothing of it is believed but who sent it. */
function bareEntry({ kernel }: Party, { message, from }: ReceivedCall): LedgerEntry {
  return {
    type: "exchange",
    at: kernel.now(),
    actId: message.act,
    room: message.room,
    operation: message.operation,
    actor: { kind: "node", id: from.code },
    origin: { node: from.code, client: message.client },
    purpose: message.purpose ?? "none",
    legalBasis: [],
    subjects: [],
    outcome: "refused",
  };
}
