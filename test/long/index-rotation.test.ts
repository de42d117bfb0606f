/** The key that finds what is sealed is rotated on a whole node, from the new key to the moment at which nothing needs the old one. */
import assert from "node:assert/strict";
import { after, before as beforeAll, test } from "node:test";
import { trust } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import { formToken, isFormToken } from "#kernel/http/form-token";
import { frontOf } from "#kernel/http/pages";
import { pseudonyms } from "#kernel/ledger/keys";
import { indexParts } from "#kernel/resealing/index-parts";
import { resealingProgress } from "#kernel/resealing/resealing";
import type { Kernel } from "#kernel/system/kernel";
import { SETTLING_MS, tendKeys } from "../../src/node/key-tending.ts";
import { nodeActOf } from "../../src/node/node-act.ts";
import { ROOM_COLUMNS } from "../../src/node/sealed-columns.ts";
import { type LicensingCounty, licensingCounty } from "../federation/licensing-county.ts";
import { licensingSteps } from "../federation/licensing-steps.ts";

let county: LicensingCounty;
let kernel: Kernel;
beforeAll(async () => {
  county = await licensingCounty();
  kernel = county.node.site.kernel;
});
after(() => county.close());

const keys = () => frontOf(kernel, trust, () => nodeActOf(kernel, trust.id));
const later = (milliseconds: number) => Temporal.Instant.from(kernel.now()).add({ milliseconds }).toString();
/** The node itself hears of it. */
const dataKeys = { refresh: async () => undefined };

async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600 && !(await reached()); attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(await reached());
}

test("the key that finds is rotated beside the work: all is found meanwhile and after, and what it signed counts on", async () => {
  const caseId = await licensingSteps(() => county).checked();
  const inspector = await county.officialAct("inspector1", { caseId });
  const official = inspector.principal.kind === "official" ? inspector.principal.id : "";
  const token = formToken(kernel.vault.key("form-token"), "session 1");
  const rotating = frontOf(kernel, trust, () => ({ ...nodeActOf(kernel, trust.id), idempotencyKey: "once" }));
  const found = async () => {
    const entries = await kernel.ledger.byCase(caseId, { limit: 50 });
    const acts = await kernel.ledger.byActor({ kind: "official", id: official }, { limit: 50 });
    return { entries: entries.records.map(({ id }) => id), acts: acts.records.map(({ id }) => id) };
  };
  /** Jobs of the case may have told more meanwhile. */
  const findsAll = async () => {
    const now = await found();
    return before.entries.every((id) => now.entries.includes(id)) && before.acts.join() === now.acts.join();
  };
  const before = await found();
  assert.ok(before.entries.length > 3 && before.acts.length > 0);

  const rotation = await rotating.rotateDataKey({ kind: "index", reason: "例行轮换" });
  assert.ok(!isRefusal(rotation), JSON.stringify(rotation));
  await until(() => kernel.vault.isRenamed);
  const first = kernel.vault.indexKeyId;
  county.setNow(later(31_000));
  await until(async () => {
    await keys().turnDataKeys({});
    return kernel.vault.indexKeyId === rotation.key;
  });
  assert.ok(await findsAll(), "by the name that stands there still");
  assert.ok(isFormToken(kernel.vault.keys("form-token"), "session 1", token));
  assert.deepEqual((await kernel.ledger.verify()).findings, []);
  const again = await rotating.rotateDataKey({ kind: "index", reason: "例行轮换" });
  assert.deepEqual(again, rotation, "the same act, sent again, is one act");

  county.setNow(later(SETTLING_MS));
  const tend = () => tendKeys(kernel, { dataKeys, columns: ROOM_COLUMNS });
  const cleared = async () => {
    county.setNow(later(10_000));
    await tend();
    const listed = await keys().listDataKeys({});
    assert.ok(!isRefusal(listed));
    return listed.keys.find(({ id }) => id === first)?.clearedAt !== undefined;
  };
  await until(async () => {
    await cleared();
    const parts = await resealingProgress(kernel.database);
    return parts.some(({ name }) => name.startsWith("index ")) && parts.every(({ finished }) => finished);
  });
  assert.equal(await cleared(), false, "digests of what is kept nowhere need it");
  await kernel.database.execute("DELETE FROM act.act WHERE at < $1", [kernel.now()]);
  await kernel.database.execute("DELETE FROM catalogue.use WHERE at < $1", [kernel.now()]);
  await until(cleared);

  for (const part of indexParts(kernel, [])) {
    const again = await kernel.database.transaction((tx) => part.step(tx, 0));
    assert.deepEqual([again.resealed, again.closed], [0, 0], part.name);
  }
  assert.deepEqual((await kernel.ledger.verify()).findings, []);
  assert.ok(await findsAll());
  const names = pseudonyms(kernel.ledger.keys, "actor official", official);
  const [row] = await kernel.database.query<{ rows: number }>(
    "SELECT count(*)::int AS rows FROM ledger.entry WHERE actor = ANY ($1::bytea[])",
    [names.slice(1)],
  );
  assert.deepEqual([names.length, row?.rows], [2, 0]);
  for (const register of kernel.registers.values()) {
    for await (const damaged of register.damagedVersions(kernel.database)) assert.fail(JSON.stringify(damaged));
  }
});
