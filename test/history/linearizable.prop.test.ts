import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Recorded, Recorder } from "./history.ts";
import { checkLinearizable, type Model, wordsOf } from "./linearizable.ts";
import {
  type BookCall,
  type BookResult,
  bookModel,
  type CounterCall,
  counterModel,
  type RegisterCall,
  registerModel,
} from "./models.ts";

const registerCall: fc.Arbitrary<RegisterCall> = fc.oneof(
  fc.record({ what: fc.constant("write" as const), value: fc.integer({ min: 1, max: 3 }) }),
  fc.constant({ what: "read" } as const),
);
const counterCall: fc.Arbitrary<CounterCall> = fc.oneof(
  fc.record({ what: fc.constant("add" as const), by: fc.integer({ min: 1, max: 2 }) }),
  fc.constant({ what: "read" } as const),
);

/** Operations whose askings and answers overlap as chance has it; what they were told is not made up yet. */
interface Shape<Call> {
  readonly call: Call;
  readonly askedAt: number;
  readonly answeredAt: number | undefined;
}
function shapes<Call>(call: fc.Arbitrary<Call>, maxLength: number): fc.Arbitrary<readonly Shape<Call>[]> {
  const one = fc.record({ call, from: fc.nat(99), for: fc.integer({ min: 1, max: 40 }), isAnswered: fc.nat(9) });
  return fc.array(one, { maxLength }).map((all) =>
    // Ticks do not tie: each operation has its own remainder.
    all.map(({ call, from, for: length, isAnswered }, place) => ({
      call,
      askedAt: from * 100 + place * 2,
      answeredAt: isAnswered === 0 ? undefined : (from + length) * 100 + place * 2 + 1,
    })),
  );
}

/** Brute force: some order of all that was answered, and of any part of the rest, that keeps who came wholly before whom. */
function hasOrder<Call, Result, State>(
  history: readonly Recorded<Call, Result>[],
  model: Model<Call, Result, State>,
  state: State = model.initial,
): boolean {
  if (history.every(({ answer }) => answer === undefined)) return true;
  const firstAnswer = Math.min(...history.map(({ answer }) => answer?.at ?? Number.POSITIVE_INFINITY));
  return history.some((operation) => {
    if (operation.askedAt > firstAnswer) return false;
    const next = model.step(state, operation.call, operation.answer?.result);
    return (
      next !== undefined &&
      hasOrder(
        history.filter((other) => other !== operation),
        model,
        next,
      )
    );
  });
}

test("says of a register and of a counter what trying every order says", () => {
  const told = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 7, maxLength: 7 });
  const verdicts = { yes: 0, no: 0 };
  const judge =
    <Call extends { readonly what: string }>(model: Model<Call, number, number>) =>
    (made: readonly Shape<Call>[], results: readonly number[]) => {
      const history = made.map(
        ({ call, askedAt, answeredAt }, place): Recorded<Call, number> => ({
          ...{ key: "k", client: `c${place}`, call, askedAt },
          ...(answeredAt !== undefined && { answer: { at: answeredAt, result: results[place] ?? 0 } }),
        }),
      );
      const verdict = checkLinearizable(history, model);
      const isThere = hasOrder(history, model);
      verdicts[isThere ? "yes" : "no"] += 1;
      assert.equal(verdict.kind, isThere ? "linearizable" : "not-linearizable", wordsOf(verdict));
    };
  fc.assert(fc.property(shapes(registerCall, 7), told, judge(registerModel)), { numRuns: 400 });
  fc.assert(fc.property(shapes(counterCall, 7), told, judge(counterModel)), { numRuns: 400 });
  assert.ok(verdicts.yes > 50 && verdicts.no > 50, JSON.stringify(verdicts));
});

/** A history as a right book would give it: each operation happens at a moment of its own, between asking and answer. */
function rightHistory(made: readonly Shape<BookCall>[], chances: readonly number[]): Recorded<BookCall, BookResult>[] {
  const moments = made.map(({ askedAt, answeredAt }, place) => ({
    place,
    at: askedAt + ((answeredAt ?? 20_000) - askedAt) * (((chances[place] ?? 0) % 97) / 97),
  }));
  const values: string[] = [];
  const results = new Map<number, BookResult>();
  for (const { place } of moments.toSorted((one, other) => one.at - other.at)) {
    const call = made[place]?.call;
    if (call?.what === "enter") results.set(place, { number: values.push(call.value) });
    else results.set(place, { values: [...values] });
  }
  return made.map(({ call, askedAt, answeredAt }, place) => ({
    ...{ key: "k", client: `c${place}`, call, askedAt },
    ...(answeredAt !== undefined && { answer: { at: answeredAt, result: results.get(place) as BookResult } }),
  }));
}
const bookCalls = shapes(fc.boolean(), 60).map((all) =>
  all.map(
    ({ call, ...rest }, place): Shape<BookCall> => ({
      ...rest,
      call: call ? { what: "enter", value: `v${place}` } : { what: "read" },
    }),
  ),
);
const chances = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });

