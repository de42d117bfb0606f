import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import acme from "acme-client";
import { exportJWK, FlattenedSign, generateKeyPair } from "jose";
import { pino } from "pino";
import { trust } from "#infrastructure/trust";
import { openServer } from "#kernel/http/server";
import { text } from "#lib/language/text";
import { mountAcme } from "../../src/infrastructure/trust/acme/endpoints.ts";
import { CHALLENGE_PATH } from "../../src/infrastructure/trust/acme/http-challenge.ts";
import { keyEntry } from "../../src/infrastructure/trust/key-event.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import { testNode } from "../../src/node/testing.ts";
import { answered, refused } from "./answers.ts";

/** An ACME client that others wrote gets, renews and revokes certificates; then what a hostile one tries. */

const ADMINISTRATOR = "0197c7a0-0000-7000-8000-000000000002";
const APPROVER = "0197c7a0-0000-7000-8000-000000000003";
const HOST = "localhost";

const folder = await mkdtemp(join(tmpdir(), "zhengtong-acme-"));
const node = await testNode({ systems: [trustSystem] });
const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
const official = (id: string, duty: string) =>
  node.as(
    trust,
    {
      ...{ kind: "official", id, assurance: 3 },
      post: {
        ...{ id, title: text("管理员", "Administrator"), authority: id, division: "990101", duties: [duty] },
        authorityName: text("清源县大数据局", "Data bureau"),
      },
    },
    { purpose: "administration" },
  );
const administrator = official(ADMINISTRATOR, "trust.administer");
const approver = official(APPROVER, "trust.issue");
const opened = await openTrust({ folder, operator: "清源县（演示）", at: "2026-01-01T00:00:00Z" });
await opened.connect({
  authorityName: async () => "清源县大数据局",
  demonstration: true,
  records: certificateRecords(own),
  onKeyEvent: (event) => node.kernel.ledger.append(node.kernel.database, [keyEntry(event)]),
});

/** The web server of the name that proves itself. */
const files = new Map<string, string>();
const site = createServer((request, response) => {
  const answer = files.get(request.url ?? "");
  response.writeHead(answer === undefined ? 404 : 200).end(answer);
});
const server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
let publicUrl = "";

before(async () => {
  await new Promise<void>((resolve) => site.listen(0, resolve));
  const challengePort = (site.address() as AddressInfo).port;
  // Where the client looks at its own file before it asks us to.
  Object.assign(Reflect.get(acme.axios.defaults, "acmeSettings"), { httpChallengePort: challengePort });
  await mountAcme(server, {
    ...{ database: node.kernel.database, challengePort, nonceKeys: () => node.kernel.vault.keys("trust.acme-nonce") },
    front: (idempotencyKey) =>
      node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration", idempotencyKey }),
    now: () => node.kernel.now(),
    get publicUrl() {
      return publicUrl;
    },
  });
  publicUrl = await server.listen({ host: "127.0.0.1", port: 0 });
});
after(async () => {
  await server.close();
  site.close();
  await node.close();
  await rm(folder, { recursive: true });
});

async function bindingKey(hosts: readonly string[] = [HOST]) {
  const { id } = answered(
    await administrator.proposeAcmeBinding({ name: "县节点", hosts: hosts.join("\n"), reason: "自动续期" }),
  );
  answered(await approver.decideAcmeBinding({ id, decision: "approve", reason: "同意" }));
  const { keyId, key } = answered(await administrator.takeAcmeKey({ id }));
  return { id, kid: keyId, hmacKey: key };
}

async function clientWith(binding?: { readonly kid: string; readonly hmacKey: string }) {
  const accountKey = await acme.crypto.createPrivateEcdsaKey();
  const client = new acme.Client({
    directoryUrl: `${publicUrl}/acme/directory`,
    ...{ accountKey, backoffMin: 10, backoffMax: 50, backoffAttempts: 5 },
    ...(binding && { externalAccountBinding: binding }),
  });
  return { client, accountKey };
}

type Client = Awaited<ReturnType<typeof clientWith>>["client"];

async function opensAccount(hosts?: readonly string[]) {
  const made = await clientWith(await bindingKey(hosts));
  await made.client.createAccount({ contact: ["mailto:operator@qingyuan.example"] });
  return made;
}

const csrFor = async (...names: readonly string[]) =>
  acme.crypto.createCsr(
    { commonName: names[0] as string, altNames: [...names] },
    await acme.crypto.createPrivateEcdsaKey(),
  );

