import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { sha512, sha512Stream } from "#lib/crypto/digest";
import { text } from "#lib/language/text";
import { isJsonType, mediaTypeOf } from "#lib/openapi/media-type";
import type { MatchedOperation } from "#lib/openapi/validation";
import { xRoadError } from "#lib/xroad/error";
import { headerBytes } from "#lib/xroad/identifier";
import { lastValue, pairs, passedBack, passedOn } from "#lib/xroad/message-headers";
import { requestHash } from "#lib/xroad/request-hash";
import { edgeHeaders, sendFailure, sendWhole, writeHead } from "./answer.ts";
import {
  BodyMarked,
  BodyRefused,
  BodyTooLarge,
  bounded,
  demandUnmarked,
  hasBody,
  markWatch,
  wholeBody,
} from "./bodies.ts";
import { enterCall } from "./call-entry.ts";
import type { EdgeCall } from "./edge-call.ts";
import { FAILED } from "./failures.ts";
import { BODY_MAX_BYTES, CALLS_TO_PROVIDER_MAX, JSON_MAX_BYTES } from "./limits.ts";
import { type ProviderLinks, ProviderUnreachable, ProviderWithdrawn } from "./provider-links.ts";
import { Slots } from "./quota.ts";
import { endpointOf, type Provider, type Right } from "./registrations.ts";

/** Calls under way to each provider of this process. */
const slots = new Slots(CALLS_TO_PROVIDER_MAX);

/**
 * A foreign service, asked through the edge. Request and answer are held against its document; what is not JSON streams by, within
 * bounds and at the pace of the slower side. Redirects and errors of the provider are the caller's to see, untouched.
 */
export async function callProvider(
  call: EdgeCall,
  {
    provider,
    links,
    right,
  }: {
    readonly provider: Provider;
    readonly links: ProviderLinks;
    readonly right: (endpoint: string) => Right | undefined;
  },
): Promise<void> {
  const matched = provider.validator.operationFor(call.read.method, call.read.path);
  if (matched === undefined) return sendFailure(call, FAILED.noOperation, { right: undefined });
  const allowed = right(endpointOf(matched.operation));
  if (allowed === undefined) return sendFailure(call, FAILED.denied, { right: undefined });
  if (!slots.take(provider.service)) return sendFailure(call, FAILED.busy, { right: allowed });
  try {
    await pass(call, { provider, links, matched, right: allowed });
  } catch (error) {
    if (error instanceof BodyTooLarge) return sendFailure(call, FAILED.tooLarge, { right: allowed });
    if (error instanceof BodyMarked) return sendFailure(call, FAILED.marked, { right: allowed });
    if (error instanceof ProviderWithdrawn) return sendFailure(call, FAILED.providerWithdrawn, { right: allowed });
    if (error instanceof ProviderUnreachable) return sendFailure(call, FAILED.unreachable, { right: allowed });
    throw error;
  } finally {
    slots.release(provider.service);
  }
}

interface Passing {
  readonly provider: Provider;
  readonly links: ProviderLinks;
  readonly matched: MatchedOperation;
  readonly right: Right;
}

async function pass(call: EdgeCall, passing: Passing): Promise<void> {
  const { request, read } = call;
  const { provider, links, matched, right } = passing;
  const mediaType = mediaTypeOf(request.headers["content-type"]);
  const isSent = hasBody(request.headers);
  const isHeld = isSent && isJsonType(mediaType);
  if (isHeld && isCoded(request.headers["content-encoding"])) return sendFailure(call, FAILED.notJson, { right });
  const held = isHeld ? await wholeBody(request, JSON_MAX_BYTES) : undefined;
  const { zone } = call.kernel;
  if (held) demandUnmarked(zone, held);
  const problems = provider.validator.requestProblems(matched, {
    query: read.query,
    header: (name) => lastValue(call.headers, name),
    body: isSent ? { mediaType, bytes: held } : undefined,
  });
  if (problems.length > 0) return sendFailure(call, badRequest(problems), { right });
  const outgoing = links.ask(provider, {
    method: read.method,
    target: `${read.path}${read.query === undefined ? "" : `?${read.query}`}`,
    headers: [...outgoingHeaders(call), ...framing(call, isSent, held)],
    signal: call.signal,
  });
  const digest = sha512Stream();
  const watch = markWatch(zone);
  const kept: { refused?: BodyRefused } = {};
  const body = bounded(request, BODY_MAX_BYTES, (part) => {
    watch(part);
    digest.update(part);
  });
  const sending = !isSent
    ? Promise.resolve(void outgoing.request.end())
    : held
      ? Promise.resolve(void outgoing.request.end(held))
      : pipeline(refusedNoted(body, kept), outgoing.request);
  // An answer that comes early ends the sending; its failure is then of no interest.
  const [answer] = await Promise.all([outgoing.answer, sending.catch(() => undefined)]).catch((error: unknown) => {
    // That the connection closed is told by itself, and sooner than why it was closed.
    throw kept.refused ?? error;
  });
  if (kept.refused) throw kept.refused;
  const hash = requestHash(
    {
      method: read.method,
      target: request.url ?? "",
      headers: call.headers,
      requestId: call.requestId,
      madeId: read.id === undefined ? call.id : undefined,
    },
    !isSent ? undefined : held ? sha512(held) : digest.digest(),
  );
  await passBack(call, { ...passing, answer, hash });
}

