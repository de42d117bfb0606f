import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "#lib/crypto/bytes";
import { sealAttribute } from "#lib/crypto/envelope";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { migrate } from "../database/migrations.ts";
import { testDatabase } from "../database/testing.ts";
import { checkpointSigner } from "./checkpoint-signer.ts";
import { openText } from "./content.ts";
import { encodeEntries } from "./encode.ts";
import type { LedgerEntry } from "./entry.ts";
import { ledgerKeys } from "./keys.ts";
import { LEDGER_MIGRATIONS, Ledger } from "./ledger.ts";

const signer = checkpointSigner("ledger.example/qingyuan", ed25519FromSeed(new Uint8Array(32).fill(4)));
const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(6) });

const ENTRY: LedgerEntry = {
  type: "read",
  at: "2026-03-02T01:00:00Z",
  room: "population",
  operation: "findPerson",
  actor: { kind: "official", id: "official-1" },
  purpose: "case",
  legalBasis: [],
  caseId: "case-1",
  subjects: [
    { kind: "person", id: "first", attributes: ["name"] },
    { kind: "organization", id: "second", attributes: ["name"] },
  ],
  outcome: "answered",
};

test("entries whose contents stood in a table of their own are read, proved, erased and verified as others", async () => {
  await using made = await testDatabase();
  const { database } = made;
  await migrate(database, [LEDGER_MIGRATIONS], { only: ({ number }) => number < 3 });
  const entries = [
    ENTRY,
    { ...ENTRY, secrecy: { ground: "g", approvedBy: "o", reviewOn: "2026-09-01" } },
    ENTRY,
    ENTRY,
    ENTRY,
  ];
  for (const [at, { leaf, sealed, actor, caseRef, subjects, withheldUntil }] of encodeEntries(
    entries,
    keys,
  ).entries()) {
    await database.query("INSERT INTO ledger.entry (leaf) VALUES ($1)", [leaf]);
    const erased = at === 3;
    const lost = at === 4;
    if (!lost) {
      await database.query("INSERT INTO ledger.content VALUES ($1, $2, $3, $4)", [
        at + 1,
        ...(erased ? [null, null, null] : [sealed, actor, caseRef]),
      ]);
    }
    for (const subject of erased || lost ? [] : namesIn(subjects)) {
      await database.query("INSERT INTO ledger.subject VALUES ($1, $2, $3)", [subject, at + 1, withheldUntil]);
    }
  }

  await migrate(database, [LEDGER_MIGRATIONS]);
  const ledger = new Ledger({ database, signer, keys });
  await ledger.append(database, [ENTRY]);
  assert.equal(await ledger.sequenceNow(), 6);
  const ids = async (page: ReturnType<Ledger["bySubject"]>) => (await page).records.map(({ id }) => id);
  for (const { kind, id } of ENTRY.subjects) {
    assert.deepEqual(await ids(ledger.bySubject({ kind, id }, { today: "2026-08-31" })), [6, 3, 1]);
    assert.deepEqual(await ids(ledger.bySubject({ kind, id }, { limit: 2 })), [6, 3]);
    assert.deepEqual(await ids(ledger.bySubject({ kind, id }, { limit: 2, before: 3 })), [2, 1]);
  }
  assert.deepEqual(await ids(ledger.byCase("case-1")), [6, 3, 2, 1]);
  assert.deepEqual(await ids(ledger.byActor({ kind: "official", id: "official-1" })), [6, 3, 2, 1]);
  assert.ok((await ledger.receiptFor(1, { kind: "person", id: "first" }))?.subject);
  assert.deepEqual((await ledger.receiptFor(4))?.content, { erased: true });

  const verified = await ledger.verify();
  assert.deepEqual(
    verified.findings.map(({ table, row }) => [table, row]),
    [["entry", "5"]],
    "the entry whose content was lost before is still named",
  );
  assert.equal(verified.erased, 1);

  const erase = (entryId: number, scope: Parameters<Ledger["erase"]>[1]["scope"]) =>
    database.transaction((tx) => ledger.erase(tx, { entryId, scope }));
  for (const id of [1, 6]) {
    assert.ok(await erase(id, { kind: "person", id: "first" }));
    assert.ok((await ledger.receiptFor(id, { kind: "organization", id: "second" }))?.subject);
  }
  assert.deepEqual(await ids(ledger.bySubject({ kind: "person", id: "first" })), [3, 2]);
  for (const id of [1, 3]) assert.ok(await erase(id, "all"));
  assert.deepEqual(await ids(ledger.bySubject({ kind: "organization", id: "second" })), [6, 2]);
  assert.equal((await ledger.verify()).findings.length, 1);
});

test("what was sealed as text, before texts were packed, is read, proved, found and verified as others", async () => {
  await using made = await testDatabase();
  const { database } = made;
  await migrate(database, [LEDGER_MIGRATIONS], { only: ({ number }) => number < 6 });
  for (const encoded of encodeEntries([ENTRY, ENTRY], keys)) {
    const { leaf, actor, caseRef, subjects } = encoded;
    const sealed = sealAttribute(
      keys.sealFor(undefined),
      utf8(openText(encoded.sealed, leaf, keys)),
      utf8(`ledger.content\0${leaf.toString()}`),
      new Uint8Array(12).fill(subjects.length),
    );
    assert.ok(sealed.length > encoded.sealed.length * 1.5);
    await database.query(
      `WITH entry AS (INSERT INTO ledger.entry (leaf, sealed, actor, case_ref, subject) VALUES ($1, $2, $3, $4, $5) RETURNING id)
       INSERT INTO ledger.subject SELECT $6, id FROM entry`,
      [leaf, Buffer.from(sealed), actor, caseRef, ...namesIn(subjects)],
    );
  }
  await migrate(database, [LEDGER_MIGRATIONS]);
  const ledger = new Ledger({ database, signer, keys });
  await ledger.append(database, [ENTRY]);
  await ledger.sequenceNow();
  assert.deepEqual((await ledger.verify()).findings, []);
  const [old, packed] = [await ledger.entry(1), await ledger.entry(3)];
  assert.deepEqual({ ...old, id: 3, leaf: undefined }, { ...packed, leaf: undefined });
  assert.ok((await ledger.receiptFor(1, { kind: "person", id: "first" }))?.subject);
  const ids = (await ledger.bySubject({ kind: "organization", id: "second" })).records.map(({ id }) => id);
  assert.deepEqual(ids, [3, 2, 1]);
  for (const scope of [{ kind: "person", id: "first" }, "all"] as const) {
    assert.ok(await database.transaction((tx) => ledger.erase(tx, { entryId: 1, scope })));
    assert.deepEqual((await ledger.verify()).findings, []);
  }
});

function namesIn(subjects: Buffer): readonly Buffer[] {
  return Array.from({ length: subjects.length / 16 }, (_, at) => subjects.subarray(at * 16, at * 16 + 16));
}
