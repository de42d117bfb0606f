import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utf8 } from "#lib/crypto/bytes";
import { isFault } from "../errors/fault.ts";
import { MAX_DERIVED_KEYS, openVault, openVaultInThread, secretsForThread } from "./vault.ts";

const material = (fill: number) => ({ masterKey: () => new Uint8Array(32).fill(fill) });
const vault = openVault({ keys: material(1) });
const plain = utf8("990102199001011234");

describe("the vault", () => {
  test("opens what it sealed, in its place alone", () => {
    const sealed = vault.seal("register.population.person", plain, "key 1");
    assert.deepEqual(vault.open("register.population.person", sealed, "key 1"), plain);
    assert.deepEqual(vault.open("register.population.person", sealed, utf8("key 1")), plain);
    for (const [label, place] of [
      ["register.population.person", "key 2"],
      ["register.population.household", "key 1"],
    ] as const) {
      assert.throws(
        () => vault.open(label, sealed, place),
        (error) => isFault(error, "ERR_VAULT_SEAL"),
      );
    }
  });

  test("opens what it sealed in a batch as it opens the rest", () => {
    const batch = vault.batch("register.population.person");
    for (const each of ["1", "2"]) batch.add(`number ${each}`, `key ${each}`);
    const [one, two] = batch.seal();
    assert.deepEqual(vault.open("register.population.person", one ?? plain, "key 1"), utf8("number 1"));
    assert.deepEqual(vault.open("register.population.person", two ?? plain, "key 2"), utf8("number 2"));
    assert.throws(
      () => vault.open("register.population.person", two ?? plain, "key 1"),
      (error) => isFault(error, "ERR_VAULT_SEAL"),
    );
    batch.add("number 1", "key 1");
    assert.notDeepEqual(batch.seal()[0], one);
  });

  test("seals the same twice differently", () => {
    assert.notDeepEqual(vault.seal("file", plain, "x"), vault.seal("file", plain, "x"));
  });

  test("a seal of an unknown key names the label and no value", () => {
    const sealed = openVault({ keys: material(2) }).seal("file", plain, "x");
    assert.throws(
      () => vault.open("file", sealed, "x"),
      (error) => isFault(error, "ERR_VAULT_KEY") && !error.message.includes("9901"),
    );
  });

  test("a rotated key still opens, finds and names what the old one did", () => {
    const sealed = vault.seal("file", plain, "x");
    const rotated = openVault({ keys: material(2), previous: [material(1)] });
    assert.notEqual(rotated.keyId, vault.keyId);
    assert.deepEqual(rotated.open("file", sealed, "x"), plain);
    assert.deepEqual(rotated.blind("a", "1"), vault.blind("a", "1"));
    assert.equal(rotated.pseudonym("person", "1"), vault.pseudonym("person", "1"));
    assert.throws(
      () => vault.open("file", rotated.seal("file", plain, "x"), "x"),
      (error) => isFault(error, "ERR_VAULT_KEY"),
    );
  });

  test("blind indexes and pseudonyms tell purposes apart", () => {
    assert.equal(vault.blind("person.number", "1").length, 16);
    assert.notDeepEqual(vault.blind("person.number", "1"), vault.blind("person.mobile", "1"));
    assert.match(vault.pseudonym("person", "1"), /^[0-9a-f]{32}$/);
    assert.notEqual(vault.pseudonym("person", "1"), vault.pseudonym("official", "1"));
    assert.notDeepEqual(vault.key("form-token"), vault.key("page-token"));
  });

  test("a thread opens the same vault", () => {
    const rotated = openVault({ keys: material(2), previous: [material(1)] });
    const inThread = openVaultInThread(structuredClone(secretsForThread(rotated)));
    assert.deepEqual(inThread.open("file", rotated.seal("file", plain, "x"), "x"), plain);
    assert.deepEqual(inThread.open("file", vault.seal("file", plain, "x"), "x"), plain);
    assert.deepEqual(inThread.blind("a", "1"), rotated.blind("a", "1"));
  });

  test("labels are for purposes: their number is bounded", () => {
    const bounded = openVault({ keys: material(3) });
    assert.throws(
      () => {
        for (let each = 0; each <= MAX_DERIVED_KEYS; each++) bounded.key(`label ${each}`);
      },
      (error) => isFault(error, "ERR_ASSERTION"),
    );
  });
});