/** Notes why this side ends a body, before whoever sends it on learns that it ended. */
async function* refusedNoted(
  body: AsyncIterable<Uint8Array>,
  kept: { refused?: BodyRefused },
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (error instanceof BodyRefused) kept.refused = error;
    throw error;
  }
}

function badRequest(problems: readonly string[]) {
  const told = problems.join("; ").slice(0, 1_000);
  return xRoadError(
    "Client.BadRequest",
    text(
      `请求与服务的说明不符，未予转交：${told}。`,
      `The request is not what the service describes; it was not passed on: ${told}.`,
    ),
  );
}

/** Who asks, as the edge has read it: the last of each name. */
const ASKING = ["x-road-client", "x-road-userid", "x-road-issue", "x-road-represented-party"] as const;
/** What the edge says itself in place of the caller. */
const SAID_HERE: ReadonlySet<string> = new Set([
  ...ASKING,
  "x-road-id",
  "x-road-request-id",
  "x-road-request-hash",
  "accept-encoding",
]);

/**
 * The provider sees who asks: each name once, so that it reads no other value than the one that was held against the certificate, and also
 * where the caller's `Connection` names it. The content comes as it is, since what is compressed could not be read here.
 */
function outgoingHeaders(call: EdgeCall): readonly string[] {
  const passed = passedOn(call.headers).filter(([name]) => !SAID_HERE.has(name.toLowerCase()));
  const asking = ASKING.flatMap((name) => {
    const value = lastValue(call.headers, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return [
    ...passed,
    ...asking,
    ["accept-encoding", "identity"] as const,
    ["x-road-request-id", call.requestId] as const,
    ["x-road-id", headerBytes(call.id)] as const,
    ...(lastValue(passed, "accept") === undefined ? [["accept", "application/json"] as const] : []),
  ].flat();
}

/** How long the body is that goes out: as it was said, or in pieces. */
function framing({ request, read }: EdgeCall, isSent: boolean, held: Uint8Array | undefined): readonly string[] {
  if (held !== undefined) return ["content-length", String(held.length)];
  if (!isSent) return read.method === "GET" || read.method === "HEAD" ? [] : ["content-length", "0"];
  const length = request.headers["content-length"];
  return length === undefined ? ["transfer-encoding", "chunked"] : ["content-length", length];
}

function isCoded(encoding: string | undefined): boolean {
  return encoding !== undefined && encoding.trim().toLowerCase() !== "identity";
}

async function passBack(
  call: EdgeCall,
  { provider, matched, right, answer, hash }: Passing & { readonly answer: IncomingMessage; readonly hash: string },
): Promise<void> {
  const status = answer.statusCode ?? 0;
  const mediaType = mediaTypeOf(answer.headers["content-type"]);
  const headers = passedBack(pairs(answer.rawHeaders));
  const isBodiless =
    call.read.method === "HEAD" || status === 204 || status === 304 || answer.headers["content-length"] === "0";
  const isHeld = isBodiless || isJsonType(mediaType);
  const failed = async (how = FAILED.badAnswer) => {
    answer.destroy();
    await sendFailure(call, how, { right, requestHash: hash });
  };
  if (status < 200 || (isHeld && !isBodiless && isCoded(answer.headers["content-encoding"]) && status < 300))
    return failed();
  let held: Uint8Array | undefined;
  try {
    held = isHeld ? await wholeBody(answer, JSON_MAX_BYTES) : undefined;
    if (held) demandUnmarked(call.kernel.zone, held);
  } catch (error) {
    if (error instanceof BodyTooLarge) return failed();
    if (error instanceof BodyMarked) return failed(FAILED.markedAnswer);
    throw new ProviderUnreachable("broken answer", { cause: error });
  }
  const problems = provider.validator.answerProblems(matched.operation, status, { mediaType, bytes: held });
  if (problems.length > 0) return failed();
  await enterCall(call, { outcome: `status ${status}`, right, requestHash: hash });
  if (held) return sendWhole(call, { status, headers: withoutLength(headers), body: held }, hash);
  writeHead(call, status, [...headers, ...edgeHeaders(call, hash)]);
  // Whatever breaks from here on breaks the connection: a part of a body does not pass for the whole.
  await pipeline(bounded(answer, BODY_MAX_BYTES, markWatch(call.kernel.zone)), call.response);
}

function withoutLength(headers: ReturnType<typeof passedBack>) {
  return headers.filter(([name]) => name.toLowerCase() !== "content-length");
}
