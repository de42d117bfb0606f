import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { LedgerEntry } from "#kernel/ledger/entry";
import { archiveState } from "#kernel/services/archive";
import { provedEvidence } from "#kernel/services/case-evidence";
import { sendToCase } from "#kernel/services/case-messages";
import { discardDraft } from "#kernel/services/discard-draft";
import { readDraft } from "#kernel/services/drafts";
import { evidenceBytes } from "#kernel/services/evidence";
import { type Housekeeping, keepHouse } from "#kernel/services/housekeeping";
import { contentYears } from "#kernel/services/ledger-retention";
import type { Kernel } from "#kernel/system/kernel";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { identitySweeps } from "../../src/infrastructure/identity/sweeps.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { nodeActOf } from "../../src/node/node-act.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";

const DAY_MS = 24 * 3_600_000;

let county: LicensingCounty;
let kernel: Kernel;
before(async () => {
  county = await licensingCounty();
  kernel = county.node.site.kernel;
});
after(() => county.close());

async function keptAfter(days: number, of: Kernel = kernel): Promise<Housekeeping> {
  county.setNow(new Date(Date.now() + days * DAY_MS).toISOString());
  try {
    return await keepHouse(of, identitySweeps);
  } finally {
    county.setNow(undefined);
  }
}

async function count(table: string): Promise<number> {
  const [row] = await kernel.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  return row?.n ?? -1;
}

const visitor = () =>
  frontOf(kernel, identity, () => ({
    ...nodeActOf(kernel, identity.id),
    principal: { kind: "public" },
    purpose: "own-affairs",
  }));

test("sessions and failed sign-ins go within a day, drafts with their files after ninety, and each run is one entry", async () => {
  assert.ok(!isRefusal(await visitor().signIn({ signInName: "owner", password: DEMONSTRATION_PASSWORD })));
  assert.ok(!isRefusal(await visitor().signIn({ signInName: "owner", password: "not hers" })));
  const draftId = await county.draft();
  const discarded = await county.draft();
  const draft = await readDraft(kernel, kernel.database, county.ownerAct(), discarded);
  assert.ok(!isRefusal(draft));
  const digest = draft.materials[0]?.digest ?? "";
  await discardDraft(kernel, county.ownerAct(), discarded);
  assert.deepEqual([await count("identity.session"), await count("identity.attempt")], [1, 2]);

  const early = await keptAfter(0);
  assert.deepEqual(
    [early.drafts, early.swept, early.contents],
    [0, { sessions: 0, attempts: 0, codes: 0, recoveries: 0, challenges: 0, openid: 0 }, 0],
  );
  const late = await keptAfter(2);
  assert.deepEqual(
    [late.drafts, late.swept],
    [0, { sessions: 1, attempts: 2, codes: 0, recoveries: 0, challenges: 0, openid: 0 }],
  );
  assert.deepEqual([await count("identity.session"), await count("identity.attempt")], [0, 0]);
  assert.ok(await kernel.files.has(digest), "the other draft has the same file");
  assert.equal((await keptAfter(91)).drafts, 1);
  assert.ok(!(await kernel.files.has(digest)));
  assert.ok(isRefusal(await readDraft(kernel, kernel.database, county.ownerAct(), draftId)));

  const { records } = await kernel.ledger.latest({ limit: 50 });
  const runs = records.filter(({ leaf }) => leaf.operation === "retention");
  assert.equal(runs.length, 3);
  assert.match(runs[0]?.content?.outcome ?? "", /^drafts 1, .*sessions 0/);
});

