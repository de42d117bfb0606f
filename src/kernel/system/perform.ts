import { SpanKind } from "@opentelemetry/api";
import { provableInstead } from "../access/step-up.ts";
import { isAssured } from "../contract/assurance.ts";
import type { Contract, Operation } from "../contract/contract.ts";
import { assuranceNeeded, doorRefusal } from "../contract/door-refusals.ts";
import { isRefusal, type Refusal } from "../contract/refusal.ts";
import type { SqlStatement } from "../database/sql.ts";
import { partOfAnswer } from "../derived/part-of-answer.ts";
import { Fault } from "../errors/fault.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import type { RoomCall } from "../ports.ts";
import type { Act } from "./act.ts";
import type { Arrival } from "./arrival.ts";
import { namingSeals } from "./detached-seals.ts";
import { turning } from "./elsewhere.ts";
import { bringFiles } from "./files-of-call.ts";
import { actorOf, rememberingOutcome, storedOutcome } from "./idempotency.ts";
import { namingFiles } from "./kept-files.ts";
import type { Kernel } from "./kernel.ts";
import { decideListing, hasRows, type ListedRows } from "./listed-rows.ts";
import { openContext } from "./open-context.ts";
import { readInput } from "./read-input.ts";
import { traced } from "./trace.ts";
import { UnitOfWork } from "./unit-of-work.ts";

/**
 * Goes through one door: purpose, right, input, assurance, work, record, answer, in this order. The entry of a read or of a refused
 * attempt commits before the answer leaves; the entry of an act commits with the act. What another node keeps is asked there, before
 * anything of the room is touched here.
 * @param arrival where it came from another node
 * @throws Fault for what is neither an answer nor a refusal
 */
export function perform(kernel: Kernel, act: Act, call: RoomCall, arrival?: Arrival): Promise<unknown | Refusal> {
  const known = kernel.systems.get(call.room)?.contract.operations[call.operation] !== undefined;
  const name = known ? `${call.room}.${call.operation}` : "unknown";
  return traced({ name, attributes: { "zhengtong.operation": name } }, async (span) => {
    const away = turning(kernel, act, call);
    const outcome = await (away === undefined ? performOnce(kernel, act, call, arrival) : away());
    span.setAttribute("zhengtong.outcome", isRefusal(outcome) ? outcome.code : "answered");
    return outcome;
  });
}

async function performOnce(
  kernel: Kernel,
  act: Act,
  call: RoomCall,
  arrival: Arrival | undefined,
): Promise<unknown | Refusal> {
  const system = kernel.systems.get(call.room);
  const operation = system?.contract.operations[call.operation];
  const handler = system?.operations[call.operation];
  if (!system || !operation || !handler) {
    throw new Fault("ERR_UNKNOWN_OPERATION", { message: `${call.room}.${call.operation}` });
  }
  const unit = new UnitOfWork(kernel.database);
  const record = recorder({ kernel, act, call, unit, arrival });
  const outcome = await decideAndDo({ kernel, act, call, unit, system, operation, handler }, record);
  // A command whose entry was not written now was done before, under the same key.
  const word = operation.kind === "command" ? "done" : "answered";
  await record.arrived(isRefusal(outcome) ? outcome.code : word);
  return outcome;
}

type Attempted = Pick<Work, "kernel" | "act" | "unit" | "system" | "operation" | "handler"> & {
  readonly call: RoomCall;
};

async function decideAndDo(attempted: Attempted, record: Recorder): Promise<unknown | Refusal> {
  const { kernel, act, call, operation } = attempted;
  if (act.purpose === undefined) return record.refused(doorRefusal(call.room, "purpose-missing"), []);
  const asking: Act = act.via === undefined ? act : { ...act, principal: { kind: "node", room: act.via } };
  const attempt = { act: asking, room: call.room, operation: call.operation, kind: operation.kind };
  const decision = decideListing(kernel, attempt, operation.lists);
  if (!decision.allowed) {
    // A policy that asks for a surer proof has the person prove it, as a contract that does.
    const provable = provableInstead(kernel.access, attempt);
    return provable ?? record.refused(doorRefusal(call.room, "denied"), decision.policies);
  }
  const read = readInput(operation.input, call.input, operation.kind === "command" ? kernel.zone : undefined);
  if (read.issues) return doorRefusal(call.room, "invalid-input", read.issues);
  if (operation.assurance && !isAssured(asking.principal, operation.assurance, act.at)) {
    return assuranceNeeded(call.room, operation.assurance);
  }
  const { policies } = decision;
  const use = await kernel.uses?.begin({ act: asking, room: call.room, operation: call.operation, policies });
  if (use === "spent") return record.refused(doorRefusal(call.room, "quota-spent"), policies);
  const work: Work = { ...attempted, input: read.data, policies, rows: decision.rows };
  const outcome = await (operation.kind === "query" ? answerQuery(work, record) : executeCommand(work, record));
  await use?.end(isRefusal(outcome) ? outcome.code : "answered", attempted.unit.subjects());
  return use?.given === undefined || isRefusal(outcome) ? outcome : partOfAnswer(outcome, use.given);
}

const COMMIT = { name: "commit", attributes: { "db.system.name": "postgresql" }, kind: SpanKind.CLIENT } as const;

