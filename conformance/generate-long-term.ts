/**
 * Writes vectors/long-term.json: a PDF sealed as PAdES baseline B-LTA by a node, the proof that its certificate was issued on record, and both with
 * one thing wrong each. Needs PostgreSQL. New keys each time.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PDF } from "@libpdf/core";
import { trust } from "#infrastructure/trust";
import { sealerOf } from "#kernel/documents/pdf-seal-verification";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { generateEd25519 } from "#kernel/random";
import { writePem } from "#lib/asn1/pem";
import { toBase64 } from "#lib/crypto/base64url";
import { sha256Hex } from "#lib/crypto/digest";
import { keyEntry } from "../src/infrastructure/trust/key-event.ts";
import { certificateRecords, openTrust } from "../src/infrastructure/trust/ports.ts";
import { carriedProofs, certificateProof } from "../src/infrastructure/trust/status/proofs.ts";
import trustSystem from "../src/infrastructure/trust/system.ts";
import { TEST_NOW, testNode } from "../src/node/testing.ts";

const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";
const folder = await mkdtemp(join(tmpdir(), "zhengtong-vectors-"));
const node = await testNode({ systems: [trustSystem] });
const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
let carrying = true;
const carried = carriedProofs(node.kernel);
const opened = await openTrust({
  ...{ folder, operator: "清源县（样本）", at: "2026-01-01T00:00:00Z", publicUrl: "http://127.0.0.1:8080" },
});
await opened.connect({
  authorityName: async () => "清源县市场监督管理局",
  demonstration: true,
  records: certificateRecords(own),
  status: { front: own, now: () => TEST_NOW, publicUrl: "http://127.0.0.1:8080" },
  onKeyEvent: (event) => node.kernel.ledger.append(node.kernel.database, [keyEntry(event)]),
  issuance: (certificate) => (carrying ? carried(certificate) : Promise.resolve(undefined)),
});
const plain = PDF.create();
plain.addPage({ size: "a4" });
const pdf = await plain.save();
const seal = () => opened.signer.sealDocument({ pdf, authority: AUTHORITY, seal: "licensing", reason: "受理通知书（样本）", at: TEST_NOW });
const sealed = await seal();
const again = await seal();
carrying = false;
const bare = await seal();
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const written = latin1(sealed);
/** Where what the seal itself covers ends. */
const endOf = (source: string): number => {
  const [, from, rest] = /\/ByteRange \[0 \d+ (\d+) (\d+)\]/.exec(source) ?? [];
  return Number(from) + Number(rest);
};
const file = (source: string | Uint8Array) => toBase64(typeof source === "string" ? Buffer.from(source, "latin1") : source);
const changedProof = written.replace('{"format":"zhengtong-certificate-proof/1"', '{"format":"zhengtong-certificate-proof/2"');

const fingerprint = sha256Hex((await sealerOf(sealed)) ?? new Uint8Array());
const proof = await certificateProof(node.kernel, fingerprint);
if (proof === undefined) throw new Error("the seal's certificate is in no ledger");
const [entry] = proof.entries;
const said = (change: object): string => toBase64(Buffer.from(JSON.stringify({ ...proof, ...change })));
const otherLog = checkpointSigner("another.example/log", generateEd25519()).verifierKey;
const laterKey = checkpointSigner(node.kernel.ledger.origin, generateEd25519()).verifierKey;
const { verifierKey: logKey } = node.kernel.ledger;
const years = (count: number): string => new Date(Date.parse(TEST_NOW) + count * 366 * 24 * 3_600_000).toISOString();
const roots = [writePem({ label: "CERTIFICATE", der: opened.hierarchy.root })];

