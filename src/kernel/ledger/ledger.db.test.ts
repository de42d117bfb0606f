import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fromBase64, fromBase64url } from "#lib/crypto/base64url";
import { sha256 } from "#lib/crypto/digest";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { canonicalize } from "#lib/json/canonical";
import { openCheckpoint } from "#lib/merkle/checkpoint";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { decodeBundle } from "#lib/merkle/entry-bundle";
import { leafHash } from "#lib/merkle/hash";
import { parseVerifierKey } from "#lib/merkle/note";
import { verifyConsistency, verifyInclusion } from "#lib/merkle/proof";
import { bundlePath, newTiles, tilePath } from "#lib/merkle/tile";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { checkpointSigner } from "./checkpoint-signer.ts";
import { readNote } from "./checkpoints.ts";
import { parseLeaf } from "./content.ts";
import type { LedgerEntry } from "./entry.ts";
import { ledgerKeys } from "./keys.ts";
import { LEDGER_MIGRATIONS, Ledger } from "./ledger.ts";
import type { LedgerReceipt } from "./receipts.ts";

const signer = checkpointSigner("ledger.example/qingyuan", ed25519FromSeed(new Uint8Array(32).fill(4)));
const verifier = parseVerifierKey(signer.verifierKey);
const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(6) });
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);

function entry(changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    type: "read",
    at: "2026-03-02T01:00:00Z",
    room: "population",
    operation: "findPerson",
    actor: { kind: "official", id: "official-1", post: "clerk", authority: "scjg" },
    purpose: "case",
    legalBasis: ["行政许可法 第三十四条"],
    caseId: "case-1",
    subjects: [{ kind: "person", id: "person-1", attributes: ["name", "idNumber"] }],
    outcome: "answered",
    policies: ["case-handler"],
    ...changes,
  };
}

async function opened(): Promise<{ test: TestDatabase; ledger: Ledger }> {
  const made = await testDatabase({ migrations: [LEDGER_MIGRATIONS] });
  return { test: made, ledger: new Ledger({ database: made.database, signer, keys }) };
}

/** Checks a receipt with nothing but what stands in it and the log's key. */
function provable(receipt: LedgerReceipt | undefined): boolean {
  assert.ok(receipt?.log && verifier);
  const leaf = fromBase64(receipt.leaf) ?? new Uint8Array(0);
  const checkpoint = openCheckpoint(receipt.log.checkpoint, verifier);
  assert.ok(checkpoint);
  const proof = receipt.log.proof.map((hash) => fromBase64(hash) ?? new Uint8Array(0));
  const { index } = receipt.log;
  return verifyInclusion({ leafHash: leafHash(leaf), index, size: checkpoint.size, proof, root: checkpoint.root });
}

