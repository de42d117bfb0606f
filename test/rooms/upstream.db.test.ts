/** Signing in through another identity platform: another instance of the provider library, with people and claims of its own. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pino } from "pino";
import { identity } from "#infrastructure/identity";
import { openServer } from "#kernel/http/server";
import { population } from "#resources/population";
import { findSession, provenAtOf, sessionOfToken } from "../../src/infrastructure/identity/sessions.ts";
import {
  mountUpstream,
  UPSTREAM_CALLBACK_PATH,
  UPSTREAM_PATH,
} from "../../src/infrastructure/identity/upstream/mount.ts";
import { readUpstreamSettings } from "../../src/infrastructure/identity/upstream/settings.ts";
import { Upstream } from "../../src/infrastructure/identity/upstream/upstream.ts";
import { identityPlatform, PLATFORM_SECRET, platformSettings, type Said } from "../harness/identity-platform.ts";
import { answered } from "./answers.ts";
import { countyNode } from "./county-node.ts";

const node = await countyNode();
const folder = await mkdtemp(join(tmpdir(), "zhengtong-upstream-"));
const NODE = "http://127.0.0.1:8080";
const adults = node.county.persons.filter(({ value }) => value.lifeStatus === "alive" && value.birthDate < "2000");
const owner = adults.find(({ key }) => key === node.holder("owner"));
const stranger = adults.findLast(({ key }) => !node.county.cast.signIns.some(({ holder }) => holder === key));
assert.ok(owner && stranger);

const there = await identityPlatform(`${NODE}${UPSTREAM_CALLBACK_PATH}`);
await writeFile(join(folder, "secret"), `${PLATFORM_SECRET}\n`);
const FILE = platformSettings(there.issuer);
const place = join(folder, "upstream.json");
await writeFile(place, JSON.stringify(FILE));
const here = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
mountUpstream(here, {
  kernel: node.kernel,
  upstream: new Upstream(await readUpstreamSettings(place), `${NODE}${UPSTREAM_CALLBACK_PATH}`),
  front: node.as(identity, { kind: "node", room: "identity" }, { purpose: "own-affairs" }),
  secure: false,
});
after(async () => {
  await here.close();
  await there.close();
  await node.close();
  await rm(folder, { recursive: true });
});

interface Answered {
  readonly location: string;
  readonly cookies: ReadonlyMap<string, string>;
}

async function ask(url: string, cookies: ReadonlyMap<string, string> = new Map()): Promise<Answered> {
  const answer = await here.inject({ url, cookies: Object.fromEntries(cookies) });
  assert.equal(answer.statusCode, 303, answer.body);
  return {
    location: String(answer.headers.location),
    cookies: new Map(answer.cookies.map(({ name, value }) => [name, value])),
  };
}

/** Goes there and back, as a browser does; gives the address with which it comes back. */
async function comesBack(out: string, as: Said): Promise<string> {
  there.signsIn(as);
  const jar = new Map<string, string>();
  let next = out;
  for (let hops = 0; hops < 8; hops += 1) {
    const answer = await fetch(next, {
      redirect: "manual",
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    next = new URL(answer.headers.get("location") ?? assert.fail(await answer.text()), next).href;
    if (next.startsWith(NODE)) return next.slice(NODE.length);
  }
  return assert.fail("it never came back");
}

async function signedIn(as: Said, back = ""): Promise<Answered> {
  const begun = await ask(`${UPSTREAM_PATH}?back=${encodeURIComponent(back)}`);
  return ask(await comesBack(begun.location, as), begun.cookies);
}

const sessionIn = async ({ cookies }: Answered) => {
  const row = await sessionOfToken(node.kernel.database, cookies.get("zt_session") ?? "", node.kernel.now());
  assert.ok(row);
  return row;
};
const saidOf = ({ value }: typeof owner, subject: string): Said => ({
  subject,
  name: value.name,
  number: value.documentNumber,
});

test("Whoever comes back is the person whose name and number it says, at the level that its acr is worth here", async () => {
  const first = await signedIn(saidOf(owner, "o-1"), "/my/cases");
  assert.equal(first.location, "/my/cases");
  const session = await sessionIn(first);
  assert.deepEqual([session.holder, session.holderKind, session.assurance], [owner.key, "person", 1]);
  const accounts = node.as(identity, { kind: "node", room: "identity" }, { purpose: "own-affairs" });
  assert.equal(
    answered(await accounts.accountsOf({ holder: owner.key })).items.length,
    1,
    "with the account there was",
  );
  const sure = await sessionIn(await signedIn({ ...saidOf(owner, "o-1"), acr: "level-two" }));
  assert.equal(sure.assurance, 2);
  assert.ok(
    provenAtOf(sure)[2] === undefined || Date.parse(provenAtOf(sure)[2] ?? "") <= Date.parse(node.kernel.now()),
  );
  assert.equal((await sessionIn(await signedIn({ ...saidOf(owner, "o-1"), acr: "boasting" }))).assurance, 1);
});

test("Who had no account gets one without a password; where it was closed, no platform opens it again", async () => {
  const session = await sessionIn(await signedIn(saidOf(stranger, "s-1")));
  assert.equal(session.holder, stranger.key);
  assert.ok(await findSession(node.kernel.database, session.id, node.kernel.now()));
  const administration = node.as(identity, { kind: "node", room: "identity" }, { purpose: "administration" });
  const [account] = answered(await administration.accountsOf({ holder: stranger.key })).items;
  answered(await administration.closeAccount({ signInName: account?.signInName ?? "" }));
  assert.equal((await signedIn(saidOf(stranger, "s-1"))).location, "/sign-in?upstream=unknown");
});

test("A name that does not fit, a number of nobody, a subject that changed persons, a second subject: nobody is signed in", async () => {
  const unknown = async (as: Said) => {
    const answer = await signedIn(as);
    assert.equal(answer.location, "/sign-in?upstream=unknown", JSON.stringify(as));
    assert.equal(answer.cookies.get("zt_session"), undefined);
  };
  const other = adults.find(({ key }) => key !== owner.key && key !== stranger.key);
  assert.ok(other);
  await unknown({ ...saidOf(other, "x-1"), name: "别人" });
  await unknown({ ...saidOf(other, "x-2"), number: "990101199001010000" });
  await unknown({ subject: "x-3" });
  await unknown({ subject: "x-4", name: other.value.name });
  await unknown(saidOf(other, "o-1"));
  await unknown(saidOf(owner, "o-2"));
  assert.equal(
    (await sessionIn(await signedIn({ subject: "o-1" }))).holder,
    owner.key,
    "linked, and nothing else is said",
  );
});

test("An answer is taken by the browser that asked, once, and as it was given", async () => {
  const begun = await ask(UPSTREAM_PATH);
  const back = await comesBack(begun.location, saidOf(owner, "o-1"));
  assert.equal((await ask(back)).location, "/sign-in?upstream=stale", "another browser");
  const foreign = await ask(UPSTREAM_PATH);
  assert.equal((await ask(back, foreign.cookies)).location, "/sign-in?upstream=refused", "of another beginning");
  const changed = back.replace(/code=[^&]+/, "code=AAAA");
  assert.equal((await ask(changed, begun.cookies)).location, "/sign-in?upstream=refused");
  const done = await ask(back, begun.cookies);
  assert.equal(done.location, "/my");
  assert.equal(done.cookies.get("zt_upstream"), "", "and forgotten");
  assert.equal((await ask(back, begun.cookies)).location, "/sign-in?upstream=refused", "a code is redeemed once");
  for (const cookie of ["", "AAAA", "!"])
    assert.equal((await ask(back, new Map([["zt_upstream", cookie]]))).location, "/sign-in?upstream=stale");
  assert.match((await ask(`${UPSTREAM_CALLBACK_PATH}?error=access_denied`, foreign.cookies)).location, /refused$/);
});

test("It leads back to this node alone, and the dead do not come", async () => {
  assert.equal((await signedIn(saidOf(owner, "o-1"), "https://elsewhere.example/")).location, "/my");
  assert.equal((await signedIn(saidOf(owner, "o-1"), "//elsewhere.example/")).location, "/my");
  const keeper = node.as(population, { kind: "node", room: "test" }, { purpose: "register-keeping" });
  const dead = adults.findLast(({ key }) => key !== owner.key && key !== stranger.key && node.holder("agent") !== key);
  assert.ok(dead);
  answered(
    await keeper.correctPerson({ id: dead.key, lifeStatus: "deceased", since: "2026-03-01", reason: "死亡医学证明" }),
  );
  assert.equal((await signedIn(saidOf(dead, "d-1"))).location, "/sign-in?upstream=unknown");
});

test("Settings that are wrong stop the start with one word for the operator", async () => {
  const wrong = async (change: object) => {
    await writeFile(join(folder, "wrong.json"), JSON.stringify({ ...FILE, ...change }));
    await assert.rejects(readUpstreamSettings(join(folder, "wrong.json")), { code: "ERR_IDENTITY_UPSTREAM" });
  };
  await wrong({ issuer: "http://identity.example/" });
  await wrong({ clientSecretFile: "nowhere" });
  await wrong({ assurance: { high: 4 } });
  await wrong({ link: "by e-mail" });
  await assert.rejects(readUpstreamSettings(join(folder, "none.json")), { code: "ERR_IDENTITY_UPSTREAM" });
});