const cases = [
  { why: "sealed, stamped, with evidence and a document time stamp", expect: "valid", code: "stamped", file: file(sealed) },
  { why: "the evidence says that the certificate was not revoked", expect: "valid", code: "not-revoked", file: file(sealed) },
  { why: "after the seal's certificate has ended the stamp's still holds", expect: "valid", code: "stamped", at: years(9.9), file: file(sealed) },
  { why: "the stamp's certificate has ended too", expect: "invalid", code: "expired", at: years(40), file: file(sealed) },
  { why: "judged before the certificate of the stamp was valid", expect: "invalid", code: "not-yet-valid", at: new Date(Date.parse(TEST_NOW) - 180_000).toISOString(), file: file(sealed) },
  { why: "no root was given", expect: "unanchored", code: "no-root", roots: [], file: file(sealed) },
  { why: "without its archive it is B-T", expect: "valid", code: "stamped", file: file(written.slice(0, endOf(written))) },
  { why: "one byte more", expect: "invalid", code: "not-covered", file: file(`${written}\n`) },
  { why: "the update twice", expect: "invalid", code: "not-covered", file: file(written + written.slice(endOf(written))) },
  { why: "the store under another name", expect: "invalid", code: "not-covered", file: file(written.replace("/Type /DSS\n/Certs", "/Type /DSX\n/Certs")) },
  { why: "the archive of another seal", expect: "invalid", code: "stamp-digest", file: file(written.slice(0, endOf(written)) + latin1(again).slice(endOf(latin1(again)))) },
  { why: "another proof in the store, which the document time stamp covers", expect: "invalid", code: "stamp-digest", file: file(changedProof) },
  { why: "it brings the proof that its certificate was issued on record", expect: "valid", code: "issued-on-record", logKey, issuanceRequired: true, file: file(sealed) },
  { why: "the proof that it brings is not checked without the log's key", expect: "valid", code: "issuance-unchecked", file: file(sealed) },
  { why: "nor under the key of another log", expect: "valid", code: "issuance-unchecked", logKey: otherLog, file: file(sealed) },
  { why: "nor under another key of the same log", expect: "valid", code: "issuance-unchecked", logKey: laterKey, file: file(sealed) },
  { why: "nor does it count then where one is demanded", expect: "invalid", code: "unlogged", logKey: laterKey, issuanceRequired: true, file: file(sealed) },
  { why: "it brings no proof, and it is said", expect: "valid", code: "issuance-missing", logKey, file: file(bare) },
  { why: "it brings no proof, and one is demanded", expect: "invalid", code: "unlogged", logKey, issuanceRequired: true, file: file(bare) },
  { why: "the proof by itself", expect: "valid", code: "issued-on-record", logKey, file: said({}) },
  { why: "the proof by itself, without the log's key", expect: "unanchored", code: "log-key-untrusted", file: said({}) },
  { why: "the entry is about another certificate", expect: "invalid", code: "other-certificate", logKey, file: said({ certificate: "00".repeat(32) }) },
  { why: "a proof without an entry", expect: "invalid", code: "unlogged", logKey, file: said({ entries: [] }) },
  { why: "an entry that is not in the log", expect: "invalid", code: "inclusion", logKey, file: said({ entries: [{ ...entry, log: { ...entry?.log, index: 0 } }] }) },
  { why: "an entry that is pending", expect: "pending", code: "pending", logKey, file: said({ entries: [{ ...entry, state: "pending", log: undefined }] }) },
  { why: "a fingerprint that is none", expect: "invalid", code: "malformed", logKey, file: said({ certificate: "00" }) },
];
const about = "PDFs sealed as PAdES B-LTA and proofs of certificates' issuance (packages/verifier/README.md), and the same with one thing wrong each.";
/** Files that several cases share stand there once. */
const files = [...new Set(cases.map(({ file: content }) => content))];
const rows = cases.map(({ file: content, ...one }) => ({ ...one, file: files.indexOf(content) }));
const target = join(import.meta.dirname, "vectors/long-term.json");
await writeFile(target, `${JSON.stringify({ about, roots, at: TEST_NOW, files, cases: rows }, undefined, 1)}\n`);
await node.close();
await rm(folder, { recursive: true });
