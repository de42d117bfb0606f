import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { parse } from "yaml";
import { openServer } from "#kernel/http/server";
import { mountEventEdge } from "../../src/infrastructure/events/edge/endpoints.ts";
import { eventEdgeOf } from "../../src/infrastructure/events/edge/recognition.ts";
import { answered, type EventNode, eventNode, ROOM } from "./event-node.ts";

const VECTORS = process.env["ZHENGTONG_VECTORS"] ?? join(import.meta.dirname, "../../../shared/vectors");
const FILE = join(VECTORS, "govstack/GovStack_IM_PubSub_API.yaml");
const SKIP = existsSync(FILE) ? false : `${FILE} is not there`;
const CLIENT = "CN/GOV/990101/registry-and-police";

type Method = "get" | "post" | "patch" | "delete";
interface Api {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, Described>>>>>;
  readonly components: object;
}
interface Described {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

let node: EventNode;
let server: FastifyInstance;
let token = "";
before(async () => {
  node = await eventNode();
  server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
  mountEventEdge(server, eventEdgeOf(node.kernel));
  const may = { mayPublish: true, maySubscribe: true, mayManage: true, target: "https://police.example/events" };
  token = answered(await node.keeper.admit({ room: ROOM, member: CLIENT, ...may })).token ?? "";
});
after(async () => {
  await server.close();
  await node.close();
});

async function ask(method: Method, path: string, body?: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await server.inject({
    method: method.toUpperCase() as "GET",
    url: `/r1/${ROOM}${path}`,
    headers: { "x-govstack-client": CLIENT, authorization: `Bearer ${token}`, ...headers },
    ...(body && { payload: body }),
  });
  return { status: response.statusCode, body: response.body === "" ? undefined : response.json() };
}

const MALE = { dateTime: "2023-05-01T11:25:00+02:00", gender: "M", mother: "Jane Doe", place: "City Hospital" };
const SCHEMA = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  properties: {
    dateTime: { type: "string", format: "date-time" },
    gender: { enum: ["M", "F"] },
    mother: { type: "string" },
  },
  required: ["dateTime", "gender", "mother", "place"],
};

describe("the PubSub API of GovStack's Information Mediator", () => {
  test("a system without its token, or with another's name, is not let in", async () => {
    assert.equal((await ask("get", "/api/v1/subs", undefined, { authorization: "" })).status, 401);
    assert.equal(
      (await ask("get", "/api/v1/subs", undefined, { authorization: `Bearer ${"A".repeat(43)}` })).status,
      401,
    );
    assert.equal(
      (await ask("get", "/api/v1/subs", undefined, { "x-govstack-client": "CN/GOV/990101/other" })).status,
      401,
    );
  });

  test("each operation answers as the API's own description says", { skip: SKIP }, async () => {
    const api = parse(readFileSync(FILE, "utf8")) as Api;
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const left = new Set(
      Object.values(api.paths).flatMap((path) => Object.values(path).flatMap((one) => one?.operationId ?? [])),
    );
    const base = "/r1/{instanceId}/{memberClass}/{memberCode}/{applicationCode}";
    const expect = async (
      status: number,
      [method, template]: readonly [Method, string],
      about: { readonly type?: string; readonly id?: string; readonly body?: object } = {},
    ) => {
      const described = api.paths[`${base}${template}`]?.[method];
      assert.ok(described, `${method} ${template} is described`);
      const path = template.replace("{eventType}", about.type ?? "birth").replace("{eventId}", about.id ?? "");
      const answer = await ask(method, path, about.body);
      assert.equal(answer.status, status, `${described.operationId}: ${JSON.stringify(answer.body)}`);
      const promised = described.responses[String(status)];
      assert.ok(promised, `${described.operationId} promises ${status}`);
      const schema = promised.content?.["application/json"]?.schema;
      if (schema) {
        const validate = ajv.compile({ ...schema, components: api.components });
        assert.ok(validate(answer.body), `${described.operationId}: ${ajv.errorsText(validate.errors)}`);
      }
      left.delete(described.operationId);
      return answer.body;
    };
    const types = "/api/v1/eventType";
    await expect(200, ["post", types], { body: { eventType: "birth", schema: SCHEMA } });
    await expect(409, ["post", types], { body: { eventType: "birth", schema: SCHEMA } });
    await expect(400, ["post", types], { body: { eventType: "bad", schema: { type: "text" } } });
    assert.ok((await expect(200, ["get", types])).includes("birth"));
    assert.deepEqual((await expect(200, ["get", `${types}/{eventType}`])).schema, SCHEMA);
    await expect(204, ["get", `${types}/{eventType}`], { type: "none" });

    const sub = "/api/v1/subs/{eventType}";
    await expect(404, ["get", "/api/v1/subs"]);
    await expect(404, ["get", sub]);
    await expect(400, ["post", sub], { body: { eventType: "other" } });
    await expect(200, ["post", sub], { body: { eventType: "birth" } });
    await expect(409, ["post", sub], { body: { eventType: "birth", delivery: "PULL" } });
    assert.deepEqual((await expect(200, ["get", sub])).options, { TTL: 3600, FIFO: false });
    await expect(409, ["get", "/pull/v1/{eventType}"]);
    const change = { eventType: "birth", delivery: "PULL", options: { FIFO: true } };
    assert.equal((await expect(201, ["patch", sub], { body: change })).delivery, "PULL");
    await expect(404, ["patch", sub], { type: "none", body: { ...change, eventType: "none" } });
    assert.equal((await expect(200, ["get", "/api/v1/subs"])).length, 1);

    const pub = "/pub/v1/{eventType}";
    await expect(400, ["post", pub], { body: { eventType: "birth", event: { gender: "X" } } });
    await expect(404, ["post", pub], { type: "none", body: { eventType: "none", event: MALE } });
    const first = (await expect(201, ["post", pub], { body: { eventType: "birth", event: MALE } })).id as string;
    const second = (
      await expect(201, ["post", pub], { body: { eventType: "birth", event: { ...MALE, mother: "Mary" } } })
    ).id;
    await expect(200, ["get", `${pub}/{eventId}`], { id: first });
    await expect(404, ["get", `${pub}/{eventId}`], { id: "nothing" });
    await node.distribution.settle();
    const pulled = await expect(200, ["get", "/pull/v1/{eventType}"]);
    assert.deepEqual([pulled.id, pulled.event], [first, MALE]);
    await expect(204, ["delete", `${pub}/{eventId}`], { id: second });
    await expect(204, ["delete", "/pull/v1/{eventType}/{eventId}"], { id: first });
    await expect(404, ["delete", "/pull/v1/{eventType}/{eventId}"], { id: first });
    await expect(404, ["get", "/pull/v1/{eventType}"]);
    await expect(204, ["delete", sub]);
    await expect(404, ["delete", sub]);
    await expect(204, ["delete", `${types}/{eventType}`]);
    await expect(404, ["delete", `${types}/{eventType}`]);
    assert.deepEqual([...left], [], "every operation was asked");
  });

  test("publishing again under the same Idempotency-Key is the same event", async () => {
    const key = { "idempotency-key": "birth-1" };
    const body = { eventType: "newBirth", event: { mother: "m" } };
    const [one, other] = [
      await ask("post", "/pub/v1/newBirth", body, key),
      await ask("post", "/pub/v1/newBirth", body, key),
    ];
    assert.deepEqual([one.status, other.body], [201, one.body]);
    assert.equal((await ask("post", "/pub/v1/newBirth", { ...body, event: { mother: "n" } }, key)).status, 409);
  });
});
