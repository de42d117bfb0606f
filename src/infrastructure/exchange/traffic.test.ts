import assert from "node:assert/strict";
import { test } from "node:test";
import { TRAFFIC_ROWS_MAX, Traffic, type TrafficNote } from "./traffic.ts";

const CALL: TrafficNote = {
  ...{ peer: "province", direction: "out", room: "population", operation: "findPersonForCase" },
  ...{ ended: "answered", ms: 7 },
};

test("counts by peer, direction and operation, with times by class", () => {
  let nowMs = 0;
  const traffic = new Traffic(() => nowMs);
  for (let call = 0; call < 18; call += 1) traffic.note(CALL);
  traffic.note({ ...CALL, ended: "refused", ms: 150 });
  traffic.note({ ...CALL, ended: "failed", ms: 60_000 });
  traffic.note({ ...CALL, direction: "in" });
  const [busiest, other] = traffic.rows();
  assert.deepEqual(busiest, {
    ...{ peer: "province", direction: "out", room: "population", operation: "findPersonForCase" },
    ...{ calls: 20, refused: 1, failed: 1, lately: 20, p50Ms: 10, p95Ms: 200 },
  });
  assert.equal(other?.direction, "in");
  nowMs = 14 * 60_000;
  assert.equal(traffic.rows()[0]?.lately, 20);
  nowMs = 16 * 60_000;
  assert.equal(traffic.rows()[0]?.lately, 0);
  assert.equal(traffic.rows()[0]?.calls, 20);
});

test("beyond the last class there is no bound", () => {
  const traffic = new Traffic();
  traffic.note({ ...CALL, ms: 100_000 });
  assert.equal(traffic.rows()[0]?.p50Ms, undefined);
});

test("names that somebody invents do not fill the memory", () => {
  const traffic = new Traffic();
  for (let name = 0; name < TRAFFIC_ROWS_MAX + 500; name += 1) traffic.note({ ...CALL, operation: `o${name}` });
  const rows = traffic.rows();
  assert.ok(rows.length <= TRAFFIC_ROWS_MAX + 2);
  assert.equal(
    rows.reduce((sum, { calls }) => sum + calls, 0),
    TRAFFIC_ROWS_MAX + 500,
  );
  assert.equal(rows[0]?.room, "other");
});
