import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { international } from "#lib/crypto/international";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { formatCheckpoint } from "./checkpoint.ts";
import {
  cosign,
  formatSignatureLine,
  formatWitnessKey,
  openCosignatures,
  parseWitnessKey,
  witnessKey,
} from "./cosignature.ts";
import { noteVerifier, openNote, signNote } from "./note.ts";
import { formatWitnessRequest, parseWitnessRequest, WITNESS_PROOF_MAX_HASHES } from "./witness-request.ts";

const key = (fill: number) => ed25519FromSeed(new Uint8Array(32).fill(fill));
const LOG = "log.example/county";
const text = formatCheckpoint({ origin: LOG, size: 7, root: new Uint8Array(32).fill(9) });
const note = signNote(text, LOG, key(1));
const one = witnessKey("witness.example/one", publicKeyOf(key(2)));
const other = witnessKey("witness.example/two", publicKeyOf(key(3)));
const line = (fill: number, name: string, at: number) =>
  formatSignatureLine(cosign(text, at, { name, key: key(fill) }));

test("a witness's line tells who vouched and when, and leaves the log's signature as it is", () => {
  const cosigned = note + line(2, one.name, 1_790_000_000) + line(3, other.name, 1_790_000_001);
  assert.deepEqual(openCosignatures(cosigned, [one, other]), [
    { witness: one, at: 1_790_000_000 },
    { witness: other, at: 1_790_000_001 },
  ]);
  assert.deepEqual(
    openCosignatures(cosigned, [other])?.map(({ at }) => at),
    [1_790_000_001],
  );
  assert.deepEqual(openCosignatures(note, [one]), []);
  assert.equal(openNote(cosigned, [noteVerifier(LOG, publicKeyOf(key(1)))])?.text, text);
});

test("an altered line of a known witness condemns the note", () => {
  const signature = cosign(text, 1_790_000_000, { name: one.name, key: key(2) });
  fc.assert(
    fc.property(fc.nat(signature.signature.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const altered = signature.signature.map((byte, index) => (index === at ? byte ^ flip : byte));
      assert.equal(
        openCosignatures(note + formatSignatureLine({ ...signature, signature: altered }), [one]),
        undefined,
      );
    }),
    { numRuns: 50 },
  );
  // The log's own signature under a witness's name is none.
  assert.equal(openCosignatures(signNote(text, one.name, key(2)) + line(3, one.name, 1), [one])?.length ?? 0, 0);
});

test("a witness's key is one line, and another type of key is refused", () => {
  assert.deepEqual(parseWitnessKey(formatWitnessKey(one))?.keyId, one.keyId);
  assert.equal(parseWitnessKey(formatWitnessKey(one).replace(one.keyId.toHex(), "00000000")), undefined);
  assert.equal(parseWitnessKey("witness.example/one+00000000+AAAA"), undefined);
});

test("what is asked of a witness is read as it was written", () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(fc.nat(), fc.array(hash, { maxLength: WITNESS_PROOF_MAX_HASHES }), (oldSize, proof) => {
      assert.deepEqual(parseWitnessRequest(formatWitnessRequest({ oldSize, proof, note })), { oldSize, proof, note });
    }),
  );
  for (const body of [
    "",
    "old 1",
    `old -1\n\n${note}`,
    `old 01\n\n${note}`,
    `new 1\n\n${note}`,
    `old 1\nAAAA\n\n${note}`,
  ]) {
    assert.equal(parseWitnessRequest(body), undefined, body);
  }
  const long = { oldSize: 1, proof: Array.from({ length: 64 }, () => new Uint8Array(32)), note };
  assert.equal(parseWitnessRequest(formatWitnessRequest(long)), undefined);
});

test("what is signed is laid out as the specification says", () => {
  const { signature } = cosign(text, 258, { name: one.name, key: key(2) });
  assert.equal(signature.slice(0, 8).toHex(), "0000000000000102");
  assert.equal(signature.length, 72);
  const message = concatBytes(utf8("cosignature/v1\ntime 258\n"), utf8(text));
  assert.ok(international.verify({ key: publicKeyOf(key(2)), message, signature: signature.slice(8) }));
});
