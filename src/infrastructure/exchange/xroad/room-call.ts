import type { Contract } from "#kernel/contract/contract";
import { DOOR_REFUSALS } from "#kernel/contract/door-refusals";
import { type DoorRefusal, isRefusal, type Refusal } from "#kernel/contract/refusal";
import { DOOR_STATUS, MAX_KEY_CHARACTERS, REFUSED_STATUS } from "#kernel/http/refusal-status";
import type { Act, Purpose } from "#kernel/system/act";
import { fromUtf8 } from "#lib/crypto/bytes";
import { sha256Hex, sha512 } from "#lib/crypto/digest";
import { isUuid } from "#lib/crypto/uuid";
import { isJsonType, mediaTypeOf } from "#lib/openapi/media-type";
import type { XRoadError } from "#lib/xroad/error";
import { serviceText } from "#lib/xroad/identifier";
import { lastValue } from "#lib/xroad/message-headers";
import { requestHash } from "#lib/xroad/request-hash";
import { sendFailure, sendWhole } from "./answer.ts";
import { BodyTooLarge, hasBody, wholeBody } from "./bodies.ts";
import { enterCall } from "./call-entry.ts";
import type { EdgeCall } from "./edge-call.ts";
import { FAILED } from "./failures.ts";
import { JSON_MAX_BYTES } from "./limits.ts";
import { isOpenable } from "./offered.ts";
import { edgePorts } from "./ports.ts";
import type { Right } from "./registrations.ts";

/**
 * A room's operation, asked by a system that is not ours: `POST …/findPerson` with its input as JSON, or, of what changes nothing,
 * `GET …/findPerson?input=…`. It goes through the same door as every call, here or on the node that keeps the room.
 */
export async function callRoom(
  call: EdgeCall,
  contract: Contract,
  right: (endpoint: string) => Right | undefined,
): Promise<void> {
  const name = call.read.path.slice(1);
  const operation = contract.operations[name];
  if (operation === undefined || !Object.hasOwn(contract.operations, name) || !isOpenable(operation)) {
    return sendFailure(call, FAILED.noOperation, { right: undefined });
  }
  const allowed = right(name);
  if (allowed === undefined) return sendFailure(call, FAILED.denied, { right: undefined });
  const body = await inputOf(call, operation.kind);
  if ("failure" in body) return sendFailure(call, body, { right: allowed });
  const key = keyOf(call);
  if (operation.kind === "command" && key === undefined) return sendFailure(call, FAILED.noKey, { right: allowed });
  const hash = hashOf(call, body.bytes);
  const act = actOf(call, allowed, key);
  let outcome: unknown;
  try {
    outcome = await call.kernel.perform(act, { room: contract.id, operation: name, input: body.input });
  } catch (error) {
    await enterCall(call, { outcome: FAILED.node.failure, right: allowed, actId: act.id, requestHash: hash });
    throw error;
  }
  if (isRefusal(outcome) && outcome.code === "denied") {
    return sendFailure(call, FAILED.denied, { right: allowed, actId: act.id, requestHash: hash });
  }
  await enterCall(call, {
    outcome: isRefusal(outcome) ? outcome.code : "answered",
    right: allowed,
    actId: act.id,
    requestHash: hash,
  });
  sendWhole(call, isRefusal(outcome) ? refused(outcome) : answered(outcome), hash);
}

function answered(outcome: unknown) {
  const headers = [
    ["content-type", "application/json; charset=utf-8"],
    ["cache-control", "no-store"],
  ] as const;
  return { status: 200, headers, body: JSON.stringify(outcome ?? {}) };
}

/** The same problem details (RFC 9457) as the API gives. */
function refused({ code, text: words, room, issues, needs }: Refusal) {
  const status = code in DOOR_REFUSALS ? DOOR_STATUS[code as DoorRefusal] : REFUSED_STATUS;
  const headers = [
    ["content-type", "application/problem+json; charset=utf-8"],
    ["cache-control", "no-store"],
  ] as const;
  const body = {
    type: `urn:zhengtong:refusal:${code}`,
    title: words.en,
    status,
    code,
    text: words,
    room,
    issues,
    ...(needs && { needs }),
  };
  return { status, headers, body: JSON.stringify(body) };
}

interface Input {
  readonly input: unknown;
  readonly bytes: Uint8Array | undefined;
}

async function inputOf(call: EdgeCall, kind: "query" | "command"): Promise<Input | XRoadError> {
  const { request, read } = call;
  if (read.method === "GET" && kind === "query") {
    if (hasBody(request.headers)) return FAILED.notJson;
    const given = new URLSearchParams(read.query ?? "").get("input");
    return given === null ? { input: {}, bytes: undefined } : (parsed(given, undefined) ?? FAILED.notJson);
  }
  if (read.method !== "POST") return FAILED.noOperation;
  if (!isJsonType(mediaTypeOf(request.headers["content-type"])) || isCoded(request.headers["content-encoding"]))
    return FAILED.notJson;
  try {
    const bytes = await wholeBody(request, JSON_MAX_BYTES);
    return parsed(fromUtf8(bytes), bytes) ?? FAILED.notJson;
  } catch (error) {
    if (error instanceof BodyTooLarge) return FAILED.tooLarge;
    if (error instanceof TypeError) return FAILED.notJson;
    throw error;
  }
}

function isCoded(encoding: string | undefined): boolean {
  return encoding !== undefined && encoding.trim().toLowerCase() !== "identity";
}

/** No text of PostgreSQL holds U+0000. */
function parsed(json: string, bytes: Uint8Array | undefined): Input | undefined {
  try {
    const input: unknown = JSON.parse(json);
    return json.includes("\\u0000") || json.includes("\0") ? undefined : { input, bytes };
  } catch {
    return undefined;
  }
}

/** The same request again has the same key: the caller's own, or what it called the message. */
function keyOf(call: EdgeCall): string | undefined {
  const own = lastValue(call.headers, "idempotency-key");
  const key = own !== undefined && own.length <= MAX_KEY_CHARACTERS ? own : call.read.id;
  return key === undefined || key === ""
    ? undefined
    : sha256Hex(`${call.system.client}\n${serviceText(call.read.service)}\n${key}`);
}

export function hashOf(call: EdgeCall, body: Uint8Array | undefined): string {
  const { request, headers, requestId, read, id } = call;
  const madeId = read.id === undefined ? id : undefined;
  return requestHash(
    { method: read.method, target: request.url ?? "", headers, requestId, madeId },
    body === undefined ? undefined : sha512(body),
  );
}

function actOf(call: EdgeCall, right: Right, key: string | undefined): Act {
  const { kernel, read, at, system } = call;
  return {
    id: kernel.newId(),
    principal: { kind: "node", room: "exchange" },
    origin: { node: edgePorts(kernel.database).self, client: system.client },
    purpose: right.purpose as Purpose,
    legalBasis: right.legalBasis,
    ...(read.issue !== undefined && isUuid(read.issue) && { caseId: read.issue }),
    zone: kernel.zone,
    language: /^en\b/i.test(call.request.headers["accept-language"] ?? "") ? "en" : "zh",
    at,
    ...(key !== undefined && { idempotencyKey: key }),
  };
}
