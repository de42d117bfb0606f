import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { readPolicies } from "#kernel/access/policy-sources";
import { sha256Hex } from "#lib/crypto/digest";
import { codeOf, stepAt } from "#lib/crypto/one-time-password";
import { openCheckpoint } from "#lib/merkle/checkpoint";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { decodeBundle } from "#lib/merkle/entry-bundle";
import { leafHash } from "#lib/merkle/hash";
import { parseVerifierKey } from "#lib/merkle/note";
import { bundlePath, newTiles, tilePath } from "#lib/merkle/tile";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { demonstrationSecret } from "../../src/node/demonstration/codes.ts";
import { beginDraft, fillDraft } from "./licence-walk.ts";
import { csrfOf, type RawAnswer, RawClient } from "./raw-client.ts";
import { type TargetNode, targetNode } from "./target-node.ts";

const STEP_UP = "/sign-in/step-up";
let target: TargetNode;
const clients: RawClient[] = [];
/** The clock of the node, which stands still unless a test moves it: codes are then what a test says they are. */
let now = 0;
function wait(seconds: number): string {
  now += seconds * 1000;
  const at = new Date(now).toISOString();
  target.setNow(at);
  return at;
}
const code = (name: string, away = 0) => codeOf(demonstrationSecret(name), stepAt(new Date(now).toISOString()) + away);

before(async () => {
  target = await targetNode();
  now = Date.now();
  wait(0);
});
after(async () => {
  for (const client of clients) client.close();
  await target.close();
});

async function signedIn(name: string): Promise<RawClient> {
  const client = new RawClient(target.address);
  clients.push(client);
  client.provesItself = false;
  await client.signIn(name);
  return client;
}

async function stepUp(client: RawClient, given: string, path = `${STEP_UP}?level=2`): Promise<RawAnswer> {
  return client.fillOnly(await client.send(path), /\/sign-in\/step-up$/, { code: given });
}
const words = (answer: RawAnswer) =>
  /<p class="govuk-error-message">[\s\S]*?<\/p>|govuk-error-summary[\s\S]*?<\/ul>/.exec(answer.text)?.[0] ?? "";

/** A draft that is signed and sent by someone who proved nothing yet: where he was sent. */
async function signedDraft(owner: RawClient): Promise<{ readonly draft: string; readonly asked: string }> {
  const draft = await beginDraft(owner);
  await fillDraft(owner, draft);
  const review = await owner.open(`/drafts/${draft}/review`);
  await assertExplained(owner, review, draft);
  const answer = await owner.fillOnly(review, /\/review$/, { declaration: "true" });
  const asked = String(answer.headers.location);
  assert.match(asked, /^\/sign-in\/step-up\?kept=[0-9a-f-]{36}$/);
  return { draft, asked };
}

/** What article 13 of the Electronic Signature Law asks is told to who signs, and what is signed is at hand: its digest is the one that is shown. */
async function assertExplained(owner: RawClient, review: RawAnswer, draft: string): Promise<void> {
  for (const said of [/You sign all of the above/, /Your own key signs, once/, /Electronic Signature Law, art\. 13/]) {
    assert.match(review.text, said);
  }
  const signed = await owner.send(`/drafts/${draft}/signed`);
  assert.equal(signed.status, 200);
  assert.ok(review.text.includes(sha256Hex(signed.bytes)), "the digest of exactly what is signed");
  assert.match(signed.text, /翠竹路27号/);
}

