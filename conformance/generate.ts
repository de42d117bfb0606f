/**
 * Writes the vectors of this folder: what a node gives out, and the same with one thing wrong each. Needs the project's
 * dependencies and PostgreSQL; run it from the project's root: `node conformance/generate.ts`. The vectors are committed;
 * new ones have new keys.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PDF } from "@libpdf/core";
import { TAG, writeDer, writeOid, writeSmallInteger } from "../src/lib/asn1/der.ts";
import { sealPdf } from "../src/kernel/documents/pdf-seal.ts";
import { testDatabase } from "../src/kernel/database/testing.ts";
import { checkpointSigner } from "../src/kernel/ledger/checkpoint-signer.ts";
import type { LedgerEntry } from "../src/kernel/ledger/entry.ts";
import { ledgerKeys } from "../src/kernel/ledger/keys.ts";
import { LEDGER_MIGRATIONS, Ledger } from "../src/kernel/ledger/ledger.ts";
import { generateEd25519, randomBytes } from "../src/kernel/random.ts";
import { toBase64 } from "../src/lib/crypto/base64url.ts";
import { disclosable, issueSdJwt, type TokenSigner } from "../src/lib/sd-jwt/issue.ts";
import { makeDisclosure } from "../src/lib/sd-jwt/disclosure.ts";
import { presentSdJwt } from "../src/lib/sd-jwt/verify.ts";

const FOLDER = join(import.meta.dirname, "vectors");
const AT = "2026-06-01T00:00:00Z";

interface Case {
  readonly file?: string;
  readonly number?: string;
  readonly why: string;
  readonly expect: "valid" | "invalid" | "unanchored" | "pending";
  /** Of the finding that decides. */
  readonly code: string;
  readonly roots?: readonly string[];
  readonly jwk?: object;
  readonly logKey?: string;
  readonly checkpoint?: string;
  readonly at: string;
}

const cases: Case[] = [];

function write(file: string, content: string | Uint8Array): string {
  const path = join(FOLDER, file);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
  return file;
}

type Outline = Omit<Case, "at" | "file"> & { readonly at?: string };

function vector(file: string, content: string | Uint8Array, outline: Outline): void {
  cases.push({ file: write(file, content), at: AT, ...outline });
}

/** Changes one character somewhere after a mark. */
function flip(source: string, mark: string, offset: number): string {
  const at = source.indexOf(mark) + mark.length + offset;
  const other = source[at] === "A" ? "B" : "A";
  return source.slice(0, at) + other + source.slice(at + 1);
}

rmSync(FOLDER, { recursive: true, force: true });

// ── the ledger ─────────────────────────────────────────────────────────────────────────────────────────────────────

const ORIGIN = "ledger.qingyuan.example/2026";
const signer = checkpointSigner(ORIGIN, generateEd25519());
const stranger = checkpointSigner(ORIGIN, generateEd25519());
const logKey = signer.verifierKey;

function entry(at: number): LedgerEntry {
  return {
    type: at % 3 === 0 ? "act" : "read",
    at: new Date(Date.UTC(2026, 4, 6, 1, at)).toISOString(),
    room: "population",
    operation: "findPerson",
    actor: { kind: "official", id: `official-${at % 4}`, post: "acceptance-clerk", authority: "qingyuan-scjg" },
    purpose: "case",
    legalBasis: ["中华人民共和国行政许可法 第三十四条"],
    caseId: `case-${at % 7}`,
    subjects: Array.from({ length: 1 + (at % 5) }, (_, n) => ({
      kind: "person" as const,
      id: `synthetic-person-${(at + n) % 11}`,
      attributes: ["name", "address"],
    })),
    outcome: "answered",
    policies: ["case-handler"],
  };
}

function freshKeys() {
  const secret = randomBytes(32);
  return { masterKey: () => secret };
}