describe("the ledger", () => {
  let made: TestDatabase;
  let ledger: Ledger;
  before(async () => {
    ({ test: made, ledger } = await opened());
  });
  after(() => made.close());

  test("an entry is pending, then proved; its leaf tells of nobody", async () => {
    const [id] = await ledger.append(made.database, [entry()]);
    assert.ok(id);
    const pending = await ledger.receiptFor(id);
    assert.equal(pending?.state, "pending");
    assert.equal(pending?.log, undefined);
    assert.equal(await ledger.sequenceNow(), 1);
    const receipt = await ledger.receiptFor(id);
    assert.equal(receipt?.state, "proved");
    assert.ok(provable(receipt));
    const leafText = new TextDecoder().decode(fromBase64(receipt?.leaf ?? ""));
    assert.ok(!leafText.includes("person-1") && !leafText.includes("official-1") && !leafText.includes("case-1"));
    const content = receipt?.content;
    assert.ok(content && "value" in content);
    const salt = fromBase64(content.salt) ?? new Uint8Array(0);
    const commitment = sha256(salt, utf8(canonicalize(content.value)));
    assert.deepEqual(fromBase64url(parseLeaf(utf8(leafText))?.commitment ?? ""), commitment);
  });

  test("several receipts hold under one checkpoint, and say the same as each alone", async () => {
    const first = await ledger.append(made.database, [entry(), entry({ caseId: "case-2" })]);
    await ledger.sequenceNow();
    const second = await ledger.append(made.database, [entry({ outcome: "refused" })]);
    await ledger.sequenceNow();
    const [late] = await ledger.append(made.database, [entry()]);
    const receipts = await ledger.receiptsFor([late ?? 0, ...second, ...first, 999_999]);
    assert.deepEqual(
      receipts.map(({ entryId, state }) => [entryId, state]),
      [...[...first, ...second].map((id) => [id, "proved"]), [late, "pending"]],
    );
    const proved = receipts.filter(({ state }) => state === "proved");
    assert.ok(proved.every(provable));
    assert.equal(new Set(proved.map(({ log }) => log?.checkpoint)).size, 1);
    for (const receipt of receipts) assert.deepEqual(await ledger.receiptFor(receipt.entryId), receipt);
    await ledger.sequenceNow();
    assert.deepEqual(await ledger.receiptsFor([]), []);
  });

  test("nothing in the tables can be read without the key", async () => {
    const rows = await made.database.query<{ text: string }>(
      `SELECT encode(leaf, 'escape') || coalesce(encode(sealed, 'escape'), '') AS text
         FROM ledger.entry`,
    );
    assert.ok(rows.length > 0);
    for (const { text } of rows) assert.ok(!text.includes("person-1") && !text.includes("official-1"));
  });

  test("a list is one entry, and each subject proves his part and sees no other", async () => {
    const subjects = Array.from({ length: 37 }, (_, at) => ({
      kind: "person" as const,
      id: `listed-${at}`,
      attributes: at % 2 === 0 ? ["name"] : ["name", "phone"],
    }));
    const [id] = await ledger.append(made.database, [entry({ type: "export", subjects, caseId: undefined })]);
    await ledger.sequenceNow();
    assert.ok(id);
    const receipt = await ledger.receiptFor(id, { kind: "person", id: "listed-21" });
    assert.ok(receipt?.subject && "value" in receipt.subject && provable(receipt));
    assert.deepEqual(receipt.subject.value, { kind: "person", id: "listed-21", attributes: ["name", "phone"] });
    assert.ok(!JSON.stringify(receipt).includes("listed-22"));
    const { value, salt, index, count, proof } = receipt.subject;
    const leaf = parseLeaf(fromBase64(receipt.leaf) ?? new Uint8Array(0));
    const claim = {
      leafHash: leafHash(sha256(fromBase64(salt) ?? new Uint8Array(0), utf8(canonicalize(value)))),
      index,
      size: count,
      proof: proof.map((hash) => fromBase64(hash) ?? new Uint8Array(0)),
      root: fromBase64url(leaf?.subjects?.root ?? "") ?? new Uint8Array(0),
    };
    assert.ok(verifyInclusion(claim));
    assert.equal(await ledger.receiptFor(id, { kind: "person", id: "stranger" }), undefined);

    const page = await ledger.bySubject({ kind: "person", id: "listed-21" });
    assert.deepEqual(
      page.records.map((record) => record.id),
      [id],
    );
    assert.deepEqual(page.records[0]?.subjects, [value]);
  });

  test("pages by subject, case and actor, newest first", async () => {
    const many = Array.from({ length: 7 }, () =>
      entry({
        caseId: "case-7",
        actor: { kind: "person", id: "p7" },
        subjects: [{ kind: "organization", id: "org-7", attributes: [] }],
      }),
    );
    const ids = await ledger.append(made.database, many);
    const newest = [...ids].reverse();
    for (const read of [
      (before?: number) => ledger.byCase("case-7", { limit: 3, before }),
      (before?: number) => ledger.byActor({ kind: "person", id: "p7" }, { limit: 3, before }),
      (before?: number) => ledger.bySubject({ kind: "organization", id: "org-7" }, { limit: 3, before }),
    ]) {
      const found: number[] = [];
      let next: number | undefined;
      do {
        const page = await read(next);
        assert.ok(page.records.length <= 3);
        found.push(...page.records.map((record) => record.id));
        next = page.next;
      } while (next !== undefined);
      assert.deepEqual(found, newest);
    }
    assert.deepEqual((await ledger.byCase("case-7", { limit: 1 })).records[0]?.content?.caseId, "case-7");
    assert.equal(await ledger.countByCase("case-7", 200), ids.length);
    assert.equal(await ledger.countByCase("case-7", 3), 3);
    assert.equal(await ledger.countByCase("nobody's", 200), 0);
  });

  test("an entry under lawful secrecy shows from its review date on", async () => {
    const secrecy = { ground: "反电信网络诈骗法", approvedBy: "official-2", reviewOn: "2026-09-01" };
    const subject = { kind: "person" as const, id: "person-s" };
    await ledger.append(made.database, [entry({ subjects: [{ ...subject, attributes: ["name"] }], secrecy })]);
    assert.equal((await ledger.bySubject(subject, { today: "2026-08-31" })).records.length, 0);
    assert.equal((await ledger.bySubject(subject, { today: "2026-09-01" })).records.length, 1);
    assert.equal((await ledger.bySubject(subject)).records.length, 1);
  });

  test("an entry commits with its transaction or not at all", async () => {
    const ids: number[] = [];
    await assert.rejects(
      made.database.transaction(async (tx) => {
        ids.push(...(await ledger.append(tx, [entry({ outcome: "undone" })])));
        throw new Error("the act failed");
      }),
      /the act failed/,
    );
    assert.equal(await ledger.entry(ids[0] ?? 0), undefined);
  });

  test("checkpoints and nodes cannot be changed, an entry cannot be deleted", async () => {
    for (const statement of [
      "DELETE FROM ledger.entry",
      "TRUNCATE ledger.entry",
      "DELETE FROM ledger.checkpoint",
      "UPDATE ledger.node SET hash = hash",
    ]) {
      await assert.rejects(made.database.query(statement), /append-only/, statement);
    }
  });

  test("an entry cannot be changed but by the erasure of its content", async () => {
    const [id] = await ledger.append(made.database, [entry({ caseId: "case-e" })]);
    const [whole] = await ledger.append(made.database, [entry({ caseId: "case-f" })]);
    assert.ok(await made.database.transaction((tx) => ledger.erase(tx, { entryId: whole ?? 0, scope: "all" })));
    const erased = "sealed = '', actor = NULL, case_ref = NULL, subject = NULL";
    const before = await made.database.query("SELECT * FROM ledger.entry ORDER BY id");
    for (const change of [
      "leaf = leaf || '\\x20'",
      "leaf = leaf",
      "xid = '1'",
      "era = era + 1",
      "withheld_until = '2099-01-01'",
      "sealed = NULL",
      "sealed = NULL, actor = NULL, case_ref = NULL, subject = NULL",
      "sealed = ''",
      "sealed = '', actor = NULL, case_ref = NULL",
      "sealed = '', actor = NULL, subject = NULL",
      "sealed = '', case_ref = NULL, subject = NULL",
      "actor = NULL",
      "case_ref = NULL",
      "subject = NULL",
      "actor = '\\x00'",
      "case_ref = '\\x00'",
      "subject = '\\x00'",
      "sealed = sealed || '\\x00', actor = '\\x00'",
      "sealed = sealed || '\\x00', actor = NULL",
      "sealed = sealed || '\\x00', case_ref = NULL",
      "sealed = sealed || '\\x00', subject = '\\x00'",
      "sealed = sealed || '\\x00', leaf = '\\x00'",
      `${erased}, leaf = '\\x00'`,
      `${erased}, xid = '1'`,
      `${erased}, era = 2`,
      `${erased}, withheld_until = '2099-01-01'`,
      `${erased}, id = DEFAULT`,
    ]) {
      const statement = `UPDATE ledger.entry SET ${change} WHERE id = $1`;
      await assert.rejects(made.database.query(statement, [id]), /append-only/, change);
    }
    // What is erased does not come back.
    for (const change of [erased, "sealed = '\\x00'", "subject = '\\x00'", "sealed = NULL"]) {
      const statement = `UPDATE ledger.entry SET ${change} WHERE id = $1`;
      await assert.rejects(made.database.query(statement, [whole]), /append-only/, change);
    }
    assert.deepEqual(await made.database.query("SELECT * FROM ledger.entry ORDER BY id"), before);
  });

  test("old checkpoints are the beginning of new ones", async () => {
    const first = readNote((await ledger.checkpoint())?.note ?? "");
    await ledger.append(
      made.database,
      Array.from({ length: 300 }, () => entry()),
    );
    await ledger.sequenceNow();
    const second = readNote((await ledger.checkpoint())?.note ?? "");
    assert.equal(second.size, first.size + 307 + 3);
    const proof = await ledger.consistency(first.size, second.size);
    const claim = { size1: first.size, size2: second.size, root1: first.root, root2: second.root, proof };
    assert.ok(verifyConsistency(claim));
    await assert.rejects(ledger.consistency(1, second.size + 1), RangeError);
  });

  test("tiles and bundles rebuild the root, and only what exists is served", async () => {
    const checkpoint = readNote(new TextDecoder().decode((await ledger.resource("checkpoint"))?.bytes));
    const tiles = newTiles(0, checkpoint.size);
    assert.ok(tiles.some(({ level }) => level === 1));
    const leaves: Uint8Array[] = [];
    for (const id of tiles) {
      const tile = await ledger.resource(tilePath(id));
      assert.equal(tile?.bytes.length, 32 * id.width, tilePath(id));
      if (id.level > 0) continue;
      const bundle = decodeBundle((await ledger.resource(bundlePath(id)))?.bytes ?? new Uint8Array(0)) ?? [];
      assert.deepEqual(Buffer.concat(bundle.map(leafHash)), Buffer.from(tile?.bytes ?? []));
      leaves.push(...bundle.map(leafHash));
    }
    assert.deepEqual(rootOf(appendLeaves(EMPTY_RANGE, leaves)), checkpoint.root);
    for (const path of ["tile/0/009", "tile/0/000.p/257", "tile/2/000.p/1", "tile/9/000", "tile/0/0", "../entry", ""]) {
      assert.equal(await ledger.resource(path), undefined, path);
    }
  });

  test("erasing content or a subject's part leaves every proof standing", async () => {
    const subjects = ["a", "b", "c"].map((id) => ({
      kind: "person" as const,
      id: `erase-${id}`,
      attributes: ["name"],
    }));
    const [id] = await ledger.append(made.database, [entry({ subjects })]);
    assert.ok(id);
    await ledger.sequenceNow();
    const scope = { kind: "person" as const, id: "erase-b" };
    assert.ok(await made.database.transaction((tx) => ledger.erase(tx, { entryId: id, scope })));
    assert.equal((await ledger.bySubject(scope)).records.length, 0);
    const other = await ledger.receiptFor(id, { kind: "person", id: "erase-c" });
    assert.ok(other?.subject && "value" in other.subject && provable(other));
    assert.ok((await ledger.verify()).intact);

    assert.ok(await made.database.transaction((tx) => ledger.erase(tx, { entryId: id, scope: "all" })));
    const receipt = await ledger.receiptFor(id);
    assert.deepEqual(receipt?.content, { erased: true });
    assert.ok(provable(receipt));
    assert.equal((await ledger.entry(id))?.content, undefined);
    const verification = await ledger.verify();
    assert.deepEqual(verification.findings, []);
    assert.equal(verification.erased, 2);
    assert.equal(await made.database.transaction((tx) => ledger.erase(tx, { entryId: id, scope: "all" })), false);
  });

  test("an entry at an index is the entry whose index it is", async () => {
    const { size } = (await ledger.checkpoint()) ?? { size: 0 };
    for (const index of [0, 1, size - 1]) {
      const record = await ledger.entryAtIndex(index);
      assert.equal(await ledger.indexOf(record?.id ?? 0), index);
    }
    assert.equal(await ledger.entryAtIndex(size), undefined);
  });

  test("by a name entries are found at once, sequenced or not, newest first, in whichever volume of 65,536 they stand", async () => {
    const { database } = made;
    const mine = entry({ caseId: "long", subjects: [{ kind: "person", id: "long-lived", attributes: ["name"] }] });
    const beside = entry({ caseId: "other", subjects: [{ kind: "person", id: "other", attributes: ["name"] }] });
    const written: number[] = [];
    for (const last of [65_533, 131_071, 400_000]) {
      await database.query("SELECT setval(pg_get_serial_sequence('ledger.entry', 'id'), $1)", [last]);
      const ids = await ledger.append(database, [mine, beside, mine, mine]);
      written.unshift(...[ids[3], ids[2], ids[0]].map(Number));
      if (last === 65_533) await ledger.sequenceNow();
    }
    assert.deepEqual(new Set(written.map((id) => Math.floor(id / 65_536))), new Set([6, 2, 1, 0]));
    const person = { kind: "person", id: "long-lived" } as const;
    for (const read of [
      (page: { limit: number; before?: number | undefined }) => ledger.byCase("long", page),
      (page: { limit: number; before?: number | undefined }) => ledger.bySubject(person, page),
      (page: { limit: number; before?: number | undefined }) =>
        ledger.bySubject(person, { ...page, today: "2026-01-01" }),
    ]) {
      for (const limit of [1, 2, 4, 20]) {
        const found: number[] = [];
        let before: number | undefined;
        do {
          const page = await read({ limit, before });
          assert.ok(page.records.length <= limit);
          found.push(...page.records.map(({ id }) => id));
          before = page.next;
        } while (before !== undefined);
        assert.deepEqual(found, written);
      }
      for (const [at, id] of written.entries()) {
        const page = await read({ limit: 20, before: id });
        assert.deepEqual(
          page.records.map((record) => record.id),
          written.slice(at + 1),
        );
      }
    }
    assert.deepEqual((await ledger.byCase("nobody's")).records, []);
    assert.equal(await ledger.countByCase("long", 200), written.length);
  });

  test("what cannot be recorded is refused", async () => {
    await assert.rejects(ledger.append(made.database, [entry({ detail: "x".repeat(300_000) })]), /ERR_|recorded/);
    await assert.rejects(
      ledger.append(
        made.database,
        Array.from({ length: 1_001 }, () => entry()),
      ),
      /at once/,
    );
    assert.deepEqual(await ledger.append(made.database, []), []);
  });
});
