import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { parseCheckpoint } from "#lib/merkle/checkpoint";
import { parseNote, parseVerifierKey } from "#lib/merkle/note";
import { openCheckpointInTerm, openSuccession, saysSuccession } from "#lib/merkle/succession";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import type { CheckpointSigner } from "../ports.ts";
import { checkpointSigner } from "./checkpoint-signer.ts";
import type { LedgerEntry } from "./entry.ts";
import "./faults.ts";
import { PROBLEMS } from "./findings.ts";
import { ledgerKeys } from "./keys.ts";
import { LEDGER_MIGRATIONS, Ledger } from "./ledger.ts";
import { loadState, runRound, type SequencerState } from "./round.ts";

const [first, ...followers] = [4, 5, 6].map((at) => ed25519FromSeed(new Uint8Array(32).fill(at)));
const signer = checkpointSigner("ledger.example/qingyuan", first ?? assert.fail(), followers);
const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(6) });
const ENTRY: LedgerEntry = {
  type: "act",
  at: "2026-03-02T01:00:00Z",
  room: "quality",
  operation: "submit",
  actor: { kind: "person", id: "p" },
  purpose: "own-affairs",
  legalBasis: [],
  subjects: [],
  outcome: "done",
};

const databases: TestDatabase[] = [];
after(() => Promise.all(databases.map((made) => made.close())));

/** Two processes on one database, as far as the ledger is concerned. */
async function opened(by: CheckpointSigner = signer) {
  const made = await testDatabase({ migrations: [LEDGER_MIGRATIONS] });
  databases.push(made);
  const faults: unknown[] = [];
  const open = () => new Ledger({ database: made.database, signer: by, keys, onFault: (fault) => faults.push(fault) });
  return { database: made.database, ledger: open(), other: open(), faults };
}

type Opened = Awaited<ReturnType<typeof opened>>;

async function grow({ ledger, database }: Pick<Opened, "ledger" | "database">, entries = 2): Promise<void> {
  await ledger.append(
    database,
    Array.from({ length: entries }, () => ENTRY),
  );
  assert.ok(await ledger.sequenceNow());
}

/** One round that finds something: entries become ripe once no older transaction of the cluster, another test's too, is open. */
async function round(database: TestDatabase["database"], state: SequencerState): Promise<void> {
  while ((await runRound(database, state)).report === undefined) await sleep(20);
}

/** As the act does it: with an entry, in one transaction. */
function want({ ledger, database }: Opened): Promise<string | undefined> {
  return database.transaction(async (tx) => {
    await ledger.append(tx, [ENTRY]);
    return await ledger.wantSuccession(tx);
  });
}

async function notes({ database }: Opened): Promise<readonly string[]> {
  const rows = await database.query<{ note: string }>("SELECT note FROM ledger.checkpoint ORDER BY size");
  return rows.map(({ note }) => note);
}