const { database, close } = await testDatabase({ migrations: [LEDGER_MIGRATIONS] });
const ledger = new Ledger({ database, signer, keys: ledgerKeys(freshKeys()) });
await ledger.append(database, Array.from({ length: 40 }, (_, at) => entry(at)));
await ledger.sequenceNow();
const older = (await ledger.checkpoint())?.note ?? "";
const ids = await ledger.append(database, Array.from({ length: 45 }, (_, at) => entry(at + 40)));
await ledger.sequenceNow();
const newer = (await ledger.checkpoint())?.note ?? "";
const erased = ids[20] ?? 0;
await database.transaction((tx) => ledger.erase(tx, { entryId: erased, scope: "all" }));

const pretty = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
const listed = ids[33] ?? 0;
const [someone] = (await ledger.entry(listed))?.subjects ?? [];
const receipt = await ledger.receiptFor(listed);
const partial = await ledger.receiptFor(listed, someone);
if (receipt?.log === undefined || partial?.subject === undefined || someone === undefined) throw new Error("no receipt");

vector("receipt/good.json", pretty(receipt), { why: "an entry in the log", expect: "valid", code: "inclusion", logKey });
vector("receipt/no-log-key.json", pretty(receipt), { why: "the log's key was not given", expect: "unanchored", code: "log-key-untrusted" });
vector("receipt/subject.json", pretty(partial), { why: "one subject's part of a list", expect: "valid", code: "subject", logKey });
vector("receipt/erased.json", pretty(await ledger.receiptFor(erased)), { why: "the content was erased", expect: "valid", code: "erased", logKey });
const [waiting] = await ledger.append(database, [entry(1)]);
vector("receipt/pending.json", pretty(await ledger.receiptFor(waiting ?? 0)), { why: "not in the log yet", expect: "pending", code: "pending", logKey });
const log = receipt.log;
const badReceipts: Readonly<Record<string, readonly [object, string, string]>> = {
  "changed-content": [
    { ...receipt, content: JSON.parse(JSON.stringify(receipt.content).replace("case-handler", "case-auditor")) },
    "content",
    "another policy is named",
  ],
  "changed-salt": [{ ...receipt, content: { ...receipt.content, salt: toBase64(randomBytes(16)) } }, "content", "another salt"],
  "changed-leaf": [
    { ...receipt, leaf: Buffer.from(Buffer.from(receipt.leaf, "base64").toString().replace("2026-05", "2026-04")).toString("base64") },
    "inclusion",
    "another time in the leaf",
  ],
  "wrong-index": [{ ...receipt, log: { ...log, index: log.index + 1 } }, "inclusion", "another place"],
  "short-proof": [{ ...receipt, log: { ...log, proof: log.proof.slice(1) } }, "inclusion", "a hash is missing"],
  "long-proof": [{ ...receipt, log: { ...log, proof: [...log.proof, log.proof[0]] } }, "inclusion", "a hash too many"],
  "older-checkpoint": [{ ...receipt, log: { ...log, checkpoint: older } }, "inclusion", "a checkpoint from before the entry"],
  "forged-checkpoint": [
    { ...receipt, log: { ...log, checkpoint: log.checkpoint.replace("\n85\n", "\n86\n") } },
    "checkpoint-signature",
    "another size in the checkpoint",
  ],
  "swapped-subject": [
    { ...partial, subject: { ...partial.subject, value: { kind: "person", id: "synthetic-person-0x", attributes: ["name"] } } },
    "subject",
    "another subject",
  ],
  "loose-base64": [{ ...receipt, leaf: `${receipt.leaf} ` }, "encoding", "a second spelling of the same bytes"],
};
for (const [name, [bad, code, why]] of Object.entries(badReceipts)) {
  vector(`receipt/bad-${name}.json`, pretty(bad), { why, expect: "invalid", code, logKey });
}
vector("receipt/bad-key.json", pretty(receipt), { why: "signed by another key of the same name", expect: "invalid", code: "checkpoint-signature", logKey: stranger.verifierKey });
vector("receipt/bad-cut-off.json", pretty(receipt).slice(0, -20), { why: "cut off", expect: "invalid", code: "malformed", logKey });

