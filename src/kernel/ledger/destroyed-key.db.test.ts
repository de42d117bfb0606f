import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { testDatabase } from "../database/testing.ts";
import type { DataKeys } from "../ports.ts";
import { checkpointSigner } from "./checkpoint-signer.ts";
import type { LedgerEntry } from "./entry.ts";
import { ledgerKeys } from "./keys.ts";
import { LEDGER_MIGRATIONS, Ledger } from "./ledger.ts";

const signer = checkpointSigner("ledger.example/qingyuan", ed25519FromSeed(new Uint8Array(32).fill(4)));

const entry = (id: string): LedgerEntry => ({
  ...{ type: "read", at: "2026-03-02T01:00:00Z", room: "population", operation: "findPerson", purpose: "case" },
  ...{ actor: { kind: "official", id: "official-1" }, legalBasis: [], outcome: "answered" },
  subjects: ["one", "two"].map((who) => ({ kind: "person", id: `${id} ${who}`, attributes: ["name"] })),
});

function generation(fill: number, suite: "international" | "national") {
  return { id: `k${String(fill).repeat(12)}`, secret: new Uint8Array(32).fill(fill), suite };
}

test("what a destroyed key sealed is told as lawfully erased, and every proof still holds", async () => {
  await using at = await testDatabase({ migrations: [LEDGER_MIGRATIONS] });
  const { database } = at;
  const [first, second] = [generation(1, "international"), generation(2, "national")];
  let dataKeys: DataKeys = { current: first, all: [first], destroyed: new Set() };
  const material = { masterKey: () => new Uint8Array(32).fill(6), dataKeys: () => dataKeys };
  const ledger = new Ledger({ database, signer, keys: ledgerKeys(material) });
  const [erased = 0] = await ledger.append(database, [entry("erased")]);
  dataKeys = { current: second, all: [first, second], destroyed: new Set() };
  const [kept = 0] = await ledger.append(database, [entry("kept")]);
  await ledger.sequenceNow();
  assert.deepEqual((await ledger.verify()).findings, []);

  dataKeys = { current: second, all: [second], destroyed: new Set([first.id]) };
  const verified = await ledger.verify();
  assert.deepEqual(verified.findings, []);
  assert.equal(verified.erased, 1);
  assert.equal((await ledger.entry(erased))?.content, undefined);
  assert.equal((await ledger.entry(kept))?.content?.purpose, "case");
  const receipt = await ledger.receiptFor(erased);
  assert.deepEqual(receipt?.content, { erased: true });

  // Without the key's destruction on record the same rows are damage.
  dataKeys = { current: second, all: [second], destroyed: new Set() };
  assert.deepEqual(
    (await ledger.verify()).findings.map(({ table, row }) => [table, row]),
    [["entry", String(erased)]],
  );
});
