import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { identity } from "#infrastructure/identity";
import type { Messages } from "#kernel/ports";
import type { Principal } from "#kernel/system/act";
import { codeOf, stepAt } from "#lib/crypto/one-time-password";
import { AWAITED_CODE_MS } from "../../src/infrastructure/identity/awaited-codes.ts";
import { provideIdentityMail } from "../../src/infrastructure/identity/email-port.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { demonstrationSecret } from "../../src/node/demonstration/codes.ts";
import { answered, refused } from "./answers.ts";
import { type CountyNode, countyNode, LOADED_AT } from "./county-node.ts";

let node: CountyNode;
let recoveryCodes: readonly string[];
let nowMs = Date.parse(LOADED_AT) + 3_600_000;
const sent: Parameters<Messages["send"]>[0][] = [];

const now = () => new Date(nowMs).toISOString();
function pass(ms: number) {
  nowMs += ms;
  node.setNow(now());
}
const visitor = () => node.as(identity, { kind: "public" }, { purpose: "own-affairs" });
const signIn = async (password = DEMONSTRATION_PASSWORD) =>
  answered(await visitor().signIn({ signInName: "owner", password }));
const finish = async (ticket: string, code: string) => answered(await visitor().finishSignIn({ ticket, code }));
/** A code that was not used: each stands for half a minute, and counts once. */
function nextCode(): string {
  pass(60_000);
  return codeOf(demonstrationSecret("owner"), stepAt(now()));
}
async function ticket(): Promise<string> {
  const begun = await signIn();
  assert.ok(begun.outcome === "needs-code", begun.outcome);
  return begun.ticket;
}
function owner(level: 1 | 2 = 2) {
  const provenAt = level === 2 ? { 1: now(), 2: now() } : { 1: now() };
  const principal: Principal = { kind: "person", id: node.holder("owner"), assurance: level, provenAt };
  return node.as(identity, principal, { purpose: "own-affairs" });
}

before(async () => {
  node = await countyNode({ signIns: ["owner"] });
  const send = async (message: (typeof sent)[number]) => {
    sent.push(message);
    return { sent: true };
  };
  provideIdentityMail({ messages: { send }, name: { zh: "测试", en: "Test" } });
  pass(0);
});
after(() => node.close());

test("Whoever has a code generator, and proved it, has each sign-in ask for a code", async () => {
  const entered = await signIn();
  assert.ok(entered.outcome === "signed-in");
  const { session } = entered;
  refused(await owner().askCodeAtSignIn({ session, wanted: true }), "prove-first");
  assert.equal(answered(await owner().proveByCode({ session, code: nextCode() })).outcome, "proved");
  ({ recoveryCodes } = answered(await owner().renewRecoveryCodes({ session })));
  assert.equal(answered(await owner().myFactors({ session })).codeAtSignIn, false);
  refused(await owner(1).askCodeAtSignIn({ session, wanted: true }), "assurance-needed");
  assert.deepEqual(answered(await owner().askCodeAtSignIn({ session, wanted: true })), { wanted: true });
  assert.equal(answered(await owner().myFactors({ session })).codeAtSignIn, true);
});

test("The right password opens no session; the code does, at the second level, and the ticket counts once", async () => {
  const before = await node.kernel.database.query("SELECT id FROM identity.session");
  const begun = await ticket();
  assert.deepEqual(await node.kernel.database.query("SELECT id FROM identity.session"), before);
  assert.deepEqual(await finish(begun, "000000"), { outcome: "wrong" });
  const code = nextCode();
  const done = await finish(begun, code);
  assert.ok(done.outcome === "signed-in");
  const [row] = await node.kernel.database.query(
    "SELECT assurance, methods FROM identity.session WHERE id = $1 AND level2_at IS NOT NULL",
    [done.session],
  );
  assert.deepEqual(row, { assurance: 2, methods: ["pwd", "otp"] });
  assert.deepEqual(await finish(await ticket(), code), { outcome: "used" }, "a code counts once, at whatever door");
  assert.deepEqual(await finish(begun, nextCode()), { outcome: "over" });
  const stored = await node.kernel.database.query<{ whole: string }>(
    "SELECT a::text AS whole FROM identity.awaited_code a",
  );
  assert.ok(stored.every(({ whole }) => !whole.includes(begun)));
});

test("Of two that finish the same sign-in at the same moment, one is signed in", async () => {
  const begun = await ticket();
  const code = nextCode();
  const answers = await Promise.all([finish(begun, code), finish(begun, recoveryCodes[0] ?? "")]);
  assert.equal(answers.filter(({ outcome }) => outcome === "signed-in").length, 1);
});

test("A recovery code stands for one", async () => {
  assert.equal((await finish(await ticket(), recoveryCodes[1] ?? "")).outcome, "signed-in");
  assert.equal((await finish(await ticket(), recoveryCodes[1] ?? "")).outcome, "used");
});

test("A forged ticket, one that is too old, and one whose password is no longer right finish nothing", async () => {
  assert.deepEqual(await finish("x".repeat(43), nextCode()), { outcome: "over" });
  const old = await ticket();
  pass(AWAITED_CODE_MS);
  assert.deepEqual(await finish(old, nextCode()), { outcome: "over" });
  const entered = await finish(await ticket(), nextCode());
  assert.ok(entered.outcome === "signed-in");
  const stolen = await ticket();
  const { session } = entered;
  const changed = await owner().changePassword({
    session,
    current: DEMONSTRATION_PASSWORD,
    next: "苹果树下的长椅很舒服",
  });
  assert.deepEqual(answered(changed), { outcome: "changed" });
  assert.deepEqual(await finish(stolen, nextCode()), { outcome: "over" });
  answered(await owner().changePassword({ session, current: "苹果树下的长椅很舒服", next: DEMONSTRATION_PASSWORD }));
});

test("Guessing meets a wait, for the right code as well", async () => {
  const begun = await ticket();
  const code = nextCode();
  for (let tries = 0; tries < 5; tries++) await finish(begun, "000000");
  assert.equal((await finish(begun, code)).outcome, "wait");
  pass(3_600_000);
  assert.equal((await finish(await ticket(), nextCode())).outcome, "signed-in");
});

test("Without the generator nothing more is asked: nobody is locked out", async () => {
  const entered = await finish(await ticket(), nextCode());
  assert.ok(entered.outcome === "signed-in");
  answered(await owner().removeGenerator({ session: entered.session }));
  assert.equal((await signIn()).outcome, "signed-in");
});
