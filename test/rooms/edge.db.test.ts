import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { after, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { answered, refused } from "./answers.ts";
import { type Answered, ask, COMPANY, edgeCounty, identity } from "./edge-county.ts";

const county = await edgeCounty();
after(county.close);
const {
  node,
  edge,
  own,
  system,
  client,
  registrar,
  decider,
  keeperRegistrar,
  keeperDecider,
  person,
  doors,
  approve,
  call,
} = county;

const POPULATION = "ZT/GOV/990101-ga/population/v1";
const DIRECTORY = "ZT/GOV/990101-zf/directory/v1";
const CASE = "0192f1c4-5d4e-7c3a-9f00-2b6a1f0c9d11";
const basis = [{ law: { zh: "食品安全法", en: "Food Safety Law" }, article: "第三十五条" }];
const untilNextYear = "2027-11-18T00:00:00.000Z";

function failed(answer: Answered, type: string): void {
  assert.equal(answer.headers["x-road-error"], type, answer.body);
  assert.equal(answer.status, type.startsWith("Server.") ? 500 : 400);
  const error = JSON.parse(answer.body);
  assert.equal(error.type, type);
  assert.ok(error.message && error.detail);
}

test("a stranger is told no in the protocol's words, and a system cannot speak for another", async () => {
  const to = { port: edge.port, certificate: own.certificate };
  const stranger = "Server.ClientProxy.SslAuthenticationFailed";
  failed(await ask(to, `/r1/${DIRECTORY}/listAuthorities`), stranger);
  failed(await ask(to, "/listClients"), stranger);
  failed(await call(`/r1/${DIRECTORY}/listAuthorities`, { as: await identity() }), stranger);
  failed(
    await call(`/r1/${DIRECTORY}/listAuthorities`, { headers: { "X-Road-Client": `ZT/COM/${COMPANY}/other` } }),
    stranger,
  );
  failed(await call("/r1/EE/GOV/1/a/b"), "Server.ClientProxy.UnknownMember");
  failed(await call("/r1/ZT/GOV/1/a/b"), "Server.ServerProxy.UnknownService");
  failed(await call("/r1/ZT"), "Client.BadRequest");
  failed(await call(`/r1/ZT/GOV/990101-scjg/population/v1/findPersonForCase`), "Server.ServerProxy.UnknownService");
  const xml = await call("/r1/ZT", { headers: { accept: "application/xml" } });
  assert.match(xml.body, /<error><type>Client\.BadRequest<\/type>/);
});

test("without a right nothing is open, not even what is open to the public; a right is decided by the authority that keeps the room", async () => {
  const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
  failed(await call(`/r1/${DIRECTORY}/listAuthorities`, asked), "Server.ServerProxy.AccessDenied");
  const wanted = {
    client,
    service: POPULATION,
    endpoints: ["findPersonForCase"] as string[],
    purpose: "case",
    legalBasis: basis,
    until: untilNextYear,
    reason: "办理食品经营许可",
  } as const;
  refused(await doors(registrar).proposeRight({ ...wanted, endpoints: ["searchByName"] }), "unknown-endpoint");
  refused(
    await doors(registrar).proposeRight({ ...wanted, service: "ZT/GOV/990101-zf/population/v1" }),
    "unknown-service",
  );
  refused(
    await doors(registrar).proposeRight({ ...wanted, service: "ZT/GOV/990101-ga/population/v2" }),
    "unknown-service",
  );
  refused(await doors(registrar).proposeRight({ ...wanted, client: `ZT/COM/${COMPANY}/none` }), "unknown-system");
  refused(await doors(registrar).proposeRight({ ...wanted, until: "2020-01-01T00:00:00.000Z" }), "past");
  const { id } = answered(await doors(registrar).proposeRight(wanted));
  refused(await doors(decider).decideRegistration({ id, decision: "approved", reason: "x" }), "not-found");
  await approve(id, keeperDecider);
  await county.lookAgain();
  refused(await doors(keeperDecider).decideRegistration({ id, decision: "rejected", reason: "x" }), "decided");
});

test("a call goes through the room's own door: it is logged with who asked, for whom and why, and concerns whom it concerns", async () => {
  const body = JSON.stringify({ id: person });
  const answer = await call(`/r1/${POPULATION}/findPersonForCase`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Road-Id": "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb",
      "X-Road-UserId": "CN990101199002280023",
      "X-Road-Issue": CASE,
      "X-Road-Represented-Party": "COM/91990101MA0000002X",
    },
    body,
  });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(JSON.parse(answer.body).name, "许昇");
  assert.equal(answer.headers["x-road-error"], undefined);
  assert.equal(answer.headers["x-road-id"], "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb");
  assert.equal(answer.headers["x-road-client"], client);
  assert.equal(answer.headers["x-road-service"], POPULATION);
  const sent = [
    `POST`,
    `/r1/${POPULATION}/findPersonForCase`,
    `X-Road-Client:${client}`,
    "Content-Type:application/json",
    "X-Road-Id:fa2e18a5-c2cb-4d09-b994-f57727f7c3fb",
    "X-Road-UserId:CN990101199002280023",
    `X-Road-Issue:${CASE}`,
    "X-Road-Represented-Party:COM/91990101MA0000002X",
    `x-road-request-id:${answer.headers["x-road-request-id"]}`,
  ].map((line) => `${line}\r\n`);
  const sha512 = (value: string | Buffer) => createHash("sha512").update(value).digest();
  const hash = sha512(Buffer.concat([sha512(sent.join("")), sha512(body)])).toString("base64");
  assert.equal(answer.headers["x-road-request-hash"], hash);

  const { records } = await node.kernel.ledger.bySubject({ kind: "person", id: person }, { limit: 5 });
  const read = records.find(({ leaf }) => leaf.type === "read");
  assert.deepEqual(read?.content?.origin, { node: "local", client });
  assert.equal(read?.content?.caseId, CASE);
  assert.ok(read?.content?.policies?.some((policy) => policy.startsWith("x-road.")));
  const { records: calls } = await node.kernel.ledger.byActor({ kind: "node", id: client }, { limit: 5 });
  const entry = calls.find(({ leaf }) => leaf.type === "exchange");
  assert.equal(entry?.content?.actId, read?.content?.actId);
  assert.equal(entry?.content?.outcome, "answered");
  assert.deepEqual(entry?.content?.detail, {
    service: POPULATION,
    method: "POST",
    path: "/findPersonForCase",
    id: "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb",
    requestId: answer.headers["x-road-request-id"],
    requestHash: hash,
    userId: "CN990101199002280023",
    issue: CASE,
    representedParty: "COM/91990101MA0000002X",
  });
});

