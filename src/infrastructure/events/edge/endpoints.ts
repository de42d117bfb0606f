import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { events } from "#infrastructure/events";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { MAX_BODY_BYTES } from "#kernel/http/limits";
import type { Front } from "#kernel/system/context";
import { isUuid } from "#lib/crypto/uuid";
import {
  EventTypeBody,
  eventItem,
  PublishBody,
  SubscriptionBody,
  SubscriptionChange,
  subscriptionItem,
} from "./govstack.ts";

export interface EventEdge {
  /** Whether this token is the one with which a member was admitted to a room. */
  readonly isMember: (asked: {
    readonly room: string;
    readonly member: string;
    readonly token: string;
  }) => Promise<boolean>;
  /** The doors of this room, for a system that was recognized. */
  readonly front: (member: string, idempotencyKey: string | undefined) => Front<typeof events>;
}

interface Address {
  readonly instanceId: string;
  readonly memberClass: string;
  readonly memberCode: string;
  readonly applicationCode: string;
  readonly eventType: string;
  readonly eventId: string;
}

const ROOM = "/r1/:instanceId/:memberClass/:memberCode/:applicationCode";
const MAX_KEY_CHARACTERS = 200;
const TOKEN = /^Bearer ([A-Za-z0-9_-]{43})$/;
const MEMBER = /^[A-Za-z0-9._-]{1,60}(?:\/[A-Za-z0-9._-]{1,60}){3}$/;

/** Which status tells which refusal; what is not listed here is 400. */
const STATUS: Readonly<Record<string, number>> = {
  "room-unknown": 404,
  "type-unknown": 404,
  "event-unknown": 404,
  "subscription-unknown": 404,
  "not-admitted": 403,
  denied: 403,
  taken: 409,
  pushed: 409,
  "repeated-differently": 409,
  unavailable: 500,
};

interface Asked {
  readonly doors: Front<typeof events>;
  readonly room: string;
  readonly member: string;
  readonly type: string;
  readonly eventId: string;
  readonly body: unknown;
}

/** Answers GovStack's Information Mediator PubSub API: `docs/protocols/events.md`. */
export function mountEventEdge(server: FastifyInstance, edge: EventEdge): void {
  const on = (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, answer: (asked: Asked) => Promise<Answer>) => {
    server.route<{ Params: Partial<Address> }>({
      ...{ method, url: `${ROOM}${path}`, bodyLimit: MAX_BODY_BYTES },
      handler: async (request, reply) => {
        const asked = await recognized(edge, request);
        if (asked === undefined) return fail(reply, 401, UNKNOWN_CLIENT);
        return send(reply, await answer(asked));
      },
    });
  };
  on("POST", "/api/v1/eventType", createEventType);
  on("GET", "/api/v1/eventType", listEventTypes);
  on("GET", "/api/v1/eventType/:eventType", getEventType);
  on("DELETE", "/api/v1/eventType/:eventType", async ({ doors, room, member, type }) =>
    empty(204, await doors.removeType({ room, member, type })),
  );
  on("POST", "/pub/v1/:eventType", publishEvent);
  on("GET", "/pub/v1/:eventType/:eventId", getStatus);
  on("DELETE", "/pub/v1/:eventType/:eventId", async ({ doors, room, member, type, eventId }) =>
    isUuid(eventId) ? empty(204, await doors.stopEvent({ room, member, type, id: eventId })) : { status: 404 },
  );
  on("GET", "/api/v1/subs", listSubscriptions);
  on("POST", "/api/v1/subs/:eventType", addSubscription);
  on("GET", "/api/v1/subs/:eventType", getSubscription);
  on("PATCH", "/api/v1/subs/:eventType", patchSubscription);
  on("DELETE", "/api/v1/subs/:eventType", async ({ doors, room, member, type }) =>
    empty(204, await doors.unsubscribe({ room, member, type })),
  );
  on("GET", "/pull/v1/:eventType", pullEvent);
  on("DELETE", "/pull/v1/:eventType/:eventId", async ({ doors, room, member, type, eventId }) =>
    isUuid(eventId) ? empty(204, await doors.acknowledge({ room, member, type, ids: [eventId] })) : { status: 404 },
  );
}

type Answer = { readonly status: number; readonly body?: unknown } | Refusal;

function empty(status: number, outcome: unknown): Answer {
  return isRefusal(outcome) ? outcome : { status };
}

async function createEventType({ doors, room, member, body }: Asked): Promise<Answer> {
  const given = parsed(EventTypeBody, body);
  if (given === undefined) return { status: 400, body: MALFORMED };
  return empty(200, await doors.defineType({ room, member, type: given.eventType, schema: given.schema }));
}

async function listEventTypes({ doors, room, member }: Asked): Promise<Answer> {
  const answer = await doors.listTypes({ room, member });
  if (isRefusal(answer)) return answer;
  return answer.items.length === 0 ? { status: 204 } : { status: 200, body: answer.items.map(({ type }) => type) };
}

async function getEventType({ doors, room, member, type }: Asked): Promise<Answer> {
  const answer = await doors.listTypes({ room, member, type });
  if (isRefusal(answer)) return answer;
  const [found] = answer.items;
  return found ? { status: 200, body: { eventType: found.type, schema: found.schema } } : { status: 204 };
}

