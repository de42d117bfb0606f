/** Writes vectors/evidence.json: a bundle of evidence, and the same with one thing wrong each. New keys each time. */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { policySetOf } from "#kernel/access/policy-set";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { commitText } from "#kernel/ledger/commitment";
import { generateEd25519, randomBytes } from "#kernel/random";
import { writePem } from "#lib/asn1/pem";
import { issueX509 } from "#lib/certificate/certificate";
import { basicConstraints, extendedKeyUsage, keyUsage } from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import { toBase64, toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { national } from "#lib/crypto/national";
import { generateSm2Key, SM2_GENERATION_BYTES, type Sm2PrivateKey } from "#lib/crypto/sm2/keys";
import { sm2Sign } from "#lib/crypto/sm2/signature";
import { canonicalize } from "#lib/json/canonical";
import { JWS_SM2, writeJws } from "#lib/jws/jws";
import { formatCheckpoint } from "#lib/merkle/checkpoint";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { leafHash } from "#lib/merkle/hash";
import { inclusionProof } from "#lib/merkle/proof";

const ORIGIN = "ledger.qingyuan.example/2026";
const signer = checkpointSigner(ORIGIN, generateEd25519());

async function tree(leaves: readonly Uint8Array[]) {
  const nodes = new Map<string, Uint8Array>();
  const root = rootOf(appendLeaves(EMPTY_RANGE, leaves, (level, index, hash) => nodes.set(`${level}/${index}`, hash)));
  const proof = (index: number) =>
    inclusionProof(index, leaves.length, async (wanted) =>
      wanted.map(({ level, index: at }) => nodes.get(`${level}/${at}`) as Uint8Array),
    );
  return { root, proof };
}

const policies = Object.fromEntries(
  ["base.audit", "quality@1.0/decide/official", "quality@1.0/read/official"].map((id) => [id, { effect: "permit", words: `${id}（样本）` }]),
);
const set = policySetOf(policies as never);
const policyTree = await tree(set.texts.map((text) => leafHash(utf8(text))));
const request = utf8('{"form":{"businessName":"堃记小吃店（样本）"}}');
const digest = createHash("sha256").update(request).digest("hex");

interface Made {
  readonly leaf: string;
  readonly content: object;
}

function made(type: string, operation: string, content: Record<string, unknown>, room = "quality", at = "2026-05-06T01:00:00Z"): Made {
  const salt = randomBytes(16);
  const commitment = commitText(salt, canonicalize(content));
  const leaf = canonicalize({ v: 1, type, at, room, operation, commitment });
  return { leaf, content: { value: content, salt: toBase64(salt) } };
}

const actor = { kind: "official", id: "00000000-0000-4000-8000-000000000001" };
const submitted = made("act", "foodBusinessLicence.submit", { actor: { kind: "person", id: "样本" }, detail: { digest }, legalBasis: [], outcome: "received", purpose: "own-affairs" });
const decided = made("decision", "foodBusinessLicence.task.decision", { actor, legalBasis: ["行政许可法 第三十八条"], outcome: "grant", policies: ["quality@1.0/decide/official"], policySet: set.root, purpose: "case" });
const looked = { ...made("read", "findPerson", { actor, legalBasis: [], outcome: "answered", purpose: "case" }), content: { erased: true } };
const hashOf = ({ leaf }: Made) => leafHash(utf8(leaf));
const warrant = made("erasure", "contents", { actor: { kind: "node", id: "ledger" }, detail: { leaves: [toBase64url(hashOf(looked))], years: 3 }, legalBasis: ["个人信息保护法 第四十七条"], outcome: "retention-ended", purpose: "administration" }, "ledger");
const others = Array.from({ length: 9 }, (_, at) => made("read", "findPerson", { actor, legalBasis: [], outcome: `answered ${at}`, purpose: "case" }));
const log = [submitted, ...others, decided, looked, warrant];
const logTree = await tree(log.map(hashOf));
const text = formatCheckpoint({ origin: ORIGIN, size: log.length, root: logTree.root });
const checkpoint = `${text}\n${await signer.sign(text)}`;

async function entry(one: Made, more: object = {}) {
  const index = log.indexOf(one);
  return { entryId: index + 100, index, leaf: toBase64(utf8(one.leaf)), content: one.content, proof: (await logTree.proof(index)).map(toBase64), ...more };
}

const decidedBy = set.texts.findIndex((written) => written.includes("decide"));
const policy = { index: decidedBy, text: set.texts[decidedBy] ?? "", proof: (await policyTree.proof(decidedBy)).map(toBase64url) };
const document = { role: "application", name: "application.json", mediaType: "application/json", sha256: digest, content: toBase64(request) };
const [one, two, three, four] = [await entry(submitted), await entry(decided), await entry(looked, { erasedBy: log.indexOf(warrant) + 100 }), await entry(warrant)];
const good = {
  format: "zhengtong-evidence/1",
  origin: ORIGIN,
  verifierKey: signer.verifierKey,
  madeAt: "2026-06-01T00:00:00Z",
  about: { caseNumber: "QY-2026-000001" },
  checkpoint,
  entries: [one, two, three, four],
  policySets: [{ root: set.root, count: set.texts.length, policies: [policy] }],
  documents: [document],
  certificates: [],
  statements: [],
};
const otherRequest = utf8('{"form":{"businessName":"另一家（样本）"}}');
const otherDigest = createHash("sha256").update(otherRequest).digest("hex");
const changedContent = { ...one.content, value: { ...(submitted.content as { value: object }).value, outcome: "refused" } };

// What officials of a node of the national suite signed: SM2, alone and for several cases at once.
const RECORD_SIGNING_USE = "2.25.7786914701326341539299527814196259909.3.1";
const newKey = () => generateSm2Key(randomBytes(SM2_GENERATION_BYTES));
const [rootKey, officialKey, strangerKey] = [newKey(), newKey(), newKey()];
const signedBy = (key: Sm2PrivateKey) => (message: Uint8Array) => sm2Sign({ key, message, encoding: "der" });
const named = (commonName: string) => writeName({ country: "CN", commonName });
const common = {
  algorithm: "SM2",
  issuer: named("样本 SM2 根"),
  notBefore: Temporal.Instant.from("2026-01-01T00:00:00Z"),
  notAfter: Temporal.Instant.from("2036-01-01T00:00:00Z"),
} as const;
const rootDer = await issueX509(
  { ...common, serial: randomBytes(8).with(0, 1), subject: common.issuer, publicKey: rootKey.publicKey, extensions: [keyUsage(["keyCertSign"]), basicConstraints(true)] },
  signedBy(rootKey),
);
const officialDer = await issueX509(
  { ...common, serial: randomBytes(8).with(0, 1), subject: named("吴守正（样本）"), publicKey: officialKey.publicKey, extensions: [keyUsage(["digitalSignature", "nonRepudiation"]), extendedKeyUsage([RECORD_SIGNING_USE], false)] },
  signedBy(rootKey),
);
const sm2Root = writePem({ label: "CERTIFICATE", der: rootDer });

async function signedRecord(name: string, content: object, key: Sm2PrivateKey = officialKey) {
  const bytes = utf8(canonicalize(content));
  const signed = createHash("sha256").update(bytes).digest("hex");
  const statement = await writeJws(utf8(canonicalize({ format: "zhengtong-statement/1", digest: signed, words: "我作出以上决定（样本）。" })), "zhengtong-statement+jws", {
    algorithm: JWS_SM2,
    certificates: [officialDer],
    sign: async (message) => national.sign({ key, message }),
  });
  return { role: "record", name, mediaType: "application/json", sha256: signed, content: toBase64(bytes), signature: { statement } };
}

const alone = await signedRecord("decision-1.signed.json", { case: "c1", form: { outcome: "grant" }, number: "QY-2026-000001", step: "quality.foodBusinessLicence.task.decision" });
const joint = await signedRecord("decision-2.signed.json", { at: "2026-05-06T01:00:00Z", form: { outcome: "grant" }, numbers: ["QY-2026-000001", "QY-2026-000002"], step: "decision" });
const forged = await signedRecord("decision-1.signed.json", { case: "c1", form: { outcome: "grant" } }, strangerKey);
const renamed = { ...alone, signature: { statement: alone.signature.statement.replace(/^[^.]+/, (head) => Buffer.from(Buffer.from(head, "base64url").toString().replace(JWS_SM2, "ES256")).toString("base64url")) } };

// That a certificate was issued, and that it was revoked, is in the log as well.
const fingerprint = createHash("sha256").update(officialDer).digest("hex");
const node = { kind: "node", id: "trust" };
const about = (operation: string, outcome: string, at?: string) =>
  made("key", operation, { actor: node, detail: { certificate: fingerprint, serial: "01" }, legalBasis: ["电子签名法 第十三条"], outcome, purpose: "administration" }, "trust", at);
const [issued, revokedLater, revokedBefore] = [about("certificate-issued", "done", "2026-01-02T00:00:00Z"), about("certificate-revoked", "later", "2026-05-20T00:00:00Z"), about("certificate-revoked", "before", "2026-05-01T00:00:00Z")];
const signedOn = made("act", "foodBusinessLicence.task.decision", { actor, detail: { digest: alone.sha256 }, legalBasis: [], outcome: "grant", purpose: "case" });
const otherIssued = made("key", "certificate-issued", { actor: node, detail: { certificate: "00".repeat(32), serial: "02" }, legalBasis: [], outcome: "done", purpose: "administration" }, "trust");
const pretended = made("key", "certificate-issued", { actor: node, detail: { certificate: fingerprint, serial: "01" }, legalBasis: [], outcome: "done", purpose: "administration" }, "quality");
const handedIn = utf8("布局图（样本）");
const handedInDigest = createHash("sha256").update(handedIn).digest("hex");
const later = utf8("制度（样本）");
const laterDigest = createHash("sha256").update(later).digest("hex");
const withMaterial = utf8(canonicalize({ form: {}, materials: [{ digest: handedInDigest, name: "floorPlan" }] }));
const withMaterialDigest = createHash("sha256").update(withMaterial).digest("hex");
const submittedWith = made("act", "foodBusinessLicence.submit", { actor: { kind: "person", id: "样本" }, detail: { digest: withMaterialDigest }, legalBasis: [], outcome: "received", purpose: "own-affairs" });
const added = made("act", "foodBusinessLicence.material", { actor: { kind: "person", id: "样本" }, legalBasis: [], outcome: laterDigest, purpose: "own-affairs" });
const log2 = [issued, submittedWith, signedOn, revokedLater, revokedBefore, otherIssued, pretended, added, ...others];
const tree2 = await tree(log2.map(hashOf));
const text2 = formatCheckpoint({ origin: ORIGIN, size: log2.length, root: tree2.root });
const checkpoint2 = `${text2}\n${await signer.sign(text2)}`;
async function entry2(one: Made) {
  const index = log2.indexOf(one);
  return { entryId: index + 1, index, leaf: toBase64(utf8(one.leaf)), content: one.content, proof: (await tree2.proof(index)).map(toBase64) };
}
const entries2 = (...all: readonly Made[]) => Promise.all(all.map(entry2));
const signedBundle = { ...good, checkpoint: checkpoint2, policySets: [], documents: [alone] };
const material = { name: "布局图.pdf", mediaType: "application/pdf", sha256: handedInDigest, bytes: handedIn.length };
const addedMaterial = { ...material, name: "制度.pdf", sha256: laterDigest, bytes: later.length };
const applied = { ...document, content: toBase64(withMaterial), sha256: withMaterialDigest };
const materialBundle = { ...signedBundle, entries: await entries2(submittedWith, added), documents: [applied], materials: [material, { ...addedMaterial, content: toBase64(later) }] };

const cases = [
  { why: "the log tells that the signer's certificate was issued", expect: "valid", code: "issued-on-record", roots: [sm2Root], bundle: { ...signedBundle, entries: await entries2(issued, signedOn) } },
  { why: "it was revoked later", expect: "valid", code: "issued-on-record", roots: [sm2Root], bundle: { ...signedBundle, entries: await entries2(issued, signedOn, revokedLater) } },
  { why: "it was revoked before it was used", expect: "invalid", code: "revoked", roots: [sm2Root], bundle: { ...signedBundle, entries: await entries2(issued, signedOn, revokedBefore) } },
  { why: "nothing tells that it was issued", expect: "valid", code: "issuance-missing", roots: [sm2Root], bundle: { ...signedBundle, entries: await entries2(signedOn) } },
  { why: "nothing tells that it was issued, and the reader asks for it", expect: "invalid", code: "unlogged", roots: [sm2Root], issuanceRequired: true, bundle: { ...signedBundle, entries: await entries2(signedOn) } },
  { why: "another certificate was issued", expect: "invalid", code: "unlogged", roots: [sm2Root], issuanceRequired: true, bundle: { ...signedBundle, entries: await entries2(signedOn, otherIssued) } },
  { why: "another room says that it was issued", expect: "invalid", code: "unlogged", roots: [sm2Root], issuanceRequired: true, bundle: { ...signedBundle, entries: await entries2(signedOn, pretended) } },
  { why: "what was handed in is named by the application and by an entry", expect: "valid", code: "materials", bundle: materialBundle },
  { why: "a material that nothing names", expect: "valid", code: "materials-unbound", bundle: { ...materialBundle, entries: await entries2(submittedWith) } },
  { why: "a material named by an application that no entry names", expect: "valid", code: "materials-unbound", bundle: { ...materialBundle, entries: await entries2(added) } },
  { why: "another material under its digest", expect: "invalid", code: "material", bundle: { ...materialBundle, materials: [{ ...material, content: toBase64(later) }] } },
  { why: "whole", expect: "valid", code: "inclusion", bundle: good },
  { why: "the policy that decided is proved", expect: "valid", code: "policies", bundle: good },
  { why: "the request is the one that the log holds", expect: "valid", code: "documents", bundle: good },
  { why: "erased when its time ended", expect: "valid", code: "erased-lawfully", bundle: good },
  { why: "erased, and nothing says why", expect: "valid", code: "erased", bundle: { ...good, entries: [one, two, three] } },
  { why: "erased, and another entry is named as the reason", expect: "valid", code: "erased", bundle: { ...good, entries: [one, two, { ...three, erasedBy: two.entryId }, four] } },
  { why: "the policy is left out", expect: "valid", code: "policies-missing", bundle: { ...good, policySets: [] } },
  { why: "a document that no entry names", expect: "valid", code: "documents-unbound", bundle: { ...good, entries: [two] } },
  { why: "another policy's text", expect: "invalid", code: "policy", bundle: { ...good, policySets: [{ root: set.root, count: set.texts.length, policies: [{ ...policy, text: policy.text.replace("permit", "forbid") }] }] } },
  { why: "another place for the policy", expect: "invalid", code: "policy", bundle: { ...good, policySets: [{ root: set.root, count: set.texts.length, policies: [{ ...policy, index: 0 }] }] } },
  { why: "a changed content", expect: "invalid", code: "content", bundle: { ...good, entries: [{ ...one, content: changedContent }, two] } },
  { why: "another place in the log", expect: "invalid", code: "inclusion", bundle: { ...good, entries: [{ ...one, index: 1 }] } },
  { why: "a changed leaf", expect: "invalid", code: "inclusion", bundle: { ...good, entries: [{ ...two, leaf: toBase64(utf8(decided.leaf.replace("decision", "decisions"))) }] } },
  { why: "one entry twice", expect: "invalid", code: "malformed", bundle: { ...good, entries: [one, one] } },
  { why: "a changed document under its old digest", expect: "invalid", code: "document", bundle: { ...good, documents: [{ ...document, content: toBase64(otherRequest) }] } },
  { why: "a changed document under its new digest, which no entry names", expect: "valid", code: "documents-unbound", bundle: { ...good, documents: [{ ...document, content: toBase64(otherRequest), sha256: otherDigest }] } },
  { why: "a document that is no PDF under a PDF's name", expect: "invalid", code: "no-seal", bundle: { ...good, documents: [{ ...document, mediaType: "application/pdf" }] } },
  { why: "a checkpoint that nobody signed", expect: "invalid", code: "checkpoint-signature", bundle: { ...good, checkpoint: checkpoint.replace(`\n${log.length}\n`, `\n${log.length + 1}\n`) } },
  { why: "signed with SM2 by an official", expect: "valid", code: "signer", roots: [sm2Root], bundle: { ...good, documents: [alone] } },
  { why: "decided together and signed once with SM2", expect: "valid", code: "signer", roots: [sm2Root], bundle: { ...good, documents: [alone, joint] } },
  { why: "signed with SM2, and no root given", expect: "unanchored", code: "no-root", bundle: { ...good, documents: [alone] } },
  { why: "signed with SM2 by a key that the certificate does not name", expect: "invalid", code: "signature", roots: [sm2Root], bundle: { ...good, documents: [forged] } },
  { why: "one's signature over another's words", expect: "invalid", code: "statement", roots: [sm2Root], bundle: { ...good, documents: [{ ...joint, signature: alone.signature }] } },
  { why: "an SM2 signature that calls itself another", expect: "invalid", code: "malformed", roots: [sm2Root], bundle: { ...good, documents: [renamed] } },
  { why: "more entries than a bundle may have", expect: "invalid", code: "malformed", bundle: { ...good, entries: Array.from({ length: 2_001 }, () => 0) } },
];

const said = "Bundles of evidence (docs/protocols/evidence-bundles.md) under the log's key, and the same with one thing wrong each.";
const file = join(import.meta.dirname, "vectors/evidence.json");
await writeFile(file, `${JSON.stringify({ about: said, logKey: signer.verifierKey, cases }, undefined, 1)}\n`);
