import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import * as client from "openid-client";
import { newVerifier, System } from "../adversarial/openid-system.ts";
import type { TargetNode } from "../adversarial/target-node.ts";
import { Browser } from "./browser.ts";
import { clientForm, issuingNode, ORGANIZATION_CLAIM, registerSystem } from "./openid-node.ts";

const AT = "http://127.0.0.1:4994";
const REDIRECT_URI = `${AT}/callback`;
let node: TargetNode;

before(async () => {
  node = await issuingNode();
});
after(() => node?.close());

async function signedIn(name: string): Promise<Browser> {
  const browser = new Browser();
  await browser.at(node.address).signIn(name);
  return browser;
}

test("a system that signs with its own key needs no secret", async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwks = JSON.stringify({ keys: [{ kty, crv, x, y, kid: "first" }] });
  const form = clientForm(AT, { authMethod: "private_key_jwt", jwks });
  const { id } = await registerSystem(node.address, form);
  const provider = await client.discovery(
    new URL(node.address),
    id,
    { id_token_signed_response_alg: "ES256" },
    client.PrivateKeyJwt({ key: pair.privateKey, kid: "first" }),
    { execute: [client.allowInsecureRequests] },
  );
  const verifier = client.randomPKCECodeVerifier();
  const address = await client.buildAuthorizationUrlWithPAR(provider, {
    redirect_uri: REDIRECT_URI,
    scope: "openid profile",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: "state",
  });
  const browser = await signedIn("owner");
  const notice = await browser.open(address, REDIRECT_URI);
  await browser.fill(notice, /\/sign-in\/for\//, { decision: "continue" }, REDIRECT_URI);
  const checks = { pkceCodeVerifier: verifier, expectedState: "state", idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(provider, browser.address, checks);
  const person = await client.fetchUserInfo(provider, tokens.access_token, tokens.claims()?.sub ?? "");
  assert.equal(person.name, "林晓竹");
  browser.close();
});

const POST = {
  "postPurpose-zh": "核对经办人",
  "postPurpose-en": "To know who handles it",
  postBasis: "住房公积金管理条例 第十三条",
};

test("a key with its private part, a wildcard or plain http elsewhere is not registered", async () => {
  for (const given of [
    { authMethod: "private_key_jwt", jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}]}' },
    { redirectUris: "https://*.example.cn/callback" },
    { redirectUris: "http://fund.example.cn/callback" },
    { redirectUris: "https://fund.example.cn/callback#x" },
    { redirectUris: "https://one.example.cn/\nhttps://two.example.cn/" },
    { legalBasis: "有关规定" },
    { profileBasis: "有关规定" },
    { organizationBasis: "住房公积金管理条例 第十三条" },
  ]) {
    await assert.rejects(registerSystem(node.address, clientForm(AT, given)), /not registered/);
  }
});