vector("checkpoint/good.txt", newer, { why: "signed by the log", expect: "valid", code: "checkpoint", logKey });
vector("checkpoint/kept.txt", newer, { why: "agrees with the kept one", expect: "valid", code: "kept-checkpoint", logKey, checkpoint: newer });
vector("checkpoint/other-size.txt", newer, { why: "another size than the kept one: needs a proof", expect: "unanchored", code: "kept-checkpoint-size", logKey, checkpoint: older });
vector("checkpoint/bad-root.txt", flip(newer, "\n85\n", 3), { why: "another root", expect: "invalid", code: "checkpoint-signature", logKey });
vector("checkpoint/bad-origin.txt", newer.replace("qingyuan", "qingyuen"), { why: "another origin", expect: "invalid", code: "checkpoint-signature", logKey });
vector("checkpoint/bad-unsigned.txt", `${newer.slice(0, newer.indexOf("\n\n") + 2)}\u2014 other.example AAAAAAAA\n`, { why: "not signed by the log", expect: "invalid", code: "checkpoint-signature", logKey });

const continuation = await ledger.continuation(older);
vector("consistency/good.json", pretty(continuation), { why: "the log grew", expect: "valid", code: "consistency", logKey });
vector("consistency/bad-proof.json", pretty({ ...continuation, proof: continuation.proof.slice(1) }), { why: "a hash is missing", expect: "invalid", code: "consistency", logKey });
vector("consistency/bad-order.json", pretty({ ...continuation, older: newer, newer: older }), { why: "the log shrank", expect: "invalid", code: "consistency", logKey });

// The same key with another history: what an operator who cheats would show.
const second = await testDatabase({ migrations: [LEDGER_MIGRATIONS] });
const cheat = new Ledger({ database: second.database, signer, keys: ledgerKeys(freshKeys()) });
await cheat.append(second.database, Array.from({ length: 40 }, (_, at) => entry(at)));
await cheat.sequenceNow();
const forked = (await cheat.checkpoint())?.note ?? "";
vector("consistency/bad-fork.json", pretty({ ...continuation, older: forked }), { why: "another history with the same key", expect: "invalid", code: "consistency", logKey });
vector("checkpoint/bad-fork.txt", forked, { why: "contradicts the kept one", expect: "invalid", code: "rewritten", logKey, checkpoint: older });
await second.close();

let exported = "";
for await (const line of ledger.export({ contents: true })) exported += line;
await close();
const lines = exported.trimEnd().split("\n");
const without = (at: number): string => `${lines.filter((_, line) => line !== at).join("\n")}\n`;
vector("export/good.jsonl", exported, { why: "a whole log", expect: "valid", code: "export", logKey });
vector("export/kept.jsonl", exported, { why: "continues the kept checkpoint", expect: "valid", code: "kept-checkpoint", logKey, checkpoint: older });
vector("export/bad-missing.jsonl", without(20), { why: "an entry is missing", expect: "invalid", code: "missing-entry", logKey });
const ninth = JSON.parse(lines[9] ?? "") as { readonly index: number; readonly leaf: string };
const laterLeaf = Buffer.from(Buffer.from(ninth.leaf, "base64").toString().replace("2026-05-06", "2026-05-07"));
const changedLine = JSON.stringify({ index: ninth.index, leaf: laterLeaf.toString("base64") });
vector("export/bad-leaf.jsonl", exported.replace(lines[9] ?? "", changedLine), { why: "a leaf was changed", expect: "invalid", code: "root", logKey });
vector("export/bad-content.jsonl", exported.replace("case-handler", "case-auditor"), { why: "a content was changed", expect: "invalid", code: "content", logKey });
vector("export/bad-cut-off.jsonl", exported.slice(0, -30), { why: "cut off", expect: "invalid", code: "truncated", logKey });
vector("export/bad-uncovered.jsonl", without(lines.length - 1), { why: "the last checkpoint is missing", expect: "invalid", code: "uncovered", logKey });
vector("export/bad-shorter.jsonl", `${lines.slice(0, 43).join("\n")}\n`, { why: "shorter than the kept checkpoint", expect: "invalid", code: "shorter", logKey, checkpoint: newer });
vector("export/bad-fork.jsonl", exported, { why: "contradicts the kept checkpoint", expect: "invalid", code: "rewritten", logKey, checkpoint: forked });