async function issueWith(client: Client, csr: Buffer): Promise<string> {
  return await client.auto({
    csr,
    termsOfServiceAgreed: true,
    challengePriority: ["http-01"],
    async challengeCreateFn(_, challenge, keyAuthorization) {
      files.set(`${CHALLENGE_PATH}${challenge.token}`, keyAuthorization);
    },
    async challengeRemoveFn(_, challenge) {
      files.delete(`${CHALLENGE_PATH}${challenge.token}`);
    },
  });
}

const rejectedAs = (type: string) => (error: unknown) => {
  assert.match(String((error as Error).message), new RegExp(type), String(error));
  return true;
};

describe("an unmodified client", () => {
  test("gets a certificate, which stands in register and ledger, renews it, and revokes it", async () => {
    const { client } = await opensAccount();
    const key = await acme.crypto.createPrivateEcdsaKey();
    const [, csr] = await acme.crypto.createCsr({ commonName: HOST, altNames: [HOST] }, key);
    const chain = await issueWith(client, csr);
    const [leaf, issuer] = acme.crypto.splitPemChain(chain).map((pem) => new X509Certificate(pem));
    assert.ok(leaf && issuer);
    assert.ok(leaf.verify(issuer.publicKey) && issuer.verify(new X509Certificate(opened.hierarchy.root).publicKey));
    assert.equal(leaf.checkHost(HOST), HOST);
    assert.ok(leaf.checkPrivateKey(createPrivateKey(key)));
    const serial = leaf.serialNumber.toLowerCase();
    assert.equal(answered(await own.findCertificate({ serial })).status, "valid");
    const logged = await node.kernel.database.query(
      "SELECT what FROM trust.logged_certificate WHERE fingerprint = decode($1, 'hex')",
      [leaf.fingerprint256.replaceAll(":", "").toLowerCase()],
    );
    assert.deepEqual(logged, [{ what: "certificate-issued" }]);

    const renewed = new X509Certificate(await issueWith(client, (await csrFor(HOST))[1]));
    assert.notEqual(renewed.serialNumber, leaf.serialNumber);
    await client.revokeCertificate(leaf.toString(), { reason: 4 });
    assert.equal(answered(await own.findCertificate({ serial })).reason, "superseded");
    await assert.rejects(client.revokeCertificate(leaf.toString()), rejectedAs("吊销|revoked"));
  });

  test("changes its key, and then ends its account", async () => {
    const { client, accountKey } = await opensAccount();
    const next = await acme.crypto.createPrivateEcdsaKey();
    await client.updateAccountKey(next);
    assert.deepEqual((await client.updateAccount({ contact: ["mailto:other@qingyuan.example"] }))["contact"], [
      "mailto:other@qingyuan.example",
    ]);
    const former = new acme.Client({ directoryUrl: `${publicUrl}/acme/directory`, accountKey });
    await assert.rejects(former.createAccount(), rejectedAs("binding"));
    await client.updateAccount({ status: "deactivated" });
    await assert.rejects(client.createOrder({ identifiers: [{ type: "dns", value: HOST }] }), rejectedAs("not in use"));
  });
});