suite("who signs proves who it is", () => {
  test("what was sent is kept, goes on after the code, and asks no more for half an hour", async () => {
    const owner = await signedIn("owner");
    const { draft, asked } = await signedDraft(owner);
    const before = owner.cookies.get("zt_session");
    const page = await owner.send(asked);
    assert.match(page.text, /is kept and not sent yet/);
    const thief = await signedIn("owner");
    const stolen = await thief.fillOnly(await thief.send(asked), /step-up$/, { code: code("owner") });
    assert.equal(stolen.status, 410, "what one session kept is nothing to another, whatever that one proves");
    wait(30);
    const wrong = await owner.fillOnly(page, /step-up$/, { code: "000000" });
    assert.equal(wrong.status, 422);
    assert.match(words(wrong), /not right/);
    const done = await owner.fillOnly(wrong, /step-up$/, { code: code("owner") });
    assert.match(String(done.headers.location), new RegExp(`^/cases/${draft}/received$`));
    assert.notEqual(owner.cookies.get("zt_session"), before, "the session has a new token");
    const old = await signedIn("owner");
    old.cookies.set("zt_session", before ?? "");
    assert.match(String((await old.send("/my")).headers.location), /^\/sign-in/, "and the old one is nobody's");

    // What was done is not done again, nor kept.
    const again = await owner.fillOnly(await owner.send(asked), /step-up$/, {});
    assert.equal(again.status, 410);
    wait(28 * 60);
    const fresh = `${STEP_UP}?level=2&within=30`;
    assert.match((await owner.send(fresh)).text, /It is proved/);
    wait(2 * 60 + 1);
    assert.doesNotMatch((await owner.send(fresh)).text, /It is proved/);
  });

  test("a code counts once, in every session; the next one counts", async () => {
    wait(60);
    const one = await signedIn("decider");
    const other = await signedIn("decider");
    const first = await stepUp(one, code("decider"));
    assert.equal(first.status, 303);
    const replayed = await stepUp(other, code("decider"));
    assert.match(words(replayed), /used already/);
    const earlier = await stepUp(other, code("decider", -1));
    assert.match(words(earlier), /used already/, "nor does one from before it");
    wait(30);
    assert.equal((await stepUp(other, code("decider"))).status, 303);
    // Of requests with the same code at the same moment, one is taken.
    wait(60);
    const many = await Promise.all(Array.from({ length: 4 }, () => signedIn("head")));
    const pages = await Promise.all(many.map((client) => client.send(`${STEP_UP}?level=2`)));
    const answers = await Promise.all(
      many.map((client, at) => client.fillOnly(pages[at] ?? assert.fail(), /step-up$/, { code: code("head") })),
    );
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
  });

  test("guessing codes meets a wait, also for the right one", async () => {
    wait(60);
    const guesser = await signedIn("company");
    const page = await guesser.send(`${STEP_UP}?level=2`);
    for (let tries = 0; tries < 6; tries += 1) await guesser.fillOnly(page, /step-up$/, { code: "111111" });
    const right = await guesser.fillOnly(page, /step-up$/, { code: code("company") });
    assert.match(words(right), /too many attempts/);
    wait(3600);
    assert.equal((await stepUp(await signedIn("company"), code("company"))).status, 303);
  });

  test("a proof leads to pages of our own alone, and not without a form token", async () => {
    wait(3600);
    const owner = await signedIn("owner");
    for (const back of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
      wait(30);
      const answer = await stepUp(owner, code("owner"), `${STEP_UP}?level=2&back=${encodeURIComponent(back)}`);
      assert.equal(answer.headers.location, "/", back);
    }
    wait(30);
    const forged = await owner.post(STEP_UP, { csrf: "x", code: code("owner") });
    assert.equal(forged.status, 403);
    const foreign = csrfOf(await (await signedIn("company")).send("/my/account"));
    assert.equal((await owner.post(STEP_UP, { csrf: foreign, code: code("owner") })).status, 403);
  });

  test("an official who decides is asked, and a program is told what is missing", async () => {
    wait(3600);
    const owner = await signedIn("owner");
    const session = await target.database.database.query<{ id: string }>(
      "SELECT s.id::text AS id FROM identity.session s ORDER BY opened_at DESC LIMIT 1",
    );
    const answer = await owner.post("/api/identity/v1/removeGenerator", JSON.stringify({ session: session[0]?.id }), {
      "content-type": "application/json",
      "idempotency-key": "one",
      "zhengtong-purpose": "own-affairs",
    });
    assert.equal(answer.status, 403);
    const told = JSON.parse(answer.text) as { code: string; needs: object };
    assert.deepEqual([told.code, told.needs], ["assurance-needed", { level: 2, withinMinutes: 15 }]);
  });

  test("a policy that asks for a surer proof has the reader prove it, on pages and for programs; it tells nobody else", async () => {
    wait(3600);
    const { kernel } = target.node.site;
    const contracts = [...kernel.systems.values()].map(({ contract }) => contract);
    const policies = await readPolicies(contracts, {
      "test.surer-registers": `@zh("查阅人口登记须二级认证。") @en("Persons are looked up with a second factor.")
        forbid(principal is Official, action in Action::"register-read", resource) when { context.assurance < 2 };`,
      "test.surer-powers": `@zh("查看代办须二级认证。") @en("Powers are seen with a second factor.")
        forbid(principal is Person, action == Action::"identity.myPowers", resource) when { context.assurance < 2 };`,
    });
    await kernel.access.replace(kernel.database, "test", [{ from: "2000-01-01T00:00:00Z", policies }]);
    try {
      const owner = await signedIn("owner");
      const asked = await owner.send("/my/powers");
      assert.match(String(asked.headers.location), /^\/sign-in\/step-up\?level=2/);
      const program = { "zhengtong-purpose": "own-affairs" };
      const told = await owner.send("/api/identity/v1/myPowers", { headers: program });
      assert.equal(told.status, 403);
      assert.deepEqual((JSON.parse(told.text) as { needs: object }).needs, { level: 2 });
      assert.equal((await stepUp(owner, code("owner"), String(asked.headers.location))).headers.location, "/my/powers");
      assert.equal((await owner.send("/my/powers")).status, 200);

      const keeper = await signedIn("population");
      const search = `/workbench/registers/population/person?q=${encodeURIComponent("林晓竹")}`;
      const first = await keeper.send(search);
      assert.match(String(first.headers.location), /^\/sign-in\/step-up\?level=2/, first.text.slice(0, 300));
      wait(30);
      await stepUp(keeper, code("population"));
      assert.equal((await keeper.send(search)).status, 200);
      // Whoever may not do it however sure one is of him is denied, as before.
      const rater = await signedIn("ratings");
      assert.equal((await rater.send(search)).status, 404);
    } finally {
      await kernel.access.replace(kernel.database, "test", []);
    }
  });

  test("whoever wants a code at each sign-in is signed in by password and code alone, and goes where she wanted to", async () => {
    wait(3600);
    const owner = await signedIn("owner");
    await stepUp(owner, code("owner"));
    await owner.fillOnly(await owner.send("/account/security"), /\/account\/security$/, { codeAtSignIn: "yes" });
    assert.match((await owner.send("/account/security?done=asked")).text, /each sign-in by password asks for a code/);

    const client = new RawClient(target.address);
    clients.push(client);
    const form = await client.send("/sign-in?back=/my/messages");
    const given = { signInName: "owner", password: DEMONSTRATION_PASSWORD };
    const asked = await client.fillOnly(form, /\/sign-in$/, given);
    assert.match(asked.text, /Enter your code/);
    assert.match(String((await client.send("/my")).headers.location), /^\/sign-in/, "nobody is signed in yet");
    const wrong = await client.fillOnly(asked, /\/sign-in\/code$/, { code: "000000" });
    assert.match(words(wrong), /not right/);
    assert.match(words(await client.fillOnly(wrong, /\/sign-in\/code$/, { code: "" })), /Enter the code/);
    wait(60);
    const entered = await client.fillOnly(wrong, /\/sign-in\/code$/, { code: code("owner") });
    assert.equal(entered.headers.location, "/my/messages");
    assert.equal((await client.send("/my/messages")).status, 200);
    assert.match((await client.send("/account/security")).text, /2 \(two factors\)/);
    wait(60);
    await client.fillOnly(await client.send("/account/security"), /\/account\/security$/, { codeAtSignIn: "no" });
    await signedIn("owner");
  });
});

