import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Messages } from "#kernel/ports";
import type { Principal } from "#kernel/system/act";
import { identity } from "../../src/infrastructure/identity/contract.ts";
import { EMAIL_CODE_LIFE_MS, EMAIL_CODE_PAUSE_MS, EMAIL_CODES_A_DAY } from "../../src/infrastructure/identity/email.ts";
import { provideIdentityMail } from "../../src/infrastructure/identity/email-port.ts";
import { answered, refused } from "./answers.ts";
import { type CountyNode, countyNode, LOADED_AT } from "./county-node.ts";

type Message = Parameters<Messages["send"]>[0];

let node: CountyNode;
let sent: Message[] = [];
let reachable = true;
let clockMs = Date.parse(LOADED_AT);
before(async () => {
  node = await countyNode();
  const name = { zh: "测试", en: "Test" };
  const send = async (message: Message) => {
    if (reachable) sent.push(message);
    return { sent: reachable };
  };
  provideIdentityMail({ messages: { send }, name });
});
after(() => node.close());

function pass(ms: number) {
  clockMs += ms;
  node.setNow(new Date(clockMs).toISOString());
}

const person = (id: string) => {
  pass(1000);
  const principal: Principal = { kind: "person", id, assurance: 1 };
  return node.as(identity, principal, { purpose: "own-affairs" });
};
const owner = () => person(node.holder("owner"));
const wanted = async () => {
  const asNode = node.as(identity, { kind: "node", room: "identity" }, { purpose: "case" });
  return answered(await asNode.emailForNotices({ person: node.holder("owner") })).address;
};
const codeSent = () => /您的验证码是 (\d{6})/.exec(sent.at(-1)?.body ?? "")?.[1] ?? "";
const ADDRESS = "lin.xiaozhu@example.cn";

test("an address counts only when its code was typed in; it is stored sealed, and can be switched off and removed", async () => {
  assert.deepEqual(answered(await owner().myEmail({})), { notices: "no" });
  answered(await owner().giveEmail({ address: ` ${ADDRESS} ` }));
  assert.deepEqual([sent.at(-1)?.channel, sent.at(-1)?.to], ["email", ADDRESS]);
  assert.equal(await wanted(), undefined);
  assert.equal(answered(await owner().confirmEmail({ code: "x" })).outcome, "wrong-code");
  assert.equal(answered(await owner().confirmEmail({ code: codeSent() })).outcome, "confirmed");
  assert.equal(answered(await owner().confirmEmail({ code: codeSent() })).outcome, "expired");
  assert.equal(await wanted(), ADDRESS);
  const tables = await node.kernel.database.query<{ row: string }>(
    "SELECT e::text AS row FROM identity.email e UNION ALL SELECT c::text FROM identity.email_code c",
  );
  assert.ok(tables.length >= 2);
  for (const { row } of tables) assert.ok(!row.includes("example.cn") && !row.includes(codeSent()));

  pass(EMAIL_CODE_PAUSE_MS);
  answered(await owner().giveEmail({ address: "new@example.cn" }));
  assert.equal(await wanted(), ADDRESS, "the one before counts until the new one is confirmed");
  assert.equal(answered(await owner().confirmEmail({ code: codeSent() })).outcome, "confirmed");
  assert.equal(await wanted(), "new@example.cn");
  answered(await owner().chooseEmailNotices({ notices: "no" }));
  assert.equal(await wanted(), undefined);
  answered(await owner().chooseEmailNotices({ notices: "yes" }));
  assert.equal(answered(await owner().removeEmail({})).removed, true);
  assert.equal(await wanted(), undefined);
  refused(await owner().chooseEmailNotices({ notices: "yes" }), "no-address");
});

test("a code ends, and is not guessed", async () => {
  pass(EMAIL_CODE_PAUSE_MS);
  answered(await owner().giveEmail({ address: ADDRESS }));
  pass(EMAIL_CODE_LIFE_MS);
  assert.equal(answered(await owner().confirmEmail({ code: codeSent() })).outcome, "expired");
  answered(await owner().giveEmail({ address: ADDRESS }));
  for (let tries = 0; tries < 5; tries += 1) {
    assert.equal(answered(await owner().confirmEmail({ code: "wrong" })).outcome, "wrong-code");
  }
  assert.equal(answered(await owner().confirmEmail({ code: codeSent() })).outcome, "expired");
  assert.equal(await wanted(), undefined);
});

test("codes are not sent without end, and what cannot be sent changes nothing", async () => {
  pass(25 * 60 * 60 * 1000);
  refused(await person(node.holder("owner")).giveEmail({ address: "a@b" }), "invalid-input");
  refused(await owner().giveEmail({ address: "a@example.cn\r\nBcc: b@example.cn" }), "invalid-input");
  reachable = false;
  refused(await owner().giveEmail({ address: "gone@example.cn" }), "not-sent");
  reachable = true;
  assert.notEqual(answered(await owner().myEmail({})).pending, "gone@example.cn");
  sent = [];
  answered(await owner().giveEmail({ address: ADDRESS }));
  refused(await owner().giveEmail({ address: ADDRESS }), "too-many-codes");
  for (let codes = 1; codes < EMAIL_CODES_A_DAY; codes += 1) {
    pass(EMAIL_CODE_PAUSE_MS);
    answered(await owner().giveEmail({ address: ADDRESS }));
  }
  pass(EMAIL_CODE_PAUSE_MS);
  refused(await owner().giveEmail({ address: ADDRESS }), "too-many-codes");
  assert.equal(sent.length, EMAIL_CODES_A_DAY);
});
