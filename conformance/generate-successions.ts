/** Writes vectors/successions.json: a log whose key was followed twice, and the same with one thing wrong. New keys each time. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateEd25519, randomBytes } from "#kernel/random";
import { toBase64, toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { hybridFromSeed, hybridPublicKeyOf } from "#lib/crypto/hybrid";
import { publicKeyOf } from "#lib/crypto/keys";
import { generateSm2Key, SM2_GENERATION_BYTES } from "#lib/crypto/sm2/keys";
import type { SigningKey } from "#lib/crypto/suite";
import { canonicalize } from "#lib/json/canonical";
import { formatCheckpoint } from "#lib/merkle/checkpoint";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { leafHash } from "#lib/merkle/hash";
import { formatNote, parseNote } from "#lib/merkle/note";
import { consistencyProof, inclusionProof } from "#lib/merkle/proof";
import { formatSuccession } from "#lib/merkle/succession";
import { formatSuiteVerifierKey, suiteNoteSignature, suiteNoteVerifier } from "#lib/merkle/suite-note";

const ORIGIN = "ledger.qingyuan.example/2026";
const SIZES = [4, 7];

type Keys = readonly [SigningKey, ...SigningKey[]];

function alone(): Keys {
  return [generateEd25519()];
}

/** With a key of each other suite beside it. */
function widened([ed25519]: Keys): Keys {
  return [ed25519, generateSm2Key(randomBytes(SM2_GENERATION_BYTES)), hybridFromSeed(randomBytes(64))];
}

function line(key: SigningKey, origin = ORIGIN): string {
  if (key.algorithm === "SM2") return formatSuiteVerifierKey(suiteNoteVerifier(origin, key.publicKey));
  const half = key.algorithm === "Ed25519+ML-DSA-65" ? hybridPublicKeyOf(key) : publicKeyOf(key);
  return formatSuiteVerifierKey(suiteNoteVerifier(origin, half));
}

const lines = (some: Keys) => some.map((key) => line(key));
const sign = (text: string, by: readonly SigningKey[]) =>
  formatNote({
    text,
    signatures: by.map((key) => suiteNoteSignature({ text, name: ORIGIN, key, randomness: randomBytes(32) })),
  });

// ── a log of ten entries ───────────────────────────────────────────────────────────────────────────────────────────

const opened = Array.from({ length: 10 }, (_, at) => ({ value: { outcome: "answered", nth: at }, salt: randomBytes(16) }));
const leaves = opened.map(({ value, salt }, at) =>
  utf8(
    canonicalize({
      ...{ v: 1, type: "read", at: `2026-05-06T01:0${at}:00.000Z`, room: "population", operation: "findPerson" },
      commitment: toBase64url(sha256(salt, utf8(canonicalize(value)))),
    }),
  ),
);
const hashes = leaves.map(leafHash);
const root = (size: number) => rootOf(appendLeaves(EMPTY_RANGE, hashes.slice(0, size)));
const nodes = new Map<string, Uint8Array>();
appendLeaves(EMPTY_RANGE, hashes, (level, index, hash) => nodes.set(`${level}/${index}`, hash));
const read = async (wanted: readonly { readonly level: number; readonly index: number }[]) =>
  wanted.map(({ level, index }) => nodes.get(`${level}/${index}`) ?? new Uint8Array());

// ── its keys ───────────────────────────────────────────────────────────────────────────────────────────────────────

const [one, two, three, stranger, nobody] = [alone(), alone(), alone(), alone(), alone()];
const [wideOne, wideTwo, wideThree] = [widened(one), widened(two), widened(three)];
const [n1 = 0, n2 = 0] = SIZES;
const checkpoint = (size: number, by: readonly SigningKey[], rooted = root(size)) =>
  sign(formatCheckpoint({ origin: ORIGIN, size, root: rooted }), by);
const succession = (former: Keys, next: Keys, size: number, by: readonly SigningKey[] = [...former, ...next]) =>
  sign(formatSuccession({ origin: ORIGIN, size, root: root(size) }, { former: lines(former), next: lines(next) }), by);
const first = succession(one, two, n1);
const second = succession(two, three, n2);
const chain = [first, second];
const wide = [succession(wideOne, wideTwo, n1), succession(wideTwo, wideThree, n2)];

