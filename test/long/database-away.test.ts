import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "#kernel/database/database";
import type { Database } from "#kernel/database/sql";
import { RawClient } from "../adversarial/raw-client.ts";
import { type TargetNode, targetNode } from "../adversarial/target-node.ts";

/** What readers of a node see while its database is away: renamed behind its back, and named back. */
const AWAY = 503;
const WAIT_MS = 60_000;
let target: TargetNode;
let client: RawClient;
let server: Database;

before(async () => {
  target = await targetNode();
  client = new RawClient(target.address);
  const url = new URL(target.database.url);
  url.pathname = "/postgres";
  server = await openDatabase({ url: url.href, poolSize: 1 });
});
after(async () => {
  client.close();
  await server.close();
  await target.close();
});

const nameOf = () => new URL(target.database.url).pathname.slice(1);

async function rename(from: string, to: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [from]);
    try {
      await server.execute(`ALTER DATABASE "${from}" RENAME TO "${to}"`);
      return;
    } catch (error) {
      // Somebody connected in between.
      if (performance.now() > deadline) throw error;
    }
  }
}

test("a page says in its reader's language that the database is away, the API in its own form; afterwards all goes on, signed in as before", async () => {
  await client.signIn("owner");
  assert.equal((await client.send("/my")).status, 200);
  const name = nameOf();
  await rename(name, `${name}_away`);
  try {
    const zh = await client.send("/my", { headers: { "accept-language": "zh-CN" } });
    const en = await client.send("/my");
    for (const page of [zh, en]) {
      assert.equal(page.status, AWAY);
      assert.equal(page.headers["retry-after"], "60");
      assert.match(String(page.headers["content-type"]), /^text\/html/);
      assert.match(String(page.headers["content-security-policy"]), /default-src/);
      assert.doesNotMatch(page.text, /ERR_|postgres|stack/i);
    }
    assert.match(zh.text, /数据库暂时没有应答/);
    assert.match(en.text, /you stay signed in/);
    const api = await client.send("/api/catalogue/listResources", { method: "POST", body: "{}" });
    assert.match(String(api.headers["content-type"]), /problem\+json/);
  } finally {
    await rename(`${name}_away`, name);
  }
  const deadline = performance.now() + WAIT_MS;
  while ((await client.send("/my")).status !== 200) {
    assert.ok(performance.now() < deadline, "it does not come back");
    await sleep(100);
  }
});
