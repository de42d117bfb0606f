/** Finding anew is killed again and again (SIGKILL) at moments of chance: at each of them all is found, and in the end by the new key alone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testDatabase } from "#kernel/database/testing";
import { migrationSets } from "../../src/node/migration-sets.ts";
import { findingVault, LABEL } from "./index-table.ts";

const ROWS = 40_000;
const KILLS = 6;
const LOOKED_UP = 200;
const PATIENCE_MS = 240_000;

test("killed while it finds anew, everything is found at each moment, and the next one goes on", async (context) => {
  const { database, url, close } = await testDatabase({ migrations: await migrationSets() });
  context.after(close);
  const [before, after] = [findingVault("old"), findingVault("new")];
  await database.query("CREATE TABLE public.found_value (id bigint PRIMARY KEY, found bytea NOT NULL UNIQUE)");
  const ids = Array.from({ length: ROWS }, (_, id) => id);
  await database.execute(
    "INSERT INTO public.found_value SELECT id, found FROM unnest($1::bigint[], $2::bytea[]) AS v (id, found)",
    [ids, ids.map((id) => Buffer.from(before.blind(LABEL, String(id))))],
  );
  const found = async () => {
    const some = ids.filter((id) => id % (ROWS / LOOKED_UP) === 0);
    const [row] = await database.query<{ rows: number }>(
      "SELECT count(*) AS rows FROM public.found_value WHERE found = ANY ($1::bytea[])",
      [some.flatMap((id) => after.blinds(LABEL, String(id)).map((each) => Buffer.from(each)))],
    );
    return row?.rows;
  };
  const program = () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "index-program.ts"), url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return { child, ended: once(child, "close"), begun: once(child.stdout, "data") };
  };
  for (let kills = 0; kills < KILLS; kills += 1) {
    const { child, ended, begun } = program();
    await begun;
    await sleep(20 + Math.random() * 250);
    child.kill("SIGKILL");
    await ended;
    assert.equal(await found(), LOOKED_UP);
  }
  const { child, ended } = program();
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  assert.deepEqual(await ended, [0, null]);
  clearTimeout(timer);
  const [wrong] = await database.query<{ rows: number }>(
    `SELECT count(*) AS rows FROM public.found_value f JOIN unnest($1::bigint[], $2::bytea[]) AS v (id, found) USING (id)
      WHERE f.found <> v.found`,
    [ids, ids.map((id) => Buffer.from(after.blind(LABEL, String(id))))],
  );
  assert.equal(wrong?.rows, 0);
});
