import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { cite, PERSONAL_INFORMATION_LAW } from "#kernel/contract/citation";
import { command, defineContract, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import { isFault } from "#kernel/errors/fault";
import type { Principal } from "#kernel/system/act";
import { deliverMessage } from "#kernel/system/messages";
import { defineSystem } from "#kernel/system/system";
import { text } from "#lib/language/text";
import { type TestNode, testNode } from "../../src/node/testing.ts";

const title = text("测试", "Test");
const basis = cite(PERSONAL_INFORMATION_LAW, "第十三条");
const Person = z.object({
  name: field(z.string().max(20), { title, lookup: "name" }),
  number: field(z.string().max(40), { title, sensitive: true, lookup: "unique" }),
});

const people = defineContract({
  id: "people",
  version: "1.0",
  title,
  steward: title,
  registers: {
    person: register({
      title,
      schema: Person,
      subject: { kind: "person", by: "key" },
      legalBasis: [basis],
      retention: "permanent",
    }),
  },
  operations: {
    addPerson: command({
      title,
      audience: ["official", "node"],
      duty: "people.keep",
      input: Person,
      output: z.object({ id: z.uuid() }),
      refusals: { "name-forbidden": text("不能叫这个名字", "Not this name") },
      legalBasis: [],
    }),
    findPerson: query({
      title,
      audience: ["official", "node"],
      duty: "people.keep",
      input: z.object({ id: z.uuid() }),
      output: Person,
      refusals: { "not-found": text("没有", "None") },
      legalBasis: [],
    }),
  },
});

const births = defineContract({
  id: "births",
  version: "1.0",
  title,
  steward: title,
  registers: {
    birth: register({
      title,
      schema: z.object({
        child: field(z.string().max(40), { title, lookup: "exact" }),
        mother: field(z.uuid(), { title }),
      }),
      subject: { kind: "person", by: "mother" },
      legalBasis: [basis],
      retention: "permanent",
    }),
  },
  operations: {
    registerBirth: command({
      title,
      audience: ["official"],
      duty: "births.register",
      input: z.object({ mother: z.uuid(), child: z.string().max(40), late: z.boolean().default(false) }),
      output: z.object({ id: z.uuid() }),
      refusals: { "mother-unknown": text("没有查到母亲", "The mother is unknown") },
      legalBasis: [],
    }),
  },
});

const peopleSystem = defineSystem(people, {
  operations: {
    async addPerson(ctx, person) {
      const id = await ctx.registers.person.put(person);
      return person.name === "禁止" ? ctx.refuse("name-forbidden") : { id };
    },
    async findPerson(ctx, { id }) {
      return (await ctx.registers.person.get(id))?.value ?? ctx.refuse("not-found");
    },
  },
});

const birthsSystem = defineSystem(births, {
  uses: { people },
  operations: {
    async registerBirth(ctx, { mother, child, late }) {
      if (!late && isRefusal(await ctx.rooms.people.findPerson({ id: mother }))) return ctx.refuse("mother-unknown");
      const id = await ctx.registers.birth.put({ child, mother });
      if (late) await ctx.rooms.people.findPerson({ id: mother });
      await ctx.rooms.people.addPerson({ name: child, number: `n-${id}` });
      return { id };
    },
  },
});

const post = {
  id: "00000000-0000-4000-8000-0000000000aa",
  title,
  authority: "00000000-0000-4000-8000-000000000001",
  authorityName: title,
  duties: ["people.keep", "births.register"],
  division: "990101",
};
const clerk: Principal = { kind: "official", id: "00000000-0000-4000-8000-0000000000bb", post, assurance: 1 };
const stranger: Principal = { ...clerk, post: { ...post, duties: [] } };

let node: TestNode;
before(async () => {
  node = await testNode({ systems: [peopleSystem, birthsSystem] });
});
after(() => node.close());

async function count(sql: string): Promise<number> {
  const [row] = await node.kernel.database.query<{ n: number }>(sql);
  return row?.n ?? -1;
}

test("a command commits its register, its outcome and its ledger entry; the same key gives the same outcome once", async () => {
  const front = node.as(people, clerk, { idempotencyKey: "first" });
  const [one, two] = await Promise.all([
    front.addPerson({ name: "堃", number: "A1" }),
    front.addPerson({ name: "堃", number: "A1" }),
  ]);
  assert.ok(!isRefusal(one) && !isRefusal(two));
  assert.equal(one.id, two.id);
  assert.equal(await count("SELECT count(*) AS n FROM people.person"), 1);
  const log = await node.kernel.ledger.bySubject({ kind: "person", id: one.id }, {});
  assert.equal(log.records.length, 1);
  const different = await front.addPerson({ name: "别人", number: "A2" });
  assert.ok(isRefusal(different) && different.code === "repeated-differently");
});

function messagesToPeople() {
  return node.kernel.database.query<{ id: string; key: string }>(
    "SELECT id, key FROM act.message WHERE to_room = 'people'",
  );
}

test("a key is one's own, and for one organization says nothing about another", async () => {
  const mother = await node.as(people, clerk).addPerson({ name: "母亲", number: "K1" });
  assert.ok(!isRefusal(mother));
  const earlier = (await messagesToPeople()).length;
  const idempotencyKey = "k".repeat(200);
  const organization = (last: string) =>
    ({ kind: "organization", id: `00000000-0000-4000-8000-00000000000${last}`, name: last, right: "agent" }) as const;
  const acts = [
    { principal: clerk, onBehalfOf: organization("1") },
    { principal: clerk, onBehalfOf: organization("2") },
    { principal: clerk, onBehalfOf: undefined },
    { principal: { ...clerk, id: "00000000-0000-4000-8000-0000000000cc" }, onBehalfOf: organization("1") },
  ];
  const register = async ({ principal, onBehalfOf }: (typeof acts)[number]) => {
    const about = { idempotencyKey, ...(onBehalfOf && { onBehalfOf }) };
    const answer = await node.as(births, principal, about).registerBirth({ mother: mother.id, child: "同钥" });
    assert.ok(!isRefusal(answer));
    return answer.id;
  };
  const ids: string[] = [];
  for (const act of acts) ids.push(await register(act));
  assert.equal(new Set(ids).size, acts.length);
  for (const [index, act] of acts.entries()) assert.equal(await register(act), ids[index]);
  const messages = await messagesToPeople();
  assert.equal(messages.length - earlier, acts.length);
  assert.ok(messages.every(({ key }) => key.length <= 200));
});

test("a refused command leaves nothing but the record of the attempt", async () => {
  const before = await count("SELECT count(*) AS n FROM ledger.entry");
  const outcome = await node.as(people, clerk).addPerson({ name: "禁止", number: "B1" });
  assert.ok(isRefusal(outcome) && outcome.code === "name-forbidden");
  assert.equal(await count("SELECT count(*) AS n FROM people.person WHERE data->>'name' = '禁止'"), 0);
  assert.equal(await count("SELECT count(*) AS n FROM ledger.entry"), before + 1);
});

test("no right and no purpose are refused and recorded; bad input names the field", async () => {
  const before = await count("SELECT count(*) AS n FROM ledger.entry");
  const denied = await node.as(people, stranger).addPerson({ name: "甲", number: "C1" });
  assert.ok(isRefusal(denied) && denied.code === "denied");
  const aimless = await node.as(people, clerk, { purpose: undefined }).addPerson({ name: "甲", number: "C1" });
  assert.ok(isRefusal(aimless) && aimless.code === "purpose-missing");
  assert.equal(await count("SELECT count(*) AS n FROM ledger.entry"), before + 2);
  const wrong = await node.as(people, clerk).addPerson({ name: "长".repeat(21), number: "C1" });
  assert.ok(isRefusal(wrong) && wrong.code === "invalid-input");
  assert.equal(wrong.issues[0]?.path, "name");
});

test("a read is on the record of whom it concerns, with the room that asked", async () => {
  const made = await node.as(people, clerk).addPerson({ name: "被查", number: "D1" });
  assert.ok(!isRefusal(made));
  await node.as(births, clerk).registerBirth({ mother: made.id, child: "新生" });
  const { records } = await node.kernel.ledger.bySubject({ kind: "person", id: made.id }, {});
  const read = records.find((record) => record.leaf.type === "read");
  assert.equal(read?.content?.via, "births");
  assert.equal(read?.content?.actor.id, clerk.kind === "official" ? clerk.id : "");
});

test("a query to another room after the first write is a fault, and nothing is kept", async () => {
  const births0 = await count("SELECT count(*) AS n FROM births.birth");
  await assert.rejects(
    () => node.as(births, clerk).registerBirth({ mother: node.kernel.newId(), child: "迟", late: true }),
    (error) => isFault(error, "ERR_DOOR_AFTER_WRITE"),
  );
  assert.equal(await count("SELECT count(*) AS n FROM births.birth"), births0);
});

test("a command to another room is a message: written with the act, executed after it, once however often it is delivered", async () => {
  const mother = await node.as(people, clerk).addPerson({ name: "母", number: "E1" });
  assert.ok(!isRefusal(mother));
  const earlier = (await messagesToPeople()).map(({ id }) => id);
  const outcome = await node
    .as(births, clerk, { idempotencyKey: "birth" })
    .registerBirth({ mother: mother.id, child: "信使" });
  assert.ok(!isRefusal(outcome));
  const message = (await messagesToPeople()).find(({ id }) => !earlier.includes(id));
  assert.ok(message);
  assert.equal(await count("SELECT count(*) AS n FROM people.person WHERE data->>'name' = '信使'"), 0);
  const replies: unknown[] = [];
  const deliver = () => deliverMessage(node.kernel, message.id, async (reply) => void replies.push(reply.outcome));
  await Promise.all([deliver(), deliver()]);
  await deliver();
  assert.equal(await count("SELECT count(*) AS n FROM people.person WHERE data->>'name' = '信使'"), 1);
  assert.ok(replies.every((reply) => !isRefusal(reply)));
});
