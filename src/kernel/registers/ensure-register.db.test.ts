import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { text } from "#lib/language/text";
import { type ObjectSchema, type Register, register } from "../contract/contract.ts";
import { field } from "../contract/field.ts";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { isFault } from "../errors/fault.ts";
import { UnitOfWork } from "../system/unit-of-work.ts";
import { ensureRegister } from "./ensure-register.ts";
import { ImportFault } from "./import-fault.ts";
import { LOOKUP_MAX_CHARACTERS } from "./limits.ts";
import { actAt, REGISTER_MIGRATIONS, VAULT } from "./register-fixture.ts";
import { openRegister } from "./register-store.ts";

let own: TestDatabase;
before(async () => {
  own = await testDatabase({ migrations: REGISTER_MIGRATIONS });
});
after(() => own.close());

function declared<S extends ObjectSchema>(schema: S): Register<S> {
  return register({
    title: text("测试", "Test"),
    schema,
    subject: { kind: "none" },
    legalBasis: [],
    retention: "permanent",
  });
}

const title = text("属性", "Attribute");
const code = field(z.string(), { title, lookup: "unique" });
const note = field(z.string(), { title, sensitive: true });
const FIRST = declared(z.object({ code, note }));

const ensure = (name: string, declaration: Register) =>
  own.database.transaction((tx) => ensureRegister(tx, "legal-entities", name, declaration));

async function withHandle<S extends ObjectSchema, T>(
  name: string,
  declaration: Register<S>,
  work: (handle: ReturnType<ReturnType<typeof openRegister<S>>["handle"]>) => Promise<T>,
): Promise<T> {
  const unit = new UnitOfWork(own.database);
  const store = openRegister({ room: "legal-entities", name, declaration, vault: VAULT });
  const handle = store.handle({
    reader: () => unit.reader(),
    writer: () => unit.writer(),
    act: actAt("2026-01-31T00:00:00Z"),
    authority: "清源县",
    note: () => assert.fail("the register has no subject"),
  });
  const value = await work(handle);
  await unit.commit();
  return value;
}

test("tables are made once, and stay when nothing changed", async () => {
  assert.equal(await ensure("plain", FIRST), "made");
  assert.equal(await ensure("plain", FIRST), "unchanged");
});

test("many processes at once make them once", async () => {
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => ensure("racing", FIRST)));
  assert.deepEqual(outcomes.sort(), ["made", ...Array.from({ length: 5 }, () => "unchanged")]);
});

test("an untouched register may change as it likes", async () => {
  await ensure("untouched", FIRST);
  assert.equal(await ensure("untouched", declared(z.object({ other: z.number() }))), "extended");
  const changed = declared(z.object({ other: z.number() }));
  const key = await withHandle("untouched", changed, (handle) => handle.put({ other: 1.5 }));
  assert.deepEqual(await withHandle("untouched", changed, async (handle) => (await handle.get(key))?.value), {
    other: 1.5,
  });
});

test("attributes are added, found and defaulted; old versions still open", async () => {
  await ensure("growing", FIRST);
  const key = await withHandle("growing", FIRST, (handle) => handle.put({ code: "a", note: "秘密" }));
  const grown = declared(
    z.object({
      code,
      note,
      status: z.enum(["open", "closed"]).default("open"),
      contact: field(z.string().optional(), { title, sensitive: true, lookup: "exact" }),
      licence: field(z.string().optional(), { title, lookup: "unique" }),
      name: field(z.string().optional(), { title, lookup: "name" }),
    }),
  );
  assert.equal(await ensure("growing", grown), "extended");
  assert.equal(await ensure("growing", grown), "unchanged");
  await withHandle("growing", grown, async (handle) => {
    assert.deepEqual((await handle.get(key))?.value, { code: "a", note: "秘密", status: "open" });
    const second = await handle.put({ code: "b", note: "", contact: "138", licence: "L1", name: "好味道小吃店" });
    assert.deepEqual(
      (await handle.find({ contact: "138" })).items.map((each) => each.key),
      [second],
    );
    assert.deepEqual(
      (await handle.search("味道")).items.map((each) => each.key),
      [second],
    );
    assert.deepEqual(
      (await handle.find({ contact: undefined })).items.map((each) => each.key),
      [key],
    );
  });
  await assert.rejects(
    withHandle("growing", grown, (handle) => handle.put({ code: "c", note: "", licence: "L1" })),
    (error) => isFault(error, "ERR_REGISTER_NOT_UNIQUE"),
  );
});

test("anything else is refused, every change named, nothing changed", async () => {
  await ensure("kept", FIRST);
  await withHandle("kept", FIRST, (handle) => handle.put({ code: "a", note: "" }));
  const other = declared(
    z.object({ code: field(z.number(), { title }), note: field(z.string(), { title }), extra: z.string() }),
  );
  await assert.rejects(ensure("kept", other), (error) => {
    assert.ok(isFault(error, "ERR_REGISTER_CHANGED"));
    for (const part of [
      "legal-entities.kept",
      "note is no longer sensitive",
      "the lookup of code changed from unique to none",
      "code changed from string to number",
      "extra is new",
    ]) {
      assert.ok(error.message.includes(part), `${part} in ${error.message}`);
    }
    return true;
  });
  await assert.rejects(ensure("kept", declared(z.object({ code }))), /note was removed/);
  assert.equal(await ensure("kept", FIRST), "unchanged");
});

test("a sensitive name is found by its words, and none of them is stored", async () => {
  const secretive = declared(z.object({ alias: field(z.string(), { title, sensitive: true, lookup: "name" }) }));
  await ensure("secretive", secretive);
  const keys = await withHandle("secretive", secretive, async (handle) => {
    const made: string[] = [];
    for (const alias of ["王小明", "王大明", "李小明"]) made.push(await handle.put({ alias }));
    assert.deepEqual((await handle.search("王")).items.map((each) => each.value.alias).sort(), ["王大明", "王小明"]);
    const first = await handle.search("小明", { limit: 1 });
    const rest = await handle.search("小明", { limit: 1, after: first.next ?? "" });
    assert.deepEqual([...first.items, ...rest.items].map((each) => each.value.alias).sort(), ["李小明", "王小明"]);
    return made;
  });
  const rows = await own.database.query<{ row: string }>("SELECT t::text AS row FROM legal_entities.secretive t");
  assert.equal(rows.length, keys.length);
  for (const { row } of rows) assert.doesNotMatch(row, /[\p{Script=Han}--[清源县]]/v);
});

test("a value that no index could hold is refused, written or imported", async () => {
  await ensure("bounded", FIRST);
  const long = { code: "长".repeat(LOOKUP_MAX_CHARACTERS + 1), note: "" };
  await assert.rejects(
    withHandle("bounded", FIRST, (handle) => handle.put(long)),
    (error) => isFault(error, "ERR_REGISTER_VALUE") && error.message.includes("legal-entities.bounded.code"),
  );
  const store = openRegister({ room: "legal-entities", name: "bounded", declaration: FIRST, vault: VAULT });
  const rows = [{ value: { code: "a", note: "" } }, { value: long, line: 7 }];
  await assert.rejects(
    own.database.transaction((tx) =>
      store.importEntries({ tx, act: actAt("2026-01-31T00:00:00Z"), authority: "清源县" }, rows),
    ),
    (error) => {
      assert.ok(error instanceof ImportFault);
      assert.deepEqual(error.problems, [{ line: 7, path: "code", problem: "too_big" }]);
      return true;
    },
  );
});
