import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { checkpointSigner } from "./checkpoint-signer.ts";
import type { LedgerEntry } from "./entry.ts";
import { ledgerKeys } from "./keys.ts";
import { LEDGER_MIGRATIONS, Ledger } from "./ledger.ts";
import { verifyLedger } from "./verification.ts";

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
  subjects: [],
  outcome: "answered",
};

/** What someone with all rights on the database could do. */
const ATTACKS: readonly {
  readonly name: string;
  readonly sql: string;
  readonly found: readonly (readonly [string, string])[];
}[] = [
  {
    name: "a changed leaf",
    sql: "UPDATE ledger.entry SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'read', 'acts'), 'UTF8') WHERE id = 5",
    found: [["entry", "5"]],
  },
  { name: "a deleted entry", sql: "DELETE FROM ledger.entry WHERE id = 7", found: [["entry", "7"]] },
  {
    name: "two contents exchanged",
    sql: `UPDATE ledger.entry c SET sealed = o.sealed FROM ledger.entry o
           WHERE (c.id, o.id) IN ((3, 4), (4, 3))`,
    found: [
      ["entry", "3"],
      ["entry", "4"],
    ],
  },
  {
    name: "a changed content",
    sql: "UPDATE ledger.entry SET sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1) WHERE id = 9",
    found: [["entry", "9"]],
  },
  { name: "a deleted content", sql: "UPDATE ledger.entry SET sealed = NULL WHERE id = 10", found: [["entry", "10"]] },
  {
    name: "an entry hidden from its subject",
    sql: "UPDATE ledger.entry SET subject = NULL WHERE id = 11",
    found: [["subject", "11"]],
  },
  {
    name: "an entry shown to a stranger",
    sql: "INSERT INTO ledger.subject (pseudonym, entry_id) VALUES ('\\x00', 11)",
    found: [["subject", "+1"]],
  },
  {
    name: "an entry shown to a stranger instead",
    sql: "UPDATE ledger.entry SET subject = '\\x00' WHERE id = 11",
    found: [
      ["subject", "11"],
      ["subject", "11"],
    ],
  },
  {
    name: "an entry hidden from the second whom it concerns",
    sql: "DELETE FROM ledger.subject WHERE entry_id = 12",
    found: [["subject", "12"]],
  },
  {
    name: "an entry withheld from its subject without ground",
    sql: "UPDATE ledger.entry SET withheld_until = '2099-01-01' WHERE id = 13",
    found: [["entry", "13"]],
  },
  {
    name: "a changed root, with its note",
    sql: "UPDATE ledger.checkpoint SET note = replace(note, E'\\n300\\n', E'\\n301\\n') WHERE size = 300",
    found: [["checkpoint", "300"]],
  },
  {
    name: "a changed hash of a leaf",
    sql: "UPDATE ledger.checkpoint SET leaf_hashes = set_byte(leaf_hashes, 40, get_byte(leaf_hashes, 40) # 1) WHERE size = 300",
    found: [
      ["entry", "2"],
      ["checkpoint", "300"],
      ["checkpoint", "310"],
      ["node", "1/0"],
    ],
  },
  {
    name: "a deleted checkpoint",
    sql: "DELETE FROM ledger.checkpoint WHERE size = 300",
    found: [
      ["checkpoint", "310"],
      ["checkpoint", "310"],
    ],
  },
  { name: "a changed node", sql: "UPDATE ledger.node SET hash = sha256(hash)", found: [["node", "1/0"]] },
  {
    name: "an entry slipped in behind the cursor",
    sql: "INSERT INTO ledger.entry (leaf, xid) SELECT leaf, xid FROM ledger.entry WHERE id = 1",
    found: [["entry", "311"]],
  },
  {
    name: "an entry slipped in before the first",
    sql: "INSERT INTO ledger.entry (leaf, era, xid) SELECT leaf, 0, xid FROM ledger.entry WHERE id = 1",
    found: [["entry", "311"]],
  },
];

