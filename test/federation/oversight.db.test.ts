import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { identity } from "#infrastructure/identity";
import { readPolicies } from "#kernel/access/policy-sources";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { checkEntry, INTACT, TAMPERED } from "#kernel/ledger/checks";
import { watchClock } from "#kernel/ledger/clock-watch";
import type { LedgerEntry } from "#kernel/ledger/entry";
import type { EntryFilter } from "#kernel/ledger/filter";
import type { EntryKind, LedgerRecord } from "#kernel/ledger/records";
import {
  exportEntries,
  type LedgerWanted,
  noteVerification,
  readLedger,
  readLedgerEntry,
  readSample,
} from "#kernel/services/oversight";
import type { Kernel } from "#kernel/system/kernel";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { enterRefusedRestores, noteRefusedRestore } from "../../src/node/refused-restores.ts";
import { answered } from "../rooms/answers.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const kernel = () => county.node.site.kernel;
const auditor = () => county.officialAct("auditor", { purpose: "supervision" });

test("An auditor finds the sign-ins and proofs that failed by themselves, and among all sign-ins", async () => {
  const act = county.ownerAct({ principal: { kind: "public" } });
  const visitor = frontOf(kernel(), identity, () => ({ ...act, id: kernel().newId(), at: kernel().now() }));
  assert.equal(answered(await visitor.signIn({ signInName: "owner", password: "not the password" })).outcome, "failed");
  assert.equal(answered(await visitor.signIn({ signInName: "nobody.here", password: "x" })).outcome, "failed");
  const entered = answered(await visitor.signIn({ signInName: "owner", password: DEMONSTRATION_PASSWORD }));
  assert.ok(entered.outcome === "signed-in");
  const owner = frontOf(kernel(), identity, () => county.ownerAct({ onBehalfOf: undefined }));
  assert.equal(answered(await owner.proveByCode({ session: entered.session, code: "000000" })).outcome, "wrong");
  const found = await readLedger(kernel(), await auditor(), { kind: "failed-sign-ins" });
  assert.ok(!isRefusal(found));
  assert.deepEqual(
    found.records.map(({ leaf }) => leaf.operation),
    ["proof-failed", "sign-in-failed", "sign-in-failed"],
  );
  // By the act that they were of, an auditor goes on to whom it concerned.
  const act0 = found.records[1]?.content?.actId;
  const all = await readLedger(kernel(), await auditor(), { kind: "sign-ins" });
  assert.ok(!isRefusal(all));
  assert.ok(all.records.some(({ content }) => content?.actId === act0));
});

test("A sample by type has of each type its share, as far as the log has any, and is the same for the same seed", async () => {
  await kernel().ledger.sequenceNow();
  const wanted = { seed: "审计通知书2026第1号", count: 24, strata: 1, by: "type" } as const;
  const first = await readSample(kernel(), await auditor(), wanted);
  assert.ok(!isRefusal(first));
  const types = first.records.map(({ leaf }) => leaf.type);
  assert.ok(new Set(types).size >= 4, types.join(" "));
  for (const type of new Set(types)) assert.ok(types.filter((one) => one === type).length <= 2, type);
  const { size } = first.sample;
  const again = await readSample(kernel(), await auditor(), { ...wanted, size });
  assert.ok(!isRefusal(again));
  assert.deepEqual(
    again.records.map(({ id }) => id),
    first.records.map(({ id }) => id),
  );
  assert.equal(again.sample.by, "type");
});

