import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "#kernel/database/database";
import type { Database } from "#kernel/database/sql";
import { readConfiguration } from "../../src/node/configuration.ts";
import { runningPostgresUrl } from "../../src/node/embedded-postgres.ts";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { onKernel } from "../../src/node/on-kernel.ts";
import { beginDraft, fillDraft, openTask, STEPS, submitApplication } from "../adversarial/licence-walk.ts";
import { RawClient } from "../adversarial/raw-client.ts";
import { nextCodesComeAtOnce } from "../harness/next-codes.ts";
import { type NodeProcess, processesNaming, startProcess, withDataFolder } from "../harness/node-process.ts";
import {
  type Acknowledged,
  assertAcknowledged,
  assertFinished,
  assertLedgerAgrees,
  assertNoHalfAct,
  counted,
} from "./killed-cases.ts";

/**
 * A hundred licence cases at once, driven over HTTP by people who try again when they get no answer, while the node and PostgreSQL are
 * killed at random moments. What was acknowledged must be there, once; what was not must be there whole or not at all.
 */

const CASES = Number(process.env["ZHENGTONG_KILLED_CASES"] ?? 100);
const WORKERS = 8;
/** In turn, until the cases are finished, so often at most. */
const KILLS = ["node", "postgres", "postgres", "both"] as const;
const MOST_KILLS = 12;
/** A minute and a half where the machine is free. */
const WHOLE_MS = 15 * 60_000;
const START_MS = 240_000;
const KILL_EVERY_MS = [3_000, 10_000] as const;
const SEED = Number(process.env["ZHENGTONG_SEED"] ?? Date.now() % 1_000_000);

/** mulberry32: a seed that is printed gives the same moments again. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/** Once the test has failed, nobody goes on. */
const givenUp = new AbortController();

/** Does one thing until it is known to be done, however often the node dies meanwhile. */
async function until<T>(deadline: number, attempt: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  while (performance.now() < deadline && !givenUp.signal.aborted) {
    try {
      const found = await attempt();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await sleep(250);
  }
  throw new Error(`it was not done in time: ${last instanceof Error ? last.stack : last}`);
}

class People {
  readonly #address: string;
  readonly #deadline: number;
  readonly #sessions = new Map<string, Promise<RawClient>>();
  readonly clients: RawClient[] = [];

  constructor(address: string, deadline: number) {
    this.#address = address;
    this.#deadline = deadline;
  }

  as(name: string): Promise<RawClient> {
    const known = this.#sessions.get(name);
    if (known) return known;
    const entering = until(this.#deadline, async () => {
      const client = new RawClient(this.#address);
      this.clients.push(client);
      await client.signIn(name);
      // Now, while nobody kills: a new token whose answer is lost would sign everybody out who shares the session.
      await client.prove();
      return client;
    });
    this.#sessions.set(name, entering);
    return entering;
  }

  /** Fills in a draft and sends it in, from the form on again when something got no answer. */
  async submit(owner: string, acknowledged: Acknowledged): Promise<string> {
    const client = await this.as(owner);
    const draft = await until(this.#deadline, () => beginDraft(client));
    const caseId = await until(this.#deadline, async () => {
      // Submitted without an answer: then the draft is the case.
      const seen = await client.send(`/cases/${draft}`);
      if (seen.status === 200) return draft;
      if (seen.status !== 404) throw new Error(`${seen.status} ${String(seen.headers.location)} at /cases/${draft}`);
      await fillDraft(client, draft);
      return await submitApplication(client, draft);
    });
    acknowledged.submitted.add(caseId);
    return caseId;
  }

  /** Does the step of an official; a task that is gone was done by an attempt that got no answer. */
  async step(
    by: string,
    at: { readonly caseId: string; readonly fields: (typeof STEPS)[number]["fields"] },
    acknowledged: Acknowledged,
  ) {
    const client = await this.as(by);
    let seen: string | undefined;
    await until(this.#deadline, async () => {
      const href = await openTask(client, at.caseId);
      if (seen !== undefined && href !== seen) return true;
      if (href === undefined) return undefined;
      seen = href;
      const page = await client.open(href);
      const done = await client.fillOnly(page, new RegExp(`${href}$`), at.fields);
      if (done.status !== 303) throw new Error(`${by}: ${done.status} at ${done.path}`);
      acknowledged.done.push({ caseId: at.caseId, taskId: Number(/\d+$/.exec(href)?.[0]) });
      return true;
    });
  }
}

async function clusterOf(data: string): Promise<string> {
  const pointer = await readFile(join(data, "postgres.location"), "utf8").catch(() => undefined);
  return pointer?.split("\n")[0] ?? join(data, "postgres");
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {} // gone meanwhile
}

/** One of the hundred: what is to be done next, and whether somebody is at it. */
interface Walk {
  caseId: string;
  next: number;
  busy: boolean;
}