// ── certificates ───────────────────────────────────────────────────────────────────────────────────────────────────

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const ECDSA_WITH_SHA256 = writeDer(TAG.sequence, writeOid("1.2.840.10045.4.3.2"));
const USAGE = { ends: 0xc0, authority: 0x06 } as const;

interface Party {
  readonly der: Uint8Array;
  readonly name: Uint8Array;
  readonly keys: CryptoKeyPair;
}

/** WebCrypto signs r ‖ s; X.509 and CMS write it as DER. */
async function signDer(keys: CryptoKeyPair, data: Uint8Array): Promise<Uint8Array> {
  const raw = new Uint8Array(await crypto.subtle.sign(P256, keys.privateKey, Uint8Array.from(data)));
  const part = (bytes: Uint8Array): Uint8Array => {
    const trimmed = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    return writeDer(TAG.integer, (trimmed[0] ?? 0) >= 0x80 ? Uint8Array.from([0, ...trimmed]) : trimmed);
  };
  return writeDer(TAG.sequence, part(raw.subarray(0, 32)), part(raw.subarray(32)));
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [writeDer(TAG.boolean, Uint8Array.of(0xff))] : [];
  return writeDer(TAG.sequence, writeOid(id), ...flag, writeDer(TAG.octetString, value));
}

async function certify(
  name: string,
  parent: Party | undefined,
  options: { readonly extensions: readonly Uint8Array[]; readonly notAfter?: string },
): Promise<Party> {
  const keys = (await crypto.subtle.generateKey(P256, true, ["sign", "verify"])) as CryptoKeyPair;
  const attribute = (id: string, value: string): Uint8Array =>
    writeDer(TAG.set, writeDer(TAG.sequence, writeOid(id), writeDer(TAG.utf8String, new TextEncoder().encode(value))));
  const subject = writeDer(TAG.sequence, attribute("2.5.4.10", "清源县（样本）"), attribute("2.5.4.3", name));
  const time = (written: string): Uint8Array => writeDer(TAG.utcTime, new TextEncoder().encode(written));
  const signed = writeDer(
    TAG.sequence,
    writeDer(0xa0, writeSmallInteger(2)),
    writeDer(TAG.integer, Uint8Array.of(1, ...randomBytes(15))),
    ECDSA_WITH_SHA256,
    parent?.name ?? subject,
    writeDer(TAG.sequence, time("260101000000Z"), time(options.notAfter ?? "360101000000Z")),
    subject,
    new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)),
    writeDer(0xa3, writeDer(TAG.sequence, ...options.extensions)),
  );
  const signature = writeDer(TAG.bitString, Uint8Array.of(0, ...(await signDer(parent?.keys ?? keys, signed))));
  return { keys, name: subject, der: writeDer(TAG.sequence, signed, ECDSA_WITH_SHA256, signature) };
}

function authority(name: string, parent?: Party): Promise<Party> {
  const yes = writeDer(TAG.boolean, Uint8Array.of(0xff));
  const constraints = writeDer(TAG.sequence, yes, writeSmallInteger(parent === undefined ? 1 : 0));
  const usage = writeDer(TAG.bitString, Uint8Array.of(1, USAGE.authority));
  return certify(name, parent, { extensions: [extension("2.5.29.19", true, constraints), extension("2.5.29.15", true, usage)] });
}

function holder(
  name: string,
  parent: Party,
  options: { readonly uses?: readonly string[]; readonly notAfter?: string; readonly critical?: boolean } = {},
): Promise<Party> {
  const extensions = [extension("2.5.29.15", true, writeDer(TAG.bitString, Uint8Array.of(6, USAGE.ends)))];
  if (options.uses) extensions.push(extension("2.5.29.37", false, writeDer(TAG.sequence, ...options.uses.map((use) => writeOid(use)))));
  if (options.critical === true) extensions.push(extension("1.2.3.4.5", true, writeDer(TAG.null)));
  return certify(name, parent, { extensions, ...(options.notAfter && { notAfter: options.notAfter }) });
}

