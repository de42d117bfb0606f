/**
 * Writes the vectors of `suites/`: signatures and ciphertexts of the national and the hybrid suite, and the same with
 * one thing wrong each. Run it from the project's root: `node conformance/generate-suites.ts`. Keys are fixed and for
 * tests alone; but for ML-DSA, whose signatures differ each time, the same vectors come out.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TAG, writeDer } from "../src/lib/asn1/der.ts";
import { writeUnsignedInteger } from "../src/lib/asn1/integer.ts";
import { utf8 } from "../src/lib/crypto/bytes.ts";
import { hybrid, hybridFromSeed, hybridPublicKeyOf, hybridRaw } from "../src/lib/crypto/hybrid.ts";
import { ed25519FromSeed, publicKeyOf } from "../src/lib/crypto/keys.ts";
import { SM2_CURVE, scalarBytes, toScalar } from "../src/lib/crypto/sm2/curve.ts";
import { sm2Encrypt } from "../src/lib/crypto/sm2/encryption.ts";
import { generateSm2Key, sm2SecretBytes } from "../src/lib/crypto/sm2/keys.ts";
import { SM2_DEFAULT_IDENTITY, sm2Sign } from "../src/lib/crypto/sm2/signature.ts";
import { formatCheckpoint } from "../src/lib/merkle/checkpoint.ts";
import { formatNote } from "../src/lib/merkle/note.ts";
import { formatSuiteVerifierKey, suiteNoteSignature, suiteNoteVerifier } from "../src/lib/merkle/suite-note.ts";

const FOLDER = join(import.meta.dirname, "suites");
const { n, p } = SM2_CURVE;
const join_ = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes.at(at) ?? 0) ^ 1);

function write(name: string, about: string, cases: readonly object[]): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, name), `${JSON.stringify({ about, cases }, undefined, 2)}\n`);
}

const key = generateSm2Key(new Uint8Array(48).fill(0x51));
const other = generateSm2Key(new Uint8Array(48).fill(0x52));
const { point } = key.publicKey;
const message = utf8("政通人和");

// ── SM2 signatures ─────────────────────────────────────────────────────────────────────────────────────────────────

const raw = sm2Sign({ key, message });
const [r, s] = [raw.subarray(0, 32), raw.subarray(32)];
const der = (one: Uint8Array, two: Uint8Array): Uint8Array =>
  writeDer(TAG.sequence, writeUnsignedInteger(one), writeUnsignedInteger(two));
const pair = (one: bigint, two: bigint): Uint8Array => join_(scalarBytes(one), scalarBytes(two));
const alias = utf8("alias@example");

interface Signature {
  readonly why: string;
  readonly expect: "valid" | "invalid";
  readonly signature: Uint8Array;
  readonly encoding?: "raw" | "der";
  readonly message?: Uint8Array;
  readonly identity?: Uint8Array;
  readonly point?: Uint8Array;
}

const padded = (bytes: Uint8Array): Uint8Array => writeDer(TAG.integer, new Uint8Array(2), bytes);
const good = der(r, s);
const signatures: readonly Signature[] = [
  { why: "good, r ‖ s", expect: "valid", signature: raw },
  { why: "good, DER", expect: "valid", signature: good, encoding: "der" },
  {
    why: "good, an empty message",
    expect: "valid",
    message: new Uint8Array(0),
    signature: sm2Sign({ key, message: new Uint8Array(0) }),
  },
  {
    why: "good, another identity",
    expect: "valid",
    identity: alias,
    signature: sm2Sign({ key, message, identity: alias }),
  },
  {
    why: "good, an empty identity",
    expect: "valid",
    identity: new Uint8Array(0),
    signature: sm2Sign({ key, message, identity: new Uint8Array(0) }),
  },
  { why: "the identity of another", expect: "invalid", identity: alias, signature: raw },
  { why: "the key of another", expect: "invalid", point: other.publicKey.point, signature: raw },
  { why: "another message", expect: "invalid", message: utf8("政通人和。"), signature: raw },
  { why: "a bit of r", expect: "invalid", signature: flipped(raw, 0) },
  { why: "a bit of s", expect: "invalid", signature: flipped(raw, -1) },
  { why: "r and s exchanged", expect: "invalid", signature: join_(s, r) },
  { why: "s negated", expect: "invalid", signature: pair(toScalar(r), n - toScalar(s)) },
  { why: "s = n − r", expect: "invalid", signature: pair(toScalar(r), n - toScalar(r)) },
  { why: "r = 0", expect: "invalid", signature: pair(0n, toScalar(s)) },
  { why: "s = 0", expect: "invalid", signature: pair(toScalar(r), 0n) },
  { why: "r = n", expect: "invalid", signature: pair(n, toScalar(s)) },
  { why: "s = n", expect: "invalid", signature: pair(toScalar(r), n) },
  { why: "r = s = 2²⁵⁶ − 1", expect: "invalid", signature: new Uint8Array(64).fill(0xff) },
  { why: "a byte short", expect: "invalid", signature: raw.subarray(0, 63) },
  { why: "a byte long", expect: "invalid", signature: join_(raw, Uint8Array.of(0)) },
  { why: "nothing", expect: "invalid", signature: new Uint8Array(0) },
  { why: "DER with bytes after it", expect: "invalid", encoding: "der", signature: join_(good, Uint8Array.of(0)) },
  {
    why: "DER with padded integers",
    expect: "invalid",
    encoding: "der",
    signature: writeDer(TAG.sequence, padded(r), padded(s)),
  },
  {
    why: "DER with a third integer",
    expect: "invalid",
    encoding: "der",
    signature: writeDer(TAG.sequence, writeUnsignedInteger(r), writeUnsignedInteger(s), writeUnsignedInteger(r)),
  },
  {
    why: "DER of octet strings",
    expect: "invalid",
    encoding: "der",
    signature: writeDer(TAG.sequence, writeDer(TAG.octetString, r), writeDer(TAG.octetString, s)),
  },
  {
    why: "BER with a long length",
    expect: "invalid",
    encoding: "der",
    signature: join_(Uint8Array.of(0x30, 0x81), good.subarray(1)),
  },
  {
    why: "BER with an indefinite length",
    expect: "invalid",
    encoding: "der",
    signature: join_(Uint8Array.of(0x30, 0x80), good.subarray(2), new Uint8Array(2)),
  },
  {
    why: "a negative r",
    expect: "invalid",
    encoding: "der",
    signature: writeDer(
      TAG.sequence,
      writeDer(TAG.integer, Uint8Array.of(0x80), r.subarray(1)),
      writeUnsignedInteger(s),
    ),
  },
  { why: "a key that is not on the curve", expect: "invalid", point: flipped(point, -1), signature: raw },
  { why: "a key at infinity", expect: "invalid", point: Uint8Array.of(0), signature: raw },
  {
    why: "a key beyond the field",
    expect: "invalid",
    point: join_(Uint8Array.of(4), scalarBytes(p), point.subarray(33)),
    signature: raw,
  },
];

write(
  "sm2-signature.json",
  "SM2 with SM3 (GB/T 32918.2). Bytes in hexadecimal; point is 04 ‖ x ‖ y, encoding is raw (r ‖ s) or der (GM/T 0009).",
  signatures.map((one) => ({
    why: one.why,
    expect: one.expect,
    point: (one.point ?? point).toHex(),
    identity: (one.identity ?? SM2_DEFAULT_IDENTITY).toHex(),
    message: (one.message ?? message).toHex(),
    encoding: one.encoding ?? "raw",
    signature: one.signature.toHex(),
  })),
);

// ── SM2 encryption ─────────────────────────────────────────────────────────────────────────────────────────────────

const randomness = new Uint8Array(32).fill(0x53);
const sealed = (encoding: "raw" | "der", plaintext: Uint8Array = message): Uint8Array =>
  sm2Encrypt({ key: key.publicKey, plaintext, randomness, encoding });
const plain = sealed("raw");
const mirrored = join_(plain.subarray(0, 33), scalarBytes(p - toScalar(plain.subarray(33, 65))), plain.subarray(65));
const ciphertexts: readonly {
  why: string;
  ciphertext: Uint8Array;
  plaintext?: Uint8Array;
  encoding?: "raw" | "der";
}[] = [
  { why: "good, 04 ‖ x ‖ y ‖ C3 ‖ C2", ciphertext: plain, plaintext: message },
  { why: "good, DER", encoding: "der", ciphertext: sealed("der"), plaintext: message },
  { why: "good, one byte", ciphertext: sealed("raw", Uint8Array.of(7)), plaintext: Uint8Array.of(7) },
  { why: "good, longer than one digest", ciphertext: sealed("raw", new Uint8Array(70)), plaintext: new Uint8Array(70) },
  { why: "a bit of C1", ciphertext: flipped(plain, 40) },
  { why: "C1 mirrored: the same x, the other y", ciphertext: mirrored },
  { why: "a bit of C3", ciphertext: flipped(plain, 70) },
  { why: "a bit of C2", ciphertext: flipped(plain, -1) },
  { why: "C2 cut off", ciphertext: plain.subarray(0, -1) },
  { why: "no C2", ciphertext: plain.subarray(0, 97) },
  {
    why: "C1C2C3, the order of old",
    ciphertext: join_(plain.subarray(0, 65), plain.subarray(97), plain.subarray(65, 97)),
  },
  {
    why: "for another",
    ciphertext: sm2Encrypt({ key: other.publicKey, plaintext: message, randomness, encoding: "raw" }),
  },
  { why: "DER with bytes after it", encoding: "der", ciphertext: join_(sealed("der"), Uint8Array.of(0)) },
];

write(
  "sm2-encryption.json",
  "SM2 public-key encryption (GB/T 32918.4, C1C3C2). Bytes in hexadecimal; encoding is raw or der (GM/T 0009). No plaintext: it must not decrypt.",
  ciphertexts.map((one) => ({
    why: one.why,
    expect: one.plaintext === undefined ? "invalid" : "valid",
    privateKey: sm2SecretBytes(key).toHex(),
    encoding: one.encoding ?? "raw",
    ciphertext: one.ciphertext.toHex(),
    ...(one.plaintext === undefined ? {} : { plaintext: one.plaintext.toHex() }),
  })),
);

// ── Ed25519 with ML-DSA-65 ─────────────────────────────────────────────────────────────────────────────────────────

const both = hybridFromSeed(new Uint8Array(64).fill(0x54));
const stranger = hybridFromSeed(new Uint8Array(64).fill(0x55));
const publicKey = hybridRaw(hybridPublicKeyOf(both));
const ours = hybrid.sign({ key: both, message });
const theirs = hybrid.sign({ key: stranger, message });
const pairs: readonly (readonly [why: string, signature: Uint8Array, expect?: "valid"])[] = [
  ["good", ours, "valid"],
  ["Ed25519 by another", join_(theirs.subarray(0, 64), ours.subarray(64))],
  ["ML-DSA-65 by another", join_(ours.subarray(0, 64), theirs.subarray(64))],
  ["a bit of Ed25519", flipped(ours, 10)],
  ["a bit of ML-DSA-65", flipped(ours, 100)],
  ["Ed25519 alone", ours.subarray(0, 64)],
  ["ML-DSA-65 alone", ours.subarray(64)],
  ["the halves exchanged", join_(ours.subarray(64), ours.subarray(0, 64))],
];

write(
  "hybrid.json",
  'Ed25519 and ML-DSA-65 over "zhengtong/ed25519+ml-dsa-65/1" ‖ 00 ‖ SHA-512(message): 64 + 3,309 bytes, the key 32 + 1,952. In hexadecimal.',
  pairs.map(([why, signature, expect = "invalid"]) => ({
    why,
    expect,
    key: publicKey.toHex(),
    message: message.toHex(),
    signature: signature.toHex(),
  })),
);

// ── Notes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const name = "ledger.qingyuan.example/2026";
const text = formatCheckpoint({ origin: name, size: 7, root: new Uint8Array(32).fill(7) });
const ed25519 = ed25519FromSeed(new Uint8Array(32).fill(0x56));
const note = formatNote({
  text,
  signatures: [ed25519, key, both].map((signer) => suiteNoteSignature({ text, name, key: signer })),
});
const keys = [
  suiteNoteVerifier(name, publicKeyOf(ed25519)),
  suiteNoteVerifier(name, key.publicKey),
  suiteNoteVerifier(name, hybridPublicKeyOf(both)),
].map(formatSuiteVerifierKey);
const foreign = formatSuiteVerifierKey(suiteNoteVerifier(name, other.publicKey));
const lines = note.split("\n");
const spoilt = (back: number): string =>
  lines.with(lines.length - back, (lines[lines.length - back] ?? "").replace(/.{8}$/, "AAAAAAA=")).join("\n");

write(
  "notes.json",
  "C2SP signed notes with lines of Ed25519, SM2 (ff ‖ DER of 1.2.156.10197.1.501) and Ed25519 with ML-DSA-65, and the verifier's known keys.",
  [
    { why: "all keys known", expect: "valid", note, keys },
    ...keys.map((one, index) => ({ why: `key ${index + 1} alone known`, expect: "valid", note, keys: [one] })),
    { why: "no key known", expect: "invalid", note, keys: [foreign] },
    { why: "the line of SM2 spoilt, its key known", expect: "invalid", note: spoilt(3), keys },
    { why: "the line of SM2 spoilt, its key unknown", expect: "valid", note: spoilt(3), keys: [keys[0]] },
    { why: "the line of ML-DSA spoilt, its key known", expect: "invalid", note: spoilt(2), keys },
    { why: "another text", expect: "invalid", note: note.replace("\n7\n", "\n8\n"), keys },
  ],
);
