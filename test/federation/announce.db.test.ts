import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import type { Messages } from "#kernel/ports";
import { outgoingOf, sendOutgoing } from "#kernel/services/announce";
import { noticesOf } from "#kernel/services/notices";
import { type LicensingCounty, licensingCounty, SHOP_FORM } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const { submitted } = licensingSteps(() => county);

/** Waits until so many messages about a case left. */
async function sent(caseId: string, count: number) {
  for (let tries = 0; tries < 1200; tries += 1) {
    const outgoing = await outgoingOf(county.node.site.kernel.database, caseId);
    if (outgoing.length === count && outgoing.every(({ status }) => status === "sent")) return outgoing;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("the messages did not leave");
}

async function spooled(id: string): Promise<{ channel: string; to: string; subject: string; body: string }> {
  return JSON.parse(await readFile(join(county.dataFolder, "outgoing", `${id}.json`), "utf8"));
}

test("who has a notice is told by SMS, in both languages, with what is asked and until when", async () => {
  const caseId = await submitted();
  const [receipt] = await sent(caseId, 1);
  assert.ok(receipt);
  const first = await spooled(receipt.id);
  assert.deepEqual([first.channel, first.to], ["sms", SHOP_FORM.mobile]);
  assert.match(first.body, /^【清源县政务服务】您的办件 [A-Z]+-\d{4}-\d{6} 有新文书《收件凭证》/);
  assert.match(first.body, /new notice in your case .*: Receipt of application/);
  assert.doesNotMatch(first.body, /需要您办理|林晓竹|翠竹/);

  const list = { outcome: "supplement", missing: "平面布局图：请标明洗消区", supplementDays: 5 };
  assert.ok(!isRefusal(await county.doTask("accept", { caseId, element: "acceptance", form: list })));
  const [, supplement] = await sent(caseId, 2);
  assert.ok(supplement);
  const view = await county.until(caseId, () => true);
  const due = Temporal.Instant.from(view.timers[0]?.dueAt ?? "").subtract({ milliseconds: 1 });
  const day = due.toZonedDateTimeISO("Asia/Shanghai").toPlainDate();
  const second = await spooled(supplement.id);
  assert.match(second.body, new RegExp(`需要您办理“补正”，最后一天是 ${day}。`));
  assert.match(second.body, new RegExp(`You are asked for this: Supplement, by ${day}\\.`));
});

test("what no gateway takes is tried again, then recorded as undeliverable; the number stands nowhere in the clear", async () => {
  const { kernel, name, publicUrl } = county.node.site;
  const caseId = await submitted();
  const [outgoing] = await sent(caseId, 1);
  assert.ok(outgoing);
  const { id } = outgoing;
  await kernel.database.query("UPDATE service.outgoing SET status = 'waiting' WHERE id = $1", [id]);
  const gateway: Messages = {
    send: async ({ to }) => ({ sent: false, reason: `no such number ${to}, +86${to.slice(0, 7)}` }),
  };
  const ports = { messages: gateway, name, publicUrl };
  await assert.rejects(sendOutgoing(kernel, { id, lastAttempt: false }, ports), { code: "ERR_ANNOUNCEMENT_REFUSED" });
  assert.equal((await outgoingOf(kernel.database, caseId))[0]?.status, "waiting");
  await sendOutgoing(kernel, { id, lastAttempt: true }, ports);
  const [item] = await outgoingOf(kernel.database, caseId);
  assert.deepEqual([item?.status, item?.problem], ["undeliverable", "no such number …, +…"]);

  const [row] = await kernel.database.query<{ row: string; content: Buffer }>(
    "SELECT o::text AS row, content FROM service.outgoing o WHERE id = $1",
    [id],
  );
  assert.ok(row && !row.row.includes(SHOP_FORM.mobile) && !row.content.includes(SHOP_FORM.mobile));
  const { records } = await kernel.ledger.byCase(caseId, { limit: 50 });
  const outcomes = records
    .filter(({ leaf }) => leaf.operation.endsWith(".announce.sms"))
    .map(({ content }) => content?.outcome);
  assert.deepEqual(outcomes, ["undeliverable", "sent"]);
  assert.ok((await readdir(join(county.dataFolder, "outgoing"))).includes("README.txt"));
});

test("who gave an address is told by e-mail too; what could not be sent is shown with its notice", async () => {
  const { kernel, name, publicUrl } = county.node.site;
  const asOwner = () => county.ownerAct({ onBehalfOf: undefined });
  const doors = frontOf(kernel, identity, asOwner);
  assert.ok(!isRefusal(await doors.giveEmail({ address: "lin@example.cn" })));
  const codes = await Promise.all(
    (await readdir(join(county.dataFolder, "outgoing")))
      .filter((file) => file.endsWith(".json"))
      .map(async (file) => spooled(file.slice(0, -".json".length))),
  );
  const code = /您的验证码是 (\d{6})/.exec(codes.find(({ to }) => to === "lin@example.cn")?.body ?? "")?.[1] ?? "";
  const confirmed = await doors.confirmEmail({ code });
  assert.ok(!isRefusal(confirmed) && confirmed.outcome === "confirmed");

  const caseId = await submitted();
  const both = await sent(caseId, 2);
  assert.deepEqual(both.map(({ channel }) => channel).sort(), ["email", "sms"]);
  assert.equal(both[0]?.noticeId, both[1]?.noticeId);
  const email = both.find(({ channel }) => channel === "email");
  const mail = await spooled(email?.id ?? "");
  assert.deepEqual([mail.channel, mail.to], ["email", "lin@example.cn"]);
  assert.match(mail.subject, /^办件 [A-Z]+-\d{4}-\d{6}：收件凭证/);
  assert.doesNotMatch(mail.body, /林晓竹|翠竹/);

  const id = email?.id ?? "";
  await kernel.database.query("UPDATE service.outgoing SET status = 'waiting' WHERE id = $1", [id]);
  const gateway: Messages = { send: async ({ to }) => ({ sent: false, reason: `no mailbox ${to}` }) };
  await sendOutgoing(kernel, { id, lastAttempt: true }, { messages: gateway, name, publicUrl });
  const [notice] = await noticesOf(kernel.database, caseId);
  assert.deepEqual(notice?.told, [
    { channel: "sms", status: "sent" },
    { channel: "email", status: "undeliverable" },
  ]);
  const problem = (await outgoingOf(kernel.database, caseId)).find((one) => one.id === id)?.problem;
  assert.equal(problem, "no mailbox …");

  assert.ok(!isRefusal(await doors.chooseEmailNotices({ notices: "no" })));
  const quiet = await submitted();
  assert.deepEqual(
    (await sent(quiet, 1)).map(({ channel }) => channel),
    ["sms"],
  );
});
