import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { testDatabase } from "#kernel/database/testing";
import { randomOpaqueUuid } from "#kernel/random";
import {
  ABSOLUTE_MS,
  endSession,
  endSessionsOfAccount,
  findSession,
  IDLE_MS,
  openSession,
  provenAtOf,
  raiseSession,
  SESSIONS_PER_HOLDER_MAX,
  sessionOfToken,
  sessionsOf,
  setRepresented,
  touchSession,
} from "./sessions.ts";

const folder = fileURLToPath(new URL("./migrations/", import.meta.url));
const { database, close } = await testDatabase({ migrations: [{ scope: "identity", folder }] });
after(close);

const START = Date.parse("2026-03-02T01:00:00Z");
const at = (offsetMs: number) => new Date(START + offsetMs).toISOString();

async function open(options: { account?: string; holder?: string; at?: string } = {}) {
  const account = options.account ?? randomOpaqueUuid();
  const holder = options.holder ?? randomOpaqueUuid();
  const who = {
    account,
    holder,
    holderKind: "person",
    displayName: "王𬀩",
    assurance: 1,
    post: null,
    address: "127.0.0.1",
  } as const;
  return { account, holder, ...(await openSession(database, who, options.at ?? at(0))) };
}

test("A token opens its session; the table holds only the token's digest", async () => {
  const { id, token, holder } = await open();
  const row = await sessionOfToken(database, token, at(1_000));
  assert.equal(row?.id, id);
  assert.equal(row.holder, holder);
  assert.equal(row.displayName, "王𬀩");
  assert.equal(row.organization, null);
  const [stored] = await database.query<{ whole: string }>(
    "SELECT s::text AS whole FROM identity.session s WHERE id = $1",
    [id],
  );
  assert.ok(!stored?.whole.includes(token));
  assert.ok(!stored?.whole.includes(Buffer.from(token, "base64url").toString("hex")));
});

test("A forged, shortened or absurd token opens nothing", async () => {
  const { token } = await open();
  const other = (token.startsWith("A") ? "B" : "A") + token.slice(1);
  for (const forged of [other, token.slice(1), "", `${token}A`, "x".repeat(10_000), "'; DROP TABLE identity.session"]) {
    assert.equal(await sessionOfToken(database, forged, at(1_000)), undefined);
  }
});

test("A session ends when it was not used for half an hour, and after half a day however much it was used", async () => {
  const idle = await open();
  assert.ok(await sessionOfToken(database, idle.token, at(IDLE_MS - 1)));
  assert.equal(await sessionOfToken(database, idle.token, at(IDLE_MS)), undefined);

  const busy = await open();
  for (let used = 0; used < ABSOLUTE_MS; used += IDLE_MS / 2) {
    const row = await sessionOfToken(database, busy.token, at(used));
    assert.ok(row, `still open after ${used} ms`);
    await touchSession(database, row, at(used));
  }
  assert.equal(await sessionOfToken(database, busy.token, at(ABSOLUTE_MS)), undefined);
});

test("An ended session is gone, other sessions of the account stay until they are ended too", async () => {
  const one = await open();
  const other = await open({ account: one.account, holder: one.holder, at: at(1) });
  const third = await open({ account: one.account, holder: one.holder, at: at(2) });
  await endSession(database, one.id);
  assert.equal(await sessionOfToken(database, one.token, at(10)), undefined);
  assert.deepEqual(
    (await sessionsOf(database, one.holder, at(10))).map(({ id }) => id),
    [third.id, other.id],
  );
  assert.equal(await endSessionsOfAccount(database, one.account, third.id), 1);
  assert.deepEqual(
    (await sessionsOf(database, one.holder, at(10))).map(({ id }) => id),
    [third.id],
  );
});

test("Each sign-in has a token of its own, and the oldest sessions make room", async () => {
  const first = await open();
  const tokens = new Set([first.token]);
  for (let more = 1; more <= SESSIONS_PER_HOLDER_MAX; more++) {
    tokens.add((await open({ account: first.account, holder: first.holder, at: at(more) })).token);
  }
  assert.equal(tokens.size, SESSIONS_PER_HOLDER_MAX + 1);
  assert.equal((await sessionsOf(database, first.holder, at(1_000))).length, SESSIONS_PER_HOLDER_MAX);
  assert.equal(await findSession(database, first.id, at(1_000)), undefined);
});

test("The organization that was chosen stays with the session until another choice", async () => {
  const { id, token } = await open();
  const organization = randomOpaqueUuid();
  await setRepresented(database, id, { organization: organization });
  assert.equal((await sessionOfToken(database, token, at(1)))?.organization, organization);
  await setRepresented(database, id, {});
  assert.equal((await sessionOfToken(database, token, at(1)))?.organization, null);
});

const times = (proven: object) => Object.values(proven).map((time: string) => new Date(time).toISOString());

test("A level that was proved is noted with its time under a new token, and the old token is worth nothing", async () => {
  const { id, token } = await open();
  const raised = await raiseSession(database, { session: id, level: 2, methods: ["otp", "pwd"], at: at(60_000) });
  assert.ok(raised !== undefined && raised !== token);
  assert.equal(await sessionOfToken(database, token, at(60_000)), undefined);
  const row = await sessionOfToken(database, raised, at(60_000));
  assert.ok(row);
  assert.deepEqual([row.id, row.assurance, row.methods], [id, 2, ["pwd", "otp"]]);
  assert.deepEqual(times(provenAtOf(row)), [at(0), at(60_000)]);
  const again = await raiseSession(database, { session: id, level: 3, methods: ["pop"], at: at(120_000) });
  const high = await sessionOfToken(database, again ?? "", at(120_000));
  assert.deepEqual(high && times(provenAtOf(high)), [at(0), at(60_000), at(120_000)]);
  await endSession(database, id);
  assert.equal(await raiseSession(database, { session: id, level: 2, methods: ["otp"], at: at(180_000) }), undefined);
});
