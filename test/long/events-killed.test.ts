import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { testDatabase } from "#kernel/database/testing";
import { migrateJobs } from "#kernel/jobs/jobs";
import { migrationSets } from "../../src/node/migration-sets.ts";
import { exactlyOnce, orderOfKeys } from "../history/invariants.ts";

/** More than the program has steps. */
const MOST_STEPS = 200;
/** What the program publishes. */
const NUMBERS = ["0", "1", "2", "3", "4", "5"];

interface Run {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly said: string;
}

function run(environment: Readonly<Record<string, string>>): Promise<Run> {
  const program = join(import.meta.dirname, "killed-events.ts");
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal, said })));
}

test("killed between any two steps, no event that was acknowledged is lost, none has two effects, and each key keeps its order", async () => {
  const files = await mkdtemp(join(tmpdir(), "zhengtong-test-killed-events-"));
  const { database, url, close } = await testDatabase({ migrations: await migrationSets() });
  try {
    await migrateJobs(url);
    // Each run gets one step further than the one before it; what it left is taken up by the next.
    let killed = 0;
    const published = new Map<string, { readonly key: string; readonly id: string }>();
    const entries = async () => {
      const rows = await database.query<{ key: string; id: string }>(
        "SELECT data->>'page' AS key, data->>'value' AS id FROM archive.entry ORDER BY data->>'page', (data->>'number')::int",
      );
      return rows;
    };
    for (let steps = 1; ; steps++) {
      assert.ok(steps < MOST_STEPS, "the program ends");
      const { signal, code, said } = await run({ DATABASE_URL: url, FILES_FOLDER: files, KILL_AFTER: String(steps) });
      for (const [, id = "", key = ""] of said.matchAll(/published (\d+) (\w+)/g)) published.set(id, { key, id });
      const taken = await entries();
      const once = { asked: NUMBERS, acknowledged: [], applied: taken.map(({ id }) => id) };
      assert.deepEqual(exactlyOnce(once), []);
      // In the order of their numbers, whether or not whoever published lived to hear of it.
      const sent = NUMBERS.flatMap((id) => taken.find((one) => one.id === id) ?? []);
      assert.deepEqual(orderOfKeys(sent, taken), []);
      if (signal === "SIGKILL") {
        killed += 1;
        continue;
      }
      assert.equal(code, 0);
      assert.match(said, /done/);
      break;
    }
    assert.ok(killed >= 10, `it was killed ${killed} times`);
    const applied = (await entries()).map(({ id }) => id);
    assert.deepEqual(exactlyOnce({ asked: NUMBERS, acknowledged: published.keys(), applied }), []);
    assert.equal(published.size, NUMBERS.length);
    const left = await database.query("SELECT 1 FROM act.event UNION ALL SELECT 1 FROM events.delivery");
    assert.equal(left.length, 0);
  } finally {
    await close();
    await rm(files, { recursive: true, force: true });
  }
});
