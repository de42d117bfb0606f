import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { identity } from "#infrastructure/identity";
import { readPolicies } from "#kernel/access/policy-sources";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { readLedger, readLedgerEntry, readSample } from "#kernel/services/oversight";
import type { Kernel } from "#kernel/system/kernel";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
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