test("a query is asked with GET as well; a refusal of the room is the room's own answer, not the edge's", async () => {
  const input = encodeURIComponent(JSON.stringify({ id: CASE }));
  const headers = { "X-Road-Issue": CASE };
  const answer = await call(`/r1/${POPULATION}/findPersonForCase?input=${input}`, { headers });
  assert.equal(answer.status, 409, answer.body);
  assert.equal(answer.headers["x-road-error"], undefined);
  assert.equal(answer.headers["content-type"], "application/problem+json; charset=utf-8");
  assert.equal(JSON.parse(answer.body).code, "not-found");
  assert.ok(answer.headers["x-road-id"]);
});

test("what is not well-formed is refused before the room is asked", async () => {
  const target = `/r1/${POPULATION}/findPersonForCase`;
  const json = { "Content-Type": "application/json" };
  const post = (body: string, headers: Record<string, string> = json) =>
    call(target, { method: "POST", headers, body });
  failed(await post("{"), "Client.BadRequest");
  failed(await post("{}", { "Content-Type": "text/plain" }), "Client.BadRequest");
  failed(await post("{}", { ...json, "Content-Encoding": "gzip" }), "Client.BadRequest");
  failed(await post('{"a":"\\u0000"}'), "Client.BadRequest");
  failed(await post(`{"a":"${"x".repeat(1024 * 1024)}"}`), "Client.BadRequest");
  failed(await call(target, { method: "DELETE" }), "Client.BadRequest");
  failed(await call(`/r1/${POPULATION}/constructor`), "Client.BadRequest");
  failed(
    await call(`/r1/${POPULATION}/searchByName`, { method: "POST", headers: json, body: "{}" }),
    "Client.BadRequest",
  );
  failed(await post("{}", { ...json, "Zhengtong-Purpose": "supervision" }), "Server.ServerProxy.AccessDenied");
});

