import assert from "node:assert/strict";
import { test } from "node:test";
import { kiosk } from "../access/sample-contract.ts";
import { compareContracts, versionStoodStill } from "./compare-contracts.ts";
import { type ContractDocument, contractDocument } from "./contract-document.ts";
import { mismatches } from "./schema-compatibility.ts";

const before = contractDocument(kiosk);

// biome-ignore lint/suspicious/noExplicitAny: a document is changed freely, as an editor would
type Loose = any;

/** What breaks when the contract is changed so. */
function broken(change: (document: Loose) => void): readonly string[] {
  const now = structuredClone(before) as Loose;
  now.version = "1.1";
  change(now);
  return compareContracts(before, now as ContractDocument).map(({ where }) => where);
}

test("the same contract breaks nothing", () => {
  assert.deepEqual(
    broken(() => undefined),
    [],
  );
});

test("additions and texts break nothing", () => {
  assert.deepEqual(
    broken((now) => {
      now.operations.another = now.operations.findKeeper;
      now.operations.findKeeper.audience.push("person");
      now.operations.findKeeper.input.properties.also = { type: "string" };
      now.operations.findKeeper.output.properties.also = { type: "string" };
      now.operations.findKeeper.title = { zh: "另", en: "Other" };
      now.operations.moveStand.input.properties.street.maxLength = 400;
      now.registers.stand.schema.properties.note = { type: "string" };
      now.services.permit.limits.promisedDays = 3;
      now.services.permit.applicants.push("person");
      delete now.operations.findKeeper.refusals["not-found"];
    }),
    [],
  );
});

const BREAKING: readonly (readonly [string, (now: Loose) => void])[] = [
  ["kiosk.operations.moveStand", (now) => delete now.operations.moveStand],
  [
    "kiosk.operations.findKeeper.kind",
    (now) => {
      now.operations.findKeeper.kind = "command";
    },
  ],
  [
    "kiosk.operations.findKeeper.duty",
    (now) => {
      now.operations.findKeeper.duty = "kiosk.other";
    },
  ],
  [
    "kiosk.operations.findKeeper.audience",
    (now) => {
      now.operations.findKeeper.audience = ["node"];
    },
  ],
  [
    "kiosk.operations.findKeeper.input.key",
    (now) => {
      now.operations.findKeeper.input.properties.key.maxLength = 3;
    },
  ],
  ["kiosk.operations.moveStand.input.street", (now) => delete now.operations.moveStand.input.properties.street],
  [
    "kiosk.operations.findKeeper.input.also",
    (now) => {
      now.operations.findKeeper.input.required.push("also");
    },
  ],
  [
    "kiosk.operations.findKeeper.output.name",
    (now) => {
      now.operations.findKeeper.output.required = [];
    },
  ],
  [
    "kiosk.operations.findKeeper.output.name",
    (now) => {
      now.operations.findKeeper.output.properties.name = { type: "number" };
    },
  ],
  [
    "kiosk.operations.findKeeper.refusals.dead",
    (now) => {
      now.operations.findKeeper.refusals.dead = { zh: "亡", en: "Dead" };
    },
  ],
  [
    "kiosk.registers.keeper.subject",
    (now) => {
      now.registers.keeper.subject = { kind: "none" };
    },
  ],
  [
    "kiosk.registers.keeper.retention",
    (now) => {
      now.registers.keeper.retention = "permanent";
    },
  ],
  [
    "kiosk.registers.keeper.schema.identityNumber.sensitive",
    (now) => delete now.registers.keeper.schema.properties.identityNumber["x-sensitive"],
  ],
  ["kiosk.registers.keeper.schema.name", (now) => delete now.registers.keeper.schema.properties.name],
  [
    "kiosk.services.permit.limits.promisedDays",
    (now) => {
      now.services.permit.limits.promisedDays = 6;
    },
  ],
  [
    "kiosk.services.permit.applicants",
    (now) => {
      now.services.permit.applicants = [];
    },
  ],
  [
    "kiosk.services.permit.materials.plan",
    (now) => {
      now.services.permit.materials.plan = { required: true, mediaTypes: [], maxBytes: 1 };
    },
  ],
  ["kiosk.events.standMoved.payload.key", (now) => delete now.events.standMoved.payload.properties.key],
];

for (const [where, change] of BREAKING) {
  test(`breaks: ${where}, by ${String(change).replace(/\s+/g, " ").slice(9, 90)}`, () => {
    assert.deepEqual(broken(change), [where]);
  });
}

test("a new major version may break; an older version may not come back", () => {
  const next = { ...before, version: "2.0", operations: {} };
  assert.deepEqual(compareContracts(before, next), []);
  assert.match(compareContracts(next, before)[0]?.message ?? "", /went back/);
});

test("a change without a higher version is noticed", () => {
  assert.equal(versionStoodStill(before, structuredClone(before)), false);
  assert.equal(versionStoodStill(before, { ...before, title: { zh: "另", en: "Other" } }), true);
  assert.equal(versionStoodStill(before, { ...before, version: "1.1", title: { zh: "另", en: "Other" } }), false);
});

test("alternatives: each that may be sent must be taken", () => {
  const one = { type: "string", maxLength: 3 };
  const two = { type: "number" };
  assert.deepEqual(mismatches({ anyOf: [one, two] }, { anyOf: [two, one] }), []);
  assert.equal(mismatches({ anyOf: [one, two] }, one).length, 1);
  assert.deepEqual(mismatches(one, { anyOf: [one, two] }), []);
  assert.deepEqual(mismatches({ type: "integer" }, { type: "number" }), []);
  assert.equal(mismatches({ type: "number" }, { type: "integer" }).length, 1);
  assert.equal(mismatches({ enum: ["a", "b"] }, { enum: ["a"] }).length, 1);
});
