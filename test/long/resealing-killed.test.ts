/** Sealing anew is killed again and again (SIGKILL) at moments of chance; what it leaves is whole, and in the end nothing needs the old key. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testDatabase } from "#kernel/database/testing";
import { migrationSets } from "../../src/node/migration-sets.ts";
import { LABEL, vaultOf, vaultWithoutOld } from "./resealing-table.ts";

const ROWS = 30_000;
const KILLS = 8;
const PATIENCE_MS = 240_000;
const textOf = (id: number) => `第 ${id} 行，堃犇喆 ${"政通人和".repeat(10)}`;

test("killed while it seals anew, nothing is lost, nothing is sealed twice over, and the next one goes on", async (context) => {
  const { database, url, close } = await testDatabase({ migrations: await migrationSets() });
  context.after(close);
  const before = vaultOf("old");
  await database.query("CREATE TABLE public.sealed_value (id bigint PRIMARY KEY, sealed bytea NOT NULL)");
  const ids = Array.from({ length: ROWS }, (_, id) => id);
  await database.execute(
    "INSERT INTO public.sealed_value SELECT id, sealed FROM unnest($1::bigint[], $2::bytea[]) AS v (id, sealed)",
    [ids, ids.map((id) => Buffer.from(before.seal(LABEL, Buffer.from(textOf(id)), String(id))))],
  );
  const stale = async () => {
    const [row] = await database.query<{ rows: number }>(
      "SELECT count(*) AS rows FROM public.sealed_value WHERE substr(sealed, 3, get_byte(sealed, 1)) = convert_to($1, 'UTF8')",
      [before.keyId],
    );
    return row?.rows ?? 0;
  };
  let left = await stale();
  assert.equal(left, ROWS);
  let kills = 0;
  const program = () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "resealing-program.ts"), url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return { child, ended: once(child, "close"), begun: once(child.stdout, "data") };
  };
  while (kills < KILLS && left > 0) {
    const { child, ended, begun } = program();
    await begun;
    await sleep(20 + Math.random() * 250);
    child.kill("SIGKILL");
    const [, signal] = await ended;
    if (signal === "SIGKILL") kills += 1;
    // Until the server has noticed, what it was doing may still be undone.
    const now = await stale();
    assert.ok(now <= left, "what was sealed anew stays so");
    left = now;
  }
  assert.ok(kills > 0, "it was killed at least once before it was done");
  const { child, ended } = program();
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  assert.deepEqual(await ended, [0, null]);
  clearTimeout(timer);
  assert.equal(await stale(), 0);
  const after = vaultWithoutOld();
  let rows = 0;
  for await (const page of database.stream<{ id: number; sealed: Buffer }>(
    "SELECT id, sealed FROM public.sealed_value ORDER BY id",
  )) {
    assert.equal(Buffer.from(after.open(LABEL, page.sealed, String(page.id))).toString(), textOf(page.id));
    rows += 1;
  }
  assert.equal(rows, ROWS);
});
