import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "../database/database.ts";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { Fault } from "../errors/fault.ts";
import "../errors/faults.ts";
import { addJob, countJobs, type JobTask, migrateJobs, startJobs } from "./jobs.ts";

/** What becomes of jobs when the database goes away in the middle of them: each is done, none rests locked, stopping ends. */

let place: TestDatabase;
before(async () => {
  place = await testDatabase();
  await migrateJobs(place.url);
});
after(() => place.close());

const WAIT_MS = 60_000;

function start(tasks: Readonly<Record<string, JobTask>>) {
  return startJobs({ connectionString: place.url, tasks, log: { failed: () => undefined } });
}

/** Ends every session of the runner, as a server that is killed does. */
async function cutOff(): Promise<void> {
  await place.database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'zhengtong-jobs%'`,
  );
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `waited in vain: ${what}`);
    await sleep(20);
  }
}

async function isEmpty(): Promise<boolean> {
  const [row] = await place.database.query<{ n: number }>("SELECT count(*)::int AS n FROM graphile_worker.jobs");
  return row?.n === 0;
}

const add = (step: number) => addJob(place.database, "step", { step }, { key: `step/${step}` });

async function holders(): Promise<readonly string[]> {
  const rows = await place.database.query<{ holder: string }>(
    `SELECT DISTINCT application_name AS holder FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'zhengtong-jobs%'`,
  );
  return rows.map(({ holder }) => holder);
}

async function sessions(): Promise<number> {
  const [row] = await place.database.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'zhengtong-jobs%'`,
  );
  return row?.sessions ?? 0;
}

/** The server takes nobody in, and ends the sessions that there are; `place.database` keeps the connection of the caller. */
async function closed<T>(during: () => Promise<T>): Promise<T> {
  const url = new URL(place.url);
  const name = decodeURIComponent(url.pathname.slice(1));
  url.pathname = "/postgres";
  await using elsewhere = await openDatabase({ url: url.href, poolSize: 1 });
  await elsewhere.execute(`ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS false`);
  try {
    await elsewhere.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
    return await during();
  } finally {
    await elsewhere.execute(`ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS true`);
  }
}

describe("when the database goes away", () => {
  test("as several jobs end at once, each is done and those after them too", async () => {
    const done = new Set<number>();
    let cuts = 0;
    const jobs = await start({
      step: async ({ step }: { step: number }) => {
        // The sessions end while four jobs are about to say that they have ended.
        if (step % 4 === 0 && cuts < 5) {
          cuts += 1;
          await cutOff();
        } else await sleep(5);
        done.add(step);
      },
    });
    try {
      for (let step = 0; step < 40; step += 1) await add(step);
      await until(() => done.size === 40, "every job was done");
      await until(isEmpty, "no job was left");
      // Sessions that were cut off end by and by; those of other tests on this server are theirs.
      await until(async () => (await sessions()) <= 3, "one session listens, two work");
    } finally {
      await jobs.stop();
    }
  });

  test("a job that was taken without the runner hearing of it is done", async () => {
    let done = false;
    const jobs = await start({
      step: async () => {
        done = true;
      },
    });
    try {
      // That of the runner before may still be ending: a job that is locked in its name would wait until it is taken for dead.
      await until(async () => (await holders()).length === 1, "one runner holds sessions");
      const [holder] = await holders();
      await addJob(place.database, "step", {}, { key: "unheard", runAt: "2100-01-01T00:00:00Z" });
      await place.database.query(
        `UPDATE graphile_worker._private_jobs SET run_at = now(), locked_at = now(), locked_by = $1, attempts = 1
         WHERE key = 'unheard'`,
        [holder],
      );
      await cutOff();
      await until(() => done, "the job was done");
      await until(isEmpty, "it was done once and is gone");
    } finally {
      await jobs.stop();
    }
  });

  test("stopping while it is away ends, and the next process does what was left", async () => {
    const going = Promise.withResolvers<void>();
    const first = await start({ step: () => going.promise });
    await add(1);
    await until(async () => (await countJobs(place.database)).running === 1, "the job began");
    await closed(async () => {
      going.resolve();
      await first.stop(); // it ends, though the database does not answer
    });
    let again = 0;
    const second = await start({
      step: async () => {
        again += 1;
      },
    });
    try {
      await until(() => again === 1, "what could not be written down was done again");
      await until(isEmpty, "then it was gone");
    } finally {
      await second.stop();
    }
  });
});

test("a second process leaves alone what the first is doing", async () => {
  let runs = 0;
  const going = Promise.withResolvers<void>();
  const step = async () => {
    runs += 1;
    await going.promise;
  };
  const first = await start({ step });
  await add(1);
  await until(() => runs === 1, "the job began");
  const second = await start({ step });
  await add(2);
  await until(() => runs === 2, "the other job began");
  going.resolve();
  await Promise.all([first.stop(), second.stop()]);
  assert.equal(runs, 2);
  assert.ok(await isEmpty());
});

test("a job that fails rests for a while, and the queue keeps the code of the fault alone", async () => {
  const secret = "张三 330199199001010017";
  const jobs = await start({
    step: async () => {
      throw new Fault("ERR_ASSERTION", { message: secret });
    },
  });
  await add(1);
  let found: { attempts: number; error: string | null; rests: boolean } | undefined;
  await until(async () => {
    // While it runs it is locked, and on a slow machine it may run again before we look.
    [found] = await place.database.query<{ attempts: number; error: string | null; rests: boolean }>(
      `SELECT attempts, last_error AS error, run_at > created_at + interval '2 seconds' AS rests
       FROM graphile_worker.jobs WHERE locked_at IS NULL`,
    );
    return typeof found?.error === "string";
  }, "it failed");
  await jobs.stop();
  assert.ok((found?.attempts ?? 0) >= 1);
  assert.equal(found?.error, "ERR_ASSERTION");
  assert.equal(found?.rests, true);
});

test("a job that is added anew while it runs is done once more, and nothing of the first stays", async () => {
  const going = Promise.withResolvers<void>();
  const seen: number[] = [];
  await place.database.query("DELETE FROM graphile_worker._private_jobs");
  const jobs = await start({
    step: async ({ step }: { step: number }) => {
      seen.push(step);
      if (seen.length === 1) await going.promise;
    },
  });
  const addAs = (step: number) => addJob(place.database, "step", { step }, { key: "same" });
  await addAs(1);
  await until(() => seen.length === 1, "it began");
  await addAs(2);
  await until(() => seen.length === 2, "it was done once more");
  going.resolve();
  await until(isEmpty, "nothing stayed");
  await jobs.stop();
  assert.deepEqual(seen, [1, 2]);
});