test("what rests on consent is chosen apart, is not needed to go on, and is withdrawn with all that it gave", async () => {
  const form = clientForm(AT, { profileBasis: "" });
  const system = new System(node.address, await registerSystem(node.address, form), REDIRECT_URI);
  const without = await signedIn("neighbour");
  const plain = newVerifier();
  const offered = await without.open(await system.authorization(plain), REDIRECT_URI);
  assert.match(offered.text, /What you choose to give/);
  assert.doesNotMatch(offered.text, /checked/, "nothing is ticked beforehand");
  await without.fill(offered, /\/sign-in\/for\//, { decision: "continue" }, REDIRECT_URI);
  const bare = await system.tokens(without.address.searchParams.get("code"), plain);
  const given = await system.userinfo(bare.body["access_token"]);
  assert.deepEqual(Object.keys(given.body), ["sub"], "signed in, without the name");
  const next = await without.open(await system.authorization(newVerifier()), REDIRECT_URI);
  assert.doesNotMatch(next.text, /What you choose to give/, "the same session is not asked again and again");
  without.close();

  const browser = await signedIn("owner");
  const verifier = newVerifier();
  const notice = await browser.open(await system.authorization(verifier), REDIRECT_URI);
  const chosen = { decision: "continue", agreed: "profile" };
  await browser.fill(notice, /\/sign-in\/for\//, chosen, REDIRECT_URI);
  const { body } = await system.tokens(browser.address.searchParams.get("code"), verifier);
  const claims = await system.userinfo(body["access_token"]);
  assert.equal(claims.status, 200);
  assert.equal(typeof claims.body["name"], "string");
  const mine = await browser.open(`${node.address}/my/systems`);
  assert.match(mine.text, /Housing fund online/);
  const after = await browser.fill(mine, /\/my\/systems/, { withdraw: system.id });
  assert.doesNotMatch(after.text, /Housing fund online/);
  assert.equal((await system.userinfo(body["access_token"])).status, 401);
  const asked = await browser.open(await system.authorization(), REDIRECT_URI);
  assert.match(asked.text, /What you choose to give/, "it is asked for again");
  browser.close();
});

test("each claim has its own purpose and law: they are told beforehand, and are in the ledger", async () => {
  const form = clientForm(AT, {
    "profilePurpose-en": "To address letters",
    ...ORGANIZATION_CLAIM,
  });
  const system = new System(node.address, await registerSystem(node.address, form), REDIRECT_URI);
  const asked = { scope: "openid profile organization" };
  const browser = await signedIn("company");
  const verifier = newVerifier();
  const notice = await browser.open(await system.authorization(verifier, asked), REDIRECT_URI);
  for (const word of [/To address letters/, /To pay in for a firm/, /住房公积金管理条例 第十三条/])
    assert.match(notice.text, word);
  await browser.fill(notice, /\/sign-in\/for\//, { decision: "continue" }, REDIRECT_URI);
  const { body } = await system.tokens(browser.address.searchParams.get("code"), verifier);
  assert.equal((await system.userinfo(body["access_token"])).status, 200);
  const looked = await browser.open(`${node.address}/my/access`);
  assert.match(looked.text, /在业务中称呼您/, "the name was given for its own purpose");
  assert.match(looked.text, /办理住房公积金提取/, "and the sign-in for that of the system");
  browser.close();
});

test("who acts for an organization is told so, and with another comes another notice", async () => {
  const form = clientForm(AT, ORGANIZATION_CLAIM);
  const registered = await registerSystem(node.address, form);
  const system = new System(node.address, registered, REDIRECT_URI);
  const asked = { scope: "openid profile organization" };
  const browser = await signedIn("owner");
  const choice = await browser.open(`${node.address}/my/identity`);
  const organization =
    /name="identity"[^>]*value="([^"]*[0-9a-f-]{36})"|value="([^"]*[0-9a-f-]{36})"[^>]*name="identity"/
      .exec(choice.text)
      ?.slice(1)
      .find((one) => one !== undefined) ?? assert.fail("no organization");
  await browser.fill(choice, /\/my\/identity/, { identity: organization });
  const verifier = newVerifier();
  const notice = await browser.open(await system.authorization(verifier, asked), REDIRECT_URI);
  assert.match(notice.text, /翠竹小吃店/);
  await browser.fill(notice, /\/sign-in\/for\//, { decision: "continue" }, REDIRECT_URI);
  const { body } = await system.tokens(browser.address.searchParams.get("code"), verifier);
  const claims = (await system.userinfo(body["access_token"])).body;
  assert.deepEqual(claims["organization"], { name: "清源县翠竹小吃店", right: "operator" });
  await browser.fill(await browser.open(`${node.address}/my/identity`), /\/my\/identity/, { identity: "self" });
  assert.equal((await system.userinfo(body["access_token"])).status, 401, "it stood for that organization alone");
  const again = await browser.open(await system.authorization(newVerifier(), asked), REDIRECT_URI);
  assert.match(again.text, /You sign in as/);
  browser.close();
});

test("officials come with their post", async () => {
  const form = clientForm(AT, { audience: "official", ...POST });
  const system = new System(node.address, await registerSystem(node.address, form), REDIRECT_URI);
  const browser = await signedIn("accept");
  const verifier = newVerifier();
  const notice = await browser.open(
    await system.authorization(verifier, { scope: "openid profile post" }),
    REDIRECT_URI,
  );
  await browser.fill(notice, /\/sign-in\/for\//, { decision: "continue" }, REDIRECT_URI);
  const { body } = await system.tokens(browser.address.searchParams.get("code"), verifier);
  const claims = (await system.userinfo(body["access_token"])).body;
  assert.equal(claims["holder_kind"], "official");
  const post = claims["post"] as Readonly<Record<string, string>>;
  assert.match(String(post["authority_name"]), /市场监督管理局/);
  browser.close();
});

test("a sign-out at the portal is told to the system, also at a private address that was registered", async () => {
  const { promise: heard, resolve } = Promise.withResolvers<string>();
  const listening = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString("utf8");
    });
    request.on("end", () => {
      response.end();
      resolve(new URLSearchParams(body).get("logout_token") ?? "");
    });
  });
  await new Promise<void>((ready) => listening.listen(0, "127.0.0.1", ready));
  const place = listening.address();
  assert.ok(typeof place === "object" && place);
  const form = clientForm(AT, { backchannelLogoutUri: `http://127.0.0.1:${place.port}/told` });
  const system = new System(node.address, await registerSystem(node.address, form), REDIRECT_URI);
  const browser = await signedIn("owner");
  const verifier = newVerifier();
  const notice = await browser.open(await system.authorization(verifier), REDIRECT_URI);
  await browser.fill(notice, /\/sign-in\/for\//, { decision: "continue" }, REDIRECT_URI);
  const { body } = await system.tokens(browser.address.searchParams.get("code"), verifier);
  await browser.fill(await browser.open(`${node.address}/my`), /\/sign-out/, {});
  const [, payload = ""] = (await heard).split(".");
  const token = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>;
  const [, claims = ""] = String(body["id_token"]).split(".");
  const { sub } = JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as { readonly sub: string };
  assert.deepEqual(Object.keys(token["events"] as object), ["http://schemas.openid.net/event/backchannel-logout"]);
  assert.equal(token["sub"], sub, "under the name that it knows");
  assert.equal(token["aud"], system.id);
  assert.equal((await system.userinfo(body["access_token"])).status, 401);
  listening.close();
  browser.close();
});