test("What a policy keeps of the ledger from an auditor is in no list, in no sample and does not open; the sample says how much", async () => {
  const act = await auditor();
  await kernel().ledger.sequenceNow();
  const contracts = [...kernel().systems.values()].map(({ contract }) => contract);
  const stricter = async (when: string): Promise<Kernel> => {
    const kept = `@zh("不向本岗位开放。") @en("Kept from this post.")
      forbid(principal is Official, action == Action::"ledger.entries", resource) when { ${when} };`;
    const access = kernel().access.with(await readPolicies(contracts, { kept })) as Kernel["access"];
    return { ...kernel(), access };
  };
  const signIns = 'context has entry && context.entry has room && context.entry.room == "identity"';
  const narrow = await stricter(signIns);
  const [everything, some] = [await readLedger(kernel(), act, {}), await readLedger(narrow, act, {})];
  assert.ok(!isRefusal(everything) && !isRefusal(some));
  const ofIdentity = everything.records.find(({ leaf }) => leaf.room === "identity");
  assert.ok(ofIdentity);
  assert.ok(some.records.length > 0 && some.records.every(({ leaf }) => leaf.room !== "identity"));
  const byKind = await readLedger(narrow, act, { kind: "sign-ins" });
  assert.ok(!isRefusal(byKind));
  assert.deepEqual(byKind.records, []);
  assert.ok(isRefusal(await readLedgerEntry(narrow, act, ofIdentity.id)));
  assert.ok(!isRefusal(await readLedgerEntry(kernel(), act, ofIdentity.id)));
  const wanted = { seed: "2026-2", count: 50, strata: 2 } as const;
  const [whole, part] = [await readSample(kernel(), act, wanted), await readSample(narrow, act, wanted)];
  assert.ok(!isRefusal(whole) && !isRefusal(part));
  assert.ok(part.kept > 0);
  const left = await readSample(narrow, act, { ...wanted, size: whole.sample.size });
  assert.ok(!isRefusal(left));
  assert.equal(left.records.length + left.kept, whole.records.length, "the same entries are drawn");
  // Denied as a whole, it is as for whoever has no such duty; what one did oneself is one's own all the same.
  const none = await stricter("true");
  assert.ok(isRefusal(await readLedger(none, act, {})) && isRefusal(await readSample(none, act, wanted)));
  assert.ok(act.principal.kind === "official");
  const own = await readLedger(none, act, { officialId: act.principal.id });
  assert.ok(!isRefusal(own) && own.records.length > 0);
});

const OPERATOR = { kind: "node", id: "operator" } as const;

/** An entry of this node, as far as the test says. */
function entry(changes: Partial<LedgerEntry>): LedgerEntry {
  return {
    ...{ type: "read", at: "2025-02-03T04:05:06Z", room: "population", operation: "findPersonForCase" },
    ...{ actor: OPERATOR, purpose: "case", legalBasis: [], subjects: [], outcome: "answered" },
    ...changes,
  };
}

async function listed(wanted: LedgerWanted): Promise<readonly LedgerRecord[]> {
  const found = await readLedger(kernel(), await auditor(), wanted);
  assert.ok(!isRefusal(found));
  return found.records;
}

test("An auditor lists exchanges, checks and those that failed, steps of the clock, and what is withheld by law", async () => {
  const { ledger, database } = kernel();
  const at = kernel().now();
  await ledger.append(database, [
    entry({ type: "exchange", at, operation: "findPerson", detail: { exchange: { to: "city" } } }),
    entry({ at, secrecy: { ground: "个人信息保护法 第十八条", approvedBy: "second", reviewOn: "2099-01-01" } }),
    checkEntry("verify", { at, outcome: INTACT }),
    checkEntry("verify", { at, outcome: TAMPERED, detail: { found: 2 } }),
    checkEntry("restore-refused", { at, outcome: "ERR_BACKUP_DAMAGED" }),
    checkEntry("witness-refused", { at, outcome: "ERR_WITNESS_AHEAD", detail: { witness: "w" } }),
  ]);
  await noteVerification(kernel(), await auditor(), true);
  let wallMs = Date.parse(at);
  let countedMs = 1_000;
  const read = async () => ({ wallMs, countedMs, boot: "one" });
  const clock = await watchClock(kernel(), { read, onFault: (fault) => assert.fail(String(fault)) });
  [wallMs, countedMs] = [wallMs - 600_000, countedMs + 10_000];
  await clock.look();
  await clock.stop();
  const operations = async (kind: EntryKind) => (await listed({ kind })).map(({ leaf }) => leaf.operation);
  assert.deepEqual(await operations("exchanges"), ["findPerson"]);
  assert.deepEqual(await operations("checks"), ["verify", "witness-refused", "restore-refused", "verify", "verify"]);
  assert.deepEqual(await operations("failed-checks"), ["witness-refused", "restore-refused", "verify"]);
  const [step, ...others] = await listed({ kind: "clock" });
  assert.deepEqual([step?.content?.outcome, others.length], ["set-back", 0]);
  assert.match(JSON.stringify(step?.content?.detail), /"byMs":-610000,/);
  const [sealed, ...more] = await listed({ kind: "sealed" });
  assert.deepEqual([sealed?.withheldUntil, more.length], ["2099-01-01", 0]);
});

