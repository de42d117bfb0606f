import type { Kernel } from "#kernel/system/kernel";
import { fromUtf8 } from "#lib/crypto/bytes";
import { isJsonType, mediaTypeOf } from "#lib/openapi/media-type";
import { BodyTooLarge, wholeBody } from "./bodies.ts";
import { registrations } from "./in-force.ts";
import { JSON_MAX_BYTES } from "./limits.ts";
import { clientOfRoom } from "./own-rooms.ts";
import { edgePorts, type ProviderQuestion, type ProviderReply } from "./ports.ts";
import { type ProviderLinks, ProviderUnreachable } from "./provider-links.ts";
import { endpointOf, type Provider, policyOf, type Right } from "./registrations.ts";

/**
 * Asks a registered provider in the name of a room of this node, which needs a right as every other system does. The entry is in the
 * ledger before the answer is given.
 */
export async function askProvider(
  kernel: Kernel,
  links: ProviderLinks | undefined,
  { room, act, service, path, query }: ProviderQuestion,
): Promise<ProviderReply> {
  const known = registrations(kernel.database);
  const provider = known.provider(service);
  if (provider === undefined) return { no: "unknown-service" };
  const matched = provider.validator.operationFor("GET", path);
  if (matched === undefined) return { no: "bad-request", problem: `GET ${path}` };
  const client = await clientOfRoom(kernel, room);
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
  const search = new URLSearchParams(query.map(({ name, value }) => [name, value])).toString();
  const header = () => undefined;
  const [problem] = provider.validator.requestProblems(matched, { query: search, header, body: undefined });
  if (problem !== undefined) return { no: "bad-request", problem };
  if (links === undefined) return { no: "unreachable" };
  const target = `${path}${search === "" ? "" : `?${search}`}`;
  const reply = await replyOf({ provider, links, client, target, id: act.id, operation: matched.operation });
  await enter(kernel, {
    client,
    path,
    service,
    right,
    outcome: "no" in reply ? reply.no : `status ${reply.status}`,
    act,
  });
  return reply;
}

async function replyOf(asked: {
  readonly provider: Provider;
  readonly links: ProviderLinks;
  readonly client: string;
  readonly target: string;
  readonly id: string;
  readonly operation: Parameters<Provider["validator"]["answerProblems"]>[0];
}): Promise<ProviderReply> {
  const { provider, links, client, target, id, operation } = asked;
  const ended = new AbortController();
  try {
    const headers = [
      "x-road-client",
      client,
      "x-road-id",
      id,
      "accept",
      "application/json",
      "accept-encoding",
      "identity",
    ];
    const outgoing = links.ask(provider, { method: "GET", target, headers, signal: ended.signal });
    outgoing.request.end();
    const answer = await outgoing.answer;
    const status = answer.statusCode ?? 0;
    const mediaType = mediaTypeOf(answer.headers["content-type"]);
    const bytes = await wholeBody(answer, JSON_MAX_BYTES);
    if (status < 200 || provider.validator.answerProblems(operation, status, { mediaType, bytes }).length > 0) {
      return { no: "bad-answer" };
    }
    return isJsonType(mediaType) && bytes.length > 0 ? { status, body: parsed(bytes) } : { status };
  } catch (error) {
    if (error instanceof ProviderUnreachable) return { no: "unreachable" };
    return { no: error instanceof BodyTooLarge || error instanceof SyntaxError ? "bad-answer" : "unreachable" };
  } finally {
    ended.abort();
  }
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(fromUtf8(bytes));
}

async function enter(
  kernel: Kernel,
  asked: {
    readonly client: string;
    readonly path: string;
    readonly service: string;
    readonly right: Right;
    readonly outcome: string;
    readonly act: ProviderQuestion["act"];
  },
): Promise<void> {
  const { client, path, service, right, outcome, act } = asked;
  await kernel.ledger.append(kernel.database, [
    {
      ...{
        type: "exchange",
        at: act.at,
        room: "exchange",
        operation: "askProvider",
        actId: act.id,
        subjects: [],
        outcome,
      },
      actor: { kind: "node", id: client },
      origin: { node: edgePorts(kernel.database).self },
      purpose: right.purpose,
      legalBasis: right.legalBasis.map(({ law, article }) => `${law.zh} ${article}`),
      caseId: act.caseId,
      policies: [policyOf(right)],
      detail: { service, method: "GET", path },
    },
  ]);
}