describe("another key of the log", () => {
  let place: Opened;
  before(async () => {
    place = await opened();
    await grow(place);
    assert.equal(await want(place), (await signer.successor?.())?.verifierKey);
  });

  test("follows with the next round, in a checkpoint that both sign", async () => {
    const { ledger } = place;
    assert.equal((await ledger.keysOfToday()).verifierKey, signer.verifierKey, "nothing has followed yet");
    assert.equal(await want(place), undefined, "one at a time");
    assert.equal(await ledger.sequenceNow(), 4);
    const { verifierKey, successions, generation } = await ledger.keysOfToday();
    assert.equal(verifierKey, (await signer.successor?.())?.verifierKey);
    assert.equal(generation, 2);
    assert.equal(successions.length, 1);
    assert.equal(successions[0], (await ledger.checkpoint())?.note, "it is the checkpoint of its size");
    assert.equal(openSuccession(successions[0] ?? "")?.size, 4);
  });

  test("signs all that comes after, in whichever process", async () => {
    await grow({ ...place, ledger: place.other });
    await grow(place);
    const terms = await place.other.keyTerms();
    const seen = await notes(place);
    assert.equal(seen.length, 5);
    for (const note of seen) assert.ok(openCheckpointInTerm(note, terms));
    const [only] = terms;
    assert.equal(openCheckpointInTerm(seen.at(-1) ?? "", only ? [only] : []), undefined);
    assert.deepEqual((await place.ledger.verify()).findings, []);
  });

  test("is followed by a third", async () => {
    await want(place);
    await grow({ ...place, ledger: place.other });
    const { verifierKey, successions } = await place.ledger.keysOfToday();
    assert.equal(successions.length, 2);
    assert.equal(verifierKey, (await (await signer.successor?.())?.successor?.())?.verifierKey);
    assert.deepEqual((await place.other.verify()).findings, []);
    const receipt = await place.ledger.receiptFor(1);
    assert.deepEqual(receipt?.successions, successions);
    assert.equal(receipt?.verifierKey, signer.verifierKey);
    const continuation = await place.ledger.continuation((await notes(place))[1] ?? "");
    assert.deepEqual(continuation.successions, successions);
  });

  test("cannot be had where there is none, and the log goes on", async () => {
    await assert.rejects(want(place), { code: "ERR_LEDGER_SIGNER" });
    // As if it had been there when it was asked for, and is gone.
    await place.database.query("INSERT INTO ledger.succession (generation) VALUES (4)");
    await grow(place);
    assert.equal(place.faults.length, 1);
    assert.equal((await place.ledger.keysOfToday()).generation, 3);
    assert.deepEqual((await place.ledger.verify()).findings, []);
  });
});

describe("a process that has not heard of it", () => {
  test("signs nothing above, neither as it stood before the round nor as the version before", async () => {
    const place = await opened();
    await grow(place);
    const stale = await loadState(place.database, signer);
    await want(place);
    await grow(place);
    await place.ledger.append(place.database, [ENTRY]);
    await assert.rejects(round(place.database, stale), "it starts from a size from which another round started");
    const today = await loadState(place.database, signer);
    const former = { ...today, signer, generation: 1 };
    await assert.rejects(round(place.database, former), /another key/);
    await grow(place);
    assert.deepEqual((await place.ledger.verify()).findings, []);
  });

  test("finds other keys at hand than the log has, and signs nothing", async () => {
    const place = await opened();
    await grow(place);
    await want(place);
    await grow(place);
    const others = checkpointSigner("ledger.example/qingyuan", first ?? assert.fail(), followers.toReversed());
    await assert.rejects(loadState(place.database, others), { code: "ERR_LEDGER_SIGNER" });
  });
});

describe("verification", () => {
  test("names a checkpoint of the former key above its end, and a succession that was changed", async () => {
    const place = await opened();
    await grow(place);
    await want(place);
    await grow(place);
    await grow(place);
    const { database, ledger } = place;
    const newest = (await ledger.checkpoint()) ?? assert.fail();
    const { text } = parseNote(newest.note) ?? assert.fail();
    assert.ok(!saysSuccession(parseCheckpoint(text) ?? assert.fail()));
    const [succession = ""] = (await ledger.keysOfToday()).successions;
    await database.transaction(async (tx) => {
      await tx.script("ALTER TABLE ledger.checkpoint DISABLE TRIGGER checkpoint_append_only");
      await tx.script("ALTER TABLE ledger.succession DISABLE TRIGGER succession_stays");
      await tx.query("UPDATE ledger.checkpoint SET note = $2 WHERE size = $1", [
        newest.size,
        `${text}\n${await signer.sign(text)}`,
      ]);
      await tx.query("UPDATE ledger.succession SET note = $1", [`${succession}\u2014 stranger AAAAAAAA\n`]);
    });
    const { findings } = await ledger.verify();
    assert.deepEqual(
      findings.map(({ table, row, problem }) => [table, row, problem]),
      [
        ["checkpoint", String(newest.size), PROBLEMS.signature],
        ["checkpoint", String(openSuccession(succession)?.size), PROBLEMS.succession],
      ],
    );
    assert.ok(parseVerifierKey(ledger.verifierKey));
  });
});
