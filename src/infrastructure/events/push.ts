import { isRefusal } from "#kernel/contract/refusal";
import type { Act } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { continuing } from "#kernel/system/trace";
import { toBase64 } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { hmacSha256 } from "#lib/crypto/digest";
import { CLOUD_EVENT_TYPE, type CloudEvent } from "./cloud-event.ts";
import type { Attempt } from "./delivery-state.ts";
import { PUSH_TIMEOUT_MS } from "./limits.ts";

/** Where a subscription's events go. */
export interface Receiver {
  readonly subscription: string;
  readonly member: string;
  readonly target: string;
  /** Opened; of systems alone. */
  readonly secret: Uint8Array | undefined;
}

/** Refusals that say nothing about the event: the same one may be taken later. */
const PASSING = new Set(["unavailable"]);
const TOO_BUSY = new Set([408, 425, 429, 502, 503, 504]);
const MAX_REASON_CHARACTERS = 200;

/**
 * To a room of this node: its operation, as a command whose key is this delivery. Its effect and that key commit together, so a second
 * delivery finds the first one's outcome.
 */
export async function pushToRoom(kernel: Kernel, receiver: Receiver, event: CloudEvent): Promise<Attempt> {
  const room = receiver.member.slice("room:".length);
  const act: Act = {
    id: kernel.newId(),
    principal: { kind: "node", room: "events" },
    purpose: "administration",
    legalBasis: [],
    zone: kernel.zone,
    language: "zh",
    at: kernel.now(),
    idempotencyKey: `${receiver.subscription}/${event.id}`,
  };
  const call = { room, operation: receiver.target, input: event };
  const outcome = await continuing(event.traceparent, () => kernel.perform(act, call));
  if (!isRefusal(outcome)) return { kind: "taken" };
  return PASSING.has(outcome.code)
    ? { kind: "unreachable", reason: outcome.code }
    : { kind: "refused", reason: `${outcome.room}.${outcome.code}` };
}

/**
 * To a system: a POST with the event as CloudEvents JSON, signed as Standard Webhooks 1.0 does (`webhook-id`, `webhook-timestamp`,
 * `webhook-signature`). 2xx takes it; 408, 425, 429, 502, 503, 504 and no answer say nothing about it; anything else refuses it.
 */
export async function pushToSystem(receiver: Receiver, event: CloudEvent, now: string): Promise<Attempt> {
  const body = JSON.stringify(event);
  const timestamp = String(Math.floor(Date.parse(now) / 1_000));
  const signature = receiver.secret && toBase64(hmacSha256(receiver.secret, utf8(`${event.id}.${timestamp}.${body}`)));
  let response: Response;
  try {
    response = await fetch(receiver.target, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(PUSH_TIMEOUT_MS),
      headers: {
        "content-type": CLOUD_EVENT_TYPE,
        "idempotency-key": event.id,
        "webhook-id": event.id,
        "webhook-timestamp": timestamp,
        ...(signature && { "webhook-signature": `v1,${signature}` }),
      },
      body,
    });
  } catch (error) {
    const cause = (error as { readonly cause?: { readonly code?: unknown } }).cause?.code;
    return { kind: "unreachable", reason: String(cause ?? (error as Error).name).slice(0, MAX_REASON_CHARACTERS) };
  }
  // Nothing of an answer but its status counts; it is not read.
  await response.body?.cancel().catch(() => undefined);
  if (response.ok) return { kind: "taken" };
  const reason = `HTTP ${response.status}`;
  if (!TOO_BUSY.has(response.status)) return { kind: "refused", reason };
  const seconds = Number(response.headers.get("retry-after"));
  return {
    kind: "unreachable",
    reason,
    ...(Number.isFinite(seconds) && seconds > 0 && { retryAfterMs: seconds * 1_000 }),
  };
}