test("what the ledger says of looks is erased after three years, of decisions never; the log stays provable", async () => {
  const entry = (type: LedgerEntry["type"], operation: string): LedgerEntry => ({
    type,
    at: kernel.now(),
    room: "quality",
    operation,
    actor: { kind: "person", id: county.owner },
    purpose: "own-affairs",
    legalBasis: [],
    subjects: [{ kind: "person", id: county.owner, attributes: ["name"] }],
    outcome: "answered",
  });
  const [read = 0, act = 0, decision = 0] = await kernel.ledger.append(kernel.database, [
    entry("read", "licencesOf"),
    entry("act", "foodBusinessLicence.submit"),
    entry("decision", "foodBusinessLicence.task.decision"),
  ]);
  const withheld: LedgerEntry = {
    ...entry("read", "searchLicences"),
    secrecy: { ground: "调查", approvedBy: county.shop, reviewOn: "2040-01-01" },
  };
  const [secret = 0] = await kernel.ledger.append(kernel.database, [withheld]);
  await waitSequenced(secret);
  const said = async (id: number) => (await kernel.ledger.entry(id))?.content !== undefined;

  assert.equal((await keptAfter(3 * 365 - 30)).contents, 0);
  const { contents } = await keptAfter(3 * 365 + 30);
  assert.ok(contents > 0);
  assert.deepEqual(await Promise.all([read, act, decision, secret].map(said)), [false, true, true, true]);
  const own = await kernel.ledger.bySubject({ kind: "person", id: county.owner }, { limit: 200 });
  assert.ok(own.records.every(({ id }) => id !== read));
  // That it was erased when its time ended, and not withheld, its evidence proves by the entry that says so.
  const evidence = await provedEvidence(kernel, { about: { entryId: read }, entryIds: [read, act] });
  const trust = { roots: [], atMs: Date.now(), logKey: parseLogKey(kernel.ledger.verifierKey) };
  const judged = async (bundle = evidence) =>
    (await verifyFile(evidenceBytes(bundle), trust)).findings.map(({ code }) => code);
  assert.ok((await judged()).includes("erased-lawfully"));
  const warranted = evidence.entries.find(({ entryId }) => entryId === read)?.erasedBy;
  const entries = evidence.entries.filter(({ entryId }) => entryId !== warranted);
  assert.ok((await judged({ ...evidence, entries })).includes("erased"), "without that entry nobody can tell");
  assert.equal((await keptAfter(3 * 365 + 30)).contents, 0, "a run begins where the last one ended");

  await keptAfter(20 * 365);
  assert.deepEqual(await Promise.all([act, decision, secret].map(said)), [true, true, false]);
  const verified = await kernel.ledger.verify();
  assert.deepEqual(verified.findings, []);
  assert.ok(verified.erased >= contents);
});

test("the package of a closed case goes when its item's years are over, and not before", async () => {
  const submitted = await county.submit(await county.draft());
  assert.ok(!isRefusal(submitted));
  const { caseId } = submitted;
  assert.ok(!isRefusal(await sendToCase(kernel, county.ownerAct(), { caseId, message: "withdrawn", form: {} })));
  const digest = await packageOf(caseId);
  const quality = kernel.systems.get("quality");
  assert.ok(quality);
  const { foodBusinessLicence } = quality.contract.services;
  assert.ok(foodBusinessLicence);
  const services = { foodBusinessLicence: { ...foodBusinessLicence, retention: { years: 10 } } };
  const systems = new Map(kernel.systems).set("quality", { ...quality, contract: { ...quality.contract, services } });

  assert.equal((await keptAfter(20 * 365)).archives, 0, "an item that does not say keeps its packages for good");
  assert.equal((await keptAfter(9 * 365, { ...kernel, systems })).archives, 0);
  assert.equal((await keptAfter(11 * 365, { ...kernel, systems })).archives, 1);
  assert.equal(await archiveState(kernel.database, caseId), undefined);
  assert.ok(!(await kernel.files.has(digest)));
});

async function packageOf(caseId: string): Promise<string> {
  for (let tries = 0; tries < 1200; tries += 1) {
    const state = await archiveState(kernel.database, caseId);
    if (state?.digest !== undefined) return state.digest;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail("the package was not made");
}

test("the contracts say how long: an act as long as what it brought about", () => {
  const years = (type: LedgerEntry["type"], room: string, operation: string) =>
    contentYears({ type, room, operation }, kernel);
  assert.equal(years("act", "participation", "rate"), 3);
  assert.equal(years("act", "identity", "createAccount"), 10);
  assert.equal(years("act", "quality", "grantLicence"), "permanent");
  assert.equal(years("read", "quality", "grantLicence"), 3);
  assert.equal(years("administration", "ledger", "settings"), "permanent");
});

async function waitSequenced(id: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await kernel.ledger.indexOf(id)) !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("the entry was not put into the log");
}