function pem(party: Party): string {
  const lines = Buffer.from(party.der).toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";
const root = await authority("样本根证书");
const issuing = await authority("样本签发机构", root);
const otherRoot = await authority("另一根证书");
const sealHolder = await holder("清源县市场监督管理局行政许可专用章（样本）", issuing, { uses: [DOCUMENT_SIGNING] });
const tokenHolder = await holder("清源县市场监督管理局（样本）", issuing, { uses: [DOCUMENT_SIGNING] });
// A use under a UUID: its arc is longer than any machine integer.
const person = await holder("某人（样本）", issuing, { uses: ["2.25.7786914701326341539299527814196259909.3.1"] });
const roots = [write("certificates/root.pem", pem(root))];
const otherRoots = [write("certificates/other-root.pem", pem(otherRoot))];

// ── sealed PDFs ────────────────────────────────────────────────────────────────────────────────────────────────────

const der = (party: Party): Uint8Array => party.der;

const plain = PDF.create();
plain.addPage({ size: "a4" });
const unsealed = await plain.save();
const seal = (party: Party, issuers: readonly Party[] = [issuing]): Promise<Uint8Array> =>
  sealPdf(
    unsealed,
    { certificate: der(party), issuers: issuers.map(der), sign: (data) => signDer(party.keys, data) },
    { reason: "食品经营许可证（样本）", name: "清源县市场监督管理局（样本）", at: Temporal.Instant.from("2026-05-06T01:00:00Z") },
  );
const sealed = await seal(sealHolder);
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const bytes = (source: string): Uint8Array => Buffer.from(source, "latin1");
const source = latin1(sealed);
const gap = /<[0-9a-f]{2000,}>/.exec(source);
if (gap === null) throw new Error("no seal");
const update = "\n9 0 obj\n<</Length 0>>\nendobj\nstartxref\n0\n%%EOF\n";
const extended = source.replace(/(\/ByteRange\s*\[\s*0\s+\d+\s+\d+\s+)(\d+)/, (_, before: string, rest: string) => `${before}${Number(rest) + update.length}`);

vector("pdf/good.pdf", sealed, { why: "sealed", expect: "valid", code: "sealer", roots });
vector("pdf/no-root.pdf", sealed, { why: "no root was given", expect: "unanchored", code: "no-root" });
vector("pdf/bad-other-root.pdf", sealed, { why: "sealed under another root", expect: "invalid", code: "untrusted", roots: otherRoots });
vector("pdf/bad-unsealed.pdf", unsealed, { why: "never sealed", expect: "invalid", code: "no-seal", roots });
vector("pdf/bad-appended.pdf", bytes(source + update), { why: "an update after the seal", expect: "invalid", code: "not-covered", roots });
vector("pdf/bad-one-byte-more.pdf", bytes(`${source}\n`), { why: "a byte after the seal", expect: "invalid", code: "not-covered", roots });
vector("pdf/bad-range-extended.pdf", bytes(extended + update), { why: "an update, and the range made to cover it", expect: "invalid", code: "seal-digest", roots });
vector("pdf/bad-changed.pdf", bytes(source.replace("%PDF-1.", "%PDF-2.")), { why: "a byte was changed", expect: "invalid", code: "seal-digest", roots });
vector("pdf/bad-cut-off.pdf", bytes(source.slice(0, -100)), { why: "cut off", expect: "invalid", code: "not-covered", roots });
const hexOf = gap[0].slice(1, -1);
const trimmed = hexOf.replace(/(?:00)+$/, "");
const regap = (digits: string): Uint8Array => bytes(source.replace(hexOf, digits.padEnd(hexOf.length, "0")));
vector("pdf/bad-hidden-in-gap.pdf", regap(`${trimmed}00deadbeef`), { why: "something hidden behind the signature", expect: "invalid", code: "der", roots });
vector("pdf/bad-signature.pdf", regap(`${trimmed.slice(0, -2)}${trimmed.endsWith("00") ? "01" : "00"}`), { why: "the signature was changed", expect: "invalid", code: "seal-signature", roots });
vector("pdf/bad-length-form.pdf", regap(trimmed.replace(/^3082/, "308300")), { why: "a length that is not the shortest", expect: "invalid", code: "der", roots });
vector("pdf/bad-not-text-gap.pdf", bytes(source.replace(hexOf, `${hexOf.slice(0, -4)}(x) `)), { why: "the gap holds more than a signature", expect: "invalid", code: "not-covered", roots });
const selfMade = await authority("清源县市场监督管理局行政许可专用章（样本）");
vector("pdf/bad-self-signed.pdf", await seal(selfMade, []), { why: "a certificate that someone made himself", expect: "invalid", code: "wrong-use", roots });
vector("pdf/bad-wrong-use.pdf", await seal(await holder("网站证书", issuing, { uses: ["1.3.6.1.5.5.7.3.1"] })), { why: "a certificate for web servers", expect: "invalid", code: "wrong-use", roots });
vector("pdf/bad-person.pdf", await seal(person), { why: "a person's certificate", expect: "invalid", code: "wrong-use", roots });
vector("pdf/bad-any-use.pdf", await seal(await holder("未限定用途", issuing)), { why: "a certificate that names no use", expect: "invalid", code: "wrong-use", roots });
vector("pdf/bad-issued-by-holder.pdf", await seal(await holder("冒名印章", sealHolder, { uses: [DOCUMENT_SIGNING] }), [sealHolder, issuing]), { why: "issued by one who may not issue", expect: "invalid", code: "not-an-authority", roots });
vector("pdf/bad-expired.pdf", await seal(await holder("过期印章", issuing, { uses: [DOCUMENT_SIGNING], notAfter: "260301000000Z" })), { why: "an expired certificate", expect: "invalid", code: "expired", roots });
vector("pdf/bad-critical.pdf", await seal(await holder("未知扩展", issuing, { uses: [DOCUMENT_SIGNING], critical: true })), { why: "an unknown critical extension", expect: "invalid", code: "critical-extension", roots });
vector("pdf/bad-too-early.pdf", sealed, { why: "judged before the certificate was valid", expect: "invalid", code: "not-yet-valid", roots, at: "2025-01-01T00:00:00Z" });

// ── licences ───────────────────────────────────────────────────────────────────────────────────────────────────────

const seconds = (at: string): number => Date.parse(at) / 1_000;
const tokenSigner = (party: Party, certificates: readonly Party[] | undefined): TokenSigner => ({
  algorithm: "ES256",
  ...(certificates && { certificates: certificates.map((one) => toBase64(der(one))) }),
  sign: async (message) => new Uint8Array(await crypto.subtle.sign(P256, party.keys.privateKey, Uint8Array.from(message))),
});
const claims = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: "https://scjg.qingyuan.example",
  vct: "https://zhengtong.example/credentials/food-business-licence/1",
  iat: seconds("2026-05-06T01:00:00Z"),
  exp: seconds("2031-05-06T01:00:00Z"),
  number: "JY29901010000017",
  businessName: "堃记小吃店（样本）",
  operator: disclosable("喆某某（样本）"),
  premises: { division: "清源县", address: disclosable("文昌街 1 号（样本）") },
  items: ["热食类食品制售", disclosable("冷食类食品制售")],
  sample: true,
  ...changes,
});
const issue = (changes: Record<string, unknown> = {}, party = tokenHolder, chain: readonly Party[] | undefined = [tokenHolder, issuing], type?: string): Promise<string> =>
  issueSdJwt({ claims: claims(changes), signer: tokenSigner(party, chain), salt: () => randomBytes(16), ...(type && { type }) });
