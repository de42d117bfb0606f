/**
 * Cases of five user tasks, the state durable at each wait: our engine on rows, and bpmn-engine saving its state into a row and
 * recovering it from there. Both on the same PostgreSQL, one transaction a step, interleaved rounds; medians.
 *
 *   node bench/procedures.ts [--seconds 6] [--rounds 3] [--workers 16]
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Engine } from "bpmn-engine";
import type { Database } from "#kernel/database/sql";
import { testDatabase } from "#kernel/database/testing";
import { openProcedures } from "#kernel/procedures/open-procedures";
import type { Procedures } from "#kernel/procedures/procedures";

const TASKS = 5;
const GOAL = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "6" },
    rounds: { type: "string", default: "3" },
    workers: { type: "string", default: "16" },
    json: { type: "boolean", default: false },
  },
});

function fiveTasks(): string {
  const ids = ["start", ...Array.from({ length: TASKS }, (_, at) => `task${at + 1}`), "end"];
  const tasks = ids
    .slice(1, -1)
    .map(
      (id) =>
        `<bpmn:userTask id="${id}" name="${id}"><bpmn:extensionElements><zt:performer duty="bench.handle"/></bpmn:extensionElements></bpmn:userTask>`,
    );
  const flows = ids
    .slice(1)
    .map((id, at) => `<bpmn:sequenceFlow id="flow${at}" sourceRef="${ids[at]}" targetRef="${id}"/>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zt="urn:zhengtong:bpmn" id="d" targetNamespace="urn:bench">
<bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="start"/>${tasks.join("")}<bpmn:endEvent id="end"/>${flows.join("")}</bpmn:process>
</bpmn:definitions>`;
}

/** Runs whole cases until the time is up; gives the latency of each completion, in milliseconds. */
type Walk = (caseNumber: number, record: (ms: number) => void) => Promise<void>;

interface Round {
  readonly completionsPerSecond: number;
  readonly p99Ms: number;
}

let cases = 0;

async function round(walk: Walk, seconds: number, workers: number): Promise<Round> {
  const latencies: number[] = [];
  const begun = performance.now();
  const until = begun + seconds * 1000;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (performance.now() < until) {
        cases += 1;
        await walk(cases, (ms) => latencies.push(ms));
      }
    }),
  );
  const elapsed = (performance.now() - begun) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    completionsPerSecond: latencies.length / elapsed,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

function ours(database: Database, procedures: Procedures): Walk {
  return async (number, record) => {
    const at = "2026-03-02T01:00:00Z";
    const caseId = uuid(number);
    const begun = await database.transaction((tx) =>
      procedures.start(tx, {
        caseId,
        number: `B-${number}`,
        room: "bench",
        service: "five",
        variables: { amount: 3 },
        by: "a",
        at,
      }),
    );
    let open = begun.ok ? begun.change.opened[0] : undefined;
    for (let task = 1; task <= TASKS; task++) {
      const taskId = open?.taskId ?? 0;
      const before = performance.now();
      const done = await database.transaction((tx) =>
        procedures.complete(tx, {
          caseId,
          taskId,
          by: `official-${task}`,
          outcome: "done",
          at,
          variables: { step: task },
        }),
      );
      record(performance.now() - before);
      if (!done.ok) throw new Error(done.refusal);
      if ((done.change.status === "completed") !== (task === TASKS)) throw new Error("a case ended at the wrong task");
      open = done.change.opened[0];
    }
  };
}

/** The peer as its documentation says: execute, getState; recover, resume, signal, getState. */
function theirs(database: Database, source: string): Walk {
  return async (number, record) => {
    const caseId = uuid(number);
    const engine = new Engine({ name: "five", source, variables: { amount: 3 } } as never);
    await engine.execute();
    const first = JSON.stringify(await engine.getState());
    engine.stop();
    await database.transaction((tx) => tx.query("INSERT INTO peer (id, state) VALUES ($1, $2)", [caseId, first]));
    for (let task = 1; task <= TASKS; task++) {
      const before = performance.now();
      await database.transaction(async (tx) => {
        const [row] = await tx.query<{ state: string }>("SELECT state FROM peer WHERE id = $1 FOR UPDATE", [caseId]);
        const recovered = new Engine().recover(JSON.parse(row?.state ?? "{}"));
        const execution = await recovered.resume();
        execution.signal({ id: `task${task}`, step: task });
        const state = JSON.stringify(await recovered.getState());
        if ((execution.state === "idle") !== (task === TASKS))
          throw new Error(`the peer is ${execution.state} at ${task}`);
        recovered.stop();
        await tx.query("UPDATE peer SET state = $2 WHERE id = $1", [caseId, state]);
      });
      record(performance.now() - before);
    }
  };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function main(): Promise<void> {
  const [seconds, rounds, workers] = [Number(values.seconds), Number(values.rounds), Number(values.workers)];
  const folder = join(import.meta.dirname, "../src/kernel/procedures/migrations");
  await using test = await testDatabase({ migrations: [{ scope: "procedures", folder }], open: { poolSize: workers } });
  const { database } = test;
  await database.query("CREATE TABLE peer (id uuid PRIMARY KEY, state text NOT NULL)");
  const source = fiveTasks();
  const procedures = openProcedures();
  await procedures.define(database, {
    room: "bench",
    services: ["five"],
    sources: [source],
    at: "2026-03-02T01:00:00Z",
  });
  const walks = { ours: ours(database, procedures), theirs: theirs(database, source) };
  for (const walk of Object.values(walks)) await round(walk, 1, workers);
  const results: { ours: Round[]; theirs: Round[] } = { ours: [], theirs: [] };
  for (let at = 0; at < rounds; at++) {
    results.theirs.push(await round(walks.theirs, seconds, workers));
    results.ours.push(await round(walks.ours, seconds, workers));
  }
  const figure = (list: readonly Round[]) => ({
    completionsPerSecond: Math.round(median(list.map((each) => each.completionsPerSecond))),
    p99Ms: Math.round(median(list.map((each) => each.p99Ms))),
  });
  const [mine, peer] = [figure(results.ours), figure(results.theirs)];
  const ratio = median(
    results.ours.map((each, at) => each.completionsPerSecond / (results.theirs[at]?.completionsPerSecond ?? 1)),
  );
  if (values.json) {
    console.log(JSON.stringify({ figure: "procedures", ours: mine, peer, ratio, goal: GOAL }));
    return;
  }
  console.log(`five user tasks, ${workers} workers, ${rounds} rounds of ${seconds} s, medians`);
  console.log(`ours         ${mine.completionsPerSecond} completions/s, p99 ${mine.p99Ms} ms`);
  console.log(`bpmn-engine  ${peer.completionsPerSecond} completions/s, p99 ${peer.p99Ms} ms`);
  console.log(`ratio        ${ratio.toFixed(1)} × (goal ${GOAL} ×)`);
}

await main();
