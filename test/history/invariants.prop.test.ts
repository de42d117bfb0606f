import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { exactlyOnce, matchedEvidence, orderOfKeys, type Records } from "./invariants.ts";

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 20 });

test("exactly once: right runs pass; one that is lost, doubled or invented is named", () => {
  fc.assert(
    fc.property(ids, fc.nat(), (asked, chance) => {
      const acknowledged = asked.filter((_, place) => (chance >> (place % 20)) % 2 === 0);
      assert.deepEqual(exactlyOnce({ asked, acknowledged, applied: asked }), []);
      assert.deepEqual(exactlyOnce({ asked, acknowledged, applied: acknowledged }), []);
      const victim = asked[chance % asked.length] as string;
      const lost = exactlyOnce({ asked, acknowledged: asked, applied: asked.filter((one) => one !== victim) });
      assert.deepEqual(lost, [`${victim} was acknowledged and is lost`]);
      const twice = exactlyOnce({ asked, acknowledged, applied: [...asked, victim] });
      assert.deepEqual(twice, [`${victim} took effect 2 times`]);
      const invented = exactlyOnce({ asked, acknowledged, applied: [...asked, "XX"] });
      assert.deepEqual(invented, ["XX took effect and nobody asked for it"]);
    }),
  );
});

test("order of keys: any merge of the keys passes, also with gaps; two of one key exchanged do not", () => {
  const sent = fc.array(fc.record({ key: fc.constantFrom("a", "b", "c") }), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(sent, fc.array(fc.nat(), { minLength: 30, maxLength: 30 }), (keys, chances) => {
      const all = keys.map(({ key }, place) => ({ key, id: `e${place}` }));
      const queues = [...Map.groupBy(all, ({ key }) => key).values()];
      const arrived: typeof all = [];
      for (const chance of chances) {
        const left = queues.filter((queue) => queue.length > 0);
        const next = left[chance % left.length]?.shift();
        if (next !== undefined && chance % 7 !== 0) arrived.push(next);
      }
      assert.deepEqual(orderOfKeys(all, arrived), []);
      const [early] = arrived;
      const late = arrived.findLastIndex(({ key, id }) => key === early?.key && id !== early?.id);
      if (early === undefined || late < 0) return;
      const swapped = arrived.with(0, arrived[late] as typeof early).with(late, early);
      assert.ok(orderOfKeys(all, swapped).length > 0);
      assert.deepEqual(orderOfKeys(all, [{ key: "a", id: "x" }]), ["x of a arrived and was not sent"]);
    }),
  );
});

const none = () => new Map<string, string>();
const blank = (): Records => ({
  frames: { "calls-out": none(), "calls-in": none(), "answers-out": none(), "answers-in": none() },
  asked: [],
  taken: [],
});

test("matched evidence: both tell the same; one side's word that the other does not have is found, on either side", () => {
  const caller: Records = {
    ...blank(),
    frames: {
      ...blank().frames,
      "calls-out": new Map([
        ["f", "1"],
        ["lost", "2"],
      ]),
      "answers-in": new Map([["g", "3"]]),
    },
    asked: [
      { call: "f/0", answer: "g" },
      { call: "lost/0", answer: undefined },
    ],
  };
  const callee: Records = {
    ...blank(),
    frames: {
      ...blank().frames,
      "calls-in": new Map([["f", "1"]]),
      "answers-out": new Map([
        ["g", "3"],
        ["unheard", "4"],
      ]),
    },
    taken: ["f/0"],
  };
  assert.deepEqual(matchedEvidence(caller, callee), []);
  assert.deepEqual(matchedEvidence(callee, caller), []);
  const told = (one: Records, other: Records) =>
    [...matchedEvidence(one, other), ...matchedEvidence(other, one)].join("; ");
  assert.match(told(caller, { ...callee, taken: [] }), /call f\/0 of the first was answered, and never taken/);
  assert.match(told(caller, { ...callee, taken: ["f/0", "f/0"] }), /has call f\/0 2 times/);
  const altered = { ...callee, frames: { ...callee.frames, "calls-in": new Map([["f", "9"]]) } };
  assert.match(told(caller, altered), /calls-in f of the second is not what the other sent/);
  const forged = { ...caller, frames: { ...caller.frames, "answers-in": new Map([["h", "3"]]) } };
  assert.match(told(forged, callee), /the first has answers-in h, which the other never sent/);
});