test("metadata has the implementation's shapes", async () => {
  const clients = JSON.parse((await call("/listClients", { headers: { accept: "application/json" } })).body);
  const member = { xroad_instance: "ZT", member_class: "GOV", member_code: "990101-ga" };
  assert.deepEqual(
    clients.member.find(({ id }: { id: Record<string, string> }) => id["subsystem_code"] === "population"),
    { id: { ...member, object_type: "SUBSYSTEM", subsystem_code: "population" }, name: "990101-ga" },
  );
  assert.deepEqual(
    clients.member
      .filter(({ id }: { id: Record<string, string> }) => id["member_code"] === COMPANY)
      .map(({ id }: { id: Record<string, string> }) => id["object_type"]),
    ["MEMBER", "SUBSYSTEM"],
  );
  const xml = await call("/listClients");
  assert.equal(xml.headers["content-type"], "text/xml; charset=utf-8");
  assert.match(xml.body, /<xroad:id id:objectType="SUBSYSTEM"><id:xRoadInstance>ZT<\/id:xRoadInstance>/);
  assert.deepEqual(
    JSON.parse((await call("/listClients?xRoadInstance=EE", { headers: { accept: "application/json" } })).body),
    { member: [] },
  );

  const of = "/r1/ZT/GOV/990101-ga/population";
  const listed = JSON.parse((await call(`${of}/listMethods`)).body);
  const { endpoint_list: endpoints, ...service } = listed.service[0];
  assert.deepEqual(service, {
    ...member,
    object_type: "SERVICE",
    subsystem_code: "population",
    service_code: "v1",
    service_type: "OPENAPI",
  });
  assert.ok(
    endpoints.some(({ method, path }: Record<string, string>) => method === "GET" && path === "/findByDocument"),
  );
  assert.ok(!endpoints.some(({ path }: Record<string, string>) => path === "/searchByName"), "officials alone do that");
  const allowed = JSON.parse((await call(`${of}/allowedMethods`)).body);
  assert.deepEqual(allowed.service[0].endpoint_list, [
    { method: "GET", path: "/findPersonForCase" },
    { method: "POST", path: "/findPersonForCase" },
  ]);
  const document = JSON.parse((await call(`${of}/getOpenAPI?serviceCode=v1`)).body);
  assert.equal(document.openapi, "3.1.1");
  assert.ok(document.paths["/findPersonForCase"].post.requestBody);
  assert.equal(document.components.parameters.Purpose.required, false);
  failed(await call(`${of}/getOpenAPI`), "Client.BadRequest");
  failed(await call(`${of}/getOpenAPI?serviceCode=v9`), "Server.ServerProxy.UnknownService");
});

test("who asks what there is, who asks wrongly, too often or as a stranger, is on the record", async () => {
  const before = await node.kernel.ledger.latest({ limit: 1 });
  await call("/listClients");
  await call("/r1/ZT/GOV/990101-ga/population/listMethods");
  await call("/r1/ZT/GOV/990101-ga/population/getOpenAPI?serviceCode=v9");
  await call("/r1/ZT");
  const to = { port: edge.port, certificate: own.certificate };
  for (let times = 0; times < 5; times += 1) await ask(to, "/listClients", { as: await identity() });
  const { records } = await node.kernel.ledger.latest({ limit: 100 });
  const told = records
    .filter(({ id }) => id > (before.records[0]?.id ?? 0))
    .toReversed()
    .map(({ leaf, content }) => [leaf.type, leaf.operation, content?.actor.id, content?.outcome]);
  assert.deepEqual(
    told.filter(([, , actor]) => actor === client),
    [
      ["exchange", "listClients", client, "answered"],
      ["exchange", "listMethods", client, "answered"],
      ["refused", "getOpenAPI", client, "Server.ServerProxy.UnknownService"],
      ["refused", "callService", client, "Client.BadRequest"],
    ],
  );
  const { records: strangers } = await node.kernel.ledger.byActor({ kind: "node", id: "unknown" }, { limit: 20 });
  assert.ok(strangers.length >= 1 && strangers.length < 5, "told, and not for each of many");
  assert.equal(strangers[0]?.content?.outcome, "Server.ClientProxy.SslAuthenticationFailed");
});

