import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { network } from "#infrastructure/network";
import { trust } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import { isFault } from "#kernel/errors/fault";
import { frontOf } from "#kernel/http/pages";
import type { SealedPart } from "#kernel/resealing/part";
import { sealedParts } from "#kernel/resealing/parts";
import { reseal } from "#kernel/resealing/resealing";
import { caseForOfficial } from "#kernel/services/case-views";
import { nameParty } from "#kernel/services/name-party";
import { partiesOf } from "#kernel/services/parties";
import type { Kernel } from "#kernel/system/kernel";
import { SETTLING_MS, tendKeys } from "../../src/node/key-tending.ts";
import { nodeActOf } from "../../src/node/node-act.ts";
import { ROOM_COLUMNS } from "../../src/node/sealed-columns.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
let kernel: Kernel;
before(async () => {
  county = await licensingCounty();
  kernel = county.node.site.kernel;
});
after(() => county.close());

const keys = () => frontOf(kernel, trust, () => nodeActOf(kernel, trust.id));
const later = (milliseconds: number) => Temporal.Instant.from(kernel.now()).add({ milliseconds }).toString();
/** The node itself hears of it. */
const dataKeys = { refresh: async () => undefined };

async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600 && !(await reached()); attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(await reached());
}

/** Every column of bytes in the database, whatever a room calls it: who adds one and forgets it is told here. */
async function sealedUnder(keyId: string): Promise<Readonly<Record<string, number>>> {
  const columns = await kernel.database.query<{ table: string; column: string }>(
    `SELECT format('%I.%I', c.table_schema, c.table_name) AS "table", format('%I', c.column_name) AS "column"
       FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.data_type = 'bytea' AND t.table_type = 'BASE TABLE'
        AND c.table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const found: Record<string, number> = {};
  for (const { table, column } of columns) {
    const [row] = await kernel.database.query<{ rows: number }>(
      `SELECT count(*) AS rows FROM ${table} WHERE substr(${column}, 3, $2) = convert_to($1, 'UTF8')`,
      [keyId, keyId.length],
    );
    if (row !== undefined && row.rows > 0) found[`${table}.${column}`] = row.rows;
  }
  return found;
}

test("a rotation goes on beside the work: everything is sealed anew, nothing is lost, and the old key can be destroyed", async () => {
  const outcome = await county.submit(await county.draft());
  assert.ok(!isRefusal(outcome));
  const { caseId } = outcome;
  const party = await named();
  const ferry = frontOf(kernel, network, () => nodeActOf(kernel, network.id));
  assert.ok(!isRefusal(await ferry.openFerry({})));
  const first = kernel.vault.keyId;
  const sample = kernel.vault.seal("file", Buffer.from("a copy that somebody kept"), "x");
  assert.ok(Object.keys(await sealedUnder(first)).length > 10, "many tables hold something");

  const rotation = await keys().rotateDataKey({ reason: "例行轮换" });
  assert.ok(!isRefusal(rotation), JSON.stringify(rotation));
  const again = await keys().rotateDataKey({ reason: "例行轮换" });
  assert.ok(isRefusal(again) && again.code === "rotating");
  await keys().turnDataKeys({});
  assert.equal(kernel.vault.keyId, first, "its time has not come");

  county.setNow(later(31_000));
  await keys().turnDataKeys({});
  await until(() => kernel.vault.keyId === rotation.key);
  const stale = await sealedUnder(first);
  assert.ok(Object.keys(stale).length > 10);

  await refusedWhileInUse(first);

  // A slice that ends at once leaves a position to go on from; two that work at the same time take turns.
  county.setNow(later(SETTLING_MS));
  const work = { database: kernel.database, parts: sealedParts(kernel, ROOM_COLUMNS), keyId: rotation.key };
  const settledAt = kernel.now();
  assert.equal(await reseal({ ...work, settledAt, now: kernel.now, sliceMs: 1 }), "working");
  const submitted = await county.submit(await county.draft());
  assert.ok(!isRefusal(submitted), "work goes on meanwhile");
  const tend = () => tendKeys(kernel, { dataKeys, columns: ROOM_COLUMNS });
  for (let round = 0; round < 20; round += 1) {
    // What is open for longer than since then could have missed the change: nothing is, as the database's clock has it.
    county.setNow(later(10_000));
    await Promise.all([tend(), tend()]);
    const listed = await keys().listDataKeys({});
    assert.ok(!isRefusal(listed));
    if (listed.keys[0]?.clearedAt !== undefined) break;
  }
  const { [PERIOD_KEYS]: periodKeys, ...left } = await sealedUnder(first);
  assert.deepEqual(left, {});
  assert.ok(periodKeys !== undefined && (await sealedUnder(rotation.key))[PERIOD_KEYS] === periodKeys);

  const listed = await keys().listDataKeys({});
  assert.ok(!isRefusal(listed));
  assert.deepEqual(
    listed.keys
      .filter(({ kind }) => kind === "seal")
      .map(({ state, uses, clearedAt }) => [state, uses, clearedAt !== undefined]),
    [
      ["deactivated", ["process"], true],
      ["active", ["protect", "process"], false],
    ],
  );
  assert.ok(listed.progress.every(({ finished, closed }) => finished && closed === 0));

  await destroyed(first);
  await until(() => isErased(sample));
  await kernel.ledger.periods?.tend();
  assert.deepEqual(await sealedUnder(first), {});
  const seen = await caseForOfficial(kernel, await county.officialAct("accept", { caseId }), caseId);
  assert.ok(!isRefusal(seen));
  const [neighbour] = await partiesOf(kernel, kernel.database, party);
  assert.equal(neighbour?.name, NEIGHBOUR.name);
  assert.ok(!isRefusal(await ferry.ownCard({})), "what others send to this node can be opened");
  assert.deepEqual((await kernel.ledger.verify()).findings, []);
  for (const register of kernel.registers.values()) {
    for await (const damaged of register.damagedVersions(kernel.database)) assert.fail(JSON.stringify(damaged));
  }
  for await (const digest of kernel.files.digests()) await kernel.files.read(digest);
});

/** An interested party of a case: who they are is sealed. Gives the case. */
async function named(): Promise<string> {
  const caseId = await licensingSteps(() => county).checked();
  const act = await county.officialAct("inspector1", { caseId });
  assert.ok(!isRefusal(await nameParty(kernel, act, { caseId, kind: "person", form: NEIGHBOUR })));
  return caseId;
}

/** The keys of periods lie under each generation of which a backup may be, until that is destroyed. */
const PERIOD_KEYS = "ledger.period_key.sealed";

const NEIGHBOUR = { name: "顾青禾", address: "清源县湖滨街道翠竹路29号", interest: "住在隔壁，厨房油烟影响居住" };

function isErased(sealed: Uint8Array): boolean {
  try {
    kernel.vault.open("file", sealed, "x");
    return false;
  } catch (error) {
    return isFault(error, "ERR_VAULT_ERASED");
  }
}

/** Who has just ended a key cannot destroy it: another process may seal with it still, and what that writes nobody could open. */
async function refusedWhileInUse(key: string): Promise<void> {
  const as = async (signInName: string) => {
    const act = await county.officialAct(signInName, { purpose: "administration" });
    return frontOf(kernel, trust, () => ({ ...act, id: kernel.newId() }));
  };
  const [one, other] = [await as("rights"), await as("rights2")];
  const proposed = await one.proposeKeyEnd({ key, to: "destroyed", erases: true, reason: "误操作" });
  assert.ok(!isRefusal(proposed), JSON.stringify(proposed));
  const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const long = kernel.database.transaction(async (tx) => {
    await tx.query("SELECT 1");
    begun.resolve();
    await held.promise;
  });
  await begun.promise;
  const decide = (decision: "approved" | "rejected") =>
    other.decideKeyEnd({ number: proposed.number, decision, reason: "已核对" });
  const early = await decide("approved");
  assert.ok(isRefusal(early) && early.code === "in-use", JSON.stringify(early));
  held.resolve();
  await long;
  assert.ok(!isRefusal(await decide("rejected")));
}

test("the keys that the node signs with stand in the register, each on the record once, and one that is gone is told as destroyed", async () => {
  const listed = async () => {
    const now = await keys().listSigningKeys({});
    assert.ok(!isRefusal(now));
    return now.keys;
  };
  await keys().noteSigningKeys({});
  const first = await listed();
  const uses = new Set(first.map(({ use }) => use));
  for (const use of ["node-key", "log", "root", "authority"] as const) assert.ok(uses.has(use), use);
  assert.ok(first.every(({ state }) => state === "active"));
  const told = async () => {
    await kernel.ledger.sequenceNow();
    const rows = await kernel.database.query<{ leaf: Buffer }>(
      `SELECT leaf FROM ledger.entry WHERE position('"operation":"signing-key-'::bytea in leaf) > 0 ORDER BY id`,
    );
    return rows.map(({ leaf }) => (JSON.parse(leaf.toString("utf8")) as { operation: string }).operation);
  };
  assert.equal((await told()).length, first.length);
  assert.deepEqual(await keys().noteSigningKeys({}), { noted: 0 }, "nothing has changed");
  await kernel.database.execute(
    `INSERT INTO trust.signing_key (label, fingerprint, use, algorithm, state, noted_at, replace_by)
     VALUES ('node-key', $1, 'node-key', 'aes-256', 'active', $2, $2)`,
    ["0".repeat(64), kernel.now()],
  );
  assert.deepEqual(await keys().noteSigningKeys({}), { noted: 2 });
  assert.deepEqual((await told()).slice(-2), ["signing-key-deactivated", "signing-key-destroyed"]);
  const gone = (await listed()).find(({ fingerprint }) => fingerprint === "0".repeat(64));
  assert.deepEqual([gone?.state, gone?.endedAt !== undefined], ["destroyed", true]);
  await assert.rejects(
    kernel.database.execute("UPDATE trust.signing_key SET state = 'active' WHERE state = 'destroyed'"),
  );
});

test("of seals, signers and periods the register says how many keys there are, in which state, and until when", async () => {
  const counted = await keys().countKeys({});
  assert.ok(!isRefusal(counted));
  const listed = await keys().listCertificates({});
  assert.ok(!isRefusal(listed) && listed.next === undefined);
  const held = listed.items.filter(({ subjectKind }) => subjectKind !== "root" && subjectKind !== "issuer");
  assert.ok(held.length > 0);
  assert.equal(
    counted.certified.reduce((sum, { count }) => sum + count, 0),
    held.length,
  );
  const seals = counted.certified.find(({ kind, state }) => kind === "authority" && state === "active");
  const ends = held
    .filter(({ subjectKind }) => subjectKind === "authority")
    .map(({ notAfter }) => Date.parse(notAfter));
  assert.equal(Date.parse(seals?.firstEnd ?? ""), Math.min(...ends));
  assert.equal(Date.parse(seals?.lastEnd ?? ""), Math.max(...ends));
  const [looks] = counted.periods;
  assert.ok(looks !== undefined && looks.count > 0 && looks.from <= looks.to);
  const month = Temporal.PlainYearMonth.from(looks.from).add({ months: 1, years: looks.years });
  assert.equal(looks.nextEnd, `${month}-01T00:00:00Z`);
});

test("a transaction that began before a key's end keeps a pass from being the last one", async () => {
  const parts: readonly SealedPart[] = [
    { name: "nothing", step: async () => ({ position: 0, size: 0, resealed: 0, closed: 0 }) },
  ];
  const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const long = kernel.database.transaction(async (tx) => {
    await tx.query("SELECT 1");
    begun.resolve();
    await held.promise;
  });
  await begun.promise;
  const work = { database: kernel.database, parts, keyId: "k000000000000", settledAt: kernel.now(), now: kernel.now };
  for (let round = 0; round < 3; round += 1) assert.equal(await reseal(work), "again");
  held.resolve();
  await long;
  await until(async () => (await reseal(work)) === "clear");
});

/** One official proposes it, another decides. */
async function destroyed(key: string): Promise<void> {
  const as = async (signInName: string) => {
    const act = await county.officialAct(signInName, { purpose: "administration" });
    return frontOf(kernel, trust, () => ({ ...act, id: kernel.newId() }));
  };
  const [one, other] = [await as("rights"), await as("rights2")];
  const active = await one.proposeKeyEnd({ key: kernel.vault.keyId, to: "destroyed", reason: "误操作" });
  assert.ok(isRefusal(active) && active.code === "protects");
  const proposed = await one.proposeKeyEnd({ key, to: "destroyed", reason: "重新加密已完成" });
  assert.ok(!isRefusal(proposed), JSON.stringify(proposed));
  const twice = await other.proposeKeyEnd({ key, to: "compromised", reason: "x" });
  assert.ok(isRefusal(twice) && twice.code === "proposed-already");
  const decision = { number: proposed.number, decision: "approved", reason: "已核对" } as const;
  const own = await one.decideKeyEnd(decision);
  assert.ok(isRefusal(own) && own.code === "own-proposal");
  assert.deepEqual(await other.decideKeyEnd(decision), { key, state: "destroyed" });
  const late = await other.decideKeyEnd(decision);
  assert.ok(isRefusal(late) && late.code === "decided");
  const [row] = await kernel.database.query("SELECT wrapped FROM trust.data_key WHERE id = $1", [key]);
  assert.equal((row as { wrapped: unknown } | undefined)?.wrapped, null);
  const history = await one.dataKeyHistory({ key });
  assert.ok(!isRefusal(history));
  assert.deepEqual(
    history.items.map(({ state, approvedBy }) => [state, approvedBy !== undefined]),
    [
      ["destroyed", true],
      ["deactivated", false],
      ["active", false],
      ["pre-active", false],
    ],
  );
  await kernel.ledger.sequenceNow();
  const told = await kernel.ledger.latest({ limit: 100 });
  const events = told.records.map(({ leaf }) => leaf.operation).filter((name) => name?.startsWith("data-key-"));
  assert.deepEqual(events.sort(), [
    ...["data-key-active", "data-key-deactivated", "data-key-destroyed", "data-key-pre-active"],
  ]);
  const untold = await kernel.database.query("SELECT FROM trust.data_key_event WHERE NOT told");
  assert.equal(untold.length, 0, "of the first key, too");
}
