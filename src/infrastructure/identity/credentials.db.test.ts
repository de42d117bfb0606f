import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { testDatabase } from "#kernel/database/testing";
import { randomOpaqueUuid } from "#kernel/random";
import { isOutdated, isPassword, passwordFault, setPassword } from "./credentials.ts";

const folder = fileURLToPath(new URL("./migrations/", import.meta.url));
const { database, close } = await testDatabase({ migrations: [{ scope: "identity", folder }] });
after(close);

const AT = "2026-03-02T01:00:00Z";

test("A password is recognised, another is not, and the digest alone is stored", async () => {
  const account = randomOpaqueUuid();
  await setPassword(database, account, "清源县的秋天很长很长", AT);
  assert.equal(await isPassword(database, account, "清源县的秋天很长很长"), true);
  assert.equal(await isPassword(database, account, "清源县的秋天很长很"), false);
  assert.equal(await isOutdated(database, account), false);
  const [row] = await database.query<{ digest: string }>("SELECT digest FROM identity.credential WHERE account = $1", [
    account,
  ]);
  assert.match(row?.digest ?? "", /^\$argon2id\$/);
});

test("A new password replaces the one before", async () => {
  const account = randomOpaqueUuid();
  await setPassword(database, account, "the first of two", AT);
  await setPassword(database, account, "the second of two", AT);
  assert.equal(await isPassword(database, account, "the first of two"), false);
  assert.equal(await isPassword(database, account, "the second of two"), true);
});

test("An unknown account is measured, and never right", async () => {
  assert.equal(await isPassword(database, undefined, "anything at all"), false);
  assert.equal(await isPassword(database, randomOpaqueUuid(), "anything at all"), false);
});

test("Short, common and self-telling passwords are refused in both languages", async () => {
  const weakOnes = ["short", "1234567890", "aaaaaaaaaaaa", "Password2026", "wang.yan-2026", "x".repeat(129)];
  for (const weak of [...weakOnes, "football2024!", "sunshinesunshine", "q1w2e3r4t5"]) {
    const fault = await passwordFault(weak, "wang.yan");
    assert.ok(fault?.zh && fault.en, weak);
  }
  assert.equal(await passwordFault("correct horse battery", "wang.yan"), undefined);
  assert.equal(await passwordFault("山高月小水落石出人影在地", "wang.yan"), undefined);
  const house = ["清源县市场监督管理局", "Qingyuan County"];
  for (const weak of ["清源县市场监督管理局2026", "政通清源县市场监督管理局！", "qingyuan county 99"]) {
    assert.ok(await passwordFault(weak, "wang.yan", house), weak);
  }
  assert.equal(await passwordFault("Qingyuan County: nine cranes at dusk", "wang.yan", house), undefined);
});