async function publishEvent({ doors, room, member, type, body }: Asked): Promise<Answer> {
  const given = parsed(PublishBody, body);
  if (given?.eventType !== type) return { status: 400, body: MALFORMED };
  const answer = await doors.publish({ room, member, events: [{ type, event: given.event }] });
  return isRefusal(answer) ? answer : { status: 201, body: { id: answer.ids[0] } };
}

async function getStatus({ doors, room, member, type, eventId }: Asked): Promise<Answer> {
  if (!isUuid(eventId)) return { status: 404 };
  const answer = await doors.findEvent({ room, member, type, id: eventId });
  return isRefusal(answer) ? answer : { status: 200, body: eventItem(answer) };
}

async function listSubscriptions({ doors, room, member }: Asked): Promise<Answer> {
  const answer = await doors.listSubscriptions({ room, member });
  if (isRefusal(answer)) return answer;
  return answer.items.length === 0 ? { status: 404 } : { status: 200, body: answer.items.map(subscriptionItem) };
}

async function addSubscription({ doors, room, member, type, body }: Asked): Promise<Answer> {
  const given = parsed(SubscriptionBody, body);
  if (given?.eventType !== type) return { status: 400, body: MALFORMED };
  const { delivery, options } = given;
  const wanted = { room, member, type, delivery, ttlSeconds: options.TTL, fifo: options.FIFO };
  const answer = await doors.subscribe(wanted);
  return isRefusal(answer) ? answer : { status: 200, body: subscriptionItem(answer) };
}

async function getSubscription({ doors, room, member, type }: Asked): Promise<Answer> {
  const answer = await doors.listSubscriptions({ room, member, type });
  if (isRefusal(answer)) return answer;
  const [found] = answer.items;
  return found ? { status: 200, body: subscriptionItem(found) } : { status: 404 };
}

async function patchSubscription({ doors, room, member, type, body }: Asked): Promise<Answer> {
  const given = parsed(SubscriptionChange, body);
  if (given?.eventType !== type) return { status: 400, body: MALFORMED };
  const { delivery, options } = given;
  const answer = await doors.changeSubscription({
    ...{ room, member, type },
    ...(delivery && { delivery }),
    ...(options.TTL !== undefined && { ttlSeconds: options.TTL }),
    ...(options.FIFO !== undefined && { fifo: options.FIFO }),
  });
  return isRefusal(answer) ? answer : { status: 201, body: subscriptionItem(answer) };
}

async function pullEvent({ doors, room, member, type }: Asked): Promise<Answer> {
  const answer = await doors.pull({ room, member, type });
  if (isRefusal(answer)) return answer;
  const [found] = answer.items;
  return found ? { status: 200, body: eventItem(found) } : { status: 404 };
}

function parsed<S extends z.ZodType>(schema: S, body: unknown): z.output<S> | undefined {
  const given = schema.safeParse(body);
  return given.success ? given.data : undefined;
}

/** Who asks, in which room: the header `X-GovStack-Client`, and the token with which that system was admitted. */
async function recognized(
  edge: EventEdge,
  request: FastifyRequest<{ Params: Partial<Address> }>,
): Promise<Asked | undefined> {
  const { instanceId, memberClass, memberCode, applicationCode, eventType = "", eventId = "" } = request.params;
  const room = `${instanceId}/${memberClass}/${memberCode}/${applicationCode}`;
  const member = request.headers["x-govstack-client"];
  const token = TOKEN.exec(request.headers.authorization ?? "")?.[1];
  if (typeof member !== "string" || !MEMBER.test(member) || !MEMBER.test(room) || token === undefined) return undefined;
  if (!(await edge.isMember({ room, member, token }))) return undefined;
  const key = request.headers["idempotency-key"];
  const isKey = typeof key === "string" && key.length > 0 && key.length <= MAX_KEY_CHARACTERS;
  const doors = edge.front(member, isKey ? key : undefined);
  return { doors, room, member, type: eventType, eventId, body: request.body };
}

const MALFORMED = {
  zh: "请求内容不符合接口说明，或事件类型与地址不一致。未作任何更改。",
  en: "The body is not as the API says, or names another event type than the address. Nothing was changed.",
};
const UNKNOWN_CLIENT = {
  zh: "未识别调用方：请用 X-GovStack-Client 说明身份，并出示接纳时发给的令牌（Authorization: Bearer）。",
  en: "The client was not recognized: name it in X-GovStack-Client and show the token that it was admitted with (Authorization: Bearer).",
};

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.header("cache-control", "no-store");
  if (isRefusal(answer)) return fail(reply, STATUS[answer.code] ?? 400, answer.text, answer.code);
  if (answer.body === MALFORMED) return fail(reply, answer.status, MALFORMED);
  return answer.body === undefined ? reply.code(answer.status).send() : reply.code(answer.status).send(answer.body);
}

function fail(
  reply: FastifyReply,
  status: number,
  words: { readonly zh: string; readonly en: string },
  code = "malformed",
): FastifyReply {
  return reply
    .code(status)
    .type("application/problem+json")
    .send({ type: `urn:zhengtong:refusal:${code}`, title: words.en, status, code, text: words });
}
