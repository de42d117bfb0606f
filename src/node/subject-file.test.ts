import assert from "node:assert/strict";
import { test } from "node:test";
import { ENTRY_MAX_SUBJECTS } from "#kernel/ledger/limits";
import { openVault } from "#kernel/vault/vault";
import { SubjectFile } from "./subject-file.ts";

const vault = openVault({ masterKey: () => new Uint8Array(32).fill(7) });

test("subjects of an import come back in parts that fit into an entry; a part names nobody twice", async () => {
  using file = await SubjectFile.open(vault);
  const ids = Array.from({ length: 2 * ENTRY_MAX_SUBJECTS + 3 }, (_, at) => `人-${at}`);
  for (const id of ids) {
    file.add(id);
    file.add(id);
  }
  const parts = [...file.parts()];
  assert.deepEqual(
    parts.map((part) => part.length),
    [ENTRY_MAX_SUBJECTS, ENTRY_MAX_SUBJECTS, 5],
  );
  assert.deepEqual([...new Set(parts.flat())], ids);
});

test("an import that concerns nobody has one empty part", async () => {
  using file = await SubjectFile.open(vault);
  assert.deepEqual([...file.parts()], [[]]);
});