test("two officials register a system; neither alone, and not the table past them", async () => {
  const other = await identity("other.example");
  const input = {
    memberClass: "ORG",
    memberCode: "52990101MJ0000001A",
    subsystem: "aid",
    name: { zh: "救助系统", en: "Aid" },
    contact: "x",
    certificate: other.certificate,
    perMinute: 60,
    reason: "x",
  } as const;
  refused(
    await doors(registrar).proposeSystem({
      ...input,
      certificate: `-----BEGIN CERTIFICATE-----\n${"A".repeat(120)}\n-----END CERTIFICATE-----`,
    }),
    "bad-certificate",
  );
  refused(await doors(registrar).proposeSystem({ ...input, certificate: system.certificate }), "taken");
  refused(await doors(registrar).proposeSystem({ ...input, memberCode: "a/b" }), "invalid-input");
  const expired = await identity("late.example", "2020-01-01T00:00:00.000Z");
  refused(await doors(registrar).proposeSystem({ ...input, certificate: expired.certificate }), "bad-certificate");
  const proposed = answered(await doors(registrar).proposeSystem(input));
  refused(await doors(registrar).proposeSystem(input), "taken");
  refused(
    await doors(registrar).decideRegistration({ id: proposed.id, decision: "approved", reason: "x" }),
    "own-proposal",
  );
  await assert.rejects(
    node.kernel.database.execute(
      `UPDATE exchange.registration SET decision = 'approved', decided_by = proposed_by, decided_post = proposed_post,
         decided_at = proposed_at, decision_reason = 'x' WHERE id = $1`,
      [proposed.id],
    ),
    /one_proposes_another_decides/,
  );
  for (const text of [
    "DELETE FROM exchange.registration",
    "TRUNCATE exchange.registration",
    "UPDATE exchange.registration SET about = 'x'",
  ]) {
    await assert.rejects(node.kernel.database.execute(text));
  }
  answered(await doors(decider).decideRegistration({ id: proposed.id, decision: "rejected", reason: "材料不全" }));
  assert.equal(answered(await doors(registrar).findRegistration({ id: proposed.id })).state, "rejected");
  refused(await doors(keeperRegistrar).findRegistration({ id: proposed.id }), "not-found");
  refused(
    await node.as((await import("#infrastructure/exchange")).exchange, { kind: "public" }).listRegistrations({}),
    "denied",
  );
  const { items } = answered(await doors(registrar).listRegistrations({ kind: "system" }));
  assert.equal(items.length, 2);
});

test("a right ends at its instant; what is stopped ends at once", async () => {
  const headers = { "Content-Type": "application/json" };
  const asked = { method: "POST", headers, body: "{}" };
  const government = await county.official(county.government, "exchange.decide");
  const wanted = {
    client,
    service: DIRECTORY,
    endpoints: ["listAuthorities"] as string[],
    purpose: "public-information",
    legalBasis: basis,
    reason: "x",
  } as const;
  const { id } = answered(await doors(registrar).proposeRight({ ...wanted, until: "2026-11-18T03:00:00.000Z" }));
  await approve(id, government);
  await county.lookAgain();
  assert.equal((await call(`/r1/${DIRECTORY}/listAuthorities`, asked)).status, 200);
  node.setNow("2026-11-18T03:00:00.000Z");
  failed(await call(`/r1/${DIRECTORY}/listAuthorities`, asked), "Server.ServerProxy.AccessDenied");
  const decided = node.kernel.access.decide({
    act: node.act(
      { kind: "node", room: "exchange" },
      { purpose: "public-information", origin: { node: "local", client } },
    ),
    ...{ room: "population", operation: "findByDocument", kind: "query" },
  });
  assert.equal(decided.allowed, false, "a door is closed to a system without a right, whatever the edge would say");

  const further = await identity("client2.example");
  const { id: more } = answered(
    await doors(registrar).proposeCertificate({ client, certificate: further.certificate, reason: "换证" }),
  );
  await approve(more, decider);
  await county.lookAgain();
  const who = { as: further };
  assert.equal((await call("/listClients", who)).status, 200);
  answered(await doors(registrar).stopRegistration({ id: more, reason: "密钥可能泄露" }));
  refused(await doors(registrar).stopRegistration({ id: more, reason: "x" }), "stopped");
  await county.lookAgain();
  failed(await call("/listClients", who), "Server.ClientProxy.SslAuthenticationFailed");
  assert.equal((await call("/listClients")).status, 200);
});

