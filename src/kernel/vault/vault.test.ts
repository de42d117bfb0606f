import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utf8 } from "#lib/crypto/bytes";
import { envelopeKeyId } from "#lib/crypto/envelope";
import { isFault } from "../errors/fault.ts";
import type { IndexKeys, KeyMaterial } from "../ports.ts";
import {
  dataKeysOf,
  generationId,
  indexKeyId,
  MAX_DERIVED_KEYS,
  openVault,
  openVaultInThread,
  secretsForThread,
} from "./vault.ts";

const material = (fill: number) => ({ masterKey: () => new Uint8Array(32).fill(fill) });
const vault = openVault(material(1));

/** The generations of a node whose first key was the master key. */
class Rotating implements KeyMaterial {
  readonly suite: "international" | "national";
  #keys = dataKeysOf(material(1));

  constructor(suite: "international" | "national" = "international") {
    this.suite = suite;
  }

  masterKey = material(1).masterKey;
  dataKeys = () => this.#keys;

  rotate(fill: number): void {
    const secret = new Uint8Array(32).fill(fill);
    const current = { id: generationId(secret), secret, suite: this.suite };
    this.#keys = { ...this.#keys, current, all: [...this.#keys.all, current] };
  }

  destroyFirst(): void {
    const [first, ...all] = this.#keys.all;
    this.#keys = { ...this.#keys, all, destroyed: new Set([first?.id ?? ""]) };
  }
}
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
    const sealed = openVault(material(2)).seal("file", plain, "x");
    assert.throws(
      () => vault.open("file", sealed, "x"),
      (error) => isFault(error, "ERR_VAULT_KEY") && !error.message.includes("9901"),
    );
  });

  test("after a rotation new things are sealed anew, and all that was sealed, indexed and named stays good", () => {
    for (const suite of ["international", "national"] as const) {
      const keys = new Rotating(suite);
      const rotated = openVault(keys);
      const sealed = rotated.seal("file", plain, "x");
      keys.rotate(2);
      assert.notEqual(rotated.keyId, vault.keyId);
      assert.deepEqual(rotated.open("file", sealed, "x"), plain);
      assert.deepEqual(rotated.blind("a", "1"), vault.blind("a", "1"));
      const again = rotated.seal("file", plain, "x");
      assert.equal(envelopeKeyId(again), rotated.keyId);
      assert.deepEqual(rotated.open("file", again, "x"), plain);
      assert.throws(
        () => vault.open("file", again, "x"),
        (error) => isFault(error, "ERR_VAULT_KEY"),
      );
      keys.destroyFirst();
      assert.deepEqual(rotated.open("file", again, "x"), plain);
      assert.throws(
        () => rotated.open("file", sealed, "x"),
        (error) => isFault(error, "ERR_VAULT_ERASED"),
      );
    }
  });

  test("blind indexes and keys tell purposes apart", () => {
    assert.equal(vault.blind("person.number", "1").length, 16);
    assert.notDeepEqual(vault.blind("person.number", "1"), vault.blind("person.mobile", "1"));
    assert.notDeepEqual(vault.key("form-token"), vault.key("page-token"));
  });

  test("when the key changes that finds, what it wrote is found by the other one, and what it signed counts for a while", () => {
    const key = (fill: number, acceptedUntil = Number.POSITIVE_INFINITY) => {
      const secret = new Uint8Array(32).fill(fill);
      return { id: indexKeyId(secret), secret, suite: "national", acceptedUntil } as const;
    };
    let keys: IndexKeys = { current: key(1), all: [key(1)] };
    const finding = openVault({ ...material(7), indexKeys: () => keys });
    const [pinned, blind, signs] = [finding.pinned(), finding.blind("a", "1"), finding.key("form-token")];
    const staying = finding.stayingKey("names");
    assert.deepEqual(finding.otherBlinds("a", "1"), []);
    keys = { current: key(1), all: [key(1), key(2)] };
    assert.deepEqual(finding.blind("a", "1"), blind, "one that waits writes nothing");
    assert.equal(finding.blinds("a", "1").length, 2, "and is looked for");
    keys = { current: key(2), all: [key(1, Date.now() + 60_000), key(2)] };
    assert.notDeepEqual(finding.blind("a", "1"), blind);
    assert.deepEqual(finding.otherBlinds("a", "1"), [blind]);
    assert.deepEqual(pinned.blind("a", "1"), blind);
    assert.deepEqual(finding.keys("form-token"), [finding.key("form-token"), signs]);
    keys = { current: key(2), all: [key(1, 0), key(2)] };
    assert.deepEqual(finding.keys("form-token"), [finding.key("form-token")], "compromised, or long over");
    assert.deepEqual(finding.otherBlinds("a", "1"), [blind], "what it wrote is found still");
    assert.deepEqual(finding.stayingKey("names"), staying);
    const inThread = openVaultInThread(structuredClone(secretsForThread(finding)));
    assert.deepEqual(inThread.blinds("a", "1"), finding.blinds("a", "1"));
  });

  test("a thread opens the same vault", () => {
    const keys = new Rotating("national");
    keys.rotate(2);
    const rotated = openVault(keys);
    const inThread = openVaultInThread(structuredClone(secretsForThread(rotated)));
    assert.deepEqual(inThread.open("file", rotated.seal("file", plain, "x"), "x"), plain);
    assert.deepEqual(inThread.open("file", vault.seal("file", plain, "x"), "x"), plain);
    assert.deepEqual(inThread.blind("a", "1"), rotated.blind("a", "1"));
  });

  test("labels are for purposes: their number is bounded", () => {
    const bounded = openVault(material(3));
    assert.throws(
      () => {
        for (let each = 0; each <= MAX_DERIVED_KEYS; each++) bounded.key(`label ${each}`);
      },
      (error) => isFault(error, "ERR_ASSERTION"),
    );
  });
});
