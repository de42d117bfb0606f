import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { identity } from "#infrastructure/identity";
import type { Messages } from "#kernel/ports";
import type { Principal } from "#kernel/system/act";
import { fromBase32 } from "#lib/crypto/base32";
import { codeOf, stepAt } from "#lib/crypto/one-time-password";
import { FIRST_FACTOR_OPEN_MS, GIVEN_PASSWORD_MS } from "../../src/infrastructure/identity/credentials.ts";
import { provideIdentityMail } from "../../src/infrastructure/identity/email-port.ts";
import { answered, refused } from "./answers.ts";
import { type CountyNode, countyNode, LOADED_AT } from "./county-node.ts";

let node: CountyNode;
let nowMs = Date.parse(LOADED_AT) + 3_600_000;
const sent: Parameters<Messages["send"]>[0][] = [];
before(async () => {
  node = await countyNode();
  const send = async (message: (typeof sent)[number]) => {
    sent.push(message);
    return { sent: true };
  };
  provideIdentityMail({ messages: { send }, name: { zh: "测试", en: "Test" } });
  pass(0);
});
after(() => node.close());

function pass(ms: number): string {
  nowMs += ms;
  const at = new Date(nowMs).toISOString();
  node.setNow(at);
  return at;
}

const PASSWORD = "a sentence that nobody knows";
const official = (id: string, ...duties: string[]): Principal => {
  const post = {
    id: "00000000-0000-4000-8000-0000000000e1",
    title: { zh: "岗", en: "Post" },
    authority: "00000000-0000-4000-8000-0000000000ab",
    authorityName: { zh: "政务服务管理局", en: "Services Office" },
    duties,
    division: "990101",
  };
  return { kind: "official", id, post, assurance: 2, provenAt: { 2: new Date(nowMs).toISOString() } };
};
const ADMIN = "00000000-0000-4000-8000-0000000000f1";
const OTHER = "00000000-0000-4000-8000-0000000000f2";
const as = (id: string, ...duties: string[]) =>
  node.as(identity, official(id, ...duties), { purpose: "administration" });
const admin = () => as(ADMIN, "directory.administer", "counter.file", "directory.delegate");
const other = () => as(OTHER, "directory.administer", "counter.file");
const visitor = () => node.as(identity, { kind: "public" }, { purpose: "own-affairs" });

async function signedIn(signInName: string, principal: Principal, password = PASSWORD) {
  const entered = answered(await visitor().signIn({ signInName, password }));
  assert.ok(entered.outcome === "signed-in");
  const purpose = principal.kind === "official" ? "administration" : "own-affairs";
  return { session: entered.session, doors: node.as(identity, principal, { purpose }) };
}

async function bind({ session, doors }: Awaited<ReturnType<typeof signedIn>>) {
  answered(await doors.beginGenerator({ session }));
  const { secret } = answered(await doors.pendingGenerator({ session }));
  const bytes = fromBase32(secret);
  assert.ok(bytes);
  return doors.confirmGenerator({ session, code: codeOf(bytes, stepAt(new Date(nowMs).toISOString())) });
}

test("Who set a password cannot bind the first factor with it; another official opens it, for a day", async () => {
  const holder = node.county.cast.signIns.find(({ signInName }) => signInName === "neighbour")?.holder ?? "";
  const account = { signInName: "gu.qinghe", holderKind: "person", holder, password: PASSWORD } as const;
  answered(await admin().createAccount(account));
  const me: Principal = { kind: "person", id: holder, assurance: 1 };
  const mine = await signedIn("gu.qinghe", me);
  const { session, doors } = mine;
  refused(await doors.beginGenerator({ session }), "not-opened");
  assert.equal(answered(await doors.myFactors({ session })).notOpened, true);
  // Changing the password does not help: whoever knows it could.
  const next = "another sentence of nobody";
  assert.equal(answered(await doors.changePassword({ session, current: PASSWORD, next })).outcome, "changed");
  refused(await doors.beginGenerator({ session }), "not-opened");

  const asked = { signInName: "gu.qinghe", document: "resident-identity-card" } as const;
  refused(await admin().openFirstFactor(asked), "same-official");
  refused(await other().openOfficialsFactor({ signInName: "gu.qinghe" }), "not-found");
  answered(await other().openFirstFactor(asked));
  pass(FIRST_FACTOR_OPEN_MS + 60_000);
  const late = await signedIn("gu.qinghe", me, next);
  refused(await late.doors.beginGenerator({ session: late.session }), "not-opened");
  answered(await other().openFirstFactor(asked));
  assert.equal(answered(await bind(late)).outcome, "confirmed");
  refused(await other().openFirstFactor(asked), "not-needed");

  // With a factor bound, a reset password is worth nothing by itself.
  answered(await admin().resetPassword({ signInName: "gu.qinghe", password: PASSWORD }));
  const thief = await signedIn("gu.qinghe", me);
  refused(await thief.doors.beginGenerator({ session: thief.session }), "prove-first");
});

