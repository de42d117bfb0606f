import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { discardDraft } from "#kernel/services/discard-draft";
import { addMaterial, draftsOf, readDraft } from "#kernel/services/drafts";
import { keepHouse } from "#kernel/services/housekeeping";
import type { Kernel } from "#kernel/system/kernel";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";

const HOUR_MS = 3_600_000;

let county: LicensingCounty;
let kernel: Kernel;
before(async () => {
  county = await licensingCounty();
  kernel = county.node.site.kernel;
});
after(() => county.close());

const pdf = (words: string) => Buffer.from(`%PDF-1.4\n% ${words}\ntrailer << /Root 1 0 R >>\n%%EOF\n`);

async function upload(draftId: string, bytes: Buffer) {
  const file = { field: "rules", name: "制度.pdf", mediaType: "application/pdf", bytes };
  return addMaterial(kernel, county.ownerAct(), { draftId, name: "rules", file, scanner: county.node.site.scanner });
}

async function digestsOf(draftId: string): Promise<readonly string[]> {
  const draft = await readDraft(kernel, kernel.database, county.ownerAct(), draftId);
  assert.ok(!isRefusal(draft));
  return draft.materials.map(({ digest }) => digest);
}

test("a discarded draft is gone with its files, except those that something else names", async () => {
  const draftId = await county.draft();
  assert.ok(!isRefusal(await upload(draftId, pdf("only here"))));
  const kept = await county.draft();
  const [shared] = await digestsOf(kept);
  const own = (await digestsOf(draftId)).filter((digest) => digest !== shared);
  assert.equal(own.length, 1);

  assert.deepEqual(await discardDraft(kernel, county.ownerAct(), draftId), { draftId });
  assert.deepEqual(
    (await draftsOf(kernel, county.owner)).map(({ id }) => id),
    [kept],
  );
  const [left] = await kernel.database.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM service.material WHERE draft_id = $1",
    [draftId],
  );
  assert.equal(left?.count, 0);
  const again = await discardDraft(kernel, county.ownerAct(), draftId);
  assert.ok(isRefusal(again) && again.code === "draft-unknown");

  // An upload that was under way when it was discarded names nothing either.
  const late = await upload(draftId, pdf("too late"));
  assert.ok(isRefusal(late) && late.code === "draft-unknown");

  county.setNow(new Date(Date.now() + 2 * HOUR_MS).toISOString());
  await keepHouse(kernel);
  county.setNow(undefined);
  for (const digest of own) assert.ok(!(await kernel.files.has(digest)));
  assert.ok(await kernel.files.has(shared ?? ""));

  const { records } = await kernel.ledger.byCase(draftId, { limit: 20 });
  const discarded = records.filter(({ leaf }) => leaf.operation.endsWith(".discard"));
  assert.deepEqual(
    discarded.map(({ content }) => content?.outcome),
    ["discarded"],
  );
});

test("nobody else discards it", async () => {
  const draftId = await county.draft();
  const stranger = county.ownerAct({ principal: { kind: "person", id: county.shop, assurance: 1 } });
  for (const act of [stranger, await county.officialAct("accept")]) {
    const answer = await discardDraft(kernel, act, draftId);
    assert.ok(isRefusal(answer) && answer.code === "draft-unknown");
  }
  assert.ok(!isRefusal(await readDraft(kernel, kernel.database, county.ownerAct(), draftId)));
});

test("of a submission and a discarding at once one happens, and wholly", async () => {
  for (let round = 0; round < 3; round += 1) {
    const draftId = await county.draft();
    const [submitted, discarded] = await Promise.all([
      county.submit(draftId),
      discardDraft(kernel, county.ownerAct(), draftId),
    ]);
    assert.notEqual(isRefusal(submitted), isRefusal(discarded));
    const [materials] = await kernel.database.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM service.material WHERE draft_id = $1 AND NOT removed",
      [draftId],
    );
    assert.equal(materials?.count, isRefusal(submitted) ? 0 : 1);
  }
});

test("a form that is sent twice at once is one case", async () => {
  const draftId = await county.draft();
  const outcomes = await Promise.all([county.submit(draftId), county.submit(draftId)]);
  const [first, second] = outcomes;
  assert.ok(first && second && !isRefusal(first) && !isRefusal(second));
  assert.deepEqual(first, second);
});
