import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../errors/fault.ts";
import { isoOf, microsOf, rangeOf } from "./instant.ts";

const micros = fc.integer({ min: Date.UTC(0, 0, 1) * 1_000, max: Date.UTC(2200, 0, 1) * 1_000 });

test("instants keep their microseconds, written either way", () => {
  fc.assert(
    fc.property(micros, (at) => {
      assert.equal(microsOf(isoOf(at)), at);
      const instant = Temporal.Instant.fromEpochNanoseconds(BigInt(at) * 1_000n);
      assert.equal(microsOf(instant.toString()), at);
      assert.equal(microsOf(instant.toZonedDateTimeISO("+08:00").toString({ timeZoneName: "never" })), at);
    }),
  );
});

test("what is no instant, or too far away to be kept exactly, is refused", () => {
  for (const text of [
    "",
    "2026-01-31",
    "2026-01-31T00:00:00",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T00:60:00Z",
    "infinity",
    "0099-01-31T00:00:00Z",
    "1600-01-31T00:00:00Z",
    "2300-01-31T00:00:00Z",
  ]) {
    assert.throws(
      () => microsOf(text),
      (error) => isFault(error, "ERR_REGISTER_TIME"),
      text,
    );
  }
});

test("ranges are half open", () => {
  assert.equal(rangeOf(0, undefined), '["1970-01-01T00:00:00.000Z",)');
  assert.equal(rangeOf(0, 1), '["1970-01-01T00:00:00.000Z","1970-01-01T00:00:00.000001Z")');
});
