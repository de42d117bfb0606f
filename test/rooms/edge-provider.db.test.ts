import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { exchange } from "#infrastructure/exchange";
import type { Principal, Purpose } from "#kernel/system/act";
import { CALLS_TO_PROVIDER_MAX, JSON_MAX_BYTES } from "../../src/infrastructure/exchange/xroad/limits.ts";
import { answered, refused } from "./answers.ts";
import { type Answered, edgeCounty, identity } from "./edge-county.ts";

const county = await edgeCounty();
const { node, client, system, own, registrar, decider, doors, approve, call } = county;

const json = (schema: unknown) => ({ content: { "application/json": { schema } } });
const item = {
  type: "object",
  required: ["id", "name"],
  properties: { id: { type: "integer" }, name: { type: "string", maxLength: 100 } },
};
const ok = (schema: unknown, status = "200") => ({ responses: { [status]: { description: "", ...json(schema) } } });
const bytes = { "application/octet-stream": {} };
const DOCUMENT = JSON.stringify({
  openapi: "3.1.0",
  info: { title: "Orders", version: "1" },
  servers: [{ url: "https://inside.example/orders" }, { url: "https://{host}.example" }],
  paths: {
    "/items": { post: { requestBody: { required: true, ...json(item) }, ...ok(item, "201") } },
    "/items/{id}": {
      get: { parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }], ...ok(item) },
      delete: {
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
        responses: { "204": { description: "" } },
      },
    },
    "/wrong": { get: ok(item) },
    "/huge": { get: ok({}) },
    "/broken": { get: ok({}) },
    "/redirect": { get: ok({}) },
    "/error": { get: ok({}) },
    "/slow": { get: ok({}) },
    "/file": {
      get: { responses: { "200": { description: "", content: bytes } } },
      put: { requestBody: { required: true, content: bytes }, ...ok({ type: "object" }) },
    },
    "/cut": { get: { responses: { "200": { description: "", content: bytes } } } },
    "/closed": { get: ok({}) },
    "/marked": { get: ok({}) },
    "/marked-file": { get: { responses: { "200": { description: "", content: bytes } } } },
  },
});
const FILE_PARTS = 64;
const PART = Buffer.alloc(128 * 1024, 7);

/** What the provider saw of the last request. */
let seen:
  | { readonly url: string; readonly headers: IncomingMessage["headers"]; readonly certificate: string }
  | undefined;
const held: ServerResponse[] = [];

const own2 = await identity("provider.example");
const server = createServer(
  { key: own2.key, cert: own2.certificate, requestCert: true, rejectUnauthorized: false },
  (request, response) => {
    const shown = (request.socket as import("node:tls").TLSSocket).getPeerCertificate();
    seen = {
      url: request.url ?? "",
      headers: request.headers,
      certificate: shown.fingerprint256?.replaceAll(":", "").toLowerCase() ?? "",
    };
    answer(request, response).catch(() => response.destroy());
  },
);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, value: unknown) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
  switch (`${request.method} ${request.url?.replace("/base", "").split("?")[0]}`) {
    case "GET /items/7":
      return send(200, { id: 7, name: "七" });
    case "POST /items": {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      return send(201, JSON.parse(Buffer.concat(parts).toString()));
    }
    case "DELETE /items/7":
      response.writeHead(204).end();
      return;
    case "GET /marked":
      return send(200, { a: ["机密★"] });
    case "GET /marked-file":
      response.writeHead(200, { "content-type": "application/octet-stream" }).write(PART);
      return void response.end(`${"文".repeat(1_000)}机密★10年`);
    case "GET /wrong":
      return send(200, { id: "seven" });
    case "GET /huge":
      return send(200, "x".repeat(JSON_MAX_BYTES));
    case "GET /redirect":
      response.writeHead(302, { location: "https://elsewhere.example/" }).end();
      return;
    case "GET /error":
      response
        .writeHead(418, {
          "content-type": "text/html",
          server: "teapot/1",
          "x-road-error": "forged",
          "x-own": "1",
          "set-cookie": ["a=1", "b=2"],
        })
        .end("<p>no</p>");
      return;
    case "GET /slow":
      held.push(response);
      return;
    case "GET /broken":
      response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
      response.write("{", () => response.destroy());
      return;
    case "GET /cut":
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": 10 * PART.length });
      response.write(PART, () => response.destroy());
      return;
    case "GET /file":
      response.writeHead(200, { "content-type": "application/octet-stream", etag: '"x"' });
      for (let part = 0; part < FILE_PARTS; part++) if (!response.write(PART)) await once(response, "drain");
      response.end();
      return;
    case "PUT /file": {
      const digest = createHash("sha256");
      for await (const part of request) digest.update(part);
      return send(200, { sha256: digest.digest("hex") });
    }
    default:
      return send(500, {});
  }
}

