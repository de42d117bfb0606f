import assert from "node:assert/strict";
import { after, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { identity } from "#infrastructure/identity";
import type { Principal } from "#kernel/system/act";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { identityPrincipals, RIGHTS_LIFE_MS } from "../../src/infrastructure/identity/ports.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { answered, refused } from "./answers.ts";
import { countyNode } from "./county-node.ts";

const node = await countyNode({ signIns: ["owner", "agent", "company", "accept", "decider", "auditor"] });
after(node.close);

const START = Date.parse("2026-03-02T02:00:00Z");
const at = (offsetMs: number) => new Date(START + offsetMs).toISOString();
const MINUTE_MS = 60_000;
let clockMs = 0;

/** Each test has an hour of its own, so that none sees another's waits. */
function nextHour() {
  clockMs += 60 * MINUTE_MS;
  node.setNow(at(clockMs));
}

function pass(ms: number) {
  clockMs += ms;
  node.setNow(at(clockMs));
}

const asNode: Principal = { kind: "node", room: "test" };
const administration = { purpose: "administration" } as const;
const administrator = node.as(identity, asNode, administration);
const visitor = node.as(identity, { kind: "public" }, { purpose: "own-affairs" });
const principals = identityPrincipals({
  sql: node.kernel.database,
  directory: node.as(directory, asNode, administration),
  legalEntities: node.as(legalEntities, asNode, administration),
  identity: node.as(identity, asNode, administration),
});
const session = (token: string) => principals.session(token, at(clockMs));

async function tryToSignIn(signInName: string, password = DEMONSTRATION_PASSWORD, address = "192.0.2.7") {
  return answered(await visitor.signIn({ signInName, password, address }));
}

async function signIn(signInName: string, password?: string) {
  const answer = await tryToSignIn(signInName, password);
  assert.ok(answer.outcome === "signed-in", answer.outcome);
  return answer;
}

async function signedIn(signInName: string) {
  const answer = await signIn(signInName);
  const found = await session(answer.token);
  assert.ok(found);
  return {
    ...answer,
    principal: found.principal,
    front: node.as(identity, found.principal, { purpose: "own-affairs" }),
  };
}

test("A shop owner signs in: her session has her name, and the table neither token nor password", async () => {
  nextHour();
  const { token, session: id, holderKind, choosePost } = await signIn("OWNER ");
  assert.deepEqual([holderKind, choosePost], ["person", false]);
  const found = await session(token);
  assert.equal(found?.id, id);
  assert.equal(found.displayName, "林晓竹");
  const provenAt = { 1: found.principal.kind === "person" && found.principal.provenAt?.[1] };
  assert.deepEqual(found.principal, { kind: "person", id: node.holder("owner"), assurance: 1, provenAt });
  const rows = await node.kernel.database.query<{ whole: string }>(
    "SELECT s::text AS whole FROM identity.session s UNION ALL SELECT c::text FROM identity.credential c UNION ALL SELECT a::text FROM identity.account a",
  );
  assert.ok(rows.every(({ whole }) => !whole.includes(token) && !whole.includes(DEMONSTRATION_PASSWORD)));
});

test("An official signs in to the post that he holds, with its duties and authority", async () => {
  nextHour();
  const { principal } = await signedIn("accept");
  assert.ok(principal.kind === "official");
  assert.equal(principal.post.authorityName.zh, "清源县市场监督管理局");
  assert.ok(principal.post.duties.includes("licensing.accept"));
});

test("Two sign-ins are two sessions; each is listed and ended by its holder, and by nobody else", async () => {
  nextHour();
  const one = await signedIn("owner");
  pass(1_000);
  const other = await signedIn("owner");
  assert.notEqual(one.token, other.token);
  const listed = answered(await other.front.listSessions({})).items;
  assert.deepEqual(
    listed.slice(0, 2).map(({ id }) => id),
    [other.session, one.session],
  );
  const stranger = await signedIn("company");
  refused(await stranger.front.signOut({ session: one.session }), "not-yours");
  answered(await other.front.signOut({ session: one.session }));
  assert.equal(await session(one.token), undefined);
  assert.ok(await session(other.token));
});

test("The node lists the sign-ins of whose session it names: an auditor's post has no duty to ask by", async () => {
  nextHour();
  const one = await signedIn("auditor");
  pass(1_000);
  const other = await signedIn("auditor");
  await signedIn("accept");
  const listed = answered(await administrator.listSessions({ session: other.session })).items;
  assert.deepEqual(
    listed.map(({ id }) => id),
    [other.session, one.session],
    "his own alone, the newest first",
  );
  assert.deepEqual(answered(await administrator.listSessions({})).items, [], "without a session nobody asks");
  answered(await administrator.signOut({ session: other.session }));
  const ended = answered(await administrator.listSessions({ session: other.session })).items;
  assert.deepEqual(ended, [], "an ended session tells nothing");
  const stranger = answered(await (await signedIn("owner")).front.listSessions({ session: one.session })).items;
  assert.ok(!stranger.some(({ id }) => id === one.session), "whose session a person names counts for nothing");
});

test("A wrong password, an unknown name and an absurd one get the same answer", async () => {
  nextHour();
  assert.deepEqual(await tryToSignIn("owner", "not her password", "198.51.100.1"), { outcome: "failed" });
  assert.deepEqual(await tryToSignIn("nobody-at-all", "not her password", "198.51.100.2"), { outcome: "failed" });
  assert.deepEqual(await tryToSignIn("'; DROP TABLE identity.session --", "x", "198.51.100.3"), { outcome: "failed" });
});

test("After five failures one waits, for a name that exists as for one that does not; then it grows", async () => {
  nextHour();
  for (const signInName of ["company", "no-such-company"]) {
    for (let failed = 0; failed < 5; failed++) {
      assert.equal((await tryToSignIn(signInName, "wrong wrong", `203.0.113.${failed}`)).outcome, "failed");
    }
    assert.deepEqual(await tryToSignIn(signInName, "wrong wrong", "203.0.113.9"), { outcome: "wait", seconds: 30 });
  }
  assert.deepEqual(await tryToSignIn("company"), { outcome: "wait", seconds: 30 }, "the right password waits, too");
  pass(30_000);
  assert.equal((await tryToSignIn("company", "wrong wrong")).outcome, "failed");
  assert.deepEqual(await tryToSignIn("company"), { outcome: "wait", seconds: 60 });
  pass(MINUTE_MS);
  await signIn("company");
  assert.equal((await tryToSignIn("company", "wrong wrong")).outcome, "failed", "forgiven: counted from the beginning");
  await signIn("company");
});

test("One address that tries many names must wait", async () => {
  nextHour();
  for (let failed = 0; failed < 20; failed++) {
    assert.equal((await tryToSignIn(`guess-${failed}`, "wrong wrong", "203.0.113.77")).outcome, "failed");
  }
  assert.equal((await tryToSignIn("owner", DEMONSTRATION_PASSWORD, "203.0.113.77")).outcome, "wait");
  await signIn("owner");
});

test("Guesses made at once count one by one; what ends after the lock fell counts for nothing", async () => {
  nextHour();
  const guesses = Array.from({ length: 12 }, (_, guess) => tryToSignIn("agent", "wrong wrong", `198.51.100.${guess}`));
  await Promise.all(guesses);
  assert.equal((await tryToSignIn("agent")).outcome, "wait");
});

test("The owner acts for her shop; another organization is not hers", async () => {
  nextHour();
  const { token, session: id, front } = await signedIn("owner");
  refused(await front.actFor({ session: id, organization: node.county.cast.company.key }), "not-representative");
  assert.equal((await session(token))?.onBehalfOf, undefined);
  answered(await front.actFor({ session: id, organization: node.county.cast.shop.key }));
  const name = "清源县翠竹小吃店";
  assert.deepEqual((await session(token))?.onBehalfOf, {
    kind: "organization",
    id: node.county.cast.shop.key,
    name,
    right: "operator",
  });
  answered(await front.actFor({ session: id }));
  assert.equal((await session(token))?.onBehalfOf, undefined);
  const stranger = await signedIn("company");
  refused(await stranger.front.actFor({ session: id }), "not-yours");
});

test("An agent's power ends in the middle of a session when it is revoked", async () => {
  nextHour();
  const { token, session: id, front } = await signedIn("agent");
  const shop = node.county.cast.shop.key;
  answered(await front.actFor({ session: id, organization: shop }));
  assert.equal((await session(token))?.onBehalfOf?.right, "agent");
  const owner = node.as(legalEntities, { kind: "person", id: node.holder("owner"), assurance: 1 });
  const [letter] = answered(await owner.listAuthorizations({ organization: shop })).items;
  answered(await owner.revokeAuthorization({ id: letter?.id ?? "" }));
  pass(RIGHTS_LIFE_MS);
  assert.equal((await session(token))?.onBehalfOf, undefined);
  refused(await front.actFor({ session: id, organization: shop }), "not-representative");
});

test("An official with two posts chooses; a post that he does not hold is no choice", async () => {
  nextHour();
  const offices = node.as(directory, asNode, administration);
  const official = node.holder("decider");
  const market = answered(await offices.findAuthority({ code: "990101-scjg" })).id;
  const title = { zh: "值班", en: "Standby" };
  const { id: post } = answered(await offices.createPost({ title, authority: market, duties: ["test.standby"] }));
  const { id: other } = answered(await offices.createPost({ title, authority: market, duties: [] }));
  const { id: appointment } = answered(await offices.appoint({ official, post, from: "2026-03-01" }));
  pass(RIGHTS_LIFE_MS);
  const { token, session: id, choosePost, front } = await signedIn("decider");
  assert.equal(choosePost, true);
  refused(await front.choosePost({ session: id, post: other }), "not-held");
  answered(await front.choosePost({ session: id, post }));
  const chosen = (await session(token))?.principal;
  assert.ok(chosen?.kind === "official" && chosen.post.id === post);
  answered(await offices.endAppointment({ id: appointment, to: "2026-03-01" }));
  pass(RIGHTS_LIFE_MS);
  const left = (await session(token))?.principal;
  assert.ok(left?.kind === "official" && left.post.id !== post, "the duties of an ended appointment end at once");
});

test("An auditor, who writes nothing, is signed out by the page as the node", async () => {
  nextHour();
  const { token, session: id, principal, front } = await signedIn("auditor");
  assert.ok(principal.kind === "official");
  assert.deepEqual(principal.post.duties, ["audit.read"]);
  refused(await front.signOut({ session: id }), "denied");
  answered(await administrator.signOut({ session: id }));
  assert.equal(await session(token), undefined);
});

test("A changed password ends the other sessions, and a wrong current one changes nothing", async () => {
  nextHour();
  const here = await signedIn("company");
  const elsewhere = await signedIn("company");
  const change = { session: here.session, current: DEMONSTRATION_PASSWORD, next: "湖畔的灯一直亮到天明" };
  refused(await here.front.changePassword({ ...change, next: "short" }), "weak-password");
  assert.deepEqual(answered(await here.front.changePassword({ ...change, current: "wrong" })), {
    outcome: "wrong-password",
  });
  assert.deepEqual(answered(await here.front.changePassword(change)), { outcome: "changed" });
  assert.ok(await session(here.token));
  assert.equal(await session(elsewhere.token), undefined);
  assert.equal((await tryToSignIn("company")).outcome, "failed");
  await signIn("company", change.next);
});

test("An administrator opens, resets and closes accounts, and what is wrong is told", async () => {
  nextHour();
  const holder =
    node.county.persons.find(({ value }) => value.lifeStatus === "alive" && value.birthDate < "1990")?.key ?? "";
  const account = { signInName: "Li.Si", holderKind: "person", holder, password: "a sentence of my own" } as const;
  refused(await visitor.createAccount(account), "denied");
  refused(await administrator.createAccount({ ...account, password: "li.si-2026" }), "weak-password");
  refused(await administrator.createAccount({ ...account, holder: node.county.cast.shop.key }), "holder-not-found");
  refused(await administrator.createAccount({ ...account, signInName: "x" }), "invalid-input");
  answered(await administrator.createAccount(account));
  refused(await administrator.createAccount({ ...account, signInName: "ｌｉ.ｓｉ" }), "name-taken");
  const { token } = await signIn("li.si", account.password);
  answered(await administrator.resetPassword({ signInName: "LI.SI", password: "another sentence" }));
  assert.equal(await session(token), undefined);
  await signIn("li.si", "another sentence");
  answered(await administrator.closeAccount({ signInName: "li.si" }));
  assert.equal((await tryToSignIn("li.si", "another sentence")).outcome, "failed");
  const accounts = answered(await administrator.accountsOf({ holder })).items;
  assert.equal(accounts.find(({ signInName }) => signInName === "li.si")?.status, "closed");
});

test("Nobody signs in for the dead", async () => {
  nextHour();
  const holder =
    node.county.persons.find(({ value }) => value.lifeStatus === "alive" && value.birthDate < "1980")?.key ?? "";
  const password = "a sentence of my own";
  answered(await administrator.createAccount({ signInName: "mortal", holderKind: "person", holder, password }));
  await signIn("mortal", password);
  const keeper = node.as(population, asNode, administration);
  const death = {
    id: holder,
    lifeStatus: "deceased",
    since: "2026-03-01",
    reason: "死亡医学证明",
    confirmed: true,
  } as const;
  answered(await keeper.correctPerson(death));
  assert.equal((await tryToSignIn("mortal", password)).outcome, "failed");
});