test("An official's first factor is opened by another administrator, or at the command line; what the node made is open", async () => {
  const holder = node.county.offices.bySignInName.get("accept") ?? "";
  const account = { signInName: "new.clerk", holderKind: "official", holder, password: PASSWORD } as const;
  answered(await admin().createAccount(account));
  const clerk = official(holder, "directory.delegate");
  const { session, doors } = await signedIn("new.clerk", clerk);
  refused(await doors.beginGenerator({ session }), "not-opened");
  refused(await as(ADMIN, "directory.administer").openOfficialsFactor({ signInName: "new.clerk" }), "same-official");
  refused(await as(holder, "directory.administer").openOfficialsFactor({ signInName: "new.clerk" }), "own-account");
  answered(await as(OTHER, "directory.administer").openOfficialsFactor({ signInName: "new.clerk" }));
  answered(await doors.beginGenerator({ session }));

  // His own address is told of what happens to his account.
  answered(await doors.giveEmail({ address: "clerk@qingyuan.example" }));
  const code = /\d{6}/.exec(sent.at(-1)?.subject ?? "")?.[0] ?? "";
  assert.equal(answered(await doors.confirmEmail({ code })).outcome, "confirmed");
  refused(await doors.chooseEmailNotices({ notices: "yes" }), "no-address");
  answered(await admin().resetPassword({ signInName: "new.clerk", password: PASSWORD }));
  assert.deepEqual([sent.at(-1)?.to, /重置了密码/.test(sent.at(-1)?.body ?? "")], ["clerk@qingyuan.example", true]);
  const again = await signedIn("new.clerk", clerk);
  refused(await again.doors.beginGenerator({ session: again.session }), "not-opened");
  const operator = node.as(identity, { kind: "node", room: "identity" }, { purpose: "administration" });
  answered(await operator.openFactorOnNode({ signInName: "new.clerk" }));
  assert.equal(answered(await bind(again)).outcome, "confirmed");
  answered(await again.doors.removeEmail({}));

  const person = node.county.cast.signIns.find(({ signInName }) => signInName === "agent")?.holder ?? "";
  const made = { signInName: "by.node", holderKind: "person", holder: person, password: PASSWORD } as const;
  answered(await operator.createAccount(made));
  refused(await operator.openFactorOnNode({ signInName: "by.node" }), "not-needed");
  const own = await signedIn("by.node", { kind: "person", id: person, assurance: 1 });
  assert.equal(answered(await bind(own)).outcome, "confirmed");
});

test("A password that an official set opens nothing after a week, unless its holder chose another", async () => {
  const holder = node.county.cast.signIns.find(({ signInName }) => signInName === "agent")?.holder ?? "";
  const me: Principal = { kind: "person", id: holder, assurance: 1 };
  const made = { holderKind: "person", holder, password: PASSWORD } as const;
  answered(await admin().createAccount({ ...made, signInName: "forgotten" }));
  answered(await admin().createAccount({ ...made, signInName: "chosen" }));
  const { session, doors } = await signedIn("chosen", me);
  const next = "a sentence of one's own";
  assert.equal(answered(await doors.changePassword({ session, current: PASSWORD, next })).outcome, "changed");
  pass(GIVEN_PASSWORD_MS);
  const late = answered(await visitor().signIn({ signInName: "forgotten", password: PASSWORD }));
  assert.equal(late.outcome, "password-over");
  assert.equal(answered(await visitor().signIn({ signInName: "forgotten", password: "wrong" })).outcome, "failed");
  await signedIn("chosen", me, next);
  answered(await admin().resetPassword({ signInName: "forgotten", password: PASSWORD }));
  await signedIn("forgotten", me);
});