server.listen(0, "127.0.0.1");
await once(server, "listening");
const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
after(async () => {
  for (const response of held) response.destroy();
  server.closeAllConnections();
  server.close();
  await county.close();
});

const name = { zh: "订单服务", en: "Orders" };
const legalBasis = [{ law: { zh: "食品安全法", en: "Food Safety Law" }, article: "第三十五条" }];
const endpoints = Object.entries(JSON.parse(DOCUMENT).paths as Record<string, object>).flatMap(([path, item]) =>
  Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
);
const proposed = answered(
  await doors(registrar).proposeProvider({
    client,
    serviceCode: "orders",
    name,
    baseUrl,
    document: DOCUMENT,
    certificate: own2.certificate,
    reason: "提供订单查询",
  }),
);
await approve(proposed.id, decider);
await county.lookAgain();
const right = answered(
  await doors(registrar).proposeRight({
    ...{
      client,
      service: proposed.service,
      endpoints: endpoints.filter((one) => one !== "GET /closed"),
      purpose: "case",
      reason: "办件需要",
    },
    ...{
      legalBasis: [{ law: { zh: "食品安全法", en: "Food Safety Law" }, article: "第三十五条" }],
      until: "2027-01-01T00:00:00.000Z",
    },
  }),
);
await approve(right.id, decider);
await county.lookAgain();
const BASE = `/r1/${proposed.service}`;

function failed(got: Answered, type: string): void {
  assert.equal(got.headers["x-road-error"], type, got.body);
  assert.equal(got.status, type.startsWith("Server.") ? 500 : 400);
}

test("a document, an address or a certificate that cannot be taken is refused with why", async () => {
  const input = {
    client,
    serviceCode: "more",
    name,
    baseUrl,
    document: DOCUMENT,
    certificate: own2.certificate,
    reason: "x",
  };
  const bad = refused(
    await doors(registrar).proposeProvider({
      ...input,
      document: DOCUMENT.replace('"type":"integer"', '"pattern":"(a+)+"'),
    }),
    "bad-document",
  );
  assert.match(bad.text.en, /unbounded time/);
  refused(
    await doors(registrar).proposeProvider({
      ...input,
      document: DOCUMENT.replace('"type":"integer"', '"type":"nonsense"'),
    }),
    "bad-document",
  );
  refused(
    await doors(registrar).proposeProvider({ ...input, baseUrl: "https://user:secret@host.example/" }),
    "bad-address",
  );
  refused(await doors(registrar).proposeProvider({ ...input, baseUrl: "http://host.example/" }), "invalid-input");
  refused(await doors(registrar).proposeProvider({ ...input, certificate: own2.key.repeat(2) }), "bad-certificate");
  refused(await doors(registrar).proposeProvider({ ...input, client: `${client}x` }), "unknown-system");
  refused(await doors(registrar).proposeProvider({ ...input, serviceCode: "orders" }), "taken");
});

