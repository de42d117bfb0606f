import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { isFault } from "../errors/fault.ts";
import { isoOf } from "./instant.ts";
import { act, beginAct, ensureResidents, REGISTER_MIGRATIONS, resident } from "./register-fixture.ts";

let own: TestDatabase;
before(async () => {
  own = await testDatabase({ migrations: REGISTER_MIGRATIONS });
  await ensureResidents(own.database);
});
after(() => own.close());

const DAYS = 8;
const DAY_MICROS = 86_400_000_000;
const START_MICROS = Date.UTC(2026, 0, 1) * 1_000;
const day = (at: number) => isoOf(START_MICROS + at * DAY_MICROS);
/** When a step is known: long after every valid time, so that the two times are never taken for each other. */
const known = (step: number) => isoOf(START_MICROS + (1_000 + step) * DAY_MICROS);

/** What is true on each day: which version, and what it says. */
type World = readonly ({ readonly version: number; readonly address: string } | undefined)[];

type Step =
  | { readonly kind: "put"; readonly day: number }
  | { readonly kind: "correct"; readonly day: number }
  | { readonly kind: "retire"; readonly day: number };

/** The same register in memory; undefined where the step is not possible. */
function apply(world: World, step: Step, version: number): World | undefined {
  const says = { version, address: `${version}号` };
  switch (step.kind) {
    case "put":
      return world.map((each, at) => (at >= step.day ? says : each));
    case "retire":
      if (world.slice(step.day).every((each) => each === undefined)) return undefined;
      return world.map((each, at) => (at >= step.day ? undefined : each));
    case "correct": {
      const wrong = world[step.day];
      if (wrong === undefined) return undefined;
      return world.map((each) => (each?.version === wrong.version ? says : each));
    }
  }
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("put", "correct", "retire"),
    day: fc.nat({ max: DAYS - 1 }),
  }) as fc.Arbitrary<Step>,
  { minLength: 1, maxLength: 8 },
);

let numbers = 0;

test("a register says what its model says, at any time as known at any time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: DAYS - 1 }), steps, async (firstDay, sequence) => {
      numbers += 1;
      const number = `9901021990${String(numbers).padStart(7, "0")}1`;
      const write = (step: number, change: Step, key: string | undefined) =>
        act(own.database, known(step), async (handle) => {
          const value = resident({ number, address: `${step}号` });
          const at = day(change.day);
          if (change.kind === "retire") await handle.retire(key ?? "", { validTo: at });
          else if (change.kind === "correct") await handle.correct(key ?? "", value, { asOf: at });
          else return handle.put(value, key === undefined ? { validFrom: at } : { key, validFrom: at });
          return key;
        });
      const empty: World = Array.from({ length: DAYS }, () => undefined);
      const first: Step = { kind: "put", day: firstDay };
      const key = await write(0, first, undefined);
      const worlds: World[] = [apply(empty, first, 0) ?? empty];
      for (const [at, change] of sequence.entries()) {
        const before = worlds.at(-1) ?? empty;
        const next = apply(before, change, at + 1);
        if (next === undefined) {
          await assert.rejects(write(at + 1, change, key), (error) => isFault(error, "ERR_REGISTER_NO_VERSION"));
        } else await write(at + 1, change, key);
        worlds.push(next ?? before);
      }
      await agrees(key ?? "", worlds);
    }),
    { numRuns: 40 },
  );
});

async function agrees(key: string, worlds: readonly World[]): Promise<void> {
  const { handle } = beginAct(own.database, known(worlds.length));
  const asked = worlds.flatMap((world, step) => world.map((truth, at) => ({ truth, step, at })));
  await Promise.all(
    asked.map(async ({ truth, step, at }) => {
      const entry = await handle.get(key, { asOf: day(at), asKnownAt: known(step) });
      assert.equal(entry?.value.address, truth?.address, `day ${at} as known after step ${step}`);
    }),
  );
  for (const [at, truth] of (worlds.at(-1) ?? []).entries()) {
    assert.equal((await handle.get(key, { asOf: day(at) }))?.value.address, truth?.address, `day ${at} as known now`);
  }
  const history = await handle.history(key);
  for (const each of history) assert.ok(each.recordedTo === undefined || each.recordedFrom < each.recordedTo);
}
