import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { afterAttempt, beforeAttempt, outageRetryMs, retryAfterMs } from "./delivery-state.ts";
import { MAX_ATTEMPTS, MAX_OUTAGE_RETRY_MS, MAX_RETRY_MS } from "./limits.ts";

const nowMs = fc.integer({ min: 0, max: 4e12 });
const attempts = fc.integer({ min: 0, max: MAX_ATTEMPTS - 1 });
const attempt = fc.oneof(
  fc.constant({ kind: "taken" } as const),
  fc.record({ kind: fc.constant("refused" as const), reason: fc.string() }),
  fc.record({ kind: fc.constant("unreachable" as const), reason: fc.string() }),
);

describe("the course of a delivery", () => {
  test("whatever a receiver answers, an event is delivered, dead, or will be offered again", () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40 }), nowMs, (answers, startMs) => {
        let row = { attempts: 0, dueAtMs: startMs };
        let refusals = 0;
        for (const answer of answers) {
          const at = row.dueAtMs;
          const next = afterAttempt(row, answer, at);
          if (answer.kind === "refused") refusals += 1;
          if (next === undefined) {
            assert.equal(answer.kind, "unreachable");
            continue;
          }
          if (next.state === "gone") return assert.equal(answer.kind, "taken");
          assert.equal(next.attempts, refusals);
          if (next.state === "dead") return assert.equal(refusals, MAX_ATTEMPTS);
          assert.ok(next.dueAtMs > at && next.dueAtMs <= at + MAX_RETRY_MS);
          row = { attempts: next.attempts, dueAtMs: next.dueAtMs };
        }
      }),
    );
  });

  test("a publisher's end removes it, a subscriber's makes it a dead letter, and neither before its time", () => {
    const times = fc.record({
      atMs: nowMs,
      expiresInMs: fc.option(fc.nat()),
      ttlMs: fc.option(fc.nat()),
      ageMs: fc.nat(),
      isStopped: fc.boolean(),
    });
    fc.assert(
      fc.property(times, attempts, ({ atMs, expiresInMs, ttlMs, ageMs, isStopped }, tried) => {
        const event = {
          ...{ atMs, isStopped },
          expiresAtMs: expiresInMs === null ? undefined : atMs + expiresInMs,
          ttlMs: ttlMs ?? undefined,
        };
        const next = beforeAttempt({ attempts: tried, dueAtMs: atMs }, event, atMs + ageMs);
        if (isStopped || (expiresInMs !== null && ageMs >= expiresInMs)) assert.equal(next?.state, "gone");
        else if (ttlMs !== null && ageMs >= ttlMs) assert.equal(next?.state, "dead");
        else assert.equal(next, undefined);
      }),
    );
  });

  test("waits grow, and have an end", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(10_000_000), (many, askedMs) => {
        assert.ok(retryAfterMs(many) <= retryAfterMs(many + 1) && retryAfterMs(many) <= MAX_RETRY_MS);
        assert.ok(outageRetryMs(many, askedMs) >= Math.min(askedMs, MAX_OUTAGE_RETRY_MS));
        assert.ok(outageRetryMs(many, askedMs) <= MAX_OUTAGE_RETRY_MS);
      }),
    );
  });
});
