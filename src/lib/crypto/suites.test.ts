import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { utf8 } from "./bytes.ts";
import { hybrid, hybridFromRaw, hybridFromSeed, hybridPublicKeyOf, hybridRaw } from "./hybrid.ts";
import { international } from "./international.ts";
import { KeyFormatError } from "./key-format-error.ts";
import { ed25519FromSeed, privateKeyFromPkcs8, publicKeyOf } from "./keys.ts";
import { national } from "./national.ts";
import {
  type CryptoPurpose,
  defaultSuiteChoice,
  formatSuiteChoice,
  PURPOSE_RULES,
  readSuiteChoice,
  suiteOfKey,
  suitesFor,
  verifyWith,
} from "./purposes.ts";
import { generateSm2Key } from "./sm2/keys.ts";
import type { CryptoSuite, SigningKey, VerifyingKey } from "./suite.ts";

const message = utf8("政通人和");
const ed25519 = ed25519FromSeed(new Uint8Array(32).fill(1));
const p256 = privateKeyFromPkcs8(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "der", type: "pkcs8" }),
);
const sm2 = generateSm2Key(new Uint8Array(48).fill(1));
const both = hybridFromSeed(new Uint8Array(64).fill(1));

const PAIRS: readonly (readonly [SigningKey, VerifyingKey])[] = [
  [ed25519, publicKeyOf(ed25519)],
  [p256, publicKeyOf(p256)],
  [sm2, sm2.publicKey],
  [both, hybridPublicKeyOf(both)],
];

describe("every suite", () => {
  for (const [own, key] of PAIRS) {
    const suite = suiteOfKey(own);
    test(`${suite.name} signs with ${own.algorithm} what verifies, and nothing else`, () => {
      const signature = suite.sign({ key: own, message });
      assert.ok(suite.verify({ key, message, signature }));
      assert.ok(!suite.verify({ key, message: utf8("x"), signature }));
      const changed = signature.slice();
      changed[5] = (changed[5] ?? 0) ^ 1;
      assert.ok(!suite.verify({ key, message, signature: changed }));
      assert.ok(!suite.verify({ key, message, signature: new Uint8Array(0) }));
    });

    test(`${suite.name} refuses the keys of others than ${own.algorithm}`, () => {
      for (const [foreign, foreignPublic] of PAIRS) {
        if (suiteOfKey(foreign).name === suite.name) continue;
        assert.throws(() => suite.sign({ key: foreign, message }), TypeError);
        const signature = suite.sign({ key: own, message });
        assert.equal(suite.verify({ key: foreignPublic, message, signature }), false);
      }
    });
  }

  test("of the two that encrypt seals what it alone opens", () => {
    for (const suite of [international, national] satisfies CryptoSuite[]) {
      const key = new Uint8Array(suite.sealKeyBytes).fill(2);
      const nonce = new Uint8Array(suite.sealNonceBytes);
      const ciphertext = suite.seal({ key, nonce, plaintext: message, associatedData: utf8("place") });
      assert.equal(ciphertext.length, message.length + suite.sealTagBytes);
      assert.deepEqual(suite.open({ key, nonce, ciphertext, associatedData: utf8("place") }), message);
      assert.equal(suite.open({ key, nonce, ciphertext, associatedData: utf8("elsewhere") }), undefined);
      for (let at = 0; at < ciphertext.length; at++) {
        const changed = ciphertext.slice();
        changed[at] = (changed[at] ?? 0) ^ 1;
        assert.equal(suite.open({ key, nonce, ciphertext: changed, associatedData: utf8("place") }), undefined);
      }
      assert.throws(
        () => suite.seal({ key, nonce: new Uint8Array(8), plaintext: message, associatedData: key }),
        RangeError,
      );
      assert.equal(suite.digest(message).length, 32);
      assert.equal(suite.mac(key, message).length, 32);
    }
  });

  test("uses the bytes that a key has now, not those it had", () => {
    for (const suite of [international, national]) {
      for (const key of [new Uint8Array(suite.sealKeyBytes), Buffer.alloc(suite.sealKeyBytes)]) {
        const input = { key, nonce: new Uint8Array(12), plaintext: message, associatedData: message };
        const first = suite.seal(input);
        key.fill(2);
        assert.notDeepEqual(suite.seal(input), first);
      }
    }
  });
});

