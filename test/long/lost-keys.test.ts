import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newVerifier, System } from "../adversarial/openid-system.ts";
import type { RawAnswer } from "../adversarial/raw-client.ts";
import type { TargetNode } from "../adversarial/target-node.ts";
import { Browser } from "../guides/browser.ts";
import { clientForm, issuingNode, registerSystem } from "../guides/openid-node.ts";

const OWN = "http://127.0.0.1:4991";
let node: TargetNode;
let own: System;
const browsers: Browser[] = [];
before(async () => {
  node = await issuingNode();
  own = new System(node.address, await registerSystem(node.address, clientForm(OWN)), `${OWN}/callback`);
});
after(async () => {
  for (const browser of browsers) browser.close();
  await node?.close();
});

async function signedIn(name: string): Promise<Browser> {
  const browser = new Browser();
  browsers.push(browser);
  await browser.at(node.address).signIn(name);
  return browser;
}

async function published(): Promise<readonly string[]> {
  const { keys } = (await (await fetch(`${node.address}/openid/jwks`)).json()) as {
    keys: readonly { kid: string }[];
  };
  return keys.map(({ kid }) => kid);
}

async function tokens(browser: Browser): Promise<Readonly<Record<string, unknown>>> {
  const verifier = newVerifier();
  const { status, body } = await own.tokens((await own.signIn(browser, verifier)).get("code"), verifier);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

function signedBy(token: unknown): string {
  const head = Buffer.from(String(token).split(".")[0] ?? "", "base64url").toString();
  return (JSON.parse(head) as { kid: string }).kid;
}

test("a key of sign-in that two officials call compromised is published no more, replaced at once, and its tokens are refused", async () => {
  const owner = await signedIn("owner");
  const [kid] = await published();
  const { id_token: lost, access_token: access } = await tokens(owner);
  assert.equal(signedBy(lost), kid);

  const [one, other] = [await signedIn("rights"), await signedIn("rights2")];
  const reported = await proposed(one);
  assert.match(reported.text, /another person decides/);
  assert.doesNotMatch(reported.text, /decideSigningKeyCompromise|proposeSigningKeyCompromise/, "once is enough");
  const page = await other.at(node.address).open("/workbench/keys");
  const decide = /href="([^"]+decideSigningKeyCompromise[^"]+)"/.exec(page.text)?.[1] ?? assert.fail(page.text);
  const form = await other.at(node.address).open(decide);
  const done = await other
    .at(node.address)
    .fill(form, /decideSigningKeyCompromise/, { ...givenIn(decide), decision: "approved", reason: "已核对" });
  assert.match(done.text, /Done and on the record/);

  await until(async () => !(await published()).includes(String(kid)));
  const [next, ...rest] = await published();
  assert.ok(next !== undefined && rest.length === 0);
  assert.equal(signedBy((await tokens(owner))["id_token"]), next);
  const hint = (token: unknown) =>
    owner.open(
      `${node.address}/openid/session/end?${new URLSearchParams({ id_token_hint: String(token), client_id: own.id })}`,
    );
  assert.equal((await hint(lost)).status, 400, "nobody is known by a token that the lost key signed");
  assert.equal((await own.userinfo(access)).status, 200, "what no key signs goes on");

  // The hour's look, and a restart, leave it compromised.
  const { kernel } = node.node.site;
  await until(async () => /openid\/\d{4}-[12]\.2/.test((await one.at(node.address).open("/workbench/keys")).text));
  const rows = await kernel.database.query<{ state: string; label: string }>(
    "SELECT label, state FROM trust.signing_key WHERE use = 'sign-in' ORDER BY label",
  );
  assert.deepEqual(
    rows.map(({ state }) => state),
    ["compromised", "active"],
  );
  await kernel.ledger.sequenceNow();
  const { records } = await kernel.ledger.latest({ limit: 100 });
  const told = records.filter(({ leaf }) => leaf.operation === "signing-key-compromised");
  assert.deepEqual(
    told.map(({ content }) => (content?.detail as { reason?: unknown } | undefined)?.reason),
    ["备份介质遗失"],
  );
});

/** One official reports it on the page of keys; gives that page as it is then. */
async function proposed(browser: Browser): Promise<RawAnswer> {
  const site = browser.at(node.address);
  const page = await site.open("/workbench/keys");
  const link = /href="([^"]+proposeSigningKeyCompromise[^"]+)"/.exec(page.text)?.[1] ?? assert.fail(page.text);
  const given = { ...givenIn(link), reason: "备份介质遗失" };
  const done = await site.fill(await site.open(link), /proposeSigningKeyCompromise/, given);
  assert.match(done.text, /Done and on the record/);
  return await site.open("/workbench/keys");
}

/** What a link fills in. */
function givenIn(link: string): Record<string, string> {
  return Object.fromEntries(new URL(link, node.address).searchParams);
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600 && !(await reached()); attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(await reached());
}
