import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { SEALING_DELAY_MS } from "#kernel/ledger/sealing";
import { evidenceForApplicant } from "#kernel/services/case-evidence";
import { caseForApplicant, caseForOfficial } from "#kernel/services/case-views";
import { civilDay } from "#lib/calendar/civil-day";
import { dataRights } from "#services/data-rights";
import { lookOnRecord } from "../../src/node/look-on-record.ts";
import { answered, refused } from "../rooms/answers.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const { submitted } = licensingSteps(() => county);
const kernel = () => county.node.site.kernel;

async function doors(signInName: string) {
  const act = await county.officialAct(signInName, { purpose: "supervision" });
  return frontOf(kernel(), dataRights, () => ({ ...act, id: kernel().newId(), at: kernel().now() }));
}

const today = () => civilDay(Temporal.Instant.from(kernel().now()));
const inDays = (days: number) => today().add({ days }).toString();

/** An official opens the case; gives the ledger's newest look at it. */
async function look(caseId: string): Promise<number> {
  const act = await county.officialAct("inspector1", { caseId });
  assert.ok(!isRefusal(await caseForOfficial(kernel(), act, caseId)));
  const { records } = await kernel().ledger.byCase(caseId, { limit: 1 });
  return records[0]?.id ?? 0;
}

/** On which of her pages the owner finds an entry. */
async function seenBy(caseId: string, entry: number, day = today().toString()) {
  const subject = { kind: "person", id: county.owner } as const;
  const { records } = await kernel().ledger.bySubject(subject, { today: day, limit: 200 });
  const page = await caseForApplicant(kernel(), county.ownerAct({ at: `${day}T04:00:00.000Z` }), caseId);
  assert.ok(!isRefusal(page));
  const listed = records.some(({ id }) => id === entry);
  assert.equal(
    page.entries.some(({ id }) => id === entry),
    listed,
    "the case's page and the list of looks agree",
  );
  assert.equal(
    (await lookOnRecord(kernel(), county.ownerAct({ at: `${day}T04:00:00.000Z` }), entry)) !== undefined,
    listed,
    "what is not shown cannot be objected to",
  );
  return listed;
}

const WHY = { ground: "duty", basis: "食品安全法第一百一十条", reason: "正在核查举报，告知会使证据灭失" } as const;

test("Looks are kept from whom they concern by two officials, with a review, and shown when the ground ends", async () => {
  const caseId = await submitted();
  const page = await caseForOfficial(kernel(), await county.officialAct("head", { caseId }), caseId);
  assert.ok(!isRefusal(page));
  const { number: caseNumber } = page.application;
  const open = await look(caseId);
  const [head, privacy] = [await doors("head"), await doors("privacy")];

  const { subjects } = answered(await head.sealableIn({ caseNumber }));
  assert.deepEqual(
    subjects.map(({ id }) => id),
    [county.shop, county.owner],
  );
  const asked = { caseNumber, subject: county.owner, ...WHY };
  refused(await head.askSealing({ ...asked, caseNumber: "QY-2000-000001", reviewOn: inDays(30) }), "no-case");
  refused(await head.askSealing({ ...asked, subject: kernel().newId(), reviewOn: inDays(30) }), "not-concerned");
  refused(await head.askSealing({ ...asked, reviewOn: inDays(400) }), "bad-review");
  refused(await (await doors("decider")).askSealing({ ...asked, reviewOn: inDays(30) }), "denied");
  const { id } = answered(await head.askSealing({ ...asked, reviewOn: inDays(30) }));
  refused(await head.askSealing({ ...asked, reviewOn: inDays(30) }), "exists");
  refused(await head.decideSealing({ id, approved: true, reason: "…" }), "denied");
  answered(await privacy.decideSealing({ id, approved: true, reason: "符合第三十五条" }));
  refused(await privacy.decideSealing({ id, approved: true, reason: "…" }), "not-found");

  county.setNow(new Date(Date.now() + SEALING_DELAY_MS + 1_000).toISOString());
  await kernel().ledger.sealings.refresh(kernel().database);
  const sealed = await look(caseId);
  assert.ok(await seenBy(caseId, open), "what was looked at before stays seen");
  assert.equal(await seenBy(caseId, sealed), false);
  const entry = await kernel().ledger.entry(sealed);
  assert.match(entry?.content?.secrecy?.ground ?? "", /第三十五条.*食品安全法第一百一十条/);
  assert.notEqual(entry?.content?.secrecy?.approvedBy, entry?.content?.actor.id);
  const bundle = await evidenceForApplicant(kernel(), county.ownerAct(), caseId, county.node.site.certificates);
  assert.ok(!isRefusal(bundle));
  const inBundle = bundle.entries.map(({ entryId }) => entryId);
  assert.deepEqual([inBundle.includes(open), inBundle.includes(sealed)], [true, false]);

  // It goes on by the same two steps, for what was sealed before as well; without them it is shown from its review on.
  assert.ok(await seenBy(caseId, sealed, inDays(30)));
  refused(await head.prolongSealing({ id, reviewOn: inDays(20), reason: "…" }), "bad-review");
  answered(await head.prolongSealing({ id, reviewOn: inDays(60), reason: "核查尚未结束" }));
  assert.ok(await seenBy(caseId, sealed, inDays(30)), "asked for is not approved");
  answered(await privacy.decideSealing({ id, approved: true, reason: "同意延长" }));
  assert.equal(await seenBy(caseId, sealed, inDays(30)), false);
  county.setNow(`${inDays(58)}T02:00:00.000Z`);
  assert.equal(answered(await (await doors("head")).sealings({})).items[0]?.due, "soon");
  answered(await (await doors("head")).prolongSealing({ id, reviewOn: inDays(60), reason: "核查尚未结束" }));
  county.setNow(`${inDays(2)}T02:00:00.000Z`);
  assert.equal(answered(await (await doors("privacy")).supervisedSealings({})).items[0]?.due, "over");
  refused(await (await doors("privacy")).decideSealing({ id, approved: true, reason: "同意" }), "over");
  refused(await (await doors("head")).prolongSealing({ id, reviewOn: inDays(60), reason: "…" }), "over");
  assert.ok(await seenBy(caseId, sealed), "what she sees is not taken from her again");

  county.setNow(new Date(Date.now() + SEALING_DELAY_MS + 2_000).toISOString());
  const [owners, after] = [await doors("head"), await doors("head")];
  answered(await owners.endSealing({ id, reason: "核查已结束" }));
  refused(await after.endSealing({ id, reason: "…" }), "not-found");
  assert.ok(await seenBy(caseId, sealed), "the ground has ended: shown at once");
  const mine = await kernel().ledger.bySubject(
    { kind: "person", id: county.owner },
    { today: today().toString(), limit: 5 },
  );
  assert.ok(
    mine.records.some(({ leaf }) => leaf.operation === "endSealing"),
    "that it was sealed is hers to know",
  );
  await kernel().ledger.sealings.refresh(kernel().database);
  assert.ok(await seenBy(caseId, await look(caseId)));
  await assert.rejects(
    kernel().database.execute("UPDATE ledger.sealing SET until = '2099-01-01' WHERE id = $1", [id]),
    /ended one not at all/,
  );
  await assert.rejects(
    kernel().database.execute("UPDATE ledger.entry SET sealing = NULL WHERE id = $1", [sealed]),
    /append-only/,
  );
  assert.ok((await kernel().ledger.verify()).intact);
});
