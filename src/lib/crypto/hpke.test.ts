import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "./bytes.ts";
import { hpkeReceive, hpkeSend, x25519PublicKey } from "./hpke.ts";
import { KeyFormatError } from "./key-format-error.ts";

const hex = (value: string) => Uint8Array.fromHex(value);

test("agrees with RFC 9180 appendix A.1.1 (base mode)", () => {
  const info = hex("4f6465206f6e2061204772656369616e2055726e");
  const oneTime = hex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736");
  const secret = hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
  const recipient = hex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
  assert.deepEqual(x25519PublicKey(secret), recipient);
  const sent = hpkeSend(recipient, oneTime, { info, keyBytes: 16 });
  assert.equal(sent.encapsulated.toHex(), "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
  assert.equal(sent.key.toHex(), "4531685d41d65f03dc48f6b8302c05b0");
  assert.equal(sent.baseNonce.toHex(), "56d890e5accaaf011cff4b7d");
  const { key, baseNonce } = hpkeReceive(secret, sent.encapsulated, { info, keyBytes: 16 });
  assert.deepEqual({ key, baseNonce }, { key: sent.key, baseNonce: sent.baseNonce });
});

test("another recipient and another purpose derive other keys", () => {
  const [one, two, once] = [1, 2, 3].map((filler) => new Uint8Array(32).fill(filler)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const sent = hpkeSend(x25519PublicKey(one), once, { info: utf8("ferry") });
  assert.deepEqual(hpkeReceive(one, sent.encapsulated, { info: utf8("ferry") }).key, sent.key);
  assert.notDeepEqual(hpkeReceive(two, sent.encapsulated, { info: utf8("ferry") }).key, sent.key);
  assert.notDeepEqual(hpkeReceive(one, sent.encapsulated, { info: utf8("other") }).key, sent.key);
});

test("keys of another size, and points that give no secret, are refused", () => {
  const secret = new Uint8Array(32).fill(9);
  for (const key of [new Uint8Array(31), new Uint8Array(32)])
    assert.throws(() => hpkeSend(key, secret, { info: utf8("x") }), KeyFormatError);
  assert.throws(() => hpkeReceive(secret, new Uint8Array(32), { info: utf8("x") }), KeyFormatError);
});