async function receipt(index: number, note: string, size: number, successions: readonly string[] | undefined) {
  const { value, salt } = opened[index] ?? { value: {}, salt: new Uint8Array() };
  return JSON.stringify({
    ...{ format: "zhengtong-ledger-receipt/1", origin: ORIGIN, verifierKey: line(one[0]), entryId: index + 1 },
    ...(successions && { successions }),
    leaf: toBase64(leaves[index] ?? new Uint8Array()),
    content: { value, salt: toBase64(salt) },
    state: "proved",
    log: { index, proof: (await inclusionProof(index, size, read)).map(toBase64), checkpoint: note },
  });
}

function exported(notes: ReadonlyMap<number, string>): string {
  const rows: object[] = [{ format: "zhengtong-ledger-export/1", origin: ORIGIN, verifierKey: line(one[0]) }];
  for (let size = 0; size <= leaves.length; size += 1) {
    if (size > 0) rows.push({ index: size - 1, leaf: toBase64(leaves[size - 1] ?? new Uint8Array()) });
    const note = notes.get(size);
    if (note !== undefined) rows.push({ checkpoint: note });
  }
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

const wholeLog = new Map([
  [0, checkpoint(0, one)],
  [n1, first],
  [5, checkpoint(5, two)],
  [n2, second],
  [10, checkpoint(10, three)],
]);
const served = (successions: readonly string[]) =>
  JSON.stringify({ format: "zhengtong-log-successions/1", origin: ORIGIN, verifierKey: line(one[0]), successions });
const continuation = (older: string, size1: number, newer: string, size2: number, successions: readonly string[]) =>
  consistencyProof(size1, size2, read).then((proof) =>
    JSON.stringify({
      ...{ format: "zhengtong-ledger-consistency/1", origin: ORIGIN, verifierKey: line(one[0]), successions },
      ...{ older, newer, proof: proof.map(toBase64) },
    }),
  );

const ofOne = line(one[0]);
const ofThree = line(three[0]);
const all = lines(wideOne).join("\n");
const missing = (by: readonly SigningKey[]) => succession(one, two, n1, by);
const cut = parseNote(first)?.text ?? "";

const cases = [
  { why: "the last key's checkpoint, followed from the first", logKey: ofOne, successions: chain, file: checkpoint(10, three), expect: "valid", code: "key-followed" },
  { why: "the last key's checkpoint, under the last key", logKey: ofThree, file: checkpoint(10, three), expect: "valid", code: "checkpoint" },
  { why: "the first key's checkpoint, followed back from the last", logKey: ofThree, successions: chain, file: checkpoint(3, one), expect: "valid", code: "key-followed" },
  { why: "the second key's checkpoint, in its term", logKey: ofOne, successions: chain, file: checkpoint(6, two), expect: "valid", code: "checkpoint" },
  { why: "in any order", logKey: ofOne, successions: [second, first], file: checkpoint(10, three), expect: "valid", code: "key-followed" },
  { why: "the first key's plain checkpoint at the very size", logKey: ofOne, successions: chain, file: checkpoint(n1, one), expect: "valid", code: "checkpoint" },
  { why: "a succession by itself is a checkpoint", logKey: ofOne, file: first, expect: "valid", code: "key-followed" },
  { why: "every suite's key follows every suite's key", logKey: all, successions: wide, file: checkpoint(10, wideThree), expect: "valid", code: "key-followed" },
  { why: "the last checkpoint lacks the line of a suite that was asked for", logKey: all, successions: wide, file: checkpoint(10, three), expect: "unanchored", code: "checkpoint-key-missing" },
  { why: "the first key signs above the size at which it was followed", logKey: ofOne, successions: chain, file: checkpoint(5, one), expect: "invalid", code: "checkpoint-key-ended" },
  { why: "the second key signs below the size at which it began", logKey: ofOne, successions: chain, file: checkpoint(3, two), expect: "invalid", code: "checkpoint-key-early" },
  { why: "nothing tells how the last key came", logKey: ofOne, file: checkpoint(10, three), expect: "invalid", code: "checkpoint-signature" },
  { why: "a link is missing", logKey: ofOne, successions: [second], file: checkpoint(10, three), expect: "invalid", code: "checkpoint-signature" },
  { why: "the former key has not signed the succession", logKey: ofOne, successions: [missing(two)], file: checkpoint(6, two), expect: "invalid", code: "succession-signature" },
  { why: "the next key has not signed the succession", logKey: ofOne, successions: [missing(one)], file: checkpoint(6, two), expect: "invalid", code: "succession-signature" },
  { why: "one suite of the next keys has not signed it", logKey: ofOne, successions: [succession(wideOne, wideTwo, n1, [...wideOne, ...wideTwo.slice(0, 2)])], file: checkpoint(6, two), expect: "invalid", code: "succession-signature" },
  { why: "a succession's size was changed", logKey: ofOne, successions: [first.replace(`\n${n1}\n`, "\n6\n")], file: checkpoint(6, two), expect: "invalid", code: "checkpoint-signature" },
  { why: "two successions of one key", logKey: ofOne, successions: [first, succession(one, stranger, 6)], file: checkpoint(6, two), expect: "invalid", code: "successions-conflict" },
  { why: "the last key leads back to the first", logKey: ofOne, successions: [...chain, succession(three, one, 9)], file: checkpoint(10, one), expect: "invalid", code: "successions-conflict" },
  { why: "a succession at a smaller size than the one before", logKey: ofOne, successions: [first, succession(two, three, 3)], file: checkpoint(10, three), expect: "invalid", code: "successions-conflict" },
  { why: "a succession that names no key of a suite that was asked for", logKey: all, successions: [first], file: checkpoint(6, two), expect: "unanchored", code: "checkpoint-key-missing" },
  { why: "a succession that names no next key", logKey: ofOne, successions: [sign(cut.split("\n").filter((row) => !row.startsWith("next ")).join("\n"), one)], file: checkpoint(3, one), expect: "invalid", code: "succession-malformed" },
  { why: "a stranger's successions lead nowhere", logKey: ofOne, successions: [succession(stranger, two, n1)], file: checkpoint(3, one), expect: "valid", code: "checkpoint" },
  { why: "a receipt brings its successions along", logKey: ofOne, file: await receipt(8, checkpoint(10, three), 10, chain), expect: "valid", code: "key-followed" },
  { why: "a receipt without them", logKey: ofOne, file: await receipt(8, checkpoint(10, three), 10, undefined), expect: "invalid", code: "checkpoint-signature" },
  { why: "a receipt from before, for whoever has the last key and the successions", logKey: ofThree, successions: chain, file: await receipt(2, checkpoint(3, one), 3, undefined), expect: "valid", code: "inclusion" },
  { why: "a receipt under a checkpoint that the first key signed after its end", logKey: ofOne, file: await receipt(8, checkpoint(10, one), 10, chain), expect: "invalid", code: "checkpoint-key-ended" },
  { why: "a receipt, and nobody's key given", file: await receipt(8, checkpoint(10, three), 10, chain), expect: "unanchored", code: "log-key-untrusted" },
  { why: "a whole log through both successions", logKey: ofOne, file: exported(wholeLog), expect: "valid", code: "export" },
  { why: "a whole log under its last key", logKey: ofThree, file: exported(wholeLog), expect: "valid", code: "export" },
  { why: "a whole log whose first key signs on after its end", logKey: ofOne, file: exported(new Map([...wholeLog, [5, checkpoint(5, one)]])), expect: "invalid", code: "checkpoint-key-ended" },
  { why: "a whole log with a succession of another tree", logKey: ofOne, file: exported(new Map([...wholeLog, [n1, sign(formatSuccession({ origin: ORIGIN, size: n1, root: root(3) }, { former: lines(one), next: lines(two) }), [...one, ...two])]])), expect: "invalid", code: "root" },
  { why: "a whole log without its successions", logKey: ofOne, file: exported(new Map([...wholeLog, [n1, checkpoint(n1, one)]])), expect: "invalid", code: "checkpoint-signature" },
  { why: "a proof of consistency over both successions", logKey: ofOne, file: await continuation(checkpoint(3, one), 3, checkpoint(10, three), 10, chain), expect: "valid", code: "consistency" },
  { why: "what a node serves beside its key", logKey: ofOne, file: served(chain), expect: "valid", code: "successions" },
  { why: "the same under the last key", logKey: ofThree, file: served(chain), expect: "valid", code: "successions" },
  { why: "the same, of another log's key", logKey: line(stranger[0]), file: served(chain), expect: "invalid", code: "successions-conflict" },
  { why: "the same, with one that leads nowhere", logKey: ofOne, file: served([...chain, succession(stranger, nobody, 9)]), expect: "invalid", code: "successions-conflict" },
];

const about =
  "A log whose key was followed at 4 and at 7 (zhengtong-log-succession/1). `logKey` is what the reader has, `successions` what he gave beside the file.";
const file = join(import.meta.dirname, "vectors/successions.json");
await writeFile(file, `${JSON.stringify({ about, cases }, undefined, 1)}\n`);
