/**
 * Whether a recorded history can be explained by operations that each happened at one moment between its asking and its answer (Herlihy and
 * Wing, 1990). The search is that of Wing and Gong (1993), with Lowe's memory (2017) of which sets of operations led to which state. One key
 * is judged by itself: linearizability is local.
 */
import type { Recorded } from "./history.ts";

/** How the thing behaves where one operation follows the other. States are values: a step gives another one. */
export interface Model<Call, Result, State> {
  readonly initial: State;
  /**
   * @param result undefined where nobody was told: any answer would do
   * @returns the state behind it; undefined where that answer is not what this state gives
   */
  step(state: State, call: Call, result: Result | undefined): State | undefined;
  /** Equal texts for equal states. */
  textOf(state: State): string;
}

export type Verdict<Call, Result> =
  | { readonly kind: "linearizable" }
  | {
      readonly kind: "not-linearizable";
      readonly key: string;
      /** As many as could be put in an order, in that order, and the answer that then fits nowhere. */
      readonly order: readonly Recorded<Call, Result>[];
      readonly stuckAt: Recorded<Call, Result>;
    }
  /** The search took more steps than it was given. */
  | { readonly kind: "unknown"; readonly key: string };

/** Steps of the search over one key; a history of some hundred operations of a dozen clients takes some thousand. */
const STEPS_MAX = 5_000_000;

export function checkLinearizable<Call, Result, State>(
  history: readonly Recorded<Call, Result>[],
  model: Model<Call, Result, State>,
  stepsMax = STEPS_MAX,
): Verdict<Call, Result> {
  for (const [key, operations] of Map.groupBy(history, (operation) => operation.key)) {
    const verdict = checkKey(key, operations, model, stepsMax);
    if (verdict.kind !== "linearizable") return verdict;
  }
  return { kind: "linearizable" };
}

/** The asking or the answer of an operation, in a list from which operations are taken out and put back. */
interface Moment {
  readonly operation: number;
  readonly isAnswer: boolean;
  before: Moment | undefined;
  after: Moment | undefined;
}

function checkKey<Call, Result, State>(
  key: string,
  operations: readonly Recorded<Call, Result>[],
  model: Model<Call, Result, State>,
  stepsMax: number,
): Verdict<Call, Result> {
  const head = momentsOf(operations);
  const answers = answersByOperation(head, operations.length);
  const taken: { readonly moment: Moment; readonly state: State }[] = [];
  const seen = new Set<string>();
  let done = 0n;
  let state = model.initial;
  let answered = operations.filter(({ answer }) => answer !== undefined).length;
  let best: { readonly order: readonly number[]; readonly stuckAt: number } = { order: [], stuckAt: 0 };
  let moment = head.after;
  for (let steps = 0; answered > 0; steps++) {
    if (steps >= stepsMax) return { kind: "unknown", key };
    if (moment === undefined) throw new Error("an answer is missing from the list");
    const operation = operations[moment.operation] as Recorded<Call, Result>;
    if (!moment.isAnswer) {
      const next = model.step(state, operation.call, operation.answer?.result);
      const bit = 1n << BigInt(moment.operation);
      const name = next === undefined ? "" : `${(done | bit).toString(36)} ${model.textOf(next)}`;
      if (next === undefined || seen.has(name)) {
        moment = moment.after;
        continue;
      }
      seen.add(name);
      taken.push({ moment, state });
      takeOut(moment, answers[moment.operation]);
      done |= bit;
      state = next;
      if (operation.answer !== undefined) answered -= 1;
      moment = head.after;
      continue;
    }
    // An answer whose operation has not happened yet: something before it must have happened otherwise.
    if (taken.length >= best.order.length) {
      best = { order: taken.map(({ moment: each }) => each.operation), stuckAt: moment.operation };
    }
    const last = taken.pop();
    if (last === undefined) {
      const of = (place: number) => operations[place] as Recorded<Call, Result>;
      return { kind: "not-linearizable", key, order: best.order.map(of), stuckAt: of(best.stuckAt) };
    }
    putBack(last.moment, answers[last.moment.operation]);
    done &= ~(1n << BigInt(last.moment.operation));
    state = last.state;
    if (operations[last.moment.operation]?.answer !== undefined) answered += 1;
    moment = last.moment.after;
  }
  return { kind: "linearizable" };
}

/** The list, behind a head that is no moment itself. */
function momentsOf(operations: readonly Recorded<unknown, unknown>[]): Moment {
  const moments = operations.flatMap(({ askedAt, answer }, operation) => [
    { at: askedAt, operation, isAnswer: false },
    ...(answer === undefined ? [] : [{ at: answer.at, operation, isAnswer: true }]),
  ]);
  moments.sort((one, other) => one.at - other.at);
  const head: Moment = { operation: -1, isAnswer: false, before: undefined, after: undefined };
  let last = head;
  for (const { operation, isAnswer } of moments) {
    last.after = { operation, isAnswer, before: last, after: undefined };
    last = last.after;
  }
  return head;
}

function answersByOperation(head: Moment, count: number): readonly (Moment | undefined)[] {
  const answers = new Array<Moment | undefined>(count).fill(undefined);
  for (let moment = head.after; moment !== undefined; moment = moment.after) {
    if (moment.isAnswer) answers[moment.operation] = moment;
  }
  return answers;
}

function takeOut(...moments: readonly (Moment | undefined)[]): void {
  for (const moment of moments) {
    if (moment === undefined) continue;
    if (moment.before) moment.before.after = moment.after;
    if (moment.after) moment.after.before = moment.before;
  }
}

/** In the opposite order: each still knows between which two it stood. */
function putBack(asked: Moment, answer: Moment | undefined): void {
  for (const moment of [answer, asked]) {
    if (moment === undefined) continue;
    if (moment.before) moment.before.after = moment;
    if (moment.after) moment.after.before = moment;
  }
}

/** For a failed assertion: what was in order, and what does not fit. */
export function wordsOf(verdict: Verdict<unknown, unknown>): string {
  if (verdict.kind === "linearizable") return "linearizable";
  if (verdict.kind === "unknown") return `key ${verdict.key}: the search was too long`;
  const line = ({ client, call, answer, askedAt }: Recorded<unknown, unknown>) =>
    `  ${askedAt}–${answer?.at ?? "?"} ${client}: ${JSON.stringify(call)} → ${JSON.stringify(answer?.result)}`;
  return [`key ${verdict.key}: in this order`, ...verdict.order.map(line), "does not fit:", line(verdict.stuckAt)].join(
    "\n",
  );
}
