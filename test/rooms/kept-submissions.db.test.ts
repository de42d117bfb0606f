import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  dropSubmission,
  KEPT_SUBMISSION_MS,
  KEPT_SUBMISSIONS_MAX,
  keepSubmission,
  keptNeeds,
  keptSubmission,
} from "#kernel/http/kept-submissions";
import type { PageRequest } from "#kernel/http/page";
import { randomOpaqueUuid } from "#kernel/random";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";

const node = await testNode({ systems: [] });
after(() => node.close());

const needs = { level: 2, withinMinutes: 30 } as const;
const about = (session: string) => ({ route: "/things/:id", session, needs });
const session = randomOpaqueUuid();

function sent(words: string, now = TEST_NOW): PageRequest {
  return {
    url: "/things/7?back=1",
    params: { id: "7" },
    query: { back: "1" },
    fields: { csrf: "t", words, many: ["a", "b"] },
    files: [{ field: "plan", name: "图.png", mediaType: "image/png", bytes: Uint8Array.of(1, 2, 3) }],
    now,
  } as unknown as PageRequest;
}

test("A form is kept as it was sent, files and all, and the database has nothing of it in the clear", async () => {
  const { kernel } = node;
  const id = await keepSubmission(kernel, sent("林晓竹"), about(session));
  assert.deepEqual((await keptNeeds(kernel, { id, session, now: TEST_NOW }))?.needs, needs);
  const kept = await keptSubmission(kernel, { id, session, now: TEST_NOW });
  assert.deepEqual({ ...kept?.fields }, { words: "林晓竹", many: ["a", "b"] });
  assert.deepEqual([kept?.route, kept?.url, kept?.params["id"]], ["/things/:id", "/things/7?back=1", "7"]);
  assert.deepEqual([...(kept?.files[0]?.bytes ?? [])], [1, 2, 3]);
  const rows = await kernel.database.query<{ whole: string }>("SELECT k::text AS whole FROM act.kept_submission k");
  assert.ok(rows.length === 1 && rows.every(({ whole }) => !whole.includes("things")));
  await dropSubmission(kernel, id);
  assert.equal(await keptSubmission(kernel, { id, session, now: TEST_NOW }), undefined);
});

test("Another session, a forged name and a later hour find nothing; the oldest of a session make room", async () => {
  const { kernel } = node;
  const id = await keepSubmission(kernel, sent("mine"), about(session));
  const late = new Date(Date.parse(TEST_NOW) + KEPT_SUBMISSION_MS).toISOString();
  assert.equal(await keptSubmission(kernel, { id, session: randomOpaqueUuid(), now: TEST_NOW }), undefined);
  assert.equal(await keptSubmission(kernel, { id: "' OR true --", session, now: TEST_NOW }), undefined);
  assert.equal(await keptSubmission(kernel, { id, session, now: late }), undefined);
  const other = randomOpaqueUuid();
  for (let minute = 0; minute < KEPT_SUBMISSIONS_MAX; minute += 1) {
    const now = new Date(Date.parse(TEST_NOW) + (minute + 1) * 1_000).toISOString();
    await keepSubmission(kernel, sent(String(minute), now), about(session));
  }
  const others = await keepSubmission(kernel, sent("theirs"), about(other));
  assert.equal(await keptSubmission(kernel, { id, session, now: TEST_NOW }), undefined);
  assert.ok(await keptSubmission(kernel, { id: others, session: other, now: TEST_NOW }));
});
