import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Browser } from "../guides/browser.ts";
import { clientForm, issuingNode, registerSystem } from "../guides/openid-node.ts";
import { newVerifier, ProofKey, System } from "./openid-system.ts";
import type { RawAnswer } from "./raw-client.ts";
import type { TargetNode } from "./target-node.ts";

const OWN = "http://127.0.0.1:4991";
const OTHER = "http://127.0.0.1:4992";
let node: TargetNode;
/** Two systems of different sectors, and one whose tokens are bound to its key. */
let own: System;
let other: System;
let bound: System;
let owner: Browser;

before(async () => {
  node = await issuingNode();
  const system = async (at: string, given: Readonly<Record<string, string>> = {}) =>
    new System(node.address, await registerSystem(node.address, clientForm(at, given)), `${at}/callback`);
  own = await system(OWN);
  other = await system(OTHER, { sector: "other" });
  bound = await system(OTHER, { dpop: "yes" });
  owner = new Browser();
  await owner.at(node.address).signIn("owner");
});
after(async () => {
  owner?.close();
  await node?.close();
});

async function tokensOf(system: System): Promise<Readonly<Record<string, unknown>>> {
  const verifier = newVerifier();
  const answer = await system.signIn(owner, verifier);
  const { status, body } = await system.tokens(answer.get("code"), verifier);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

describe("a request that is not right is refused before any browser moves", () => {
  const addresses = [
    `${OWN}/callback/`,
    `${OWN}/callback?next=1`,
    `${OWN}/callback#part`,
    `${OWN}/callback/../evil`,
    `${OWN}/Callback`,
    `${OWN}/callback%2f`,
    "http://127.0.0.1:4999/callback",
    `http://127.0.0.1:4991@evil.example/callback`,
    "http://localhost:4991/callback",
    "https://evil.example/callback",
    `${OTHER}/callback`,
    "javascript:alert(1)",
    "",
  ];
  for (const redirect_uri of addresses) {
    test(`redirect address ${redirect_uri || "(none)"}`, async () => {
      const { status, body } = await own.push({ redirect_uri: redirect_uri || undefined });
      assert.equal(status, 400);
      assert.match(String(body["error"]), /^invalid_re(?:quest|direct_uri)$/);
    });
  }

  const wrong: readonly (readonly [string, Readonly<Record<string, string | undefined>>])[] = [
    ["no PKCE", { code_challenge: undefined, code_challenge_method: undefined }],
    ["PKCE that hides nothing", { code_challenge_method: "plain" }],
    ["a challenge without its method", { code_challenge_method: undefined }],
    ["a token in the address", { response_type: "token" }],
    ["an ID token in the address", { response_type: "id_token" }],
    ["a form that posts the answer", { response_mode: "form_post" }],
    ["what it was not registered for", { scope: "openid organization" }],
    ["the name of another system", { client_id: "00000000-0000-4000-8000-000000000000" }],
  ];
  for (const [what, given] of wrong) {
    test(what, async () => {
      const { status, body } = await own.push(given);
      assert.ok(status >= 400 && status < 500, `${status} ${JSON.stringify(body)}`);
      assert.equal(body["request_uri"], undefined);
    });
  }

  test("a request that was not pushed leads nowhere", async () => {
    const query = new URLSearchParams({
      client_id: own.id,
      redirect_uri: own.redirectUri,
      response_type: "code",
      scope: "openid",
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
    });
    await owner.open(`${node.address}/openid/auth?${query}`, own.redirectUri);
    assert.equal(owner.address.searchParams.get("code"), null);
  });

  test("a pushed request is another system's to no avail, and works once", async () => {
    const address = await own.authorization();
    const stolen = new URL(address);
    stolen.searchParams.set("client_id", other.id);
    const page = await owner.open(stolen, OTHER);
    assert.equal(page.status, 400);
    await owner.open(address, own.redirectUri).then(async (notice) => {
      if (!owner.address.href.startsWith(own.redirectUri)) {
        await owner.fill(notice, /\/sign-in\/for\//, { decision: "continue" }, own.redirectUri);
      }
    });
    assert.ok(owner.address.searchParams.get("code"));
    await owner.open(address, own.redirectUri);
    assert.equal(owner.address.searchParams.get("code"), null);
  });
});

describe("codes", () => {
  test("say who made them, so that no other provider's can be slipped in (RFC 9207)", async () => {
    const answer = await own.signIn(owner);
    assert.equal(answer.get("iss"), node.address);
    assert.equal(answer.get("state"), "state");
  });

  test("a second use fails and ends what the first one gave", async () => {
    const verifier = newVerifier();
    const code = (await own.signIn(owner, verifier)).get("code");
    const first = await own.tokens(code, verifier);
    assert.equal((await own.userinfo(first.body["access_token"])).status, 200);
    const second = await own.tokens(code, verifier);
    assert.deepEqual([second.status, second.body["error"]], [400, "invalid_grant"]);
    assert.equal((await own.userinfo(first.body["access_token"])).status, 401);
  });

  test("of many uses at the same moment one counts at most", async () => {
    const verifier = newVerifier();
    const code = (await own.signIn(owner, verifier)).get("code");
    const answers = await Promise.all(Array.from({ length: 8 }, () => own.tokens(code, verifier)));
    assert.ok(answers.filter(({ status }) => status === 200).length <= 1);
    assert.ok(answers.every(({ status }) => status === 200 || status === 400));
  });

  test("are worth nothing to another system, with another verifier or at another address", async () => {
    const verifier = newVerifier();
    const code = (await own.signIn(owner, verifier)).get("code");
    for (const attempt of [
      other.tokens(code, verifier, { given: { redirect_uri: own.redirectUri } }),
      own.tokens(code, newVerifier()),
      own.tokens(code, undefined),
      own.tokens(code, verifier, { given: { redirect_uri: `${OWN}/` } }),
    ]) {
      const { status, body } = await attempt;
      assert.deepEqual([status, body["error"]], [400, "invalid_grant"]);
    }
  });
});

describe("tokens", () => {
  test("name a person differently in each sector", async () => {
    const [mine, theirs] = [await tokensOf(own), await tokensOf(other)];
    const subject = (tokens: typeof mine) =>
      (
        JSON.parse(Buffer.from(String(tokens["id_token"]).split(".")[1] ?? "", "base64url").toString()) as {
          sub: string;
        }
      ).sub;
    assert.notEqual(subject(mine), subject(theirs));
    assert.equal(subject(mine), subject(await tokensOf(own)));
  });

  test("bound to a key they serve nobody without it", async () => {
    const key = new ProofKey();
    const verifier = newVerifier();
    const token = `${node.address}/openid/token`;
    const info = `${node.address}/openid/userinfo`;
    const code = (await bound.signIn(owner, verifier)).get("code");
    assert.equal((await bound.tokens(code, verifier)).status, 400, "no proof");
    const wrongPlace = key.proof("POST", info);
    assert.equal((await bound.tokens(code, verifier, { proof: wrongPlace })).status, 400, "a proof for elsewhere");
    const { body } = await bound.tokens(code, verifier, { proof: key.proof("POST", token) });
    const access = String(body["access_token"]);
    assert.equal(body["token_type"], "DPoP");
    const proof = key.proof("GET", info, access);
    assert.equal((await bound.userinfo(access, proof)).status, 200);
    assert.equal((await bound.userinfo(access, proof)).status, 401, "the same proof again");
    assert.equal((await bound.userinfo(access)).status, 401, "as a bearer");
    assert.equal((await bound.userinfo(access, new ProofKey().proof("GET", info, access))).status, 401, "another key");
    assert.equal((await bound.userinfo(access, key.proof("GET", info, "another"))).status, 401, "another token's");
  });

  test("an ID token of one system signs nobody out in the name of another", async () => {
    const { id_token } = await tokensOf(own);
    const query = new URLSearchParams({
      id_token_hint: String(id_token),
      client_id: other.id,
      post_logout_redirect_uri: `${OTHER}/`,
    });
    const page = await owner.open(`${node.address}/openid/session/end?${query}`);
    assert.equal(page.status, 400);
    const evil = new URLSearchParams({
      id_token_hint: String(id_token),
      post_logout_redirect_uri: "https://evil.example/",
    });
    assert.equal((await owner.open(`${node.address}/openid/session/end?${evil}`)).status, 400);
  });
});

describe("a token is taken for what it was made for, and for nothing else", () => {
  test("an ID token opens nothing, nor does what is not a token at all", async () => {
    const { id_token, access_token } = await tokensOf(own);
    assert.equal((await own.userinfo(access_token)).status, 200);
    for (const given of [id_token, `${String(access_token)}x`, String(id_token).split(".")[2], ""]) {
      const { status, body } = await own.userinfo(given);
      assert.ok(status === 401 || (status === 400 && given === ""), `${status}`);
      assert.equal(body["sub"], undefined);
    }
  });

  test("an access or ID token is no code, and an access token no hint of whom to sign out", async () => {
    const { id_token, access_token } = await tokensOf(own);
    for (const token of [access_token, id_token]) {
      for (const system of [own, other]) {
        const { status, body } = await system.tokens(String(token), newVerifier());
        assert.deepEqual([status, body["error"]], [400, "invalid_grant"]);
      }
    }
    const query = new URLSearchParams({ id_token_hint: String(access_token), post_logout_redirect_uri: `${OWN}/` });
    assert.equal((await owner.open(`${node.address}/openid/session/end?${query}`)).status, 400);
  });

  test("another system's token tells no more than its owner was told: the name that its own sector knows", async () => {
    const [mine, theirs] = [await tokensOf(own), await tokensOf(other)];
    const named = async (tokens: typeof mine) => (await own.userinfo(tokens["access_token"])).body["sub"];
    assert.notEqual(await named(mine), await named(theirs));
    // Bound to a key, it serves a system that stole it neither alone nor with a key of its own.
    const [key, verifier] = [new ProofKey(), newVerifier()];
    const code = (await bound.signIn(owner, verifier)).get("code");
    const proof = key.proof("POST", `${node.address}/openid/token`);
    const access = String((await bound.tokens(code, verifier, { proof })).body["access_token"]);
    const thief = new ProofKey().proof("GET", `${node.address}/openid/userinfo`, access);
    for (const given of [undefined, thief]) assert.equal((await own.userinfo(access, given)).status, 401);
  });
});

describe("a system that proves itself by its key", () => {
  const key = new ProofKey();
  let keyed: System;
  before(async () => {
    const form = clientForm(OTHER, { authMethod: "private_key_jwt", jwks: JSON.stringify({ keys: [key.jwk] }) });
    keyed = new System(node.address, await registerSystem(node.address, form), `${OTHER}/callback`);
  });
  const claims = (given: Readonly<Record<string, unknown>> = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const about = { iss: keyed.id, sub: keyed.id, aud: node.address, jti: newVerifier() };
    return { ...about, iat: now, exp: now + 60, ...given };
  };
  const push = (assertion: string, system: System = keyed) =>
    system.sendUnproved("/openid/request", {
      ...{ response_type: "code", client_id: system.id, redirect_uri: system.redirectUri, scope: "openid" },
      ...{ code_challenge: "x".repeat(43), code_challenge_method: "S256", client_assertion: assertion },
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });

  test("is taken once for each proof: who overheard it cannot say it again", async () => {
    const assertion = key.assertion(claims());
    assert.equal((await push(assertion)).status, 201);
    const { status, body } = await push(assertion);
    assert.deepEqual([status, body["error"]], [401, "invalid_client"]);
  });

  test("is not taken with a proof for somebody else, of somebody else, that is over or has no number", async () => {
    const { id_token } = await tokensOf(own);
    const past = Math.floor(Date.now() / 1000) - 3_600;
    for (const [what, assertion] of [
      ["for another issuer", key.assertion(claims({ aud: "https://other.example" }))],
      ["for no one", key.assertion(claims({ aud: undefined }))],
      ["that speaks for another system", key.assertion(claims({ iss: own.id, sub: own.id }))],
      ["in which two are named", key.assertion(claims({ iss: own.id }))],
      ["that is over", key.assertion(claims({ iat: past, exp: past + 60 }))],
      ["that never ends", key.assertion(claims({ exp: undefined }))],
      ["without a number", key.assertion(claims({ jti: undefined }))],
      ["by another key", new ProofKey().assertion(claims())],
      ["that is an ID token", String(id_token)],
    ] as const) {
      const { status, body } = await push(assertion);
      assert.ok(status === 401 || status === 400, `${what}: ${status}`);
      assert.equal(body["request_uri"], undefined, what);
    }
    assert.equal((await push(key.assertion(claims()))).status, 201);
  });

  test("whoever is registered with a secret does not get by with a key, nor the other way round", async () => {
    const asOwn = await push(key.assertion(claims({ iss: own.id, sub: own.id })), own);
    const bySecret = await keyed.push();
    for (const { status, body } of [asOwn, bySecret]) {
      assert.match(`${status} ${String(body["error"])}`, /^40[01] invalid_(?:client|request)$/);
      assert.equal(body["request_uri"], undefined);
    }
  });
});

describe("what a system asks about how sure the node is", () => {
  const LEVEL = "urn:zhengtong:assurance:";
  const claimsOf = (token: unknown) =>
    JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
  async function asked(browser: Browser, given: Readonly<Record<string, string>>) {
    const verifier = newVerifier();
    const page = await browser.open(await own.authorization(verifier, given), own.redirectUri);
    const claims = async () => {
      const { body } = await own.tokens(browser.address.searchParams.get("code"), verifier);
      assert.ok(body["id_token"], JSON.stringify(body) + browser.address.href);
      return claimsOf(body["id_token"]);
    };
    return { page, claims };
  }
  const goOn = (browser: Browser, page: RawAnswer) =>
    browser.fill(page, /\/sign-in\/for\//, { decision: "continue" }, own.redirectUri);

  test("a level above the session's is proved first, and the token says what was proved, how and when", async () => {
    const fresh = new Browser();
    await fresh.at(node.address).signIn("company");
    const plain = await asked(fresh, { max_age: "3600" });
    await goOn(fresh, plain.page);
    const before = await plain.claims();
    assert.deepEqual([before["acr"], before["amr"]], [`${LEVEL}1`, ["pwd"]]);

    // The protocol's own session knows the person already, at less than is asked now.
    const { page, claims } = await asked(fresh, { acr_values: `urn:other ${LEVEL}2 ${LEVEL}1`, max_age: "3600" });
    assert.match(fresh.address.pathname, /^\/sign-in\/step-up$/);
    const code = /is (\d{6}) now/.exec(page.text)?.[1] ?? "";
    const notice = await fresh.fill(page, /step-up$/, { code }, own.redirectUri);
    await goOn(fresh, notice);
    const proved = await claims();
    assert.deepEqual([proved["acr"], proved["amr"]], [`${LEVEL}2`, ["pwd", "otp", "mfa"]]);
    assert.ok(Number(proved["auth_time"]) >= Number(before["auth_time"]));
    fresh.close();
  });

  test("who must sign in anew cannot go on with an old session, and no value of a system makes less of it", async () => {
    const fresh = new Browser();
    await fresh.at(node.address).signIn("agent");
    await node.database.database.execute("UPDATE identity.session SET opened_at = opened_at - interval '1 minute'", []);
    const { page } = await asked(fresh, { prompt: "login", acr_values: `${LEVEL}1` });
    assert.match(page.text, /sign in once more/);
    const pressed = await fresh.fill(page, /\/sign-in\/for\//, { decision: "again" }, own.redirectUri);
    assert.match(fresh.address.pathname, /^\/sign-in$/);
    assert.equal(pressed.status, 200);
    fresh.close();
  });
});

describe("the page between", () => {
  test("nobody goes on with what another's browser began", async () => {
    const attacker = new Browser();
    await attacker.open(await own.authorization());
    const page = attacker.address.searchParams.get("back") ?? "";
    assert.match(page, /^\/sign-in\/for\//);
    const victim = await owner.open(`${node.address}${page}`);
    assert.equal(victim.status, 410);
    const uid = page.split("/").at(-1) ?? "";
    const resumed = await owner.open(`${node.address}/openid/auth/${uid}`, own.redirectUri);
    assert.equal(resumed.status, 400);
    attacker.close();
  });

  test("a form from elsewhere does nothing", async () => {
    const fresh = new Browser();
    await fresh.at(node.address).signIn("owner");
    await fresh.open(await own.authorization());
    const path = fresh.address.pathname;
    const answer = await fresh.at(node.address).post(path, { decision: "continue" });
    assert.equal(answer.status, 403);
    const stranger = new Browser();
    const form = await stranger.open(`${node.address}/sign-in`);
    const csrf = /name="csrf" value="([^"]+)"/.exec(form.text)?.[1] ?? "";
    assert.equal((await fresh.at(node.address).post(path, { decision: "continue", csrf })).status, 403);
    fresh.close();
    stranger.close();
  });

  test("a session is new after a sign-in, and the one planted before is nobody's", async () => {
    const fresh = new Browser();
    const site = fresh.at(node.address);
    site.cookies.set("zt_session", "A".repeat(43));
    site.cookies.set("zt_openid", "planted");
    const form = await fresh.open(await own.authorization());
    await fresh.fill(form, /\/sign-in/, { signInName: "owner", password: "wrong password" });
    assert.equal(site.cookies.get("zt_session"), "A".repeat(43));
    await site.signIn("owner");
    assert.notEqual(site.cookies.get("zt_session"), "A".repeat(43));
    await own.signIn(fresh);
    assert.notEqual(site.cookies.get("zt_openid"), "planted");
    fresh.close();
  });

  test("whoever signed out here is nobody to the systems", async () => {
    const fresh = new Browser();
    const site = fresh.at(node.address);
    await site.signIn("owner");
    const verifier = newVerifier();
    const { body } = await own.tokens((await own.signIn(fresh, verifier)).get("code"), verifier);
    assert.equal((await own.userinfo(body["access_token"])).status, 200);
    await site.fill(await site.open("/my"), /\/sign-out/, {});
    assert.equal((await own.userinfo(body["access_token"])).status, 401);
    const form = await fresh.open(await own.authorization(), own.redirectUri);
    assert.match(form.text, /name="signInName"/);
    fresh.close();
  });

  test("an official is turned away where a system is for persons, and so is who was asked not to be asked", async () => {
    const fresh = new Browser();
    await fresh.at(node.address).signIn("accept");
    const page = await fresh.open(await own.authorization(), own.redirectUri);
    assert.equal(page.status, 403);
    await owner.open(await own.authorization(newVerifier(), { prompt: "none" }), own.redirectUri);
    const stranger = new Browser();
    await stranger.open(await own.authorization(newVerifier(), { prompt: "none" }), own.redirectUri);
    assert.equal(stranger.address.searchParams.get("error"), "login_required");
    for (const browser of [fresh, stranger]) browser.close();
  });
});

describe("what a stranger learns", () => {
  test("an unknown system and a wrong secret are answered alike", async () => {
    const strangers = [
      new System(node.address, { id: crypto.randomUUID(), secret: "x".repeat(43) }, own.redirectUri),
      new System(node.address, { id: own.id, secret: "x".repeat(43) }, own.redirectUri),
      new System(node.address, { id: "admin' OR 1=1", secret: "x" }, own.redirectUri),
    ];
    const answers = await Promise.all(strangers.map((system) => system.push({ client_id: system.id })));
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body["error"], body["error_description"]]),
      answers.map(() => [401, "invalid_client", "client authentication failed"]),
    );
  });

  test("addresses are the issuer's, whatever host a request names", async () => {
    const site = owner.at(node.address);
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
    const { text } = await site.send("/.well-known/openid-configuration", { headers });
    assert.doesNotMatch(text, /evil/);
    const said = JSON.parse(text) as Record<string, unknown>;
    assert.equal(said["issuer"], node.address);
    assert.equal(said["token_endpoint"], `${node.address}/openid/token`);
    assert.deepEqual(said["id_token_signing_alg_values_supported"], ["ES256"]);
    assert.deepEqual(said["code_challenge_methods_supported"], ["S256"]);
    assert.equal(said["require_pushed_authorization_requests"], true);
  });

  test("a body without end is not read", async () => {
    const site = owner.at(node.address);
    const answer = await site.post("/openid/token", `code=${"x".repeat(100_000)}`);
    assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
  });

  test("the tables hold no code, token or secret that could be used", async () => {
    const verifier = newVerifier();
    const code = (await own.signIn(owner, verifier)).get("code") ?? assert.fail();
    const { body } = await own.tokens(code, verifier);
    const rows = await node.node.site.kernel.database.query<{ row: string }>(
      `SELECT a::text AS row FROM identity.openid_artifact a
       UNION ALL SELECT c::text FROM identity.openid_client c UNION ALL SELECT o::text FROM act.act o`,
    );
    assert.ok(rows.length > 0);
    const hidden = [code, String(body["access_token"]), verifier].flatMap((value) => [
      value,
      Buffer.from(value).toString("hex"),
    ]);
    for (const { row } of rows) for (const value of hidden) assert.ok(!row.includes(value));
    assert.ok(!hidden.some((value) => node.log().includes(value)), "nor does the log");
  });
});

test("a suspended system loses at once what it holds, and gets it back with none of it", async () => {
  const { access_token: token } = await tokensOf(other);
  assert.equal((await other.userinfo(token)).status, 200);
  const admin = new Browser();
  const site = admin.at(node.address);
  await site.signIn("admin");
  const change = async (action: string) =>
    site.fill(await site.open("/workbench/clients"), /\/workbench\/clients/, { id: other.id, do: action });
  await change("suspend");
  assert.equal((await other.userinfo(token)).status, 401);
  assert.equal((await other.push()).status, 401);
  await change("resume");
  assert.equal((await other.userinfo(token)).status, 401);
  assert.equal((await other.push()).status, 201);
  admin.close();
});
