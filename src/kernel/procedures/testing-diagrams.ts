import fc from "fast-check";
import { diagram, flow, messageEvent, node, service, task, timerEvent } from "./testing.ts";
import type { ProcedureEvent, Wait } from "./types.ts";

/** A well-formed diagram: nested blocks with one way in and one way out. */
export type Block =
  | { readonly kind: "task" | "service" | "message" | "timer"; readonly people?: number }
  | { readonly kind: "sequence" | "choice" | "fork" | "race"; readonly blocks: readonly Block[] }
  | { readonly kind: "scope"; readonly block: Block; readonly boundary: "none" | "interrupting" | "reminding" };

export const block: fc.Arbitrary<Block> = fc.letrec<{ block: Block }>((tie) => ({
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

/** A whole diagram around a block. */
export function draw(whole: Block): string {
  const drawn = new Drawn();
  const [first, last] = drawn.draw(whole);
  drawn.parts.push(node("startEvent", "start"), node("endEvent", "end"), flow("start", first), flow(last, "end"));
  return diagram(...drawn.parts);
}

/** What may happen next to a wait. */
export function answer(wait: Wait, pick: number): ProcedureEvent {
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
