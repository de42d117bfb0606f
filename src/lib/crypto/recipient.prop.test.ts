import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "./bytes.ts";
import {
  openFor,
  openPiece,
  RECIPIENT_RANDOMNESS_BYTES,
  RECIPIENT_SEED_BYTES,
  recipientKeyOf,
  sealFor,
  sealPiece,
} from "./recipient.ts";

const info = utf8("a package");
const randomness = new Uint8Array(RECIPIENT_RANDOMNESS_BYTES).fill(5);

for (const suite of ["international", "national"] as const) {
  const secret = { suite, seed: new Uint8Array(RECIPIENT_SEED_BYTES).fill(3) };
  const other = { suite, seed: new Uint8Array(RECIPIENT_SEED_BYTES).fill(4) };
  const { wrapped, keys } = sealFor(recipientKeyOf(secret), { randomness, info });

  test(`${suite}: the recipient opens what was sealed, piece by piece`, () => {
    const opened = openFor(secret, { wrapped, info });
    assert.ok(opened);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(1000), fc.boolean(), (plaintext, index, isLast) => {
        const ciphertext = sealPiece(keys, { index, isLast, plaintext });
        assert.deepEqual(openPiece(opened, { index, isLast, ciphertext }), plaintext);
        assert.equal(openPiece(opened, { index: index + 1, isLast, ciphertext }), undefined);
        assert.equal(openPiece(opened, { index, isLast: !isLast, ciphertext }), undefined);
      }),
      { numRuns: 30 },
    );
  });

  test(`${suite}: nobody else opens it, nor for another purpose, nor changed`, () => {
    const ciphertext = sealPiece(keys, { index: 0, isLast: true, plaintext: utf8("内容") });
    const opens = (candidate: ReturnType<typeof openFor>) =>
      candidate !== undefined && openPiece(candidate, { index: 0, isLast: true, ciphertext }) !== undefined;
    assert.ok(opens(openFor(secret, { wrapped, info })));
    assert.ok(!opens(openFor(other, { wrapped, info })));
    assert.ok(!opens(openFor(secret, { wrapped, info: utf8("another") })));
    for (const at of [0, 10, wrapped.length - 1]) {
      const changed = wrapped.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.ok(!opens(openFor(secret, { wrapped: changed, info })), `byte ${at}`);
    }
    assert.ok(!opens(openFor(secret, { wrapped: wrapped.slice(1), info })));
  });
}