test("believes whatever a right book tells sixty operations that overlap, some of them unanswered", () => {
  fc.assert(
    fc.property(bookCalls, chances, (made, at) => {
      const verdict = checkLinearizable(rightHistory(made, at), bookModel);
      assert.equal(verdict.kind, "linearizable", wordsOf(verdict));
    }),
  );
});

test("does not believe a book that lost an entry, had one twice, or gave two the same number", () => {
  fc.assert(
    fc.property(bookCalls, chances, fc.nat(), (made, at, chance) => {
      const history = rightHistory(made, at);
      const after = { key: "k", client: "last", call: { what: "read" } as const, askedAt: 90_000 };
      const entered = history.flatMap(({ call, answer }) => (answer && call.what === "enter" ? call.value : []));
      fc.pre(entered.length > 0);
      const found = history.flatMap(({ call }) => (call.what === "enter" ? call.value : []));
      const victim = entered[chance % entered.length] as string;
      for (const values of [found.filter((value) => value !== victim), [...found, victim]]) {
        const read = { ...after, answer: { at: 90_001, result: { values } } };
        assert.equal(checkLinearizable([...history, read], bookModel).kind, "not-linearizable");
      }
      const number = history.findLast(({ call, answer }) => answer && call.what === "enter")?.answer?.result;
      const late = { key: "k", client: "last", call: { what: "enter", value: "late" } as const, askedAt: 90_000 };
      const twice = { ...late, answer: { at: 90_001, result: number as BookResult } };
      assert.equal(checkLinearizable([...history, twice], bookModel).kind, "not-linearizable");
    }),
  );
});

test("says which answer does not fit, and judges each key by itself", () => {
  const one = (key: string, at: number, call: RegisterCall, result: number): Recorded<RegisterCall, number> => ({
    ...{ key, client: "c", call, askedAt: at, answer: { at: at + 1, result } },
  });
  const history = [
    one("a", 0, { what: "write", value: 1 }, 0),
    one("b", 2, { what: "read" }, 0),
    one("a", 4, { what: "read" }, 1),
    one("a", 6, { what: "read" }, 0),
  ];
  const verdict = checkLinearizable(history, registerModel);
  assert.ok(verdict.kind === "not-linearizable");
  assert.deepEqual([verdict.key, verdict.stuckAt.askedAt, verdict.order.length], ["a", 6, 2]);
  assert.match(wordsOf(verdict), /does not fit:\n {2}6–7 c: \{"what":"read"\} → 0/);
  assert.equal(checkLinearizable(history.slice(0, 3), registerModel).kind, "linearizable");
});

test("says that it does not know where the search is too long", () => {
  const history = Array.from(
    { length: 14 },
    (_, n): Recorded<CounterCall, number> => ({
      ...{ key: "k", client: "c", call: { what: "add", by: 1 << n }, askedAt: n, answer: { at: 100 + n, result: -1 } },
    }),
  );
  const last = history[13] as Recorded<CounterCall, number>;
  const hopeless = [
    ...history.map(({ answer: _, ...asked }) => asked),
    { ...last, askedAt: 200, answer: { at: 201, result: -1 } },
  ];
  assert.equal(checkLinearizable(hopeless, counterModel, 1_000).kind, "unknown");
});

test("a recorder notes when each was asked and told, and what was never told", async () => {
  const recorder = new Recorder<CounterCall, number>();
  const first = Promise.withResolvers<number>();
  const adding = recorder.run({ key: "k", client: "a", call: { what: "add", by: 2 } }, () => first.promise);
  await recorder.run({ key: "k", client: "b", call: { what: "read" } }, async () => 0);
  first.resolve(2);
  await adding;
  await recorder.run({ key: "k", client: "b", call: { what: "read" } }, async () => undefined);
  const [one, two, three] = recorder.operations;
  assert.deepEqual([one?.askedAt, two?.askedAt, two?.answer?.at, one?.answer?.at], [0, 1, 2, 3]);
  assert.ok(three !== undefined && !("answer" in three));
  assert.equal(checkLinearizable(recorder.operations, counterModel).kind, "linearizable");
});
