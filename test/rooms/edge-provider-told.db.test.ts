import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { exchange } from "#infrastructure/exchange";
import type { Input } from "#kernel/contract/contract";
import { deliverMessage, sendMessage } from "#kernel/system/messages";
import { JSON_MAX_BYTES } from "../../src/infrastructure/exchange/xroad/limits.ts";
import { answered, refused } from "./answers.ts";
import { edgeCounty, identity } from "./edge-county.ts";

const county = await edgeCounty();
const { node, client, registrar, decider, doors, approve } = county;

const json = (schema: unknown) => ({ content: { "application/json": { schema } } });
const ok = (schema: unknown, status = "200") => ({ responses: { [status]: { description: "", ...json(schema) } } });
const item = {
  type: "object",
  required: ["id", "name"],
  properties: { id: { type: "integer" }, name: { type: "string", maxLength: 100 } },
};
const byId = { parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }] };
const stateOf = {
  ...byId,
  requestBody: { required: true, ...json({ enum: ["open", "closed"] }) },
  ...ok({ enum: ["open", "closed"] }),
};
const DOCUMENT = JSON.stringify({
  openapi: "3.1.0",
  info: { title: "Orders", version: "1" },
  paths: {
    "/items": { post: { requestBody: { required: true, ...json(item) }, ...ok(item, "201") } },
    "/items/{id}": { delete: { ...byId, responses: { "204": { description: "" } } } },
    "/items/{id}/state": { put: stateOf, patch: stateOf },
    "/closed": { put: { requestBody: json({}), ...ok({}) } },
    "/orders": {
      post: {
        parameters: [
          { name: "Idempotency-Key", in: "header", required: true, schema: { type: "string", format: "uuid" } },
          { name: "X-Batch", in: "header", schema: { type: "string", maxLength: 5 } },
        ],
        requestBody: { required: true, ...json(item) },
        ...ok(item, "201"),
      },
    },
  },
});

/** What the provider was asked to change, and how it is to behave when it is. */
const changed: {
  readonly what: string;
  readonly id: unknown;
  readonly key: unknown;
  readonly body: unknown;
  readonly headers: IncomingMessage["headers"];
}[] = [];
let behaviour: "answers" | "breaks off" | number = "answers";

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  const { headers, method, url } = request;
  changed.push({ what: `${method} ${url}`, id: headers["x-road-id"], key: headers["idempotency-key"], body, headers });
  if (behaviour === "breaks off") return void response.destroy();
  const status = behaviour === "answers" ? (method === "DELETE" ? 204 : method === "POST" ? 201 : 200) : behaviour;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(status === 204 ? undefined : JSON.stringify(behaviour === "answers" ? body : {}));
}

const own = await identity("provider.example");
const server = createServer(
  { key: own.key, cert: own.certificate },
  (request, response) => void answer(request, response),
);
server.listen(0, "127.0.0.1");
await once(server, "listening");
const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(async () => {
  server.closeAllConnections();
  server.close();
  await county.close();
});

const legalBasis = [{ law: { zh: "食品安全法", en: "Food Safety Law" }, article: "第三十五条" }];
const proposed = answered(
  await doors(registrar).proposeProvider({
    ...{ client, serviceCode: "orders", name: { zh: "订单服务", en: "Orders" }, baseUrl, document: DOCUMENT },
    ...{ certificate: own.certificate, reason: "办理订单" },
  }),
);
await approve(proposed.id, decider);
await county.lookAgain();

type Told = Input<(typeof exchange)["operations"]["tellProvider"]["input"]>;

