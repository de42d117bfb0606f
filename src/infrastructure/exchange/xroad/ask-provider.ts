import type { Kernel } from "#kernel/system/kernel";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { uuidV8 } from "#lib/crypto/uuid";
import type { DescribedOperation } from "#lib/openapi/document";
import { isJsonType, mediaTypeOf } from "#lib/openapi/media-type";
import type { MatchedOperation } from "#lib/openapi/validation";
import { type Header, lastValue, passedOn } from "#lib/xroad/message-headers";
import { BodyRefused, demandUnmarked, wholeBody } from "./bodies.ts";
import { registrations } from "./in-force.ts";
import { JSON_MAX_BYTES } from "./limits.ts";
import { clientOfRoom } from "./own-rooms.ts";
import { edgePorts, type ProviderQuestion, type ProviderReply } from "./ports.ts";
import { type ProviderLinks, ProviderUnreachable } from "./provider-links.ts";
import { endpointOf, type Provider, policyOf, type Right } from "./registrations.ts";
import { beginRequest, forgetRequest } from "./unanswered.ts";

/** By which a provider tells that a request came before (draft-ietf-httpapi-idempotency-key-header), where its document names it. */
const IDEMPOTENCY_KEY = "idempotency-key";
/** Done twice they are done once (RFC 9110 §9.2.2); `POST` and `PATCH` are not. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "PUT", "DELETE"]);
/** These say that the provider is away or busy, and nothing about what was asked. */
const AWAY: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/**
 * Asks a registered provider in the name of a room of this node, which needs a right as every other system does. The entry is in the
 * ledger before the answer is given. What changes something and does not bear repetition is on disk before it leaves, and leaves once.
 */
export async function askProvider(
  kernel: Kernel,
  links: ProviderLinks | undefined,
  question: ProviderQuestion,
): Promise<ProviderReply> {
  const known = registrations(kernel.database);
  const { service, method, path, act } = question;
  const provider = known.provider(service);
  if (provider === undefined) return { no: "unknown-service" };
  const matched = provider.validator.operationFor(method, path);
  if (matched === undefined) return { no: "bad-request", problem: `${method} ${path}` };
  const client = await clientOfRoom(kernel, question.room);
  const endpoint = endpointOf(matched.operation);
  const right = known
    .rightsOf(client ?? "")
    .find(
      (one) =>
        one.service === service &&
        one.endpoints.includes(endpoint) &&
        one.purpose === act.purpose &&
        one.untilMs > Date.parse(act.at),
    );
  if (client === undefined || right === undefined) return { no: "no-right" };
  const request = requestOf(question, matched);
  const [problem] = problemsOf(provider, matched, request);
  if (problem !== undefined) return { no: "bad-request", problem };
  const reply = await sendOnce(kernel, { ...{ provider, links, matched, request, client, question } });
  await enter(kernel, { client, right, question, outcome: "no" in reply ? reply.no : `status ${reply.status}` });
  return reply;
}

interface ProviderRequest {
  /** Of the message: the same wherever the same command is sent again. */
  readonly id: string;
  readonly key: Uint8Array;
  readonly query: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array | undefined;
  /** Sent again, it takes effect once. */
  readonly isRepeatable: boolean;
}

function requestOf(question: ProviderQuestion, { operation }: MatchedOperation): ProviderRequest {
  const { act, room, method, query, body } = question;
  const key = sha256(utf8(`${room} ${act.idempotencyKey ?? act.id}`));
  const id = act.idempotencyKey === undefined ? act.id : uuidV8(key);
  const takesKey = describesHeader(operation, IDEMPOTENCY_KEY);
  const given = passedOn(question.headers.map(({ name, value }) => [name, value] as const)).filter(
    ([name]) => describesHeader(operation, name) && !isOurs(name),
  );
  return {
    ...{ id, key },
    query: new URLSearchParams(query.map(({ name, value }) => [name, value])).toString(),
    headers: [...given, ...(takesKey ? [[IDEMPOTENCY_KEY, id] as const] : [])],
    body: body === undefined ? undefined : utf8(JSON.stringify(body)),
    isRepeatable: IDEMPOTENT.has(method) || takesKey,
  };
}

function describesHeader({ parameters }: DescribedOperation, name: string): boolean {
  return parameters.some((one) => one.in === "header" && one.name.toLowerCase() === name.toLowerCase());
}

/** What the edge says itself, whatever a document describes. */
function isOurs(name: string): boolean {
  return /^(?:x-road-.*|accept|accept-encoding|content-type|content-encoding|idempotency-key)$/i.test(name);
}