const token = await issue();
const jwk = await crypto.subtle.exportKey("jwk", tokenHolder.keys.publicKey);
const key = { kty: "EC", crv: "P-256", x: jwk.x, y: jwk.y };
const otherJwk = await crypto.subtle.exportKey("jwk", sealHolder.keys.publicKey);
const [head = "", body = "", tail = ""] = token.split(".");
const altered = Buffer.from(Buffer.from(body, "base64url").toString().replace("JY2", "JY3")).toString("base64url");
const none = Buffer.from('{"alg":"none","typ":"dc+sd-jwt"}').toString("base64url");
const foreign = makeDisclosure(randomBytes(16), "A", "grade").encoded;

vector("licence/good.txt", token, { why: "everything disclosed", expect: "valid", code: "issuer", roots });
vector("licence/part.txt", presentSdJwt(token, ({ name }) => name === "operator"), { why: "one claim disclosed", expect: "valid", code: "issuer", roots });
vector("licence/nothing.txt", presentSdJwt(token, () => false), { why: "nothing disclosed", expect: "valid", code: "issuer", roots });
vector("licence/jwk.txt", await issue({}, tokenHolder, []), { why: "under a key that was given", expect: "valid", code: "issuer", jwk: key });
vector("licence/no-root.txt", token, { why: "no root was given", expect: "unanchored", code: "no-root" });
vector("licence/bad-other-root.txt", token, { why: "issued under another root", expect: "invalid", code: "untrusted", roots: otherRoots });
vector("licence/bad-other-key.txt", token, { why: "another key was given", expect: "invalid", code: "signature", jwk: { kty: "EC", crv: "P-256", x: otherJwk.x, y: otherJwk.y } });
vector("licence/bad-changed.txt", `${head}.${altered}.${tail}`, { why: "another number", expect: "invalid", code: "signature", roots });
vector("licence/bad-none.txt", `${none}.${body}.${tail}`, { why: "the algorithm none", expect: "invalid", code: "signature", jwk: key });
vector("licence/bad-foreign-disclosure.txt", `${token}${foreign}~`, { why: "a claim that was not signed", expect: "invalid", code: "disclosure", roots });
vector("licence/bad-doubled-disclosure.txt", `${token}${token.split("~")[1]}~`, { why: "a claim disclosed twice", expect: "invalid", code: "disclosure", roots });
vector("licence/bad-changed-disclosure.txt", token.replace(token.split("~")[1] ?? "", makeDisclosure(randomBytes(16), "张三", "operator").encoded), { why: "another operator", expect: "invalid", code: "disclosure", roots });
vector("licence/bad-expired.txt", await issue({ exp: seconds("2026-05-07T00:00:00Z") }), { why: "expired", expect: "invalid", code: "expired", roots });
vector("licence/bad-early.txt", await issue({ nbf: seconds("2027-01-01T00:00:00Z") }), { why: "not valid yet", expect: "invalid", code: "not-yet-valid", roots });
vector("licence/bad-hidden-expiry.txt", await issue({ exp: disclosable(seconds("2031-05-06T01:00:00Z")) }), { why: "the holder could withhold the expiry", expect: "invalid", code: "disclosure", roots });
vector("licence/bad-type.txt", await issue({}, tokenHolder, [tokenHolder, issuing], "jwt"), { why: "another kind of token", expect: "invalid", code: "type", roots });
vector("licence/bad-person.txt", await issue({}, person, [person, issuing]), { why: "signed with a person's certificate of the same root", expect: "invalid", code: "wrong-use", roots });
vector("licence/bad-issuer-swapped.txt", await issue({}, sealHolder, [tokenHolder, issuing]), { why: "signed by another key than the certificate's", expect: "invalid", code: "signature", roots });

for (const number of ["JY13301080111719", "JY23506230105266"]) cases.push({ number, why: "a right number", expect: "valid", code: "check-digit", at: AT });
cases.push({ number: "JY23506230105267", why: "a wrong check digit", expect: "invalid", code: "check-digit", at: AT });
cases.push({ number: "JY53506230105266", why: "a type that does not exist", expect: "invalid", code: "number-form", at: AT });
cases.push({ number: "JY2350623010526", why: "a digit is missing", expect: "invalid", code: "number-form", at: AT });

write("cases.json", `${JSON.stringify({ format: "zhengtong-conformance/1", cases }, undefined, 2)}\n`);
console.log(`${cases.length} cases`);