describe("a room of ours has a foreign service change something", () => {
  const quality = { kind: "node", room: "quality" } as const;
  const telling = (idempotencyKey: string) => node.as(exchange, quality, { purpose: "case", idempotencyKey });
  const post = { service: proposed.service, method: "POST" as const, path: "/items" };
  const order = { ...post, path: "/orders", body: { id: 1, name: "一" } };
  const state = { ...post, method: "PUT" as const, path: "/items/7/state", body: "closed" };
  const away = (work: Promise<unknown>) => assert.rejects(work, { code: "ERR_PROVIDER_AWAY" });
  const sent = () => changed.splice(0);

  before(async () => {
    const { id } = answered(
      await doors(registrar).proposeRight({
        ...{
          client: "ZT/GOV/990101-scjg/quality",
          service: proposed.service,
          purpose: "case",
          legalBasis,
          reason: "x",
        },
        endpoints: [
          "POST /items",
          "POST /orders",
          "PUT /items/{id}/state",
          "PATCH /items/{id}/state",
          "DELETE /items/{id}",
        ],
        until: "2027-01-01T00:00:00.000Z",
      }),
    );
    await approve(id, decider);
    await county.lookAgain();
    sent();
  });

  test("each method, held against the document both ways, under the command's key, once, on the record", async () => {
    const body = { id: 1, name: "一" };
    const made = answered(await telling("post").tellProvider({ ...post, body }));
    assert.deepEqual(made, { status: 201, body });
    assert.deepEqual(answered(await telling("post").tellProvider({ ...post, body })), made, "the same again");
    assert.deepEqual(answered(await telling("order").tellProvider(order)).status, 201);
    assert.deepEqual(answered(await telling("put").tellProvider(state)), { status: 200, body: "closed" });
    assert.equal(answered(await telling("patch").tellProvider({ ...state, method: "PATCH" })).status, 200);
    assert.equal(
      answered(await telling("delete").tellProvider({ ...post, method: "DELETE", path: "/items/7" })).status,
      204,
    );
    const [first, second, ...rest] = sent();
    assert.deepEqual([first?.what, first?.key, first?.body], ["POST /items", undefined, body]);
    assert.deepEqual([second?.what, second?.key], ["POST /orders", second?.id], "a key where the document names one");
    assert.deepEqual(
      rest.map(({ what }) => what),
      ["PUT /items/7/state", "PATCH /items/7/state", "DELETE /items/7"],
    );
    const { records } = await node.kernel.ledger.byActor(
      { kind: "node", id: "ZT/GOV/990101-scjg/quality" },
      { limit: 1 },
    );
    assert.deepEqual(records[0]?.content?.detail, { service: post.service, method: "DELETE", path: "/items/7" });
    const left = await node.kernel.database.query("SELECT FROM exchange.unanswered");
    assert.equal(left.length, 0, "what was answered leaves nothing behind");
  });

  test("what the document does not describe, and what no right covers, does not leave", async () => {
    const wrong: readonly (readonly [Told, "bad-request" | "no-right"])[] = [
      [{ ...post, body: { id: "1" } }, "bad-request"],
      [{ ...post }, "bad-request"],
      [{ ...state, body: "gone" }, "bad-request"],
      [{ ...order, headers: [{ name: "X-Batch", value: "123456" }] }, "bad-request"],
      [{ ...post, path: "/nothing", body: {} }, "bad-request"],
      [{ ...post, body: { id: 1, name: "一", more: "x".repeat(JSON_MAX_BYTES) } }, "bad-request"],
      [{ ...post, method: "PUT", path: "/closed", body: {} }, "no-right"],
    ];
    for (const [input, code] of wrong) {
      refused(await telling(`bad ${JSON.stringify(input).slice(0, 90)}`).tellProvider(input), code);
    }
    assert.deepEqual(sent(), []);
  });

  test("only headers that the document describes go along, and none says who asks", async () => {
    const headers = [
      { name: "x-batch", value: "7" },
      { name: "X-Other", value: "1" },
      { name: "X-Road-Client", value: "ZT/GOV/990101-ga/population" },
      { name: "Idempotency-Key", value: "mine" },
    ];
    answered(await telling("headers").tellProvider({ ...order, headers }));
    const [request] = sent();
    assert.equal(request?.headers["x-batch"], "7");
    assert.equal(request.headers["x-other"], undefined);
    assert.equal(request.headers["x-road-client"], "ZT/GOV/990101-scjg/quality");
    assert.equal(request.key, request.id);
  });

  test("without an answer: what bears repetition is sent again under the same key, what does not is not", async () => {
    behaviour = "breaks off";
    await away(telling("again").tellProvider(order));
    await away(telling("again put").tellProvider(state));
    refused(await telling("never again").tellProvider({ ...post, body: order.body }), "outcome-unknown");
    behaviour = "answers";
    answered(await telling("again").tellProvider(order));
    answered(await telling("again put").tellProvider(state));
    refused(await telling("never again").tellProvider({ ...post, body: order.body }), "outcome-unknown");
    const [one, two, three, four, five] = sent();
    assert.deepEqual([one?.id, two?.id], [four?.id, five?.id]);
    assert.equal(three?.what, "POST /items", "and not a second time");
  });

  test("a provider that is busy is asked again; one that refuses is believed", async () => {
    behaviour = 503;
    await away(telling("busy").tellProvider(state));
    refused(await telling("busy post").tellProvider({ ...post, body: order.body }), "outcome-unknown");
    behaviour = 429;
    await away(telling("many").tellProvider({ ...post, body: order.body }));
    behaviour = 409;
    const no = refused(await telling("no").tellProvider({ ...post, body: order.body }), "refused-there");
    assert.match(no.text.en, /409/);
    behaviour = 201;
    refused(await telling("strange").tellProvider({ ...post, body: order.body }), "bad-answer");
    refused(await telling("strange").tellProvider({ ...post, body: order.body }), "outcome-unknown");
    behaviour = "answers";
    for (const key of ["many", "no"]) answered(await telling(key).tellProvider({ ...post, body: order.body }));
    sent();
  });

  test("a message to the exchange waits while the provider is away, and is done once when it is back", async () => {
    const { kernel } = node;
    const act = {
      ...{ id: kernel.newId(), principal: quality, purpose: "case" as const, legalBasis, zone: kernel.zone },
      ...{ language: "zh" as const, at: kernel.now() },
    };
    const { messageId } = await kernel.database.transaction((transaction) =>
      sendMessage(kernel, transaction, {
        ...{ act, from: "quality", to: "exchange", operation: "tellProvider", input: order, ordinal: 0 },
      }),
    );
    const outcomes: unknown[] = [];
    const deliver = () => deliverMessage(kernel, messageId, async ({ outcome }) => void outcomes.push(outcome));
    behaviour = "breaks off";
    await away(deliver());
    behaviour = "answers";
    await deliver();
    await deliver();
    assert.deepEqual(outcomes, [{ status: 201, body: order.body }]);
    const [one, two, ...more] = sent();
    assert.equal(one?.id, two?.id);
    assert.equal(more.length, 0);
  });
});