test("request and answer pass, held against the document; hop-by-hop headers end at the edge", async () => {
  const got = await call(`${BASE}/items/7`, {
    headers: {
      "X-Own": "1",
      TE: "trailers",
      Connection: "close, X-Hop",
      "X-Hop": "1",
      "User-Agent": "u",
      "Accept-Encoding": "gzip",
    },
  });
  assert.equal(got.status, 200, got.body);
  assert.deepEqual(JSON.parse(got.body), { id: 7, name: "七" });
  assert.equal(seen?.url, "/base/items/7");
  assert.equal(seen.certificate, own.fingerprint, "the provider sees the node's certificate");
  assert.equal(seen.headers["x-own"], "1");
  assert.equal(seen.headers["x-road-client"], client);
  assert.equal(seen.headers["x-road-id"], got.headers["x-road-id"]);
  assert.equal(seen.headers["accept"], "application/json");
  assert.equal(seen.headers["accept-encoding"], "identity");
  for (const hop of ["te", "x-hop", "user-agent"]) assert.equal(seen.headers[hop], undefined, hop);
  const posted = await call(`${BASE}/items`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: '{"id":1,"name":"一"}',
  });
  assert.equal(posted.status, 201, posted.body);
  assert.equal((await call(`${BASE}/items/7`, { method: "DELETE" })).status, 204);
  const { records } = await node.kernel.ledger.byActor({ kind: "node", id: client }, { limit: 3 });
  assert.deepEqual(
    records.map(({ content }) => content?.outcome),
    ["status 204", "status 201", "status 200"],
  );
  assert.deepEqual(records[0]?.content?.policies, [`x-road.${right.id}`]);
});

test("a provider is told once who asks, and for whom: what counted at the edge, whatever else was sent under that name", async () => {
  const got = await call(`${BASE}/items/7`, {
    headers: {
      "X-Road-Client": ["ZT/COM/91990101MA0000009X/other", client],
      "X-Road-UserId": ["somebody-else", "clerk-1"],
      Connection: "close, X-Road-Client, X-Road-UserId",
    },
  });
  assert.equal(got.status, 200, got.body);
  assert.equal(seen?.headers["x-road-client"], client);
  assert.equal(seen.headers["x-road-userid"], "clerk-1");
});

test("what the document does not describe goes neither out nor back", async () => {
  seen = undefined;
  failed(await call(`${BASE}/items/seven`), "Client.BadRequest");
  failed(await call(`${BASE}/items/7?admin=1`), "Client.BadRequest");
  failed(await call(`${BASE}/nothing`), "Client.BadRequest");
  failed(
    await call(`${BASE}/items`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"id":"1"}',
    }),
    "Client.BadRequest",
  );
  failed(
    await call(`${BASE}/items`, { method: "POST", headers: { "Content-Type": "text/plain" }, body: "x" }),
    "Client.BadRequest",
  );
  failed(
    await call(`${BASE}/items`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: `"${"x".repeat(JSON_MAX_BYTES)}"`,
    }),
    "Client.BadRequest",
  );
  failed(await call(`${BASE}/closed`), "Server.ServerProxy.AccessDenied");
  assert.equal(seen, undefined, "none of these reached the provider");
  failed(await call(`${BASE}/wrong`), "Server.ServerProxy.ServiceFailed.InvalidResponse");
  failed(await call(`${BASE}/huge`), "Server.ServerProxy.ServiceFailed.InvalidResponse");
  failed(await call(`${BASE}/broken`), "Server.ServerProxy.NetworkError");
});

test("what is marked as a state secret goes by this node in neither direction", async () => {
  seen = undefined;
  const json = { method: "POST", headers: { "Content-Type": "application/json" } };
  const post = (body: string) => call(`${BASE}/items`, { ...json, body });
  const marked = ['{"id":1,"name":"机密★"}', String.raw`{"id":1,"name":"\u673a\u5bc6\u2605"}`];
  for (const body of marked) failed(await post(body), "Client.BadRequest");
  assert.equal(seen, undefined);
  assert.equal((await post('{"id":1,"name":"★★★"}')).status, 201);
  failed(await call(`${BASE}/marked`), "Server.ServerProxy.ServiceFailed.InvalidResponse");
  await assert.rejects(call(`${BASE}/marked-file`));
  const headers = { "Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked" };
  const sent = { method: "PUT", headers, body: Buffer.concat([PART, Buffer.from("绝密 ★"), PART]) };
  failed(await call(`${BASE}/file`, sent), "Client.BadRequest");
});