suite("the log, as strangers follow it", () => {
  let stranger: RawClient;
  before(() => {
    stranger = new RawClient(target.address);
    clients.push(stranger);
  });
  const file = (path: string) => stranger.send(`/log/${path}`);

  test("checkpoint, tiles and leaves come over HTTP as C2SP lays them out, and rebuild what the log's key signed", async () => {
    const key = parseVerifierKey((await file("key")).text.trim());
    const note = await file("checkpoint");
    assert.match(String(note.headers["content-type"]), /^text\/plain/);
    assert.equal(note.headers["cache-control"], "no-cache");
    const checkpoint = key && openCheckpoint(note.text, key);
    assert.ok(checkpoint && checkpoint.size > 0);
    const leaves: Uint8Array[] = [];
    for (const id of newTiles(0, checkpoint.size)) {
      const tile = await file(tilePath(id));
      assert.deepEqual([tile.status, tile.bytes.length], [200, 32 * id.width], tilePath(id));
      assert.match(String(tile.headers["cache-control"]), /immutable/);
      if (id.level > 0) continue;
      const bundle = await file(bundlePath(id));
      assert.match(String(bundle.headers["cache-control"]), /immutable/);
      const hashes = (decodeBundle(bundle.bytes) ?? []).map(leafHash);
      assert.deepEqual(Buffer.concat(hashes), tile.bytes, bundlePath(id));
      leaves.push(...hashes);
    }
    assert.equal(leaves.length, checkpoint.size);
    assert.deepEqual(rootOf(appendLeaves(EMPTY_RANGE, leaves)), checkpoint.root);
  });

  test("what does not exist is not there, whoever asks", async () => {
    for (const path of [
      "tile/0/999",
      "tile/0/000.p/257",
      "tile/0/0",
      "tile/7/000",
      "tile/entries/x999/000",
      "entry",
      "",
    ]) {
      assert.equal((await file(path)).status, 404, path);
    }
    assert.equal((await stranger.post("/log/checkpoint", "x=1")).status, 404, "nothing is written there");
  });
});
