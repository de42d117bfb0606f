import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Principal } from "#kernel/system/act";
import { text } from "#lib/language/text";
import { dataRights } from "#services/data-rights";
import { lookOnRecord } from "../../src/node/look-on-record.ts";
import { testNode } from "../../src/node/testing.ts";
import { provideDataRightsPorts } from "../../src/services/data-rights/ports.ts";
import system from "../../src/services/data-rights/system.ts";
import { answered, refused } from "./answers.ts";

const node = await testNode({ systems: [system] });
after(node.close);
const { kernel } = node;
const reminders: string[] = [];
provideDataRightsPorts({
  lookOf: (act, entryId) => lookOnRecord(kernel, act, entryId),
  concernedIn: async () => undefined,
  remind: async (due) => {
    reminders.push(`${due.number} ${due.kind}`);
  },
});

const OWNER = "10000000-0000-4000-8000-000000000001";
const STRANGER = "10000000-0000-4000-8000-000000000002";
const SHOP = "10000000-0000-4000-8000-000000000003";
const LOOKER = "40000000-0000-4000-8000-000000000001";
const LOOKING_AUTHORITY = "20000000-0000-4000-8000-000000000001";
const SUPERVISOR = "20000000-0000-4000-8000-000000000002";
const POST = "50000000-0000-4000-8000-000000000001";

let keys = 0;
const next = () => {
  keys += 1;
  return `key-${keys}`;
};
const person = (id: string, shop?: string) =>
  node.as(
    dataRights,
    { kind: "person", id, assurance: 1 },
    {
      purpose: "own-affairs",
      idempotencyKey: next(),
      ...(shop !== undefined && { onBehalfOf: { kind: "organization", id: shop, name: "店", right: "operator" } }),
    },
  );
function official(authority: string, id = "40000000-0000-4000-8000-000000000002", duty = "data-rights.handle") {
  const authorityName = text("机关", "Authority");
  const post = { id: POST, title: text("岗", "Post"), authority, authorityName, duties: [duty], division: "990101" };
  const principal: Principal = { kind: "official", id, assurance: 1, post };
  return node.as(dataRights, principal, { purpose: "supervision", idempotencyKey: next() });
}

async function look(changes: { withheldUntil?: string; subject?: "organization" } = {}): Promise<number> {
  const subject =
    changes.subject === "organization"
      ? ({ kind: "organization", id: SHOP } as const)
      : ({ kind: "person", id: OWNER } as const);
  const [id = 0] = await kernel.ledger.append(kernel.database, [
    {
      type: "read",
      at: kernel.now(),
      room: "population",
      operation: "findPerson",
      actor: { kind: "official", id: LOOKER, post: POST, authority: LOOKING_AUTHORITY },
      purpose: "case",
      legalBasis: ["行政许可法 第三十四条"],
      subjects: [{ ...subject, attributes: ["address"] }],
      outcome: "answered",
      ...(changes.withheldUntil && {
        secrecy: { ground: "调查", approvedBy: LOOKER, reviewOn: changes.withheldUntil },
      }),
    },
  ]);
  return id;
}

test("whom a look concerns objects to it once; a stranger, and whoever the law keeps it from, finds nothing", async () => {
  const entryId = await look();
  refused(await person(STRANGER).object({ entryId, reason: "好奇" }), "not-found");
  const raised = answered(await person(OWNER).object({ entryId, reason: "我没有在这个部门办过事" }));
  assert.match(raised.number, /^YY-\d{4}-\d{6}$/);
  refused(await person(OWNER).object({ entryId, reason: "再说一次" }), "already-raised");
  const withheld = await look({ withheldUntil: "2999-01-01" });
  refused(await person(OWNER).object({ entryId: withheld, reason: "不知道" }), "not-found");
  const [own] = answered(await person(OWNER).ownObjections({})).items;
  assert.equal(own?.reason, "我没有在这个部门办过事");
  assert.equal(own?.status, "open");
  assert.ok(!JSON.stringify(own).includes(LOOKER), "of who looked the post is told, and not the person");
  assert.deepEqual(answered(await person(STRANGER).ownObjections({})).items, []);
});

