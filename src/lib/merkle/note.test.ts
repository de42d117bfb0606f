import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utf8 } from "#lib/crypto/bytes";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { decodeBundle, encodeBundle } from "./entry-bundle.ts";
import { EMPTY_ROOT, leafHash } from "./hash.ts";
import { formatVerifierKey, noteVerifier, openNote, parseNote, parseVerifierKey, signNote } from "./note.ts";

const key = ed25519FromSeed(new Uint8Array(32).fill(7));
const otherKey = ed25519FromSeed(new Uint8Array(32).fill(8));
const origin = "ledger.example/qingyuan";
const verifier = noteVerifier(origin, publicKeyOf(key));

describe("signed notes", () => {
  test("open under the key that signed them", () => {
    const note = signNote("有凭有据\n", origin, key);
    assert.match(note, /^有凭有据\n\n\u2014 ledger\.example\/qingyuan [A-Za-z0-9+/=]+\n$/);
    assert.equal(openNote(note, [verifier])?.text, "有凭有据\n");
    assert.equal(openNote(utf8(note), [verifier])?.signedBy[0]?.name, origin);
  });

  test("do not open when changed, or under another key or name", () => {
    const note = signNote("one\n", origin, key);
    assert.equal(openNote(note.replace("one", "two"), [verifier]), undefined);
    assert.equal(openNote(note, [noteVerifier(origin, publicKeyOf(otherKey))]), undefined);
    assert.equal(openNote(note, [noteVerifier("other.example", publicKeyOf(key))]), undefined);
  });

  test("pass over signatures of unknown keys", () => {
    const note = signNote("one\n", origin, key);
    const other = signNote("one\n", "witness.example", otherKey);
    const both = `${other}${note.slice(note.indexOf("\n\n") + 2)}`;
    assert.equal(openNote(both, [verifier])?.signedBy.length, 1);
  });

  test("are refused when malformed", () => {
    const note = signNote("one\n", origin, key);
    for (const bad of [
      "",
      "one\n",
      note.slice(0, -1),
      `${note}x`,
      note.replace("\u2014", "-"),
      note.replace("one", "o\tne"),
    ]) {
      assert.equal(parseNote(bad), undefined, JSON.stringify(bad));
    }
  });

  test("verifier keys have the published form", () => {
    // The example in the documentation of Go's sumdb/note package.
    const line = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const parsed = parseVerifierKey(line);
    assert.ok(parsed);
    assert.equal(formatVerifierKey(parsed), line);
    assert.equal(parseVerifierKey(line.replace("c74f", "c74e")), undefined);
  });
});

describe("checkpoints", () => {
  test("say origin, size and root", () => {
    const text = formatCheckpoint({ origin, size: 3, root: leafHash(utf8("x")) });
    assert.deepEqual(parseCheckpoint(text), { origin, size: 3, root: leafHash(utf8("x")), extensions: [] });
    assert.equal(openCheckpoint(signNote(text, origin, key), verifier)?.size, 3);
  });

  test("of another log are refused though the signature is good", () => {
    const text = formatCheckpoint({ origin: "other.example", size: 0, root: EMPTY_ROOT });
    assert.equal(openCheckpoint(signNote(text, origin, key), verifier), undefined);
  });

  test("are refused when malformed", () => {
    const text = formatCheckpoint({ origin, size: 3, root: EMPTY_ROOT });
    for (const bad of [
      text.replace("\n3\n", "\n03\n"),
      text.replace("\n3\n", "\n-3\n"),
      text.trimEnd(),
      `${text}\n`,
      "a\n1\nAA==\n",
    ]) {
      assert.equal(parseCheckpoint(bad), undefined, JSON.stringify(bad));
    }
  });
});

describe("entry bundles", () => {
  test("hold what was put in, and tell when cut off", () => {
    const entries = [utf8("one"), utf8(""), utf8("三")];
    const bundle = encodeBundle(entries);
    assert.deepEqual(decodeBundle(bundle), entries);
    assert.equal(decodeBundle(bundle.slice(0, -1)), undefined);
    assert.deepEqual(decodeBundle(new Uint8Array(0)), []);
  });
});
