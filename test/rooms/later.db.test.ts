import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { z } from "zod";
import { command, defineContract, query } from "#kernel/contract/contract";
import { doorRefusal } from "#kernel/contract/door-refusals";
import { mountApi } from "#kernel/http/api";
import { cookieName } from "#kernel/http/cookies";
import { openServer } from "#kernel/http/server";
import type { Session } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import { laterJobs, MAX_LATER_ATTEMPTS, MAX_LATER_WAITING } from "#kernel/system/later";
import { perform } from "#kernel/system/perform";
import { defineSystem } from "#kernel/system/system";
import { text } from "#lib/language/text";
import { type TestNode, testNode } from "../../src/node/testing.ts";

const counters = defineContract({
  id: "counters",
  version: "1.0",
  title: text("计数", "Counters"),
  steward: text("测试", "Test"),
  operations: {
    add: command({
      title: text("加", "Add"),
      audience: ["public", "person"],
      input: z.object({ name: z.string().max(40) }),
      output: z.object({ count: z.int() }),
      refusals: { no: text("否", "No") },
      legalBasis: [],
    }),
    look: query({
      title: text("看", "Look"),
      audience: ["public", "person"],
      input: z.object({}),
      output: z.object({ secret: z.string() }),
      refusals: {},
      legalBasis: [],
    }),
  },
});
const system = defineSystem(counters, {
  operations: {
    add: async (ctx, { name }) => (name === "bad" ? ctx.refuse("no") : { count: await ctx.nextNumber(name) }),
    look: async () => ({ secret: "堃犇喆" }),
  },
});

let node: TestNode;
let kernel: Kernel;
let server: FastifyInstance;
let away = false;
before(async () => {
  node = await testNode({ systems: [system] });
  // Reached through another node, where a test says so: the transport gives what that node answers.
  kernel = {
    ...node.kernel,
    perform: async (act, call) => (away ? doorRefusal(call.room, "unavailable") : perform(node.kernel, act, call)),
  };
  server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
  const sessions = new Map<string, Session>(
    ["one", "other"].map((id) => [id, { id, displayName: id, principal: { kind: "person", id, assurance: 1 } }]),
  );
  mountApi(server, { kernel, principals: { session: async (token) => sessions.get(token) }, secure: false });
});
after(async () => {
  await server.close();
  await node.close();
});

const ASYNC = { prefer: "handling=strict, respond-async" };

function ask(url: string, about: { readonly as?: string; readonly body?: object; readonly headers?: object } = {}) {
  return server.inject({
    method: about.body ? "POST" : "GET",
    url,
    headers: { "zhengtong-purpose": "public-information", ...about.headers },
    ...(about.body && { payload: about.body }),
    ...(about.as && { cookies: { [cookieName("session", false)]: about.as } }),
  });
}

/** Does what waits, as the job runner would. */
async function work(last = false): Promise<number> {
  const rows = await kernel.database.query<{ payload: object }>(
    "SELECT payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'do-later' AND is_available",
  );
  let failed = 0;
  for (const { payload } of rows) {
    const attempt = { number: last ? MAX_LATER_ATTEMPTS : 1, last };
    await laterJobs(kernel)
      ["do-later"]?.(payload as never, attempt)
      .catch(() => (failed += 1));
  }
  return failed;
}

describe("Prefer: respond-async", () => {
  const add = (name: string, key: string, as?: string) =>
    ask("/api/counters/v1/add", { ...(as && { as }), body: { name }, headers: { ...ASYNC, "idempotency-key": key } });

  test("a command is taken, done once, and its outcome stands where it was said", async () => {
    const taken = await add("a", "k1");
    assert.deepEqual([taken.statusCode, taken.headers["preference-applied"]], [202, "respond-async"]);
    const status = String(taken.headers.location);
    assert.equal((await ask(status)).statusCode, 202);
    await work();
    await work();
    const done = await ask(status);
    assert.deepEqual([done.statusCode, done.json()], [200, { count: 1 }]);
    const direct = await ask("/api/counters/v1/add", { body: { name: "a" }, headers: { "idempotency-key": "k1" } });
    assert.deepEqual(direct.json(), { count: 1 }, "its key is the caller's own");
  });

  test("a query as well; both what is asked and what is answered lie sealed", async () => {
    const taken = await ask("/api/counters/v1/look", { headers: ASYNC });
    assert.equal(taken.statusCode, 202);
    await work();
    assert.deepEqual((await ask(String(taken.headers.location))).json(), { secret: "堃犇喆" });
    const rows = await kernel.database.query<{ row: string }>("SELECT l::text AS row FROM act.later l");
    assert.ok(rows.every(({ row }) => !row.includes("堃犇喆") && !row.includes('"name"')));
  });

  test("a refusal is told as it would have been at once", async () => {
    const taken = await add("bad", "k2");
    await work();
    const done = await ask(String(taken.headers.location));
    assert.deepEqual([done.statusCode, done.json().code], [409, "no"]);
  });

  test("the outcome is its asker's: another's session and a guessed address find nothing", async () => {
    const taken = await add("mine", "k3", "one");
    await work();
    const status = String(taken.headers.location);
    assert.equal((await ask(status, { as: "one" })).statusCode, 200);
    assert.equal((await ask(status, { as: "other" })).statusCode, 404);
    assert.equal((await ask(status)).statusCode, 404);
    assert.equal((await ask(`/api/later/${"A".repeat(43)}`, { as: "one" })).statusCode, 404);
  });

  test("where the other side is away it waits, and is done when it is back; at the very end it is told that it was not", async () => {
    away = true;
    const [kept, given] = [await add("far", "k4"), await add("far", "k5")];
    assert.equal(await work(), 2);
    assert.equal((await ask(String(kept.headers.location))).statusCode, 202);
    away = false;
    await work();
    assert.equal((await ask(String(kept.headers.location))).statusCode, 200);
    assert.equal((await ask(String(given.headers.location))).statusCode, 200);
    away = true;
    const lost = await add("far", "k6");
    await work(true);
    away = false;
    assert.deepEqual((await ask(String(lost.headers.location))).json().code, "unavailable");
  });

  test("what is wrong in its form is told at once, and nobody has too many waiting", async () => {
    const wrong = await ask("/api/counters/v1/add", {
      body: { name: 3 },
      headers: { ...ASYNC, "idempotency-key": "w" },
    });
    assert.equal(wrong.statusCode, 422);
    for (let count = 0; count < MAX_LATER_WAITING; count++) {
      assert.equal((await add("many", `many-${count}`, "other")).statusCode, 202);
    }
    const more = await add("many", "more", "other");
    assert.deepEqual([more.statusCode, more.json().code], [503, "too-many-later"]);
  });
});