/** What touches neither leaves nor tree. */
const CONTENT_ALONE = /ledger\.subject|SET (sealed|subject|withheld_until) /;

async function seeded(): Promise<{ readonly made: TestDatabase; readonly ledger: Ledger }> {
  const made = await testDatabase({ migrations: [LEDGER_MIGRATIONS] });
  const ledger = new Ledger({ database: made.database, signer, keys });
  const entries = Array.from({ length: 310 }, (_, at) => ({
    ...ENTRY,
    subjects: [
      { kind: "person" as const, id: `person-${at}`, attributes: ["name"] },
      ...(at === 11 ? [{ kind: "organization" as const, id: "second", attributes: ["name"] }] : []),
    ],
  }));
  await ledger.append(made.database, entries.slice(0, 300));
  await ledger.sequenceNow();
  await ledger.append(made.database, entries.slice(300));
  await ledger.sequenceNow();
  return { made, ledger };
}

describe("verifying the ledger", () => {
  test("finds nothing in a ledger that nobody touched", async () => {
    const { made, ledger } = await seeded();
    await using _ = made;
    await ledger.append(made.database, [ENTRY]);
    assert.deepEqual(await ledger.verify(), {
      intact: true,
      size: 310,
      checkpoints: 3,
      erased: 0,
      pending: 1,
      findings: [],
    });
  });

  test("finds every checkpoint wrong under another key", async () => {
    const { made } = await seeded();
    await using _ = made;
    const other = checkpointSigner("ledger.example/qingyuan", ed25519FromSeed(new Uint8Array(32).fill(5)));
    const verification = await verifyLedger(made.database, { keys, verifierKey: other.verifierKey });
    assert.deepEqual(
      verification.findings.map(({ table, row }) => [table, row]),
      [
        ["checkpoint", "0"],
        ["checkpoint", "300"],
        ["checkpoint", "310"],
      ],
    );
  });

  test("finds in parts and in threads what it finds at once", async () => {
    const { made, ledger } = await seeded();
    await using _ = made;
    const of = async (parts?: { readonly entries: number; readonly inThreads: boolean }) => {
      const { findings, ...counts } = await ledger.verify(parts && { parts });
      return { ...counts, found: findings.map(({ table, row, problem }) => `${table} ${row} ${problem.en}`).sort() };
    };
    assert.deepEqual(await of({ entries: 5, inThreads: true }), await of());
    const ofTheLog = /DELETE FROM ledger.(?:entry|checkpoint)|leaf|note|INSERT/;
    const attacks = ATTACKS.filter(({ sql }) => !ofTheLog.test(sql)).map(({ sql }) => sql);
    assert.ok(attacks.length > 4);
    await made.database.transaction((tx) =>
      tx.script(`SET LOCAL session_replication_role = replica; ${attacks.join(";\n")}`),
    );
    const whole = await of();
    assert.ok(whole.found.length > 4);
    assert.deepEqual(await of({ entries: 5, inThreads: false }), whole);
    assert.deepEqual(await of({ entries: 5, inThreads: true }), whole);
  });

  for (const { name, sql, found } of ATTACKS) {
    test(`names ${name}`, async () => {
      const { made, ledger } = await seeded();
      await using _ = made;
      await made.database.transaction((tx) => tx.script(`SET LOCAL session_replication_role = replica; ${sql}`));
      const { intact, findings } = await ledger.verify();
      assert.equal(intact, false);
      // Of the log alone, whoever does not open the contents finds the same.
      const ofLog = (await ledger.verify({ contents: false })).findings.map(({ table, row }) => `${table} ${row}`);
      assert.ok(ofLog.every((named) => findings.some(({ table, row }) => `${table} ${row}` === named)));
      assert.equal(ofLog.length > 0, !CONTENT_ALONE.test(sql));
      assert.deepEqual(
        findings.map(({ table, row }) => [table, row]),
        found,
      );
    });
  }
});