function problemsOf(
  provider: Provider,
  matched: MatchedOperation,
  { query, headers, body }: ProviderRequest,
): readonly string[] {
  if (body !== undefined && body.length > JSON_MAX_BYTES) return [`body has more than ${JSON_MAX_BYTES} bytes`];
  return provider.validator.requestProblems(matched, {
    query,
    header: (name) => lastValue(headers, name),
    body: body && { mediaType: "application/json", bytes: body },
  });
}

interface Sending {
  readonly provider: Provider;
  readonly links: ProviderLinks | undefined;
  readonly matched: MatchedOperation;
  readonly request: ProviderRequest;
  readonly client: string;
  readonly question: ProviderQuestion;
}

async function sendOnce(kernel: Kernel, sending: Sending): Promise<ProviderReply> {
  const { request, question, matched, links } = sending;
  if (request.isRepeatable) {
    const { reply } = await replyOf(kernel, sending);
    // For whoever changes something it is tried again.
    return question.method !== "GET" && "status" in reply && AWAY.has(reply.status) ? { no: "unreachable" } : reply;
  }
  if (links === undefined) return { no: "unreachable" };
  const begun = await beginRequest(kernel.database, {
    ...{ key: request.key, service: question.service, endpoint: endpointOf(matched.operation) },
    ...{ act: question.act.id, at: question.act.at },
  });
  if (!begun) return { no: "outcome-unknown" };
  const { reply, isSent } = await replyOf(kernel, sending);
  if ("no" in reply) {
    // Of an answer that is not what was described, nobody knows what it means: then it is not asked for again either.
    if (isSent) return reply.no === "unreachable" ? { no: "outcome-unknown" } : reply;
    await forgetRequest(kernel.database, request.key);
    return reply;
  }
  // What was done is settled with the act that had it done.
  if (reply.status < 300) return { ...reply, settles: request.key };
  if (AWAY.has(reply.status) && reply.status !== 429) return { no: "outcome-unknown" };
  await forgetRequest(kernel.database, request.key);
  return reply.status === 429 ? { no: "unreachable" } : reply;
}

async function replyOf(
  kernel: Kernel,
  sending: Sending,
): Promise<{ readonly reply: ProviderReply; readonly isSent: boolean }> {
  const { provider, links, client, request, question, matched } = sending;
  if (links === undefined) return { reply: { no: "unreachable" }, isSent: false };
  const ended = new AbortController();
  let isSent = () => false;
  const failed = (no: "unreachable" | "bad-answer") => ({ reply: { no }, isSent: isSent() });
  try {
    const outgoing = links.ask(provider, {
      method: question.method,
      target: `${question.path}${request.query === "" ? "" : `?${request.query}`}`,
      headers: sentHeaders(client, request),
      signal: ended.signal,
    });
    isSent = outgoing.isSent;
    outgoing.request.end(request.body);
    const answer = await outgoing.answer;
    const status = answer.statusCode ?? 0;
    const mediaType = mediaTypeOf(answer.headers["content-type"]);
    const bytes = await wholeBody(answer, JSON_MAX_BYTES);
    demandUnmarked(kernel.zone, bytes);
    const problems = provider.validator.answerProblems(matched.operation, status, { mediaType, bytes });
    if (status < 200 || problems.length > 0) return failed("bad-answer");
    const isRead = isJsonType(mediaType) && bytes.length > 0;
    return { reply: { status, ...(isRead && { body: JSON.parse(fromUtf8(bytes)) }) }, isSent: true };
  } catch (error) {
    if (error instanceof ProviderUnreachable) return failed("unreachable");
    return failed(error instanceof BodyRefused || error instanceof SyntaxError ? "bad-answer" : "unreachable");
  } finally {
    ended.abort();
  }
}

function sentHeaders(client: string, { id, headers, body }: ProviderRequest): readonly string[] {
  const sent: readonly Header[] = [
    ...headers,
    ["x-road-client", client],
    ["x-road-id", id],
    ["accept", "application/json"],
    ["accept-encoding", "identity"],
    ...(body === undefined
      ? []
      : ([
          ["content-type", "application/json"],
          ["content-length", String(body.length)],
        ] as const)),
  ];
  return sent.flat();
}

async function enter(
  kernel: Kernel,
  asked: {
    readonly client: string;
    readonly right: Right;
    readonly outcome: string;
    readonly question: ProviderQuestion;
  },
): Promise<void> {
  const { client, right, outcome, question } = asked;
  const { act, operation, service, method, path } = question;
  await kernel.ledger.append(kernel.database, [
    {
      ...{ type: "exchange", at: act.at, room: "exchange", operation, actId: act.id, subjects: [], outcome },
      actor: { kind: "node", id: client },
      origin: { node: edgePorts(kernel.database).self },
      purpose: right.purpose,
      legalBasis: right.legalBasis.map(({ law, article }) => `${law.zh} ${article}`),
      caseId: act.caseId,
      policies: [policyOf(right)],
      detail: { service, method, path },
    },
  ]);
}
