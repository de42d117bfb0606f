import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { cite, PERSONAL_INFORMATION_LAW } from "#kernel/contract/citation";
import { command, defineContract, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import { keepHouse } from "#kernel/services/housekeeping";
import { defineSystem } from "#kernel/system/system";
import { text } from "#lib/language/text";
import { type TestNode, testNode } from "../../src/node/testing.ts";

const title = text("测试", "Test");
const schema = z.object({ name: field(z.string().max(20), { title, lookup: "exact" }) });
const about = {
  title,
  schema,
  subject: { kind: "none" },
  legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第四十七条")],
} as const;
const output = z.object({ key: z.uuid() });

const cards = defineContract({
  id: "cards",
  version: "1.0",
  title,
  steward: title,
  registers: {
    brief: register({ ...about, retention: { years: 3 } }),
    lasting: register({ ...about, retention: "permanent" }),
  },
  operations: {
    write: command({
      title,
      audience: ["node"],
      input: z.object({ name: z.string().max(20), key: z.uuid().optional() }),
      output,
      refusals: {},
      legalBasis: [],
    }),
    end: command({
      title,
      audience: ["node"],
      input: z.object({ key: z.uuid() }),
      output,
      refusals: {},
      legalBasis: [],
    }),
  },
});

const system = defineSystem(cards, {
  operations: {
    async write(ctx, { name, key }) {
      const written = await ctx.registers.brief.put({ name }, key === undefined ? undefined : { key });
      await ctx.registers.lasting.put({ name }, { key: written });
      return { key: written };
    },
    async end(ctx, { key }) {
      await ctx.registers.brief.retire(key);
      await ctx.registers.lasting.retire(key);
      return { key };
    },
  },
});

let node: TestNode;
before(async () => {
  node = await testNode({ systems: [system] });
});
after(() => node.close());

const doors = () => node.as(cards, { kind: "node", room: "cards" }, { purpose: "administration" });
async function written(input: { readonly name: string; readonly key?: string }): Promise<string> {
  const answer = await doors().write(input);
  assert.ok(!isRefusal(answer));
  return answer.key;
}
async function rows(register: "brief" | "lasting"): Promise<readonly string[]> {
  const found = await node.kernel.database.query<{ name: string }>(
    `SELECT data->>'name' AS name FROM cards.${register} UNION ALL SELECT data->>'name' FROM cards.${register}_superseded ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}
async function versionsErased(at: string): Promise<number> {
  node.setNow(at);
  return (await keepHouse(node.kernel)).versions;
}

test("versions go when the register's years are over; what is true stays, and so does what is kept for good", async () => {
  node.setNow("2026-01-05T02:00:00Z");
  const key = await written({ name: "old" });
  const other = await written({ name: "over" });
  node.setNow("2027-01-05T02:00:00Z");
  await written({ name: "new", key });
  assert.ok(!isRefusal(await doors().end({ key: other })));
  const all = await rows("brief");
  assert.deepEqual(await rows("lasting"), all);

  assert.equal(await versionsErased("2029-12-31T02:00:00Z"), 0);
  assert.equal(await versionsErased("2030-02-01T02:00:00Z"), all.length - 1);
  assert.deepEqual(await rows("brief"), ["new"]);
  assert.deepEqual(await rows("lasting"), all);
  assert.equal(await versionsErased("2060-02-01T02:00:00Z"), 0);
});

test("nobody else takes anything out of what was once known", async () => {
  await assert.rejects(node.kernel.database.query("DELETE FROM cards.lasting_superseded"), /append-only/);
});
