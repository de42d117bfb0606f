import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { advance, INITIAL_STATE } from "./advance.ts";
import { compileProcedure } from "./compile.ts";
import { answer, type Block, block, draw } from "./testing-diagrams.ts";
import type { CaseState, Effect, Procedure, Wait } from "./types.ts";

const STEPS_MAX = 2_000;

/** Each wait has its token, each token its scope and a reason to be there. */
function checkState(procedure: Procedure, state: CaseState): void {
  const ids = new Set<number>();
  for (const row of [...state.tokens, ...state.waits]) {
    assert.ok(!ids.has(row.id) && row.id < state.nextId, "ids are used once");
    ids.add(row.id);
  }
  const tokens = new Map(state.tokens.map((token) => [token.id, token]));
  for (const wait of state.waits) assert.ok(tokens.has(wait.token), "a wait belongs to a token");
  for (const token of state.tokens) {
    assert.ok(token.scope === 0 || tokens.has(token.scope), "a token is inside something that is there");
    const waits = state.waits.some((wait) => wait.token === token.id);
    const holds = state.tokens.some((other) => other.scope === token.id);
    assert.ok(waits || holds || token.via !== undefined, "a token waits, holds others, or is at a join");
    assert.ok(procedure.elements.has(token.element));
  }
}

/** What was opened and set is, at the end, exactly what was closed, fired or cancelled. */
function balance(open: Map<number, Wait>, effects: readonly Effect[]): void {
  for (const effect of effects) {
    switch (effect.type) {
      case "task-opened":
      case "service-requested":
      case "timer-set":
      case "message-awaited":
        assert.ok(!open.has(effect.wait.id));
        open.set(effect.wait.id, effect.wait);
        break;
      case "task-closed":
      case "service-cancelled":
      case "timer-cancelled":
      case "message-cancelled":
        assert.ok(open.delete(effect.wait.id), "only what is open is closed");
        break;
    }
  }
}

test("any well-formed diagram, with any choice of what happens next, comes to its end and loses no token", async () => {
  await fc.assert(
    fc.asyncProperty(block, fc.infiniteStream(fc.nat({ max: 1000 })), async (whole, choices) => {
      const procedure = await compileProcedure(draw(whole));
      const open = new Map<number, Wait>();
      let { state, effects } = advance(procedure, INITIAL_STATE, { type: "start", variables: { pick: 0 } });
      balance(open, effects);
      for (let steps = 0; state.status === "running"; steps++) {
        assert.ok(steps < STEPS_MAX, "it ends");
        checkState(procedure, state);
        assert.deepEqual(new Set(open.keys()), new Set(state.waits.map((wait) => wait.id)), "effects tell the waits");
        const choice: number = choices.next().value ?? 0;
        const wait = state.waits[choice % state.waits.length];
        assert.ok(wait, "a running case waits for something");
        const before = structuredClone(state);
        const next = advance(procedure, state, answer(wait, choice % 3));
        assert.deepEqual(state, before, "advance changes nothing that it was given");
        if (wait.kind !== "task") open.delete(wait.id);
        ({ state, effects } = next);
        balance(open, effects);
      }
      assert.equal(state.status, "completed");
      assert.equal(state.outcome, "end");
      assert.deepEqual([state.tokens, state.waits, open.size], [[], [], 0]);
    }),
    { numRuns: 150 },
  );
});

test("a join opens after all its branches, and once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 5 }),
      fc.infiniteStream(fc.nat({ max: 1000 })),
      async (branches, choices) => {
        const blocks: Block[] = branches.map((length) => ({
          kind: "sequence",
          blocks: Array.from({ length }, () => ({ kind: "task" as const, people: 1 })),
        }));
        const last: Block = { kind: "task", people: 1 };
        const procedure = await compileProcedure(draw({ kind: "sequence", blocks: [{ kind: "fork", blocks }, last] }));
        const total = branches.reduce((sum, length) => sum + length, 0);
        let { state } = advance(procedure, INITIAL_STATE, { type: "start", variables: {} });
        const done: string[] = [];
        while (state.status === "running") {
          const wait: Wait | undefined = state.waits[(choices.next().value ?? 0) % state.waits.length];
          assert.ok(wait);
          done.push(wait.element);
          ({ state } = advance(procedure, state, answer(wait, 0)));
        }
        assert.equal(done.length, total + 1);
        assert.equal(new Set(done).size, total + 1, "each task once");
        const after = procedure.flows.get([...procedure.flows.keys()].find((id) => id.endsWith("-end")) ?? "")?.source;
        assert.equal(done.at(-1), after, "what stands behind the join comes last");
      },
    ),
    { numRuns: 60 },
  );
});
