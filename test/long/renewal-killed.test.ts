/**
 * The node's key is renewed beside two processes that make and open keys all the while; whoever renews is killed again and again (SIGKILL) at moments of
 * chance, and so is one of the two. Nothing that was made is lost, no process meets a key that it cannot open, and in the end the old key opens nothing.
 */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testDatabase } from "#kernel/database/testing";
import { openFileKeys } from "../../src/infrastructure/trust/keys/file-key-store.ts";
import { openNodeKey } from "../../src/infrastructure/trust/keys/node-key.ts";
import { migrationSets } from "../../src/node/migration-sets.ts";
import { startProcess } from "../harness/node-process.ts";

const KILLS = 6;
const PASSPHRASE = "correct horse battery";
const opening = { passphrase: async () => PASSPHRASE };

test("renewed beside processes that run, and killed while it is, the key is in the end another one and everything opens", async (context) => {
  const { database, url, close } = await testDatabase({ migrations: await migrationSets() });
  const place = await mkdtemp(join(tmpdir(), "zhengtong-renewal-killed-"));
  const folder = join(place, "keys");
  context.after(async () => {
    await close();
    await rm(place, { recursive: true, force: true });
  });
  await database.query("CREATE TABLE public.made (label text PRIMARY KEY, info bytea NOT NULL)");
  const first = await openFileKeys(folder, opening);
  await first.store.ensureKey("seal/first", "p256");
  const old = await openNodeKey(folder, opening.passphrase);
  const program = (does: string) => startProcess(["test/long/renewal-program.ts", does, url, folder, PASSPHRASE]);
  const hold = async () => {
    const started = program("hold");
    await started.said(/begun/);
    return started;
  };
  const [stays, other] = [await hold(), await hold()];
  let goes = other;
  let kills = 0;
  for (let attempt = 0; attempt < KILLS; attempt += 1) {
    const renewing = program("renew");
    await renewing.said(/begun/);
    await sleep(Math.random() * 600);
    renewing.child.kill("SIGKILL");
    if ((await renewing.ended) === "SIGKILL") kills += 1;
    if (attempt === 2) {
      goes.child.kill("SIGKILL");
      await goes.ended;
      goes = await hold();
    }
  }
  assert.ok(kills > 0, "it was killed at least once before it was done");
  const last = program("renew");
  await last.said(/renewed beside 2/);
  assert.equal(await last.ended, 0);
  for (const { child, ended, output } of [stays, goes]) {
    assert.doesNotMatch(output(), /FAULT/);
    child.kill("SIGKILL");
    assert.equal(await ended, "SIGKILL", output());
  }

  const { store, secrets } = await openFileKeys(folder, opening);
  assert.equal(secrets.isBeingRenewed, false);
  assert.notEqual(secrets.name, first.secrets.name);
  const made = await database.query<{ label: string; info: Buffer }>("SELECT label, info FROM public.made");
  assert.ok(made.length > 10);
  for (const { label, info } of made) assert.deepEqual(Buffer.from((await store.findKey(label))?.info ?? []), info);

  const stolen = join(place, "stolen");
  const { store: none } = await openFileKeys(stolen);
  await writeFile(join(stolen, "node.key"), old, { mode: 0o600 });
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sealed"));
  assert.ok(files.length > made.length);
  for (const name of files) await writeFile(join(stolen, name), await readFile(join(folder, name)), { mode: 0o600 });
  await assert.rejects(none.findKey("seal/first"));
  const { store: opened } = await openFileKeys(stolen);
  for (const label of ["seal/first", ...made.slice(0, 20).map((one) => one.label)]) {
    await assert.rejects(opened.findKey(label), { code: "ERR_TRUST_KEY_FILE" });
  }
});