test("errors and redirects of the provider are passed untouched, but it cannot speak for the edge", async () => {
  const got = await call(`${BASE}/error`);
  assert.equal(got.status, 418);
  assert.equal(got.body, "<p>no</p>");
  assert.equal(got.headers["x-road-error"], undefined);
  assert.equal(got.headers["server"], undefined);
  assert.equal(got.headers["x-own"], "1");
  assert.deepEqual(got.headers["set-cookie"], ["a=1", "b=2"]);
  const redirect = await call(`${BASE}/redirect`);
  assert.equal(redirect.status, 302);
  assert.equal(redirect.headers["location"], "https://elsewhere.example/");
});

test("what is not JSON streams both ways; a part does not pass for the whole", async () => {
  const got = await call(`${BASE}/file`);
  assert.equal(got.body.length, FILE_PARTS * PART.length);
  assert.equal(got.headers["etag"], '"x"');
  const body = Buffer.concat(Array.from({ length: FILE_PARTS }, () => PART));
  const put = await call(`${BASE}/file`, {
    method: "PUT",
    headers: { "Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked" },
    body,
  });
  assert.equal(JSON.parse(put.body).sha256, createHash("sha256").update(body).digest("hex"));
  const sha512 = (value: string | Uint8Array) => createHash("sha512").update(value).digest();
  const head = [
    `PUT`,
    `${BASE}/file`,
    `X-Road-Client:${client}`,
    "Content-Type:application/octet-stream",
    `x-road-request-id:${put.headers["x-road-request-id"]}`,
    `x-road-id:${put.headers["x-road-id"]}`,
  ];
  const hash = sha512(Buffer.concat([sha512(head.map((line) => `${line}\r\n`).join("")), sha512(body)])).toString(
    "base64",
  );
  assert.equal(put.headers["x-road-request-hash"], hash);
  await assert.rejects(call(`${BASE}/cut`), { code: "ECONNRESET" });
});

test("metadata of a foreign service: its endpoints with stars, its document without its address", async () => {
  const of = `/r1/${client}`;
  const listed = JSON.parse((await call(`${of}/listMethods`)).body);
  assert.equal(listed.service[0].service_code, "orders");
  assert.ok(
    listed.service[0].endpoint_list.some(
      ({ method, path }: Record<string, string>) => method === "GET" && path === "/items/*",
    ),
  );
  const allowed = JSON.parse((await call(`${of}/allowedMethods`)).body);
  assert.equal(allowed.service[0].endpoint_list.length, endpoints.length - 1);
  const document = JSON.parse((await call(`${of}/getOpenAPI?serviceCode=orders`)).body);
  assert.deepEqual(document.servers, [{ url: "/orders" }, { url: "https://{host}.example" }]);
  assert.ok(!JSON.stringify(document).includes("inside.example"));
});