test("Restores that were refused are entered by the next node that starts on the folder, and once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-restores-"));
  try {
    await noteRefusedRestore(folder, { at: "2026-03-02T01:00:00.000Z", code: "ERR_BACKUP_TARGET" });
    await noteRefusedRestore(folder, { at: "2026-03-02T01:01:00.000Z", code: "ERR_BACKUP_DAMAGED" });
    assert.equal(await enterRefusedRestores(kernel(), folder), 2);
    assert.equal(await enterRefusedRestores(kernel(), folder), 0);
    const [newest] = await listed({ kind: "failed-checks" });
    assert.deepEqual([newest?.content?.outcome, newest?.leaf.at], ["ERR_BACKUP_DAMAGED", "2026-03-02T01:01:00.000Z"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("An auditor narrows the list by time, room, operation, type and authority", async () => {
  const [one, other] = [kernel().newId(), kernel().newId()];
  const by = (authority: string) => ({ kind: "official", id: kernel().newId(), authority }) as const;
  const ids = await kernel().ledger.append(kernel().database, [
    entry({ at: "2025-02-03T04:05:06Z", actor: by(one) }),
    entry({ at: "2025-02-03T04:05:06.5Z", actor: by(other), operation: "another" }),
    entry({ at: "2025-02-04T00:00:00Z", actor: by(one), room: "legal-entities", type: "refused" }),
    entry({ at: "2025-02-05T00:00:00Z", actor: by(other) }),
  ]);
  const [first = 0, second = 0, third = 0, fourth = 0] = ids;
  const february = { from: "2025-02-01T00:00:00Z", until: "2025-03-01T00:00:00Z" };
  const found = async (filter: EntryFilter) => (await listed({ filter })).map(({ id }) => id);
  assert.deepEqual(await found(february), [fourth, third, second, first]);
  assert.deepEqual(await found({ ...february, from: "2025-02-04T00:00:00Z" }), [fourth, third]);
  assert.deepEqual(await found({ ...february, until: "2025-02-04T00:00:00Z" }), [second, first]);
  assert.deepEqual(await found({ until: "2025-02-04T00:00:00Z" }), [second, first], "of any time before");
  assert.deepEqual(await found({ ...february, room: "population" }), [fourth, second, first]);
  assert.deepEqual(await found({ ...february, room: "population", operation: "another" }), [second]);
  assert.deepEqual(await found({ ...february, operation: "findPersonForCase" }), [fourth, third, first]);
  assert.deepEqual(await found({ ...february, type: "refused" }), [third]);
  assert.deepEqual(await found({ ...february, authority: one }), [third, first]);
  assert.deepEqual(await found({ authority: other }), [fourth, second], "of any time");
  assert.deepEqual(await found({ ...february, operation: 'x","room":"population' }), []);
  assert.deepEqual(
    (await listed({ kind: "refused", filter: february })).map(({ id }) => id),
    [third],
  );
  assert.deepEqual(
    (await listed({ filter: february, before: third })).map(({ id }) => id),
    [second, first],
  );
  // Whoever does not supervise narrows nothing, and takes nothing out.
  const clerk = await county.officialAct("accept", { purpose: "case" });
  assert.ok(isRefusal(await readLedger(kernel(), clerk, { filter: february })));
  assert.ok(isRefusal(exportEntries(kernel(), clerk, { filter: february })));
});

test("What an auditor takes out is entered before it leaves, with its filter and whom it concerns", async () => {
  const act = await auditor();
  const person = kernel().newId();
  const subjects = [{ kind: "person", id: person, attributes: ["name"] }] as const;
  const [id = 0] = await kernel().ledger.append(kernel().database, [
    entry({ at: "2024-05-06T00:00:00Z", outcome: '=1+1,"x"', subjects }),
  ]);
  const filter = { from: "2024-05-01T00:00:00Z", until: "2024-06-01T00:00:00Z" };
  const parts = exportEntries(kernel(), act, { filter });
  assert.ok(!isRefusal(parts));
  const { value: records = [] } = await parts.next();
  assert.deepEqual(
    (records as readonly LedgerRecord[]).map((record) => record.id),
    [id],
  );
  const { records: told } = await kernel().ledger.bySubject({ kind: "person", id: person });
  const [taken] = told.filter(({ leaf }) => leaf.type === "export");
  assert.ok(taken, "while the reader still waits for more");
  assert.deepEqual(taken.content?.detail, { part: 1, count: 1, filter, first: id, last: id });
  assert.equal((await parts.next()).done, true);
});