describe("who may, and for which names", () => {
  test("a key is proposed by one, approved by another, shown once, and makes one account", async () => {
    const { id } = answered(await administrator.proposeAcmeBinding({ name: "甲", hosts: HOST, reason: "试" }));
    refused(await administrator.takeAcmeKey({ id }), "not-approved");
    const both = official(ADMINISTRATOR, "trust.issue");
    refused(await both.decideAcmeBinding({ id, decision: "approve", reason: "自批" }), "own-request");
    answered(await approver.decideAcmeBinding({ id, decision: "approve", reason: "同意" }));
    const first = answered(await administrator.takeAcmeKey({ id }));
    const second = answered(await administrator.takeAcmeKey({ id }));
    const late = await clientWith({ kid: first.keyId, hmacKey: first.key });
    await assert.rejects(late.client.createAccount(), rejectedAs("binding"));
    const binding = { kid: second.keyId, hmacKey: second.key };
    await (await clientWith(binding)).client.createAccount();
    await assert.rejects((await clientWith(binding)).client.createAccount(), rejectedAs("binding"));
    refused(await administrator.takeAcmeKey({ id }), "not-approved");
  });

  test("without a key there is no account", async () => {
    await assert.rejects((await clientWith()).client.createAccount(), rejectedAs("needs a binding"));
  });

  test("names that were not permitted are rejected, and so are requests for other names than were proved", async () => {
    const { client } = await opensAccount(["*.qingyuan.example", HOST]);
    const order = (value: string) => client.createOrder({ identifiers: [{ type: "dns", value }] });
    assert.equal((await order("a.qingyuan.example")).status, "pending");
    for (const name of ["qingyuan.example", "evil.example", "127.0.0.1", "*.qingyuan.example", "evilqingyuan.example"])
      await assert.rejects(order(name), rejectedAs("may not ask"), name);
    const [, csr] = await csrFor(HOST, "a.qingyuan.example");
    const made = await order(HOST);
    await assert.rejects(client.finalizeOrder(made, csr), rejectedAs("not those of the order"));
    await assert.rejects(client.finalizeOrder(made, (await csrFor(HOST))[1]), rejectedAs("not ready"));
  });

  test("a name that does not prove itself ends its order, and the next order may", async () => {
    const { client } = await opensAccount();
    const order = await client.createOrder({ identifiers: [{ type: "dns", value: HOST }] });
    const [authorization] = await client.getAuthorizations(order);
    const [challenge] = authorization?.challenges ?? [];
    assert.ok(challenge);
    files.set(`${CHALLENGE_PATH}${challenge.token}`, `${challenge.token}.another-account`);
    await client.completeChallenge(challenge);
    assert.equal((await client.getOrder(order)).status, "invalid");
    await issueWith(client, (await csrFor(HOST))[1]);
  });

  test("an end of the permission ends the account", async () => {
    const binding = await bindingKey();
    const { client } = await clientWith(binding);
    await client.createAccount();
    answered(await administrator.endAcmeBinding({ id: binding.id, reason: "节点停用" }));
    await assert.rejects(client.createOrder({ identifiers: [{ type: "dns", value: HOST }] }), rejectedAs("not in use"));
    refused(await administrator.endAcmeBinding({ id: binding.id, reason: "再次" }), "ended");
  });
});

describe("a hostile client", () => {
  const nonce = async () =>
    (await fetch(`${publicUrl}/acme/new-nonce`, { method: "HEAD" })).headers.get("replay-nonce") ?? "";
  const send = async (path: string, body: unknown, type = "application/jose+json") => {
    const answer = await fetch(`${publicUrl}${path}`, {
      method: "POST",
      headers: { "content-type": type },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return {
      status: answer.status,
      body: (await answer.json()) as { readonly type?: string },
      headers: answer.headers,
    };
  };
  const problem = (name: string) => `urn:ietf:params:acme:error:${name}`;

  test("replays, lies about the address, and forges: each is told apart and changes nothing", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    const signed = async (header: object) =>
      new FlattenedSign(new TextEncoder().encode("{}"))
        .setProtectedHeader({ alg: "ES256", jwk, ...header } as never)
        .sign(privateKey);
    const url = `${publicUrl}/acme/new-account`;
    const request = await signed({ url, nonce: await nonce() });
    const first = await send("/acme/new-account", request);
    assert.equal(first.body.type, problem("externalAccountRequired"));
    assert.ok(first.headers.get("replay-nonce"));
    assert.equal((await send("/acme/new-account", request)).body.type, problem("badNonce"), "a nonce serves once");
    const elsewhere = await signed({ url: `${publicUrl}/acme/new-order`, nonce: await nonce() });
    assert.equal((await send("/acme/new-account", elsewhere)).body.type, problem("unauthorized"));
    const invented = await signed({ url, nonce: "AAAA" });
    assert.equal((await send("/acme/new-account", invented)).body.type, problem("badNonce"));
    const kept = await nonce();
    const forged = { ...(await signed({ url, nonce: kept })), payload: "eyJhIjoxfQ" };
    assert.equal((await send("/acme/new-account", forged)).body.type, problem("malformed"));
    const genuine = await signed({ url, nonce: kept });
    assert.equal(
      (await send("/acme/new-account", genuine)).body.type,
      problem("externalAccountRequired"),
      "what was forged used no nonce up",
    );
  });

  test("sends no JWS, another type, or too much", async () => {
    assert.equal((await send("/acme/new-order", "{")).body.type, problem("malformed"));
    assert.equal((await send("/acme/new-order", {}, "application/json")).status, 415);
    assert.equal((await send("/acme/new-order", "x".repeat(70_000))).status, 413);
  });

  test("reads and revokes what belongs to others: it is not there", async () => {
    const [one, other] = [await opensAccount(), await opensAccount()];
    const order = await one.client.createOrder({ identifiers: [{ type: "dns", value: HOST }] });
    await assert.rejects(other.client.getOrder(order), rejectedAs("no such resource"));
    const chain = await issueWith(one.client, (await csrFor(HOST))[1]);
    await assert.rejects(other.client.revokeCertificate(chain), rejectedAs("did not order"));
  });
});