test("a representative objects for the organization", async () => {
  const entryId = await look({ subject: "organization" });
  refused(await person(OWNER).object({ entryId, reason: "为本店" }), "not-found");
  const { number } = answered(await person(OWNER, SHOP).object({ entryId, reason: "为本店" }));
  const own = answered(await person(OWNER).ownObjections({})).items.find((one) => one.number === number);
  assert.equal(own?.subjectKind, "organization");
});

test("the supervising authority answers with a finding and reasons; whoever looked, and his authority, cannot", async () => {
  const entryId = await look();
  const { id } = answered(await person(OWNER).object({ entryId, reason: "与我无关" }));
  const given = { id, finding: "unlawful", answer: "没有对应的办件，不符合第五条。" } as const;
  assert.ok(answered(await official(SUPERVISOR).openObjections({})).items.some((one) => one.id === id));
  assert.deepEqual(answered(await official(LOOKING_AUTHORITY).openObjections({})).items, []);
  refused(await official(LOOKING_AUTHORITY).answerObjection({ ...given, measures: "x" }), "own-look");
  refused(await official(SUPERVISOR, LOOKER).answerObjection({ ...given, measures: "x" }), "own-look");
  refused(await official(SUPERVISOR, undefined, "licensing.decide").answerObjection(given), "denied");
  refused(await official(SUPERVISOR).answerObjection(given), "measures-missing");
  answered(await official(SUPERVISOR).answerObjection({ ...given, measures: "责令改正，收回该岗位的查询权限。" }));
  refused(await official(SUPERVISOR).answerObjection({ ...given, measures: "x" }), "not-found");
  const own = answered(await person(OWNER).ownObjections({})).items.find((one) => one.id === id);
  assert.deepEqual([own?.status, own?.finding, own?.answer], ["answered", "unlawful", given.answer]);
  // All of it is on the record of whom it concerns.
  const { records } = await kernel.ledger.bySubject({ kind: "person", id: OWNER }, { limit: 50 });
  for (const operation of ["object", "openObjections", "answerObjection"])
    assert.ok(
      records.some(({ leaf }) => leaf.room === "data-rights" && leaf.operation === operation),
      operation,
    );
});

test("whoever answers is reminded once when an answer is due soon and once when it is over, and tells of it by number alone", async () => {
  const { number, answerBy } = answered(await person(OWNER).object({ entryId: await look(), reason: "请核查" }));
  const clockAt = (day: string) => node.setNow(`${day}T02:00:00.000Z`);
  const run = () =>
    node.as(dataRights, { kind: "node", room: "data-rights" }, { purpose: "administration" }).remindOfObjections({});
  const mine = () => reminders.filter((one) => one.startsWith(number));
  answered(await run());
  assert.deepEqual(mine(), []);
  const before = Temporal.PlainDate.from(answerBy);
  clockAt(before.subtract({ days: 7 }).toString());
  assert.ok(answered(await official(SUPERVISOR).objectionsDue({})).soon > 0);
  answered(await run());
  answered(await run());
  assert.deepEqual(mine(), [`${number} soon`]);
  clockAt(before.add({ days: 1 }).toString());
  assert.ok(answered(await official(SUPERVISOR).objectionsDue({})).over > 0);
  answered(await run());
  answered(await run());
  assert.deepEqual(mine(), [`${number} soon`, `${number} over`]);
  const { records } = await kernel.ledger.bySubject({ kind: "person", id: OWNER }, { limit: 50 });
  assert.ok(
    !records.some(({ leaf }) => ["objectionsDue", "remindOfObjections"].includes(leaf.operation)),
    "a count is no look at anybody",
  );
});
