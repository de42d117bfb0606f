import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { advance, INITIAL_STATE } from "./advance.ts";
import { compileProcedure } from "./compile.ts";
import { diagram, flow, messageEvent, node, service, task, timerEvent } from "./testing.ts";
import type { CaseState, Effect, Procedure, ProcedureEvent, Wait } from "./types.ts";

/** A well-formed diagram: nested blocks with one way in and one way out. */
type Block =
  | { readonly kind: "task" | "service" | "message" | "timer"; readonly people?: number }
  | { readonly kind: "sequence" | "choice" | "fork" | "race"; readonly blocks: readonly Block[] }
  | { readonly kind: "scope"; readonly block: Block; readonly boundary: "none" | "interrupting" | "reminding" };

const block: fc.Arbitrary<Block> = fc.letrec<{ block: Block }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({
      kind: fc.constantFrom("task" as const, "service" as const, "message" as const, "timer" as const),
      people: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({
      kind: fc.constantFrom("sequence" as const, "choice" as const, "fork" as const, "race" as const),
      blocks: fc.array(tie("block"), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant("scope" as const),
      block: tie("block"),
      boundary: fc.constantFrom("none" as const, "interrupting" as const, "reminding" as const),
    }),
  ),
})).block;

/** Writes blocks as BPMN, and keeps for each join what must be done before it. */
class Drawn {
  readonly parts: string[] = [];
  #next = 0;

  id(prefix: string): string {
    return `${prefix}${++this.#next}`;
  }

  /** Draws a block; gives the ids of its first and last element. */
  draw(drawn: Block): readonly [string, string] {
    switch (drawn.kind) {
      case "task":
        return this.#one(this.id("t"), (id) => task(id, { performer: `duty="d" count="${drawn.people ?? 1}"` }));
      case "service":
        return this.#one(this.id("s"), service);
      case "message":
        return this.#one(this.id("m"), (id) => node("intermediateCatchEvent", id, messageEvent("told")));
      case "timer":
        return this.#one(this.id("c"), (id) => node("intermediateCatchEvent", id, timerEvent("P1D")));
      case "sequence": {
        const ends = drawn.blocks.map((each) => this.draw(each));
        ends.slice(1).forEach(([first], at) => {
          this.parts.push(flow(ends[at]?.[1] ?? "", first));
        });
        return [ends[0]?.[0] ?? "", ends.at(-1)?.[1] ?? ""];
      }
      case "choice":
        return this.#branches(drawn.blocks, "exclusiveGateway", "exclusiveGateway");
      case "fork":
        return this.#branches(drawn.blocks, "parallelGateway", "parallelGateway");
      case "race":
        return this.#race(drawn.blocks);
      case "scope":
        return this.#scope(drawn.block, drawn.boundary);
    }
  }

  #one(id: string, draw: (id: string) => string): readonly [string, string] {
    this.parts.push(draw(id));
    return [id, id];
  }

  #branches(blocks: readonly Block[], split: string, merge: string): readonly [string, string] {
    const [open, close] = [this.id("g"), this.id("j")];
    const choice = split === "exclusiveGateway";
    const flows = blocks.map((each, at) => {
      const [first, last] = this.draw(each);
      const id = `${open}-${first}`;
      const isDefault = at === blocks.length - 1;
      this.parts.push(flow(open, first, choice && !isDefault ? `pick = ${at}` : undefined, id), flow(last, close));
      return id;
    });
    this.parts.push(node(split, open, "", choice ? `default="${flows.at(-1)}"` : ""), node(merge, close));
    return [open, close];
  }

  #race(blocks: readonly Block[]): readonly [string, string] {
    const [open, close] = [this.id("e"), this.id("j")];
    for (const each of blocks) {
      const [first, last] = this.draw(each);
      const [event] = this.#one(this.id("c"), (id) => node("intermediateCatchEvent", id, timerEvent("P1D")));
      this.parts.push(flow(open, event), flow(event, first), flow(last, close));
    }
    this.parts.push(node("eventBasedGateway", open), node("exclusiveGateway", close));
    return [open, close];
  }

  #scope(inner: Block, boundary: "none" | "interrupting" | "reminding"): readonly [string, string] {
    const [id, close] = [this.id("p"), this.id("j")];
    const inside = new Drawn();
    inside.#next = this.#next;
    const [first, last] = inside.draw(inner);
    const [start, end] = [inside.id("b"), inside.id("z")];
    this.#next = inside.#next;
    inside.parts.push(node("startEvent", start), node("endEvent", end), flow(start, first), flow(last, end));
    this.parts.push(node("subProcess", id, inside.parts.join("")), node("exclusiveGateway", close), flow(id, close));
    if (boundary !== "none") {
      const at = this.id("x");
      const interrupting = boundary === "interrupting";
      this.parts.push(
        node("boundaryEvent", at, timerEvent("P1D"), `attachedToRef="${id}" cancelActivity="${interrupting}"`),
      );
      if (interrupting) this.parts.push(flow(at, close));
      else this.parts.push(node("endEvent", `${at}-end`), flow(at, `${at}-end`));
    }
    return [id, close];
  }
}

function draw(whole: Block): string {
  const drawn = new Drawn();
  const [first, last] = drawn.draw(whole);
  drawn.parts.push(node("startEvent", "start"), node("endEvent", "end"), flow("start", first), flow(last, "end"));
  return diagram(...drawn.parts);
}

function answer(wait: Wait, pick: number): ProcedureEvent {
  switch (wait.kind) {
    case "task":
      return { type: "task-completed", wait: wait.id, variables: { pick, outcome: "done" } };
    case "service":
      return { type: "service-done", wait: wait.id, variables: {} };
    case "timer":
      return { type: "timer-fired", wait: wait.id };
    case "message":
      return { type: "message-delivered", wait: wait.id, variables: {} };
  }
}

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
