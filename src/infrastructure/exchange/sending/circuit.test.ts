import assert from "node:assert/strict";
import { test } from "node:test";
import { CIRCUIT_FAILURES, CIRCUIT_FIRST_PAUSE_MS, CIRCUIT_LONGEST_PAUSE_MS } from "../limits.ts";
import { Circuit } from "./circuit.ts";

test("a peer that fails is left alone, longer and longer, is tried once after each pause, and is asked again when it answers", () => {
  let now = 0;
  const circuit = new Circuit(() => now);
  for (let n = 0; n < CIRCUIT_FAILURES; n++) {
    assert.equal(circuit.state, "closed");
    circuit.failed();
  }
  let pause = CIRCUIT_FIRST_PAUSE_MS;
  for (let n = 0; n < 20; n++) {
    assert.equal(circuit.state, "open");
    now += pause - 1;
    assert.equal(circuit.state, "open");
    now += 1;
    assert.equal(circuit.state, "trying");
    circuit.failed();
    pause = Math.min(CIRCUIT_LONGEST_PAUSE_MS, pause * 2);
  }
  now += pause;
  circuit.succeeded();
  assert.equal(circuit.state, "closed");
});