/** Does the next thing of some case, until all are done: all of them are open at once. */
async function work(people: People, walks: readonly Walk[], acknowledged: Acknowledged, random: () => number) {
  for (;;) {
    const open = walks.filter(({ next, busy }) => !busy && next <= STEPS.length);
    const walk = open[Math.floor(random() * open.length)];
    if (walk === undefined) return;
    walk.busy = true;
    const step = STEPS[walk.next - 1];
    if (step === undefined) walk.caseId = await people.submit("owner", acknowledged);
    else await people.step(step.by, { caseId: walk.caseId, fields: step.fields }, acknowledged);
    walk.next += 1;
    walk.busy = false;
  }
}

test(`${CASES} concurrent cases come to their end through kill -9 of the node and of PostgreSQL (seed ${SEED})`, {
  skip: process.platform !== "linux" && "processes are looked for in /proc",
  timeout: WHOLE_MS + 60_000,
}, async (context) => {
  context.diagnostic(`ZHENGTONG_SEED=${SEED} chooses the same moments again`);
  await withDataFolder(async (data) => {
    const random = randomOf(SEED);
    const deadline = performance.now() + WHOLE_MS;
    const port = String(await freePort());
    const address = `http://127.0.0.1:${port}`;
    const environment = { ZHENGTONG_DATA: data, ZHENGTONG_PORT: port, ZHENGTONG_LOG_LEVEL: "error" };
    let said = "";
    const start = (): NodeProcess => startProcess(["test/adversarial/county-program.ts"], { environment });
    let node = start();
    await node.said(/ready http/, START_MS);
    const onDatabase = async <T>(look: (database: Database) => Promise<T>): Promise<T> => {
      const database = await until(deadline, async () =>
        openDatabase({ url: (await runningPostgresUrl(data)) ?? "", poolSize: 2 }),
      );
      try {
        return await look(database);
      } finally {
        await database.close();
      }
    };
    await onDatabase(nextCodesComeAtOnce);
    const people = new People(address, deadline);
    for (const name of new Set(["owner", ...STEPS.map(({ by }) => by)])) await people.as(name);
    const acknowledged: Acknowledged = { submitted: new Set(), done: [] };
    const walks = Array.from({ length: CASES }, (): Walk => ({ caseId: "", next: 0, busy: false }));
    const chosen = randomOf(SEED + 1);
    const working = Promise.all(Array.from({ length: WORKERS }, () => work(people, walks, acknowledged, chosen)));
    let over = false;
    const ended = working.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    try {
      for (let kills = 0; kills < MOST_KILLS && !over; kills += 1) {
        const waitMs = KILL_EVERY_MS[0] + random() * (KILL_EVERY_MS[1] - KILL_EVERY_MS[0]);
        await Promise.race([sleep(waitMs), ended]);
        if (over) break;
        const victim = KILLS[kills % KILLS.length] ?? "node";
        const servers = await processesNaming(await clusterOf(data));
        const steps = `${acknowledged.submitted.size} submitted, ${acknowledged.done.length} steps`;
        context.diagnostic(`${steps}: kill -9 of ${victim}`);
        const acts: Acknowledged = { submitted: new Set(acknowledged.submitted), done: [...acknowledged.done] };
        const before = node.output().length;
        if (victim !== "node") for (const pid of servers) kill(pid);
        if (victim === "postgres") {
          await until(deadline, async () => /started again/.test(node.output().slice(before)) || undefined);
        } else {
          kill(node.pid);
          await node.ended;
          said += node.output();
          node = start();
          await node.said(/ready http/, START_MS);
        }
        await onDatabase(async (database) => {
          await assertAcknowledged(database, acts, `after kill -9 of ${victim}`);
          await assertNoHalfAct(database, `after kill -9 of ${victim}`);
        });
      }
      await working;
      await onDatabase(async (database) => {
        await until(deadline, async () => {
          const running = await counted(database, `SELECT FROM procedure."case" WHERE status = 'running'`);
          const waiting = await counted(database, "SELECT FROM service.notice WHERE status <> 'delivered'");
          const sent = await counted(database, "SELECT FROM act.message WHERE status = 'waiting'");
          return running + waiting + sent === 0 ? true : undefined;
        });
        await assertAcknowledged(database, acknowledged, "at the end");
        await assertNoHalfAct(database, "at the end");
        await assertFinished(database, CASES);
      });
    } catch (error) {
      // Nobody goes on, and what the node said last is shown.
      givenUp.abort();
      context.diagnostic(node.output().slice(-4_000));
      throw error;
    }
    for (const client of people.clients) client.close();
    node.child.kill("SIGTERM");
    assert.equal(await node.ended, EXIT_CODES.OK);
    said += node.output();
    assert.doesNotMatch(said, /ERR_ASSERTION|Unhandled|uncaught/i, "no rule of the program itself was broken");
    const verify = startProcess(["src/node/main.ts", "ledger", "verify"], { environment: { ZHENGTONG_DATA: data } });
    assert.equal(await verify.ended, EXIT_CODES.OK, verify.output());
    await onKernel(readConfiguration({ ZHENGTONG_DATA: data }, data), {}, ({ kernel, database }) =>
      assertLedgerAgrees(kernel, database),
    );
  });
});
