import { MAX_ATTEMPTS, MAX_OUTAGE_RETRY_MS, MAX_RETRY_MS } from "./limits.ts";

/** How one attempt to deliver ended. */
export type Attempt =
  | { readonly kind: "taken" }
  /** The receiver does not take this event. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The receiver cannot be reached: nothing is said about the event. */
  | { readonly kind: "unreachable"; readonly reason: string; readonly retryAfterMs?: number };

/** What stands in `events.delivery`. */
export interface DeliveryRow {
  readonly attempts: number;
  readonly dueAtMs: number;
}

export type Next =
  /** The row goes: it was delivered, or nobody wants it any more. */
  | { readonly state: "gone"; readonly as: "delivered" | "expired" | "stopped" }
  | { readonly state: "waiting"; readonly attempts: number; readonly dueAtMs: number; readonly reason: string }
  | { readonly state: "dead"; readonly attempts: number; readonly reason: string };

/** What is written down after an attempt; undefined where the row stays as it is. */
export function afterAttempt(row: DeliveryRow, attempt: Attempt, nowMs: number): Next | undefined {
  if (attempt.kind === "taken") return { state: "gone", as: "delivered" };
  if (attempt.kind === "unreachable") return undefined;
  const attempts = row.attempts + 1;
  if (attempts >= MAX_ATTEMPTS) return { state: "dead", attempts, reason: attempt.reason };
  return { state: "waiting", attempts, dueAtMs: nowMs + retryAfterMs(attempts), reason: attempt.reason };
}

/** Whether an event is still to be delivered when its turn comes. Undefined: it is. */
export function beforeAttempt(
  row: DeliveryRow,
  event: {
    readonly atMs: number;
    readonly expiresAtMs: number | undefined;
    readonly isStopped: boolean;
    readonly ttlMs: number | undefined;
  },
  nowMs: number,
): Next | undefined {
  if (event.isStopped) return { state: "gone", as: "stopped" };
  if (event.expiresAtMs !== undefined && event.expiresAtMs <= nowMs) return { state: "gone", as: "expired" };
  if (event.ttlMs !== undefined && event.atMs + event.ttlMs <= nowMs) {
    return { state: "dead", attempts: row.attempts, reason: TTL_PASSED };
  }
  return undefined;
}

/** Why an event that was older than its subscriber wanted it is a dead letter. */
export const TTL_PASSED = "ttl";

/** e, e² … seconds, at most an hour. */
export function retryAfterMs(attempts: number): number {
  return Math.min(MAX_RETRY_MS, Math.round(1_000 * Math.exp(attempts)));
}

/** The same for a subscriber that cannot be reached, at most five minutes: it is back sooner than an event changes. */
export function outageRetryMs(failures: number, askedMs = 0): number {
  return Math.min(MAX_OUTAGE_RETRY_MS, Math.max(askedMs, Math.round(1_000 * Math.exp(Math.min(failures, 10)))));
}
