import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hybridFromSeed, hybridPublicKeyOf } from "#lib/crypto/hybrid";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { generateSm2Key } from "#lib/crypto/sm2/keys";
import { formatCheckpoint, openCheckpoint } from "./checkpoint.ts";
import { EMPTY_ROOT } from "./hash.ts";
import { formatNote, formatVerifierKey, noteSignature, noteVerifier, openNote } from "./note.ts";
import {
  formatSuiteVerifierKey,
  openSuiteNote,
  parseSuiteVerifierKey,
  suiteNoteSignature,
  suiteNoteVerifier,
} from "./suite-note.ts";

const name = "ledger.example/qingyuan";
const text = formatCheckpoint({ origin: name, size: 7, root: EMPTY_ROOT });
const ed25519 = ed25519FromSeed(new Uint8Array(32).fill(1));
const sm2 = generateSm2Key(new Uint8Array(48).fill(1));
const both = hybridFromSeed(new Uint8Array(64).fill(1));
const note = formatNote({
  text,
  signatures: [
    noteSignature(text, name, ed25519),
    suiteNoteSignature({ text, name, key: sm2, randomness: new Uint8Array(32) }),
    suiteNoteSignature({ text, name, key: both }),
  ],
});
const verifiers = [
  suiteNoteVerifier(name, publicKeyOf(ed25519)),
  suiteNoteVerifier(name, sm2.publicKey),
  suiteNoteVerifier(name, hybridPublicKeyOf(both)),
];

describe("a checkpoint signed in three suites", () => {
  test("opens under each of its keys, and under all", () => {
    assert.deepEqual(openSuiteNote(note, verifiers)?.signedBy, verifiers);
    for (const verifier of verifiers) assert.deepEqual(openSuiteNote(note, [verifier])?.signedBy, [verifier]);
  });

  test("opens for whoever knows Ed25519 alone", () => {
    const known = noteVerifier(name, publicKeyOf(ed25519));
    assert.equal(openCheckpoint(note, known)?.size, 7);
    assert.equal(openNote(note, [known])?.signedBy.length, 1);
  });

  test("is condemned by one wrong signature of a known key", () => {
    const lines = note.split("\n");
    for (const [at, verifier] of [lines.length - 4, lines.length - 3, lines.length - 2].map(
      (at, index) => [at, verifiers[index]] as const,
    )) {
      assert.ok(verifier);
      const changed = lines.with(at, (lines[at] ?? "").replace(/.{8}$/, "AAAAAAA="));
      assert.equal(openSuiteNote(changed.join("\n"), [verifier]), undefined);
      assert.equal(openSuiteNote(changed.join("\n"), verifiers), undefined);
    }
  });

  test("does not open under other keys, nor under a key of another type with the same id", () => {
    const other = suiteNoteVerifier(name, generateSm2Key(new Uint8Array(48).fill(2)).publicKey);
    assert.equal(openSuiteNote(note, [other]), undefined);
    const confused = { ...suiteNoteVerifier(name, sm2.publicKey), key: publicKeyOf(ed25519) };
    assert.equal(openSuiteNote(note, [confused]), undefined);
  });
});

describe("verifier keys of notes", () => {
  test("are read as they were written, Ed25519 as everywhere", () => {
    for (const verifier of verifiers) {
      const line = formatSuiteVerifierKey(verifier);
      const parsed = parseSuiteVerifierKey(line);
      assert.ok(parsed);
      assert.equal(formatSuiteVerifierKey(parsed), line);
      assert.ok(openSuiteNote(note, [parsed]));
    }
    assert.equal(
      formatSuiteVerifierKey(verifiers[0] ?? assert.fail()),
      formatVerifierKey(noteVerifier(name, publicKeyOf(ed25519))),
    );
  });

  test("begin with the type that is documented", () => {
    const line = formatSuiteVerifierKey(verifiers[1] ?? assert.fail());
    const typed = Buffer.from(line.split("+").slice(2).join("+"), "base64").toString("hex");
    assert.ok(typed.startsWith("ff06082a811ccf5501837504"));
  });

  test("are refused when malformed, unknown or of another id", () => {
    const line = formatSuiteVerifierKey(verifiers[1] ?? assert.fail());
    const [head = "", keyId = ""] = line.split("+");
    const wrongId = line.replace(`+${keyId}+`, "+00000000+");
    const unknown = `${head}+${keyId}+${Buffer.of(0xff, 1, 2).toString("base64")}`;
    const offCurve = `${head}+${keyId}+${Buffer.concat([Buffer.from("ff06082a811ccf55018375", "hex"), Buffer.alloc(65, 4)]).toString("base64")}`;
    for (const bad of [
      "",
      wrongId,
      unknown,
      offCurve,
      line.slice(0, -4),
      `a b+${line.slice(head.length + 1)}`,
      "x".repeat(5_000),
    ]) {
      assert.equal(parseSuiteVerifierKey(bad), undefined, bad.slice(0, 60));
    }
  });

  test("sign texts and under names that a note can have", () => {
    assert.throws(() => suiteNoteSignature({ text: "no line feed", name, key: sm2 }), RangeError);
    assert.throws(() => suiteNoteSignature({ text, name: "a b", key: sm2 }), RangeError);
  });
});
