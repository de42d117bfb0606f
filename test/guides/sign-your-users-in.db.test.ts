import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { TargetNode } from "../adversarial/target-node.ts";
import { Browser } from "./browser.ts";
import { clientForm, freePort, issuingNode, ORGANIZATION_CLAIM, registerSystem, signInForm } from "./openid-node.ts";

const ROOT = join(import.meta.dirname, "../..");
let node: TargetNode;
let folder: string;
let system: ChildProcess;
let address: string;

/** Writes the guide's program and runs it with the settings that the guide names. */
async function run(settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const guide = await readFile(join(ROOT, "docs/guides/sign-your-users-in.md"), "utf8");
  const [, name = "", program = ""] = /^```ts (\S+)\n([\s\S]*?)^```$/m.exec(guide) ?? [];
  assert.ok(program.length > 1_000, "the guide's program was found");
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, name), program);
  const child = spawn(process.execPath, [join(folder, name)], {
    env: { ...process.env, ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  assert.ok(child.stdout);
  const [ready] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  assert.match(String(ready), /ready/);
  return child;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zhengtong-guide-"));
  node = await issuingNode();
  address = `http://127.0.0.1:${await freePort()}`;
  const { id, secret } = await registerSystem(
    node.address,
    clientForm(address, { dpop: "yes", ...ORGANIZATION_CLAIM }),
  );
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.match(secret, /^[\w-]{43}$/);
  system = await run({ ISSUER: node.address, CLIENT_ID: id, CLIENT_SECRET: secret, ADDRESS: address });
});
after(async () => {
  system?.kill();
  await node?.close();
  await rm(folder, { recursive: true, force: true });
});

test("a person signs in to the guide's system, sees who is told what, and signs out everywhere", async () => {
  const browser = new Browser();
  const form = await browser.open(`${address}/sign-in`);
  assert.equal(form.status, 200, form.text);
  const notice = await browser.fill(form, /\/sign-in/, signInForm("owner"));
  for (const said of [/Housing fund online/, /Withdrawals from the housing fund/, /住房公积金管理条例/, /Name/]) {
    assert.match(notice.text, said);
  }
  const back = await browser.fill(notice, /\/sign-in\/for\//, { decision: "continue" });
  assert.equal(back.status, 200, back.text);
  const person = JSON.parse(back.text) as Record<string, unknown>;
  assert.equal(person["name"], "林晓竹");
  assert.equal(person["acr"], "urn:zhengtong:assurance:1");
  assert.match(String(person["sub"]), /^[\w-]{43}$/);
  assert.equal(person["organization"], undefined, "she acts for herself");

  const seen = await browser.open(`${node.address}/my/access`);
  assert.match(seen.text, /住房公积金网上大厅/);
  assert.match(seen.text, /办理住房公积金提取/);

  const ask = await browser.open(`${address}/sign-out`);
  const out = await browser.fill(ask, /session\/end\/confirm/, { logout: "yes" });
  assert.equal(out.text, "not signed in");
  const mine = await browser.open(`${node.address}/my`);
  assert.match(mine.text, /name="signInName"/, "the node's own session has ended too");
  browser.close();
});

test("who is signed in already is told, and not asked for a password", async () => {
  const browser = new Browser();
  await browser.at(node.address).signIn("owner");
  const notice = await browser.open(`${address}/sign-in`);
  const refused = await browser.fill(notice, /\/sign-in\/for\//, { decision: "refuse" });
  assert.match(refused.text, /access_denied/);
  const again = await browser.open(`${address}/sign-in`);
  const back = await browser.fill(again, /\/sign-in\/for\//, { decision: "continue" });
  assert.match(back.text, /林晓竹/);
  const third = await browser.open(`${address}/sign-in`);
  assert.match(third.text, /林晓竹/, "told once in a session");
  browser.close();
});
