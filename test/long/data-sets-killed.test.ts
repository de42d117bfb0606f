import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isRefusal } from "#kernel/contract/refusal";
import { datasets, RECEIVE } from "../../src/infrastructure/datasets/contract.ts";
import {
  agree,
  bothSides,
  bring,
  type DataSetNodes,
  dataSetNodes,
  official,
  resident,
  tend,
  write,
} from "../harness/data-set-nodes.ts";

/**
 * Whoever keeps a copy is killed with -9 again and again, while it is filled and while it follows, and the source goes on. In the end the
 * same stands on both sides, and nothing had to be repaired: what was stored was stored with its position, or not at all.
 */

const RESIDENTS = Number(process.env["ZHENGTONG_KILLED_RESIDENTS"] ?? 40_000);
const KILLS = 14;
const LONGEST_FURTHER_MS = 600;
const WHOLE_MS = 10 * 60_000;

let nodes: DataSetNodes;
let copy = 0;
let keys: readonly string[] = [];

before(async () => {
  nodes = await dataSetNodes();
  keys = await bring(nodes, RESIDENTS);
  copy = await agree(nodes);
});
after(() => nodes.close());

async function change(at: number): Promise<void> {
  await write(nodes, (handle) => handle.put(resident(), { key: keys[(at * 7_919) % keys.length] ?? "" }));
  await write(nodes, (handle) => handle.correct(keys[(at * 104_729) % keys.length] ?? "", resident()));
  await write(nodes, (handle) => handle.put(resident()));
}

/** One keeper's life: it takes a step, and is killed in the middle of one of the next. */
async function live(furtherMs: number): Promise<void> {
  const { source, receiver } = nodes;
  const keeper = spawn(
    process.execPath,
    [join(import.meta.dirname, "data-sets-keeper.ts"), source.url, receiver.url, String(copy)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = once(keeper, "exit");
  await Promise.race([once(keeper.stdout, "data"), ended]);
  await sleep(furtherMs);
  keeper.kill("SIGKILL");
  await ended;
}

async function view() {
  const listed = await nodes.receiver.as(datasets, official(RECEIVE)).listCopies({});
  assert.ok(!isRefusal(listed));
  const found = listed.items.find(({ id }) => id === copy);
  assert.ok(found);
  return found;
}

test("a copy whose keeper is killed again and again", { timeout: WHOLE_MS }, async (context) => {
  for (let kill = 0; kill < KILLS; kill++) {
    const changing = change(kill);
    await live(((kill * 397) % LONGEST_FURTHER_MS) + 1);
    await changing;
  }
  assert.ok((await view()).entries > 0, "each keeper took one step at least");
  context.diagnostic(`after ${KILLS} kills: ${JSON.stringify(await view())}`);
  // The server gives the lock back when it notices that the last keeper is gone.
  for (let at = 0; (await view()).state !== "current" || (await view()).behind !== 0 || at === 0; at++) {
    assert.equal(await tend(nodes, copy), undefined);
    await sleep(100);
  }
  const { there, here } = await bothSides(nodes, copy);
  assert.deepEqual([...new Set(there).symmetricDifference(new Set(here))], []);
  assert.ok(here.length > RESIDENTS);
  const { reconciled, conflicts } = await view();
  assert.deepEqual([reconciled, conflicts], [{ missing: 0, surplus: 0 }, 0]);
});
