import assert from "node:assert/strict";
import { after, test } from "node:test";
import { identity } from "#infrastructure/identity";
import type { Principal } from "#kernel/system/act";
import { codeOf, stepAt } from "#lib/crypto/one-time-password";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { demonstrationSecret } from "../../src/node/demonstration/codes.ts";
import { answered, refused } from "./answers.ts";
import { countyNode } from "./county-node.ts";

const node = await countyNode({ signIns: ["owner"] });
after(node.close);

let nowMs = Date.parse("2026-03-02T02:00:00Z");
function pass(hours: number): string {
  nowMs += hours * 3_600_000;
  const at = new Date(nowMs).toISOString();
  node.setNow(at);
  return at;
}
const clerk = (number: number) => {
  const post = {
    id: "00000000-0000-4000-8000-0000000000aa",
    title: { zh: "综合窗口岗", en: "Counter clerk" },
    authority: "00000000-0000-4000-8000-0000000000ab",
    authorityName: { zh: "政务服务管理局", en: "Services Office" },
    duties: ["counter.file", "directory.delegate"],
    division: "990101",
  };
  const id = `00000000-0000-4000-8000-0000000000c${number}`;
  const provenAt = { 2: new Date(nowMs).toISOString() };
  const principal: Principal = { kind: "official", id, post, assurance: 2, provenAt };
  return node.as(identity, principal, { purpose: "administration" });
};
const visitor = node.as(identity, { kind: "public" }, { purpose: "own-affairs" });
const document = "resident-identity-card";
const whose = { signInName: "owner", document } as const;

async function signedIn() {
  const entered = answered(await visitor.signIn({ signInName: "owner", password: DEMONSTRATION_PASSWORD }));
  assert.ok(entered.outcome === "signed-in");
  const principal = { kind: "person", id: node.holder("owner"), assurance: 1 } as const;
  return { session: entered.session, doors: node.as(identity, principal, { purpose: "own-affairs" }) };
}

test("Access is given back by two officials, a day after the second check, and what was there before counts no more", async () => {
  pass(0);
  const early = await signedIn();
  answered(await clerk(1).askRecovery(whose));
  refused(await clerk(2).askRecovery(whose), "under-way");
  refused(await clerk(1).checkRecovery(whose), "same-official");
  refused(await clerk(2).checkRecovery({ ...whose, document: "passport" }), "same-official");
  refused(await clerk(2).giveRecoveryCodes({ signInName: "owner" }), "not-asked");
  assert.ok(answered(await early.doors.myFactors({ session: early.session })).recovery, "the holder sees it");
  pass(1);
  answered(await clerk(2).checkRecovery(whose));
  pass(23);
  refused(await clerk(1).giveRecoveryCodes({ signInName: "owner" }), "too-early");
  const at = pass(1);
  const { recoveryCodes } = answered(await clerk(1).giveRecoveryCodes({ signInName: "owner" }));
  assert.equal(recoveryCodes.length, 10);
  refused(await clerk(1).giveRecoveryCodes({ signInName: "owner" }), "not-asked");

  const { session, doors } = await signedIn();
  const code = codeOf(demonstrationSecret("owner"), stepAt(at));
  assert.equal(answered(await doors.proveByCode({ session, code })).outcome, "wrong", "the lost phone proves nothing");
  const [first = ""] = recoveryCodes;
  assert.equal(answered(await doors.proveByCode({ session, code: first.toLowerCase() })).outcome, "proved");
  const next = await signedIn();
  assert.equal(answered(await next.doors.proveByCode({ session: next.session, code: first })).outcome, "used");
  const rows = await node.kernel.database.query<{ whole: string }>(
    "SELECT r::text AS whole FROM identity.recovery_code r",
  );
  assert.ok(rows.every(({ whole }) => recoveryCodes.every((one) => !whole.includes(one.replaceAll("-", "")))));
});

test("The holder stops what he did not ask for, and without a proof no official begins", async () => {
  pass(48);
  answered(await clerk(1).askRecovery(whose));
  answered(await clerk(2).checkRecovery(whose));
  const { session, doors } = await signedIn();
  assert.equal(answered(await doors.stopRecovery({ session })).stopped, true);
  pass(25);
  refused(await clerk(1).giveRecoveryCodes({ signInName: "owner" }), "not-asked");
  const tired = clerk(1);
  pass(1);
  refused(await tired.askRecovery(whose), "assurance-needed");
  refused(await clerk(1).askRecovery({ signInName: "nobody", document }), "not-found");
});
