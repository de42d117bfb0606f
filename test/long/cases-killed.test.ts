import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "#kernel/database/database";
import type { Database } from "#kernel/database/sql";
import { runningPostgresUrl } from "../../src/node/embedded-postgres.ts";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { beginDraft, fillDraft, openTask, STEPS, submitApplication } from "../adversarial/licence-walk.ts";
import { RawClient } from "../adversarial/raw-client.ts";
import { type NodeProcess, processesNaming, startProcess, withDataFolder } from "../harness/node-process.ts";

/**
 * A hundred licence cases at once, driven over HTTP by people who try again when they get no answer, while the node and PostgreSQL are
 * killed at random moments. What was acknowledged must be there, once; what was not must be there whole or not at all.
 */

const CASES = Number(process.env["ZHENGTONG_KILLED_CASES"] ?? 100);
const WORKERS = 8;
const KILLS = ["node", "postgres", "node", "both", "node", "postgres"] as const;
const WHOLE_MS = 9 * 60_000;
const KILL_EVERY_MS = [3_000, 9_000] as const;
const SEED = Number(process.env["ZHENGTONG_SEED"] ?? Date.now() % 1_000_000);

/** Open: after a kill of PostgreSQL some cases have been seen to wait without end; until that is understood it runs when asked. */
const SKIPPED =
  process.platform !== "linux"
    ? "processes are looked for in /proc"
    : process.env["ZHENGTONG_KILLED_CASES"] === undefined &&
      "not reliable yet after a kill of PostgreSQL: set ZHENGTONG_KILLED_CASES to run it";

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

