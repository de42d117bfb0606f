import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { successionsIn } from "../../packages/verifier/src/succession.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import type { TargetNode } from "../adversarial/target-node.ts";
import { Browser } from "../guides/browser.ts";
import { issuingNode } from "../guides/openid-node.ts";

const MARK = "zhengtong-log-succession/1";
let node: TargetNode;
const browsers: Browser[] = [];
before(async () => {
  node = await issuingNode();
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

const served = async (path: string) => await (await fetch(`${node.address}${path}`)).text();
const given = (link: string) => Object.fromEntries(new URL(link, node.address).searchParams);
const linkTo = (operation: string, text: string) =>
  new RegExp(`href="([^"]+${operation}[^"]*)"`).exec(text)?.[1] ?? assert.fail(text);

test("two officials have another key follow the log's; whoever has either verifies all of it", async () => {
  const { kernel } = node.node.site;
  const first = (await served("/log/key")).trim();
  const keysBefore = (await served("/log/keys")).trim().split("\n");
  const older = await served("/log/checkpoint");
  const [one, other] = [await signedIn("rights"), await signedIn("rights2")];

  const page = await one.at(node.address).open("/workbench/keys");
  assert.match(page.text, /It is the first; it was never changed/);
  const propose = linkTo("proposeLogKeyChange", page.text);
  const proposed = await one
    .at(node.address)
    .fill(await one.at(node.address).open(propose), /proposeLogKeyChange/, { reason: "三年期满" });
  assert.match(proposed.text, /Done and on the record/);
  const own = await one.at(node.address).open("/workbench/keys");
  assert.match(own.text, /Another person at another post decides/);
  assert.doesNotMatch(own.text, /decideLogKeyChange/);
  assert.equal((await served("/log/key")).trim(), first, "nobody has approved it yet");

  const decide = linkTo("decideLogKeyChange", (await other.at(node.address).open("/workbench/keys")).text);
  const done = await other.at(node.address).fill(await other.at(node.address).open(decide), /decideLogKeyChange/, {
    ...given(decide),
    ...{ decision: "approved", reason: "已核对" },
  });
  assert.match(done.text, /Done and on the record/);

  for (let attempt = 0; attempt < 600 && (await served("/log/key")).trim() === first; attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const next = (await served("/log/key")).trim();
  assert.notEqual(next, first);
  assert.equal(next.split("+")[0], first.split("+")[0], "the log keeps its name");
  const keysAfter = (await served("/log/keys")).trim().split("\n");
  assert.equal(keysAfter.length, keysBefore.length, "one of every suite");
  assert.ok(keysAfter.every((key) => !keysBefore.includes(key)));
  assert.match((await other.at(node.address).open("/workbench/keys")).text, /number 2/);
  await signedIn("owner"); // An entry: the new key signs alone from here.
  for (let attempt = 0; attempt < 600 && (await served("/log/checkpoint")).includes(MARK); attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));

  const successions = await served("/log/successions");
  const notes = successionsIn((JSON.parse(successions) as { successions: unknown }).successions);
  assert.equal(notes.length, 1);
  const verdict = async (file: string, logKey: string, more?: readonly unknown[]) => {
    const trust = { roots: [], atMs: Date.now(), logKey: parseLogKey(logKey), successions: more };
    const { verdict: said, findings } = await verifyFile(new TextEncoder().encode(file), trust);
    return said === "valid" ? said : (findings.find(({ weight }) => weight !== "good")?.code ?? said);
  };
  const newer = await served("/log/checkpoint");
  const { records } = await kernel.ledger.latest({ limit: 200 });
  const told = records.filter(({ leaf }) => leaf.operation === "log-key-follows");
  assert.equal(told.length, 1);
  const receipt = JSON.stringify(await kernel.ledger.receiptFor(told[0]?.id ?? 0));
  const [issued] = records.filter(({ leaf }) => leaf.operation === "certificate-issued");
  const { certificate } = (issued?.content?.detail ?? {}) as { readonly certificate?: string };
  const proof = await served(`/trust/certificates/${certificate}/proof`);
  const { entries, successions: once } = JSON.parse(proof) as {
    readonly entries: readonly object[];
    readonly successions: readonly string[];
  };
  assert.deepEqual(once, notes, "what its receipts have in common stands in it once");
  assert.ok(entries.every((entry) => !("successions" in entry)));
  let exported = "";
  for await (const line of kernel.ledger.export({ contents: true })) exported += line;
  for (const key of [first, next, keysBefore.join("\n"), keysAfter.join("\n")]) {
    assert.equal(await verdict(successions, key), "valid");
    assert.equal(await verdict(older, key, notes), "valid");
    assert.equal(await verdict(newer, key, notes), "valid");
    assert.equal(await verdict(receipt, key), "valid");
    assert.equal(await verdict(proof, key), "valid");
    assert.equal(await verdict(exported, key), "valid");
  }
  assert.equal(await verdict(older, next), "checkpoint-signature", "nothing leads there");
  assert.deepEqual((await kernel.ledger.verify()).findings, []);
});