describe("the hybrid suite", () => {
  const key = hybridPublicKeyOf(both);
  const signature = hybrid.sign({ key: both, message });

  test("needs both halves of a signature", () => {
    assert.equal(signature.length, 64 + 3_309);
    const other = hybrid.sign({ key: hybridFromSeed(new Uint8Array(64).fill(2)), message });
    const first = Buffer.concat([signature.subarray(0, 64), other.subarray(64)]);
    const second = Buffer.concat([other.subarray(0, 64), signature.subarray(64)]);
    assert.ok(!hybrid.verify({ key, message, signature: first }));
    assert.ok(!hybrid.verify({ key, message, signature: second }));
    assert.ok(!hybrid.verify({ key, message, signature: signature.subarray(0, -1) }));
  });

  test("gives halves that are no signatures of their own", () => {
    const half = signature.slice(0, 64);
    assert.ok(!international.verify({ key: key.classical, message, signature: half }));
  });

  test("has keys that travel as bytes", () => {
    assert.equal(hybridRaw(key).length, 32 + 1_952);
    assert.ok(hybrid.verify({ key: hybridFromRaw(hybridRaw(key)), message, signature }));
    assert.throws(() => hybridFromRaw(new Uint8Array(32)), KeyFormatError);
    assert.throws(() => hybridFromSeed(new Uint8Array(32)), KeyFormatError);
  });
});

describe("purposes", () => {
  const national_ = { suite: "national", postQuantum: true } as const;
  const all = Object.keys(PURPOSE_RULES) as CryptoPurpose[];

  test("are national on a national node but where others decide", () => {
    const staying = all.filter((purpose) => suitesFor(purpose, national_).suite.name === "international");
    assert.deepEqual(staying, ["checkpoint", "log-hash", "tls", "web-authentication", "document-signature"]);
    for (const purpose of staying) assert.ok(PURPOSE_RULES[purpose].alwaysInternational, "with a reason");
    const international_ = all.map((purpose) => suitesFor(purpose, { suite: "international", postQuantum: false }));
    assert.ok(international_.every(({ suite, beside }) => suite.name === "international" && beside.length === 0));
  });

  test("that last long have further signatures beside", () => {
    const beside = (purpose: CryptoPurpose) => suitesFor(purpose, national_).beside.map(({ name }) => name);
    assert.deepEqual(beside("checkpoint"), ["national", "hybrid"]);
    assert.deepEqual(beside("detached-seal"), ["hybrid"]);
    assert.deepEqual(beside("tls"), []);
  });

  test("default to the national suite where it is not a demonstration", () => {
    assert.equal(defaultSuiteChoice({ demonstration: false }).suite, "national");
    assert.equal(defaultSuiteChoice({ demonstration: true }).suite, "international");
  });

  test("a choice is written and read, purpose by purpose", () => {
    for (const written of ["national", "international,post-quantum=off", "national,certificate=international"]) {
      const choice = readSuiteChoice(written);
      assert.equal(choice && formatSuiteChoice(choice), written);
    }
    const mixed = readSuiteChoice(" national , certificate=international, checkpoint=international");
    assert.ok(mixed);
    assert.equal(suitesFor("certificate", mixed).suite.name, "international");
    assert.equal(suitesFor("time-stamp", mixed).suite.name, "national");
    assert.deepEqual(
      suitesFor("checkpoint", mixed).beside.map(({ name }) => name),
      ["hybrid"],
    );
    assert.equal(
      formatSuiteChoice({ suite: "national", postQuantum: true, exceptions: { tls: "national" } }),
      "national",
    );
    for (const wrong of [
      ...[
        "",
        "sm",
        "hybrid",
        "national,",
        "national,certificate",
        "national,certificate=sm",
        "national,toString=national",
      ],
      ...["international,tls=national", "international,log-hash=national", "national,post-quantum=maybe"],
      ...["national,certificate=national,certificate=international", "national,certificate=national=national"],
    ]) {
      assert.equal(readSuiteChoice(wrong), undefined, wrong);
    }
  });

  test("accept keys of the suites that they name alone", () => {
    const signature = national.sign({ key: sm2, message });
    assert.ok(verifyWith(["national", "international"], { key: sm2.publicKey, message, signature }));
    assert.ok(!verifyWith(["international"], { key: sm2.publicKey, message, signature }));
  });
});
