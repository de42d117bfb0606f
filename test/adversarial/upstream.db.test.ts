/** A platform above, plugged into a whole node by the operator's file: what a person sees, also where the platform fails. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UPSTREAM_CALLBACK_PATH } from "../../src/infrastructure/identity/upstream/mount.ts";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { freePort } from "../guides/openid-node.ts";
import {
  type IdentityPlatform,
  identityPlatform,
  PLATFORM_SECRET,
  platformSettings,
  type Said,
} from "../harness/identity-platform.ts";
import { type RawAnswer, RawClient } from "./raw-client.ts";
import { type TargetNode, targetNode } from "./target-node.ts";

let platform: IdentityPlatform;
let target: TargetNode;
let folder: string;
const clients: RawClient[] = [];
const people = generateCounty().persons;
const sayOf = (name: string, subject: string, acr?: string): Said => {
  const person = people.find(({ value }) => value.name === name);
  assert.ok(person);
  return { subject, name, number: person.value.documentNumber, ...(acr !== undefined && { acr }) };
};

before(async () => {
  const port = await freePort();
  platform = await identityPlatform(`http://127.0.0.1:${port}${UPSTREAM_CALLBACK_PATH}`);
  folder = await mkdtemp(join(tmpdir(), "zhengtong-platform-"));
  await writeFile(join(folder, "secret"), PLATFORM_SECRET);
  await writeFile(join(folder, "upstream.json"), JSON.stringify(platformSettings(platform.issuer)));
  // It starts though the platform is away, and finds it when somebody comes.
  await platform.stop();
  target = await targetNode({ port, upstream: join(folder, "upstream.json") });
});
after(async () => {
  for (const client of clients) client.close();
  await target.close();
  await platform.close();
  await rm(folder, { recursive: true, force: true });
});

function visitor(): RawClient {
  const client = new RawClient(target.address);
  clients.push(client);
  return client;
}

/** Presses the button, goes there and back as a browser does, and gives the page at which it ends. */
async function through(client: RawClient, back = "/my"): Promise<RawAnswer> {
  const page = await client.send(`/sign-in?back=${encodeURIComponent(back)}`);
  const button = /href="(\/sign-in\/upstream\?back=[^"]*)"/.exec(page.text)?.[1]?.replaceAll("&amp;", "&");
  assert.ok(button, "the button stands on the sign-in page");
  let next = String((await client.send(button)).headers.location);
  const jar = new Map<string, string>();
  for (let hops = 0; hops < 8 && next.startsWith(platform.issuer); hops += 1) {
    const answer = await fetch(next, {
      redirect: "manual",
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    next = new URL(answer.headers.get("location") ?? assert.fail(await answer.text()), next).href;
  }
  return client.open(next.replace(target.address, ""));
}

const problem = (page: RawAnswer) => /govuk-error-summary[\s\S]*?<\/ul>/.exec(page.text)?.[0] ?? "";

test("While the platform is away its button says so, the password serves, and it is found again when it is back", async () => {
  const client = visitor();
  const away = await through(client, "/my/access");
  assert.match(problem(away), /Provincial identity|platform/i);
  assert.match(away.text, /name="password"/, "the other way in stands beside it");
  assert.match(away.text, /name="back" value="\/my\/access"/, "and leads where the person was going");
  await client.signIn("owner");
  assert.equal((await client.send("/my")).status, 200);
  await platform.start();
  platform.signsIn(sayOf("顾青禾", "p-1"));
  const back = await through(visitor(), "/my/access");
  assert.equal(back.status, 200);
  assert.match(back.text, /顾青禾/);
  assert.match(back.path, /^\/my\/access/);
});

test("Its button is in both languages, and a level that it vouches for spares the second proof", async () => {
  const chinese = await visitor().send("/sign-in", { headers: { "accept-language": "zh" } });
  assert.match(chinese.text, /省统一身份认证/);
  assert.match((await visitor().send("/sign-in")).text, /Provincial identity/);
  platform.signsIn(sayOf("林晓竹", "p-2", "level-two"));
  const sure = visitor();
  assert.equal((await through(sure)).status, 200);
  const factors = await sure.send("/account/security");
  assert.match(factors.text, /2 \(two factors\)/);
  platform.signsIn(sayOf("林晓竹", "p-2", "of its own"));
  const unsure = visitor();
  assert.equal((await through(unsure)).status, 200);
  assert.doesNotMatch((await unsure.send("/account/security")).text, /2 \(two factors\)/);
});

test("Whoever turns away there, is nobody here, or is somebody else here, reads why and is not signed in", async () => {
  const refused = async (said: Said | undefined, words: RegExp) => {
    platform.signsIn(said);
    const client = visitor();
    const page = await through(client);
    assert.match(problem(page), words);
    assert.match(String((await client.send("/my")).headers.location), /^\/sign-in/);
  };
  await refused(undefined, /not|again/i);
  await refused({ subject: "nobody" }, /not|register/i);
  await refused({ ...sayOf("林晓竹", "p-3"), name: "别人" }, /not|register/i);
  await refused(sayOf("陈思远", "p-1"), /not|register/i);
  const log = target.log();
  assert.doesNotMatch(log, new RegExp(PLATFORM_SECRET));
  const number = sayOf("林晓竹", "").number ?? assert.fail();
  assert.ok(!log.includes(number), "the application log has no personal data");
});

test("A platform that breaks off in the middle, and one that answers nonsense, leave words and the other way in", async () => {
  platform.signsIn(sayOf("顾青禾", "p-1"));
  const client = visitor();
  const begun = String((await client.send("/sign-in/upstream?back=/my")).headers.location);
  assert.ok(begun.startsWith(platform.issuer));
  await platform.stop();
  const query = new URL(begun).searchParams;
  const forged = `${UPSTREAM_CALLBACK_PATH}?code=AAAA&state=${query.get("state")}&iss=${encodeURIComponent(platform.issuer)}`;
  const broken = await client.open(forged);
  assert.notEqual(problem(broken), "");
  assert.match(broken.text, /name="password"/);
  const nonsense = await client.open(`${UPSTREAM_CALLBACK_PATH}?code=${"A".repeat(4_000)}&state=%00`);
  assert.notEqual(problem(nonsense), "");
  await platform.start();
  assert.equal((await through(visitor())).status, 200);
});

test("A file that says something else stops the start with its fault, before anything is served", async () => {
  await writeFile(
    join(folder, "wrong.json"),
    JSON.stringify({ ...platformSettings(platform.issuer), issuer: "http://x.example" }),
  );
  await assert.rejects(targetNode({ upstream: join(folder, "wrong.json") }), { code: "ERR_IDENTITY_UPSTREAM" });
});