interface Work {
  readonly kernel: Kernel;
  readonly act: Act;
  readonly unit: UnitOfWork;
  readonly system: { readonly contract: Contract };
  readonly operation: Operation;
  // biome-ignore lint/suspicious/noExplicitAny: handlers are held without their types once they are checked
  readonly handler: (ctx: any, input: any) => Promise<unknown>;
  readonly call: { readonly room: string; readonly operation: string };
  readonly input: unknown;
  readonly policies: readonly string[];
  /** Of a list: which entries policies leave in it. */
  readonly rows: ListedRows | undefined;
}

async function answerQuery(work: Work, record: Recorder): Promise<unknown> {
  const missing = await bringFiles(work);
  if (missing) return record.refused(missing, work.policies);
  const context = openContext(work.kernel, work);
  const outcome = await work.handler(context, work.input);
  await work.unit.abandon();
  if (isRefusal(outcome)) {
    if (work.unit.subjects().length > 0) await record.read(work.policies, outcome.code);
    return outcome;
  }
  const answer = promised(work, outcome);
  if (work.rows && !work.rows.wereAsked && hasRows(answer)) {
    throw new Fault("ERR_LIST_UNFILTERED", { message: `${work.call.room}.${work.call.operation}` });
  }
  if (work.unit.subjects().length > 0) await record.read(work.policies, "answered");
  return answer;
}

async function executeCommand(work: Work, record: Recorder): Promise<unknown> {
  const { kernel, act, unit, call } = work;
  const earlier = await storedOutcome(kernel, act, call, work.input);
  if (earlier) return earlier.outcome;
  const missing = await bringFiles(work);
  if (missing) return record.refused(missing, work.policies);
  try {
    const outcome = await work.handler(openContext(kernel, work), work.input);
    if (isRefusal(outcome)) {
      await unit.abandon();
      // The same act may have been done meanwhile, and be why this one was refused: then its outcome is the answer.
      const theirs = await storedOutcome(kernel, act, call, work.input);
      return theirs ? theirs.outcome : record.refused(outcome, work.policies);
    }
    const answer = promised(work, outcome);
    const last = [
      ...namingFiles({ act, room: call.room, digests: unit.files() }),
      ...namingSeals(unit.seals(), act.at),
      ...rememberingOutcome(kernel, { act, call, input: work.input, outcome: answer }),
      kernel.ledger.appending([record.entry("act", "done", work.policies)]),
      ...record.beside,
    ];
    await traced(COMMIT, () => unit.commit(last));
    record.committed();
    return answer;
  } catch (error) {
    await unit.abandon();
    // Someone else did the same act under the same key at the same time: theirs stands, and is the answer.
    const theirs = await storedOutcome(kernel, act, call, work.input);
    if (theirs) return theirs.outcome;
    throw error;
  }
}

function promised(work: Work, outcome: unknown): unknown {
  const checked = work.operation.output.safeParse(outcome);
  if (checked.success) return checked.data;
  const where = checked.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new Fault("ERR_OUTPUT_BROKEN", { message: `${work.call.room}.${work.call.operation}: ${where}` });
}

interface Recorder {
  entry(type: "read" | "act" | "refused", outcome: string, policies: readonly string[]): LedgerEntry;
  read(policies: readonly string[], outcome: string): Promise<void>;
  refused<R extends Refusal>(refusal: R, policies: readonly string[]): Promise<R>;
  /** What commits right behind the entry of an act. */
  readonly beside: readonly SqlStatement[];
  committed(): void;
  /** What came from another node is on the record whatever it came to. */
  arrived(outcome: string): Promise<void>;
}

function recorder(about: {
  readonly kernel: Kernel;
  readonly act: Act;
  readonly call: { readonly room: string; readonly operation: string };
  readonly unit: UnitOfWork;
  readonly arrival: Arrival | undefined;
}): Recorder {
  const { kernel, act, call, unit, arrival } = about;
  let written = false;
  const entry: Recorder["entry"] = (type, outcome, policies) => ({
    type: arrival === undefined || type === "refused" ? type : "exchange",
    at: act.at,
    actId: act.id,
    room: call.room,
    operation: call.operation,
    actor: actorOf(act),
    via: act.via,
    onBehalfOf: act.onBehalfOf ? { kind: act.onBehalfOf.kind, id: act.onBehalfOf.id } : undefined,
    ...(act.origin && { origin: { node: act.origin.node, client: act.origin.client } }),
    purpose: act.purpose ?? "none",
    legalBasis: act.legalBasis.map((citation) => `${citation.law.zh} ${citation.article}`),
    caseId: act.caseId,
    subjects: unit.subjects(),
    outcome,
    policies,
    ...(arrival && { detail: arrival.detail }),
  });
  const write = async (entered: LedgerEntry): Promise<void> => {
    if (arrival === undefined) {
      const { text, values } = kernel.ledger.appending([entered]);
      await kernel.database.execute(text, values);
    } else {
      await arrival.enter(entered);
      arrival.noted(entered.subjects);
    }
    written = true;
  };
  return {
    entry,
    beside: arrival?.beside ?? [],
    async read(policies, outcome) {
      await write(entry("read", outcome, policies));
    },
    async refused(refusal, policies) {
      await write(entry("refused", refusal.code, policies));
      return refusal;
    },
    committed() {
      arrival?.noted(unit.subjects());
      written = true;
    },
    async arrived(outcome) {
      if (arrival !== undefined && !written) await write(entry("read", outcome, []));
    },
  };
}
