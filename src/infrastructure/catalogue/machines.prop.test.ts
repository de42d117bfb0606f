import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { advance, KINDS, type Kind, MACHINES, type Side, type StepRule, type Taken } from "./machines.ts";
import { STATE_WORDS, STEP_WORDS } from "./matter-contract.ts";

const SIDES: readonly Side[] = ["consumer", "provider", "coordinator", "government", "node"];
const OFFICIALS = ["a", "b", "c", "d"];

const attempt = (kind: Kind) =>
  fc.record({
    step: fc.constantFrom(...Object.keys(MACHINES[kind].steps), "nothing", "toString"),
    side: fc.constantFrom(...SIDES),
    official: fc.constantFrom(...OFFICIALS),
  });

/** Plays attempts as the room does: the first step by one of the sides that may, then whatever is accepted. */
function play(kind: Kind, attempts: readonly { step: string; side: Side; official: string }[]) {
  const { first } = MACHINES[kind];
  const taken: (Taken & { state: string })[] = [
    { step: first.step, side: first.sides[0], official: "a", state: first.state },
  ];
  for (const { step, side, official } of attempts) {
    const state = taken.at(-1)?.state ?? "";
    const next = { step, side, official: side === "node" ? null : official };
    const outcome = advance(kind, { state, taken }, next);
    if ("state" in outcome) taken.push({ ...next, state: outcome.state });
  }
  return taken;
}

for (const kind of KINDS) {
  test(`a ${kind} never leaves its end, and nobody acts in it for two sides`, () => {
    fc.assert(
      fc.property(fc.array(attempt(kind), { maxLength: 60 }), (attempts) => {
        const taken = play(kind, attempts);
        const steps: Readonly<Record<string, StepRule>> = MACHINES[kind].steps;
        for (const [at, { step, state, side, official }] of taken.entries()) {
          assert.ok(state in STATE_WORDS && step in STEP_WORDS);
          const before = taken.slice(0, at);
          const last = before.at(-1);
          if (last && (MACHINES[kind].final as readonly string[]).includes(last.state)) assert.equal(step, "reopen");
          if (official !== null) assert.ok(before.every((one) => one.official !== official || one.side === side));
          if (steps[step]?.once) assert.ok(before.every((one) => one.step !== step));
        }
      }),
    );
  });

  test(`every state of a ${kind} can be reached, and has a way out unless it is an end`, () => {
    const machine = MACHINES[kind];
    const rules: readonly StepRule[] = Object.values(machine.steps);
    const reached = new Set<string>([machine.first.state]);
    for (let size = 0; size < reached.size; ) {
      size = reached.size;
      for (const { moves } of rules)
        for (const [from, to] of Object.entries(moves)) if (reached.has(from)) reached.add(to);
    }
    const named = new Set(rules.flatMap(({ moves }) => [...Object.keys(moves), ...Object.values(moves)]));
    assert.deepEqual([...named].sort(), [...reached].sort());
    for (const state of reached) {
      const leaves = rules.some(({ moves }) => moves[state] !== undefined && moves[state] !== state);
      assert.equal(leaves || (machine.final as readonly string[]).includes(state), true, state);
    }
  });
}

test("whoever suspended a grant does not resume it, and nobody accepts his own side's offer", () => {
  fc.assert(
    fc.property(fc.array(attempt("grant"), { maxLength: 60 }), (attempts) => {
      const taken = play("grant", attempts);
      for (const [at, one] of taken.entries()) {
        if (one.step !== "resume") continue;
        assert.notEqual(taken.slice(0, at).findLast(({ step }) => step === "suspend")?.official, one.official);
      }
    }),
  );
  fc.assert(
    fc.property(fc.array(attempt("dispute"), { maxLength: 60 }), (attempts) => {
      const taken = play("dispute", attempts);
      for (const [at, one] of taken.entries()) {
        if (one.step === "withdraw") assert.equal(one.side, taken[0]?.side);
        if (one.step !== "accept-settlement") continue;
        assert.notEqual(taken.slice(0, at).findLast(({ step }) => step === "offer-settlement")?.side, one.side);
      }
    }),
  );
});

test("more days are granted once for each time they were asked for", () => {
  fc.assert(
    fc.property(fc.array(attempt("request"), { maxLength: 60 }), (attempts) => {
      const taken = play("request", attempts);
      const answers = taken.filter(({ step }) => step === "grant-extension" || step === "decline-extension");
      assert.ok(answers.length <= taken.filter(({ step }) => step === "ask-extension").length);
    }),
  );
});