test("a system that used up its minute is told to wait, and others are not", async () => {
  const quick = await identity("quick.example");
  const proposed = answered(
    await doors(registrar).proposeSystem({
      memberClass: "COM",
      memberCode: COMPANY,
      subsystem: "quick",
      name: { zh: "快", en: "Quick" },
      contact: "x",
      certificate: quick.certificate,
      perMinute: 12,
      reason: "x",
    }),
  );
  await approve(proposed.id, decider);
  await approve(proposed.certificate, decider);
  await county.lookAgain();
  const who = { as: quick };
  for (let number = 0; number < 2; number++) assert.equal((await call("/listClients", who)).status, 200);
  const waiting = await call("/listClients", who);
  failed(waiting, "Server.ClientProxy.QuotaExceeded");
  assert.equal(waiting.headers["retry-after"], "10");
  assert.equal((await call("/listClients")).status, 200);
  // Whoever runs the node sees who is held back, by what, and whose certificate ends when.
  const watcher = await county.official(county.market, "exchange.watch");
  const { items } = answered(await doors(watcher).watchClients({}));
  const seen = items.find(({ name }) => name.en === "Quick");
  assert.deepEqual(
    { ...seen, client: undefined, certificateUntil: undefined },
    {
      ...{ client: undefined, name: { zh: "快", en: "Quick" }, perMinute: 12, left: 0, overQuota: 1, busy: 0 },
      certificateUntil: undefined,
    },
  );
  assert.ok(Date.parse(seen?.certificateUntil ?? "") > Date.parse(node.kernel.now()));
  assert.ok(isRefusal(await doors(registrar).watchClients({})), "it takes the duty");
  node.setNow("2026-11-18T03:00:05.000Z");
  assert.equal((await call("/listClients", who)).status, 200);
  assert.deepEqual(county.faults, []);
});

test("a certificate that its issuer has suspended or revoked is told so at the next request of a connection that is open, and is on the record", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const listed = async () => {
    const request = httpsRequest({
      ...{ host: "127.0.0.1", servername: "localhost", port: edge.port, path: "/listClients", agent },
      ...{ ca: own.certificate, key: system.key, cert: system.certificate },
      headers: { accept: "application/json" },
    });
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part);
    const body = Buffer.concat(parts).toString("utf8");
    return { isReused: request.reusedSocket, error: response.headers["x-road-error"], body };
  };
  try {
    assert.equal((await listed()).error, undefined);
    const lift = await county.withdraw(system.certificate, "suspended");
    const told = await listed();
    assert.ok(told.isReused);
    assert.equal(told.error, "Server.ClientProxy.SslAuthenticationFailed");
    assert.match(told.body, /吊销或者暂停.*revoked or suspended/);
    const isOnRecord = async () => {
      const { records } = await node.kernel.ledger.byKind("refused", { limit: 100 });
      return records.some(
        ({ content }) => content?.actor.id === client && JSON.stringify(content.detail).includes("certificate-revoked"),
      );
    };
    for (let times = 0; times < 500 && !(await isOnRecord()); times++)
      await new Promise((again) => setTimeout(again, 20));
    assert.ok(await isOnRecord());
    await lift();
    assert.equal((await listed()).error, undefined);
    await county.withdraw(system.certificate, "key-compromise");
    assert.equal((await listed()).error, "Server.ClientProxy.SslAuthenticationFailed");
  } finally {
    agent.destroy();
  }
});
