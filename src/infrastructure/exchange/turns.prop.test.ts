import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type LineLimits, Turns, type TurnsOptions } from "./turns.ts";

const lineLimits: fc.Arbitrary<LineLimits> = fc.record(
  {
    waiting: fc.integer({ min: 1, max: 12 }),
    active: fc.integer({ min: 3, max: 5 }),
    activeBeside: fc.integer({ min: 1, max: 3 }),
  },
  { noNullPrototype: true },
);
const turn = fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom("c", "d", "e"));
type Step =
  | { readonly what: "offer"; readonly turn: readonly [string, string]; readonly cost: number }
  | { readonly what: "done"; readonly turn: readonly [string, string] }
  | { readonly what: "take" }
  | { readonly what: "wait"; readonly ms: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant("offer" as const), turn, cost: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ what: fc.constant("done" as const), turn }),
  fc.constant({ what: "take" } as const),
  fc.record({ what: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 20 }) }),
);

test("bounds hold, nothing is lost, doubled or forgotten, and the order of each line stays", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 8 }),
      fc.tuple(lineLimits, lineLimits),
      fc.array(step, { maxLength: 200 }),
      (waiting, active, levels, steps) => {
        let nowMs = 0;
        const whole = { waiting, active };
        const queue = new Turns<{ readonly name: string; readonly n: number }>({
          ...{ whole, levels, presentMs: 10, nowMs: () => nowMs },
        });
        const under = new Map<string, number>();
        const next = new Map<string, number>();
        const add = (name: string, n: number) => under.set(name, (under.get(name) ?? 0) + n);
        const of = (prefix: string) =>
          [...under].reduce((sum, [name, n]) => (name.startsWith(prefix) ? sum + n : sum), 0);
        let [offered, taken] = [0, 0];
        const take = () => {
          const item = queue.take();
          if (item === undefined) return false;
          taken += 1;
          assert.ok(item.n >= (next.get(item.name) ?? 0));
          next.set(item.name, item.n + 1);
          add(item.name, 1);
          assert.ok(of(item.name) <= levels[1].active && of(item.name[0] ?? "") <= levels[0].active);
          return true;
        };
        for (const one of steps) {
          if (one.what === "wait") nowMs += one.ms;
          else if (one.what === "take") take();
          else if (one.what === "offer") {
            const fits =
              queue.waiting < waiting &&
              queue.waitingOf(one.turn.slice(0, 1)) < levels[0].waiting &&
              queue.waitingOf(one.turn) < levels[1].waiting;
            assert.equal(queue.hasRoom(one.turn), fits);
            assert.equal(queue.offer(one.turn, { name: one.turn.join(""), n: offered }, one.cost), fits);
            if (fits) offered += 1;
          } else if (of(one.turn.join("")) > 0) {
            add(one.turn.join(""), -1);
            queue.done(one.turn);
          }
          assert.equal(queue.active, of(""));
          assert.ok(queue.active <= active);
          assert.equal(queue.waiting, offered - taken);
        }
        // Whatever waits comes to its turn when others are done.
        while (taken < offered) {
          if (take()) continue;
          const [name] = [...under].find(([, n]) => n > 0) ?? [];
          assert.ok(name !== undefined, "somebody waits, nobody is under way, and nobody is taken");
          add(name, -1);
          queue.done([...name]);
        }
        assert.equal(queue.drain().length, 0);
      },
    ),
  );
});

const MANY: LineLimits = { waiting: 9_999, active: 9_999 };

function turns(...levels: readonly LineLimits[]) {
  const clock = { ms: 0 };
  const options: TurnsOptions = { whole: MANY, levels, presentMs: 1_000, nowMs: () => clock.ms };
  return { queue: new Turns<string>(options), clock };
}

function taken(queue: Turns<string>, count: number): string {
  return Array.from({ length: count }, () => queue.take() ?? "-").join(" ");
}

test("one who brings a thousand does not come between two who bring one", () => {
  const { queue } = turns(MANY);
  for (let n = 0; n < 1_000; n++) queue.offer(["noisy"], `noisy-${n}`);
  queue.offer(["quiet"], "quiet");
  queue.offer(["other"], "other");
  assert.equal(taken(queue, 4), "noisy-0 quiet other noisy-1");
});

test("turns are of nodes first, then of the clients of one, then of those for whom a client asks", () => {
  const { queue } = turns(MANY, MANY, MANY);
  // A room that asks for a hundred persons has no more turns than one that asks for one.
  for (let n = 0; n < 100; n++) queue.offer(["county", "noisy", `person-${n}`], `n${n}`);
  for (const n of [1, 2, 3]) queue.offer(["county", "quiet", "person"], `q${n}`);
  for (const n of [1, 2]) queue.offer(["city", "room", "person"], `c${n}`);
  assert.equal(taken(queue, 9), "n0 c1 q1 c2 n1 q2 n2 q3 n3");
});

test("within a client one person does not come between others", () => {
  const { queue } = turns(MANY, MANY);
  for (let n = 0; n < 50; n++) queue.offer(["room", "busy"], `b${n}`);
  queue.offer(["room", "patient"], "p");
  assert.equal(taken(queue, 3), "b0 p b1");
});

test("what costs more than one turn is paid for with later ones, and nobody waits for a debt alone", () => {
  const { queue } = turns(MANY);
  for (let n = 0; n < 3; n++) queue.offer(["large"], `L${n}`, 3);
  for (let n = 0; n < 5; n++) queue.offer(["small"], `s${n}`);
  assert.equal(taken(queue, 8), "L0 s0 s1 s2 L1 s3 s4 L2");
});

test("one who is alone may have much under way, one who has company leaves room for it until it is gone", () => {
  const { queue, clock } = turns({ waiting: 9_999, active: 6, activeBeside: 2 });
  for (let n = 0; n < 20; n++) queue.offer(["noisy"], `n${n}`);
  assert.equal(taken(queue, 7), "n0 n1 n2 n3 n4 n5 -");
  queue.offer(["quiet"], "q0");
  assert.equal(taken(queue, 2), "q0 -");
  queue.done(["quiet"]);
  for (let n = 0; n < 4; n++) queue.done(["noisy"]);
  assert.equal(queue.take(), undefined, "two are still under way");
  queue.done(["noisy"]);
  assert.equal(taken(queue, 2), "n6 -");
  queue.offer(["quiet"], "q1");
  queue.done(["noisy"]);
  assert.equal(taken(queue, 3), "q1 n7 -");
  clock.ms += 1_000;
  queue.done(["noisy"]);
  assert.equal(taken(queue, 6), "n8 n9 n10 n11 n12 -");
});