/** What the node said yes to. */
interface Acknowledged {
  readonly submitted: Set<string>;
  readonly done: { readonly caseId: string; readonly taskId: number }[];
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
      return client;
    });
    this.#sessions.set(name, entering);
    return entering;
  }

  /** The drafts of a person are begun one after the other: in whose name one acts belongs to the session. */
  async submit(owner: string, acknowledged: Acknowledged): Promise<string> {
    const client = await this.as(owner);
    const draft = await until(this.#deadline, () => beginDraft(client));
    await until(this.#deadline, async () => {
      await fillDraft(client, draft);
      return true;
    });
    const caseId = await until(this.#deadline, async () => {
      try {
        return await submitApplication(client, draft);
      } catch (error) {
        // Submitted without an answer: then the draft is the case.
        const page = await client.open(`/cases/${draft}`);
        if (page.status === 200) return draft;
        throw error;
      }
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

async function counted(database: Database, sql: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM (${sql}) AS found`);
  return row?.n ?? -1;
}

/** What must never be, at any moment. */
async function assertNoHalfAct(database: Database, when: string): Promise<void> {
  for (const [what, sql] of Object.entries({
    "an application without its case": `SELECT FROM service.application a WHERE NOT EXISTS (SELECT FROM procedure."case" c WHERE c.id = a.case_id)`,
    "a case without its application": `SELECT FROM procedure."case" c WHERE NOT EXISTS (SELECT FROM service.application a WHERE a.case_id = c.id)`,
    "a submitted draft that is still there":
      "SELECT FROM service.draft d JOIN service.application a ON a.draft_id = d.id",
    "a completed task without its record": `SELECT FROM procedure.task t WHERE t.closed_by IS NOT NULL AND t.outcome <> 'cancelled'
        AND NOT EXISTS (SELECT FROM service.record r WHERE r.case_id = t.case_id AND r.task_id = t.id)`,
    "a task with two records":
      "SELECT FROM service.record WHERE task_id IS NOT NULL GROUP BY case_id, task_id HAVING count(*) > 1",
    "a notice of one kind twice": "SELECT FROM service.notice GROUP BY case_id, kind HAVING count(*) > 1",
    "a delivered notice without its message": `SELECT FROM service.notice n WHERE status = 'delivered' AND NOT EXISTS (SELECT FROM service.message m WHERE m.notice_id = n.id)`,
    "a licence number twice": `SELECT FROM procedure."case" WHERE variables ->> 'licenceNumber' IS NOT NULL GROUP BY variables ->> 'licenceNumber' HAVING count(*) > 1`,
  })) {
    assert.equal(await counted(database, sql), 0, `${when}: ${what}`);
  }
}

async function assertAcknowledged(database: Database, acknowledged: Acknowledged, when: string): Promise<void> {
  const cases = await database.query<{ id: string }>("SELECT case_id AS id FROM service.application");
  const known = new Set(cases.map(({ id }) => id));
  for (const id of acknowledged.submitted)
    assert.ok(known.has(id), `${when}: the case ${id} was acknowledged and is lost`);
  const records = await database.query<{ id: string; task: number }>(
    "SELECT case_id AS id, task_id AS task FROM service.record WHERE task_id IS NOT NULL",
  );
  const done = new Set(records.map(({ id, task }) => `${id} ${task}`));
  for (const { caseId, taskId } of acknowledged.done) {
    assert.ok(done.has(`${caseId} ${taskId}`), `${when}: task ${taskId} of ${caseId} was acknowledged and is lost`);
  }
}

test(`${CASES} cases come to their end through kill -9 of the node and of PostgreSQL (seed ${SEED})`, {
  skip: SKIPPED,
  timeout: WHOLE_MS + 60_000,
}, async (context) => {
  context.diagnostic(`seed ${SEED}: ZHENGTONG_SEED=${SEED} kills at the same moments again`);
  await withDataFolder(async (data) => {
    const random = randomOf(SEED);
    const deadline = performance.now() + WHOLE_MS;
    const port = String(await freePort());
    const address = `http://127.0.0.1:${port}`;
    const start = (): NodeProcess =>
      startProcess(["test/adversarial/county-program.ts"], {
        environment: { ZHENGTONG_DATA: data, ZHENGTONG_PORT: port, ZHENGTONG_LOG_LEVEL: "error" },
      });
    let node = start();
    await node.said(/ready http/, 120_000);
    const onDatabase = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
      const database = await openDatabase({ url: (await runningPostgresUrl(data)) ?? "", poolSize: 2 });
      try {
        return await work(database);
      } finally {
        await database.close();
      }
    };
    const people = new People(address, deadline);
    const acknowledged: Acknowledged = { submitted: new Set(), done: [] };
    let begun = 0;
    let finished = 0;
    const worker = async () => {
      while (begun < CASES) {
        begun += 1;
        const caseId = await people.submit("owner", acknowledged);
        for (const { by, fields } of STEPS) await people.step(by, { caseId, fields }, acknowledged);
        finished += 1;
      }
    };
    let over = false;
    const working = Promise.all(Array.from({ length: WORKERS }, worker)).finally(() => {
      over = true;
    });
    working.catch(() => undefined);
    try {
      for (const victim of KILLS) {
        const waitMs = KILL_EVERY_MS[0] + random() * (KILL_EVERY_MS[1] - KILL_EVERY_MS[0]);
        await Promise.race([sleep(waitMs), working]);
        if (over) break;
        const servers = await processesNaming(await clusterOf(data));
        context.diagnostic(
          `${finished} of ${CASES} finished, ${acknowledged.submitted.size} submitted: kill -9 of ${victim}`,
        );
        if (victim !== "node") for (const pid of servers) kill(pid);
        if (victim !== "postgres") {
          kill(node.pid);
          await node.ended;
          node = start();
          await node.said(/ready http/, 120_000);
        } else {
          await node.said(/started again|重新启动/, 60_000);
        }
        const acts: Acknowledged = { submitted: new Set(acknowledged.submitted), done: [...acknowledged.done] };
        await until(deadline, () =>
          onDatabase(async (database) => {
            await database.query("SELECT 1");
            return true;
          }),
        );
        await onDatabase(async (database) => {
          await assertAcknowledged(database, acts, `after kill -9 of ${victim}`);
          await assertNoHalfAct(database, `after kill -9 of ${victim}`);
        });
      }
      await working;
    } catch (error) {
      // Nobody goes on, and what the node said last is shown.
      givenUp.abort();
      context.diagnostic(node.output().slice(-4_000));
      throw error;
    }
    await onDatabase(async (database) => {
      await until(deadline, async () => {
        const running = await counted(database, `SELECT FROM procedure."case" WHERE status = 'running'`);
        const waiting = await counted(database, "SELECT FROM service.notice WHERE status <> 'delivered'");
        return running === 0 && waiting === 0 ? true : undefined;
      });
      await assertAcknowledged(database, acknowledged, "at the end");
      await assertNoHalfAct(database, "at the end");
      const count = await counted(database, "SELECT FROM service.application");
      // A submission that got no answer is never sent from a second draft.
      assert.equal(count, CASES);
      const licensed = await counted(database, `SELECT FROM procedure."case" WHERE outcome = 'licensed'`);
      assert.equal(licensed, CASES);
      for (const kind of ["receipt", "acceptance", "grant"]) {
        assert.equal(await counted(database, `SELECT FROM service.notice WHERE kind = '${kind}'`), CASES, kind);
      }
      const [numbers] = await database.query<{ n: number }>(
        `SELECT count(DISTINCT variables ->> 'licenceNumber')::int AS n FROM procedure."case"`,
      );
      assert.equal(numbers?.n, CASES, "each granted case has a licence number of its own");
      const [register] = await database.query<{ rows: number; numbers: number; cases: number }>(
        `SELECT count(*)::int AS rows, count(DISTINCT data ->> 'number')::int AS numbers, count(DISTINCT case_id)::int AS cases
             FROM quality.food_licence`,
      );
      assert.deepEqual(register, { rows: CASES, numbers: CASES, cases: CASES });
    });
    for (const client of people.clients) client.close();
    node.child.kill("SIGTERM");
    assert.equal(await node.ended, EXIT_CODES.OK);
    const verify = startProcess(["src/node/main.ts", "ledger", "verify"], { environment: { ZHENGTONG_DATA: data } });
    assert.equal(await verify.ended, EXIT_CODES.OK, verify.output());
  });
});
