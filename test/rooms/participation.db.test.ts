import assert from "node:assert/strict";
import { after, test } from "node:test";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { Principal } from "#kernel/system/act";
import { text } from "#lib/language/text";
import { participation } from "#services/participation";
import { testNode } from "../../src/node/testing.ts";
import { provideParticipationPorts } from "../../src/services/participation/ports.ts";
import system from "../../src/services/participation/system.ts";
import { answered, refused } from "./answers.ts";

const node = await testNode({ systems: [system] });
after(node.close);

const OWNER = "10000000-0000-4000-8000-000000000001";
const AUTHORITY = "20000000-0000-4000-8000-000000000001";
const OTHER_AUTHORITY = "20000000-0000-4000-8000-000000000002";
const CLOSED = "30000000-0000-4000-8000-000000000001";
const POOR = "30000000-0000-4000-8000-000000000002";
const RUNNING = "30000000-0000-4000-8000-000000000003";

provideParticipationPorts({
  caseOf: async (act, caseId) =>
    act.principal.kind === "person" && act.principal.id === OWNER
      ? { number: `SP-${caseId.at(-1)}`, authority: AUTHORITY, closed: caseId !== RUNNING }
      : undefined,
});

let keys = 0;
function person(id: string) {
  keys += 1;
  return node.as(participation, { kind: "person", id, assurance: 1 }, { idempotencyKey: `key-${keys}` });
}

function official(authority: string) {
  keys += 1;
  const principal: Principal = {
    kind: "official",
    id: "40000000-0000-4000-8000-000000000001",
    assurance: 1,
    post: {
      id: "50000000-0000-4000-8000-000000000001",
      title: text("评价岗", "Ratings"),
      authority,
      authorityName: text("机关", "Authority"),
      duties: ["participation.handle"],
      division: "990101",
    },
  };
  return node.as(participation, principal, { purpose: "administration", idempotencyKey: `key-${keys}` });
}

const everyone = () => node.as(participation, { kind: "public" }, { purpose: "public-information" });

test("one's own closed case is rated once; others' and running ones are not", async () => {
  refused(await person(OWNER).rate({ caseId: RUNNING, score: "5" }), "not-closed");
  refused(await person(AUTHORITY).rate({ caseId: CLOSED, score: "1" }), "case-unknown");
  assert.equal(answered(await person(OWNER).rate({ caseId: CLOSED, score: "5", words: "很快" })).poor, false);
  refused(await person(OWNER).rate({ caseId: CLOSED, score: "1" }), "already-rated");
  const own = answered(await person(OWNER).ratingOfCase({ caseId: CLOSED }));
  assert.equal(own.score, "5");
  assert.equal(own.words, "很快");
  refused(await person(AUTHORITY).ratingOfCase({ caseId: CLOSED }), "not-found");
});

test("a poor rating waits for its authority, and for no other, until it is answered once", async () => {
  assert.equal(answered(await person(OWNER).rate({ caseId: POOR, score: "2", words: "等了太久" })).poor, true);
  assert.deepEqual(answered(await official(OTHER_AUTHORITY).openPoor({})).items, []);
  const [waiting] = answered(await official(AUTHORITY).openPoor({})).items;
  assert.equal(waiting?.words, "等了太久");
  assert.ok(waiting && !("person" in waiting), "who rated is not told");
  refused(await official(OTHER_AUTHORITY).answer({ id: waiting.id, answer: "已整改" }), "not-found");
  answered(await official(AUTHORITY).answer({ id: waiting.id, answer: "已增加人手" }));
  refused(await official(AUTHORITY).answer({ id: waiting.id, answer: "再次" }), "not-found");
  assert.deepEqual(answered(await official(AUTHORITY).openPoor({})).items, []);
  assert.equal(answered(await person(OWNER).ratingOfCase({ caseId: POOR })).answer, "已增加人手");
});

test("the best degree is offered first, and what was stored under its number stays readable", async () => {
  const [score] = formDescriptors(participation.operations.rate.input).filter(({ name }) => name === "score");
  assert.equal(score?.kind, "radios");
  assert.deepEqual(
    score?.options?.map(({ title }) => title.zh),
    ["非常满意", "满意", "基本满意", "不满意", "非常不满意"],
  );
  const shape = participation.registers.rating.schema.shape.score;
  for (const stored of ["1", "2", "3", "4", "5"]) assert.equal(shape.parse(stored), stored);
});

test("the public sees counts and no words", async () => {
  assert.deepEqual(answered(await everyone().summary({})), { count: 2, good: 1, poor: 1, answered: 1 });
});
