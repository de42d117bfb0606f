import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FairQueue, type FairQueueLimits } from "./fair-queue.ts";

const limits: fc.Arbitrary<FairQueueLimits> = fc.record(
  {
    waiting: fc.integer({ min: 1, max: 30 }),
    waitingOfOne: fc.integer({ min: 1, max: 12 }),
    active: fc.integer({ min: 1, max: 8 }),
    activeOfOne: fc.integer({ min: 1, max: 5 }),
  },
  { noNullPrototype: true },
);
const client = fc.constantFrom("a", "b", "c", "d");
type Step = { readonly what: "offer" | "done"; readonly client: string } | { readonly what: "take" };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant("offer" as const), client }),
  fc.record({ what: fc.constant("done" as const), client }),
  fc.constant({ what: "take" } as const),
);

test("bounds hold, nothing is lost or doubled, and each client's own order stays", () => {
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 200 }), (bounds, steps) => {
      const queue = new FairQueue<{ readonly client: string; readonly n: number }>(bounds);
      const active = new Map<string, number>();
      const next = new Map<string, number>();
      let offered = 0;
      let taken = 0;
      for (const one of steps) {
        if (one.what === "offer") {
          const had = queue.waitingOf(one.client);
          const was = queue.waiting;
          const isTaken = queue.offer(one.client, { client: one.client, n: offered });
          assert.equal(isTaken, was < bounds.waiting && had < bounds.waitingOfOne);
          if (isTaken) offered += 1;
        } else if (one.what === "done") {
          if ((active.get(one.client) ?? 0) === 0) continue;
          active.set(one.client, (active.get(one.client) ?? 0) - 1);
          queue.done(one.client);
        } else {
          const item = queue.take();
          if (item === undefined) continue;
          taken += 1;
          assert.ok(item.n >= (next.get(item.client) ?? 0));
          next.set(item.client, item.n + 1);
          active.set(item.client, (active.get(item.client) ?? 0) + 1);
          assert.ok((active.get(item.client) ?? 0) <= bounds.activeOfOne);
        }
        const all = [...active.values()].reduce((sum, n) => sum + n, 0);
        assert.equal(queue.active, all);
        assert.ok(all <= bounds.active);
        assert.equal(queue.waiting, offered - taken);
      }
      assert.equal(queue.drain().length, offered - taken);
      assert.equal(queue.waiting, 0);
    }),
  );
});

test("one who brings a thousand does not come between two who bring one", () => {
  const queue = new FairQueue<string>({ waiting: 2_000, waitingOfOne: 2_000, active: 2_000, activeOfOne: 2_000 });
  for (let n = 0; n < 1_000; n++) queue.offer("noisy", `noisy ${n}`);
  queue.offer("quiet", "quiet");
  queue.offer("other", "other");
  const first = [queue.take(), queue.take(), queue.take(), queue.take()];
  assert.deepEqual(first, ["noisy 0", "quiet", "other", "noisy 1"]);
});