test("a room of ours asks a foreign service by a right of its own, held against the document, on the record", async () => {
  const room = "ZT/GOV/990101-scjg/quality";
  const asking = (principal: Principal, purpose: Purpose = "case") => node.as(exchange, principal, { purpose });
  const quality = { kind: "node", room: "quality" } as const;
  const question = { service: proposed.service, path: "/items/7" };
  refused(await asking(quality).askProvider(question), "no-right");
  const wanted = {
    service: proposed.service,
    endpoints: ["GET /items/{id}", "GET /wrong", "GET /error"],
    purpose: "case" as const,
    legalBasis,
    until: "2027-01-01T00:00:00.000Z",
    reason: "x",
  };
  refused(await doors(registrar).proposeRight({ ...wanted, client: "ZT/GOV/990101-ga/quality" }), "unknown-system");
  const { id } = answered(await doors(registrar).proposeRight({ ...wanted, client: room }));
  await approve(id, decider);
  await county.lookAgain();
  assert.deepEqual(answered(await asking(quality).askProvider(question)), { status: 200, body: { id: 7, name: "七" } });
  assert.equal(seen?.headers["x-road-client"], room);
  assert.deepEqual(answered(await asking(quality).askProvider({ ...question, path: "/error" })), { status: 418 });
  refused(await asking(quality).askProvider({ ...question, path: "/wrong" }), "bad-answer");
  refused(await asking(quality).askProvider({ ...question, path: "/items/x" }), "bad-request");
  refused(await asking(quality).askProvider({ ...question, query: [{ name: "admin", value: "1" }] }), "bad-request");
  refused(await asking(quality).askProvider({ ...question, path: "/huge" }), "no-right");
  refused(await asking(quality, "supervision").askProvider(question), "no-right");
  refused(await asking({ kind: "node", room: "population" }).askProvider(question), "no-right");
  refused(await asking(quality).askProvider({ ...question, service: `${client}/none` }), "unknown-service");
  refused(await asking({ kind: "public" }).askProvider(question), "denied");
  const { records } = await node.kernel.ledger.byActor({ kind: "node", id: room }, { limit: 10 });
  assert.deepEqual(records.map(({ content }) => content?.outcome).reverse(), [
    "status 200",
    "status 418",
    "bad-answer",
  ]);
  const spoof = await identity("spoof.example");
  refused(
    await doors(registrar).proposeSystem({
      ...{
        memberClass: "GOV",
        memberCode: "990101-scjg",
        subsystem: "quality",
        name,
        contact: "x",
        certificate: spoof.certificate,
      },
      ...{ perMinute: 1, reason: "x" },
    }),
    "taken",
  );
});

test("a provider that does not answer keeps its own slots and no one else's", async () => {
  const waiting = Array.from({ length: CALLS_TO_PROVIDER_MAX }, () => call(`${BASE}/slow`));
  while (held.length < CALLS_TO_PROVIDER_MAX) await new Promise((resolve) => setImmediate(resolve));
  failed(await call(`${BASE}/items/7`), "Server.ClientProxy.Busy");
  assert.equal((await call("/listClients")).status, 200);
  for (const response of held.splice(0)) response.writeHead(200, { "content-type": "application/json" }).end("{}");
  for (const got of await Promise.all(waiting)) assert.equal(got.status, 200);
  assert.equal((await call(`${BASE}/items/7`)).status, 200);
});

test("another certificate at the provider's address is not the provider; neither is nobody", async () => {
  const other = await identity("provider.example");
  const second = answered(
    await doors(registrar).proposeProvider({
      client,
      serviceCode: "pinned",
      name,
      baseUrl,
      document: DOCUMENT,
      certificate: other.certificate,
      reason: "x",
    }),
  );
  const absent = answered(
    await doors(registrar).proposeProvider({
      client,
      serviceCode: "absent",
      name,
      baseUrl: "https://127.0.0.1:1/",
      document: DOCUMENT,
      certificate: own2.certificate,
      reason: "x",
    }),
  );
  for (const { id } of [second, absent]) await approve(id, decider);
  await county.lookAgain();
  const legalBasis = [{ law: { zh: "法", en: "Law" }, article: "一" }];
  for (const { service } of [second, absent]) {
    const open = answered(
      await doors(registrar).proposeRight({
        client,
        service,
        endpoints: ["GET /items/{id}"],
        purpose: "case",
        legalBasis,
        until: "2027-01-01T00:00:00.000Z",
        reason: "x",
      }),
    );
    await approve(open.id, decider);
  }
  await county.lookAgain();
  seen = undefined;
  failed(await call(`/r1/${second.service}/items/7`), "Server.ServerProxy.NetworkError");
  assert.equal(seen, undefined, "it was asked nothing");
  failed(await call(`/r1/${absent.service}/items/7`), "Server.ServerProxy.NetworkError");
  assert.equal((await call(`${BASE}/items/7`, { as: system })).status, 200);
  assert.deepEqual(county.faults, []);
});

test("a provider whose certificate its issuer has revoked is not connected to, and the caller is told why", async () => {
  seen = undefined;
  await county.withdraw(own2.certificate, "key-compromise");
  const got = await call(`${BASE}/items/7`);
  failed(got, "Server.ServerProxy.NetworkError");
  assert.match(got.body, /吊销或者暂停.*revoked or suspended/);
  assert.equal(seen, undefined);
});
