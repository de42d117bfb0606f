/** Bundles of evidence: everything about one act, under one checkpoint. Format: docs/protocols/evidence-bundles.md. */
import { asList, asObject, asSize, base64, base64url, hex, parseObject, text, toBase64url, utf8 } from "./bytes.ts";
import { type Certificate, describe, maySign, readCertificates, verifyPath } from "./certificate.ts";
import { certificateEvents, checkIssued, ISSUANCE_CODES, type IssuanceTrust } from "./certificate-proof.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { sha256 } from "./crypto.ts";
import { verifyDetachedSeal } from "./detached-seal.ts";
import { checkOpening, checkSubject, compareWithKept, PROOF_MAX, trustedKey } from "./ledger.ts";
import { checkMaterials } from "./materials.ts";
import { isIncluded, leafHash } from "./merkle.ts";
import { verifySealedPdf } from "./pdf.ts";
import { examine, type Finding, good, note, open, Refusal, type Report } from "./report.ts";
import { verifies } from "./signature.ts";
import { checkSigner, readStatement, SUITE_UNKNOWN } from "./statement.ts";
import { successionsIn } from "./succession.ts";
import { checkWitnesses } from "./witness.ts";

export const EVIDENCE_FORMAT = "zhengtong-evidence/1";
const SOURCE_MAX = 128 * 1024 * 1024;
const ENTRIES_MAX = 2_000;
const DOCUMENTS_MAX = 200;
const SETS_MAX = 1_000;
const POLICIES_MAX = 10_000;
const CERTIFICATES_MAX = 50;
const STATEMENTS_MAX = 50;

export interface EvidenceTrust extends IssuanceTrust {
  readonly roots: readonly Certificate[];
  readonly atMs: number;
}

type Values = Record<string, unknown>;

interface Entry {
  readonly id: number;
  readonly index: number;
  readonly leafBytes: Uint8Array;
  readonly leaf: Values;
  /** Undefined where it was erased. */
  readonly content: Values | undefined;
  readonly erasedBy: unknown;
}

/** Checks a bundle: each entry, the policies that decided, each document, its signatures, and what it is bound to. */
export function verifyEvidence(source: string, trust: EvidenceTrust): Promise<Report> {
  return examine("evidence", async (found, facts) => {
    if (source.length > SOURCE_MAX) throw new Refusal("too-big", "文件过大", "The file is too big");
    const bundle = parseObject(source);
    const logKey = await trustedKey(bundle, trust, found);
    const checkpoint = await openCheckpoint(bundle["checkpoint"], logKey);
    await checkWitnesses(bundle["checkpoint"] as string, trust.witnesses, found);
    await compareWithKept(checkpoint, trust, logKey, found);
    const entries = asList(bundle["entries"], ENTRIES_MAX).map((one) => checkEntry(asObject(one), checkpoint));
    if (new Set(entries.map(({ id }) => id)).size !== entries.length) throw twice();
    found.push(
      good(
        "inclusion",
        `${entries.length} 条记录都在该日志中（共 ${checkpoint.size} 条），检查点签名有效`,
        `All ${entries.length} entries are in the log of ${checkpoint.size}, under a validly signed checkpoint`,
      ),
    );
    checkErased(entries, found);
    const policies = checkPolicies(bundle, entries, found);
    // What seals bring along is of the day of the seal, and may be of a key that was followed since.
    const successions = [...successionsIn(bundle["successions"]), ...(trust.successions ?? [])];
    const sealed = { ...trust, successions, entered: certificateEvents(entries) };
    const documents = await checkDocuments(bundle, entries, sealed, found);
    const said = documents.map((checked) => checked.said);
    const materials = checkMaterials(bundle["materials"], { entries, documents }, found);
    facts["about"] = bundle["about"];
    facts["checkpoint"] = { origin: checkpoint.origin, size: checkpoint.size };
    facts["entries"] = entries.map(({ id, leaf, content }) => ({ id, ...leaf, content: content ?? "erased" }));
    facts["policies"] = policies;
    facts["documents"] = said;
    if (materials.length > 0) facts["materials"] = materials;
  });
}

function twice(): Refusal {
  return new Refusal("malformed", "同一条记录出现两次", "An entry stands twice");
}

function checkEntry(row: Values, checkpoint: { readonly size: number; readonly root: Uint8Array }): Entry {
  const leafBytes = base64(row["leaf"]);
  const leaf = parseObject(text(leafBytes));
  if (leaf["v"] !== 1) throw new Refusal("version", "条目版本无法识别", "The entry is of an unknown version");
  const index = asSize(row["index"]);
  const proof = asList(row["proof"], PROOF_MAX).map(base64);
  if (!isIncluded({ leaf: leafHash(leafBytes), index, size: checkpoint.size, proof, root: checkpoint.root })) {
    throw new Refusal(
      "inclusion",
      `第 ${index} 条不在检查点所签的日志之中`,
      `Entry ${index} is not in the log that the checkpoint signs`,
    );
  }
  const opening = asObject(row["content"]);
  const erased = checkOpening(opening, leaf, index);
  // Whose part it is stands in the facts of a receipt; here it is only held to be true.
  if (row["subject"] !== undefined) checkSubject(asObject(row["subject"]), leaf, [], {});
  return {
    id: asSize(row["entryId"]),
    index,
    ...{ leafBytes, leaf, erasedBy: row["erasedBy"] },
    content: erased ? undefined : asObject(opening["value"]),
  };
}

/** What is gone is said to be gone; that it went in time, an entry of the log says, which was written when it went. */
function checkErased(entries: readonly Entry[], found: Finding[]): void {
  const gone = entries.filter(({ content }) => content === undefined);
  const lawful = gone.filter(({ leafBytes, erasedBy }) => {
    const warrant = entries.find(({ id }) => id === erasedBy);
    const { type, room, operation } = warrant?.leaf ?? {};
    if (type !== "erasure" || room !== "ledger" || operation !== "contents") return false;
    const detail = warrant?.content?.["detail"];
    const leaves = asList(asObject(detail)["leaves"], ENTRIES_MAX);
    return leaves.includes(toBase64url(leafHash(leafBytes)));
  });
  if (lawful.length > 0) {
    found.push(
      note(
        "erased-lawfully",
        `${lawful.length} 条内容已在保存期限届满时删除，日志中有删除记录为证`,
        `The contents of ${lawful.length} entries were erased when their time ended, as an entry of the log says`,
      ),
    );
  }
  if (gone.length > lawful.length) {
    found.push(
      note(
        "erased",
        `${gone.length - lawful.length} 条没有内容，且没有删除记录：不能区分删除与隐瞒`,
        `The contents of ${gone.length - lawful.length} entries are missing without an entry that says why: erased or withheld, that cannot be told`,
      ),
    );
  }
}

/** The texts that decided: each in the set that an entry names by its root. */
function checkPolicies(bundle: Values, entries: readonly Entry[], found: Finding[]): unknown {
  const known = new Map<string, Map<string, unknown>>();
  for (const one of asList(bundle["policySets"], SETS_MAX)) {
    const set = asObject(one);
    const root = base64url(set["root"]);
    const size = asSize(set["count"]);
    const texts = new Map<string, unknown>();
    for (const row of asList(set["policies"], POLICIES_MAX).map(asObject)) {
      const written = typeof row["text"] === "string" ? row["text"] : "";
      const proof = asList(row["proof"], PROOF_MAX).map(base64url);
      if (!isIncluded({ leaf: leafHash(utf8(written)), index: asSize(row["index"]), size, proof, root })) {
        throw new Refusal("policy", "所附访问规则不是当时的文本", "A policy is not the text that was in force");
      }
      const policy = parseObject(written);
      texts.set(String(policy["id"]), policy["policy"]);
    }
    known.set(toBase64url(root), texts);
  }
  let decided = 0;
  let missing = 0;
  for (const { content } of entries) {
    if (content?.["policySet"] === undefined) continue;
    decided += 1;
    const texts = known.get(String(content["policySet"]));
    const ids = asList(content["policies"] ?? [], POLICIES_MAX);
    if (texts === undefined || !ids.every((id) => texts.has(String(id)))) missing += 1;
  }
  if (missing > 0) {
    found.push(
      note(
        "policies-missing",
        `${missing} 条记录所依据的访问规则没有附上`,
        `The policies by which ${missing} entries were decided are not here`,
      ),
    );
  }
  if (decided > missing) {
    found.push(
      good(
        "policies",
        `${decided - missing} 条记录附有作出决定时的访问规则原文，与日志中的摘要一致`,
        `For ${decided - missing} entries the policies that decided are here, as the log has their digest`,
      ),
    );
  }
  return Object.fromEntries([...known].map(([root, texts]) => [root, [...texts.keys()]]));
}

interface Checked {
  readonly document: Values;
  readonly bytes: Uint8Array;
  readonly name: string;
  /** The entry that names it by its digest. */
  readonly boundTo: Entry | undefined;
}

async function checkDocuments(
  bundle: Values,
  entries: readonly Entry[],
  trust: EvidenceTrust,
  found: Finding[],
): Promise<readonly (Checked & { readonly said: unknown })[]> {
  const issuers = asList(bundle["certificates"], CERTIFICATES_MAX).flatMap(certificatesIn);
  const statements = asList(bundle["statements"], STATEMENTS_MAX).map(asObject);
  const documents = asList(bundle["documents"], DOCUMENTS_MAX).map((one) => checkDocument(asObject(one), entries));
  const judged: (Checked & { readonly said: unknown })[] = [];
  for (const checked of documents) {
    const { document, bytes, name, boundTo } = checked;
    // Certificates are judged for when the log has the act, not for today: that it was done then the log bears out.
    const atMs = boundTo === undefined ? trust.atMs : Date.parse(String(boundTo.leaf["at"]));
    const at = { ...trust, atMs };
    const by = document["mediaType"] === "application/pdf" ? await checkSeal(bytes, name, at, found) : undefined;
    const beside = document["seal"] === undefined ? undefined : await checkSealBeside(checked, at, found);
    const signer =
      document["signature"] === undefined
        ? undefined
        : await checkSignature(checked, asObject(document["signature"]), { ...at, issuers, statements }, found);
    const said = {
      ...{ role: document["role"], name, sha256: document["sha256"], entry: boundTo?.id },
      ...(by !== undefined && { sealedBy: by }),
      ...(beside !== undefined && { sealedBeside: beside }),
      ...(signer !== undefined && { signedBy: signer }),
    };
    judged.push({ ...checked, said });
  }
  const bound = documents.filter(({ boundTo }) => boundTo !== undefined).length;
  if (bound > 0) {
    found.push(
      good(
        "documents",
        `${bound} 份文件与日志记载的摘要一致`,
        `${bound} documents are those whose digests the log holds`,
      ),
    );
  }
  if (documents.length > bound) {
    found.push(
      note(
        "documents-unbound",
        `${documents.length - bound} 份文件未由所附记录记载摘要，只凭其自身的签章`,
        `${documents.length - bound} documents are named by none of these entries, and stand on their own seals alone`,
      ),
    );
  }
  return judged;
}

function certificatesIn(pem: unknown): readonly Certificate[] {
  if (typeof pem !== "string" || pem.length > 65_536)
    throw new Refusal("malformed", "证书格式有误", "A certificate is malformed");
  try {
    return readCertificates(utf8(pem));
  } catch (error) {
    // An issuer of another suite is of no use here, and no harm.
    if (error instanceof Refusal && error.finding.code === "key-type") return [];
    throw error;
  }
}

function checkDocument(document: Values, entries: readonly Entry[]): Checked {
  const bytes = base64(document["content"]);
  const name = String(document["name"]).slice(0, 200);
  const digest = hex(sha256(bytes));
  if (document["sha256"] !== digest) {
    throw new Refusal("document", `文件“${name}”与其摘要不符`, `The document ${name} does not match its digest`);
  }
  const boundTo = entries.find(({ content }) => {
    const detail = content?.["detail"];
    const named = typeof detail === "object" && detail !== null ? (detail as Values)["digest"] : undefined;
    return content !== undefined && (content["outcome"] === digest || named === digest);
  });
  return { document, bytes, name, boundTo };
}

async function checkSeal(bytes: Uint8Array, name: string, trust: EvidenceTrust, found: Finding[]): Promise<unknown> {
  const { verdict, findings, facts } = await verifySealedPdf(bytes, trust);
  passOn(findings, found);
  const reason = findings.find(({ weight }) => weight === (verdict === "invalid" ? "bad" : "open"));
  if (verdict === "invalid")
    throw new Refusal(reason?.code ?? "seal", `“${name}”：${reason?.zh ?? ""}`, `${name}: ${reason?.en ?? ""}`);
  if (reason !== undefined) addOnce(found, reason);
  else addOnce(found, good("sealer", "所附文书的印章均有效", "The seals of the documents are valid"));
  return facts["sealedBy"];
}

/** The seal that lies beside a document, in whatever suites it was made. */
async function checkSealBeside(
  { document, bytes, name }: Checked,
  trust: EvidenceTrust,
  found: Finding[],
): Promise<unknown> {
  const source = text(base64(document["seal"]));
  const { verdict, findings, facts } = await verifyDetachedSeal(source, { ...trust, documents: [bytes] });
  passOn(findings, found);
  const reason = findings.find(({ weight }) => weight === (verdict === "invalid" ? "bad" : "open"));
  if (verdict === "invalid")
    throw new Refusal(reason?.code ?? "seal", `“${name}”：${reason?.zh ?? ""}`, `${name}: ${reason?.en ?? ""}`);
  if (reason !== undefined) addOnce(found, reason);
  else addOnce(found, good("sealed-beside", "分离式印章均有效", "The seals beside the documents are valid"));
  return facts["algorithms"];
}

interface SignatureTrust extends EvidenceTrust {
  readonly issuers: readonly Certificate[];
  readonly statements: readonly Values[];
}

async function checkSignature(
  checked: Checked,
  signature: Values,
  trust: SignatureTrust,
  found: Finding[],
): Promise<unknown> {
  const signed =
    signature["statement"] === undefined
      ? await formerSigner(checked, signature)
      : await statementSigner(checked, signature["statement"]);
  if (signed === undefined) {
    addOnce(found, SUITE_UNKNOWN);
    return undefined;
  }
  const { signer, others } = signed;
  if (trust.roots.length === 0) {
    addOnce(
      found,
      open(
        "no-root",
        "未提供根证书，无法确认由谁签名：请提供（--root）",
        "Who signed cannot be told without a root certificate: give one with --root",
      ),
    );
  } else {
    const { roots, atMs } = trust;
    await verifyPath(signer, [...others, ...trust.issuers], { roots, atMs, use: "signing" });
    const issuance: Finding[] = [];
    await checkIssued(signer, { trust, atMs }, issuance);
    passOn(issuance, found);
    addOnce(
      found,
      good(
        "signer",
        "申请和决定的签名有效，证书由您信任的根证书签发",
        "The signatures of application and decision are right, and lead to a root that you trust",
      ),
    );
  }
  const said = describe(signer);
  const statement = trust.statements.find(({ serial }) => plainSerial(serial) === plainSerial(said["serial"]));
  if (Date.parse(String(statement?.["revokedAt"] ?? "")) <= trust.atMs)
    throw new Refusal("revoked", "签名时证书已被吊销", "The certificate was revoked when it was used");
  addOnce(found, statement === undefined ? STATUS_MISSING : STATUS_STATED);
  return { ...said, ...(signed.words !== undefined && { confirmed: signed.words }) };
}

const STATUS_MISSING = note(
  "certificate-status-missing",
  "有签名证书没有附状态",
  "The status of a signing certificate is not here",
);
const STATUS_STATED = note(
  "certificate-status",
  "节点陈述：签名证书在签名时未被吊销",
  "The node states that the signing certificates were not revoked when they were used",
);

interface Signed {
  readonly signer: Certificate;
  readonly others: readonly Certificate[];
  /** What the signer confirmed. */
  readonly words?: unknown;
}

async function formerSigner({ bytes, name }: Checked, signature: Values): Promise<Signed | undefined> {
  const [signer, ...others] = certificatesIn(signature["certificate"]);
  if (signer === undefined) return undefined;
  if (!maySign(signer)) throw new Refusal("wrong-use", "该证书不得用于签名", "This certificate may not sign");
  if (!(await verifies(signer.key, bytes, base64(signature["value"]), "der")))
    throw new Refusal("signature", `“${name}”的签名无效`, `The signature of ${name} is wrong`);
  return { signer, others };
}

/** A JWS over a statement, which names the document by its digest. */
async function statementSigner({ name, document }: Checked, token: unknown): Promise<Signed | undefined> {
  const statement = readStatement(token);
  if (statement.said["digest"] !== document["sha256"])
    throw new Refusal("statement", `签署的不是“${name}”`, `What was signed is not ${name}`);
  const signer = await checkSigner(statement, name);
  return signer && { signer, others: statement.certificates.slice(1), words: statement.said["words"] };
}

/** Serial numbers are compared without the zeros before them. */
function plainSerial(serial: unknown): string {
  return String(serial).toLowerCase().replace(/^0+/, "");
}

function addOnce(found: Finding[], finding: Finding): void {
  if (!found.some(({ code }) => code === finding.code)) found.push(finding);
}

/** What is found of the issuance of certificates, each of which is named once. */
function passOn(findings: readonly Finding[], found: Finding[]): void {
  for (const finding of findings)
    if (ISSUANCE_CODES.includes(finding.code) && !found.some(({ en }) => en === finding.en)) found.push(finding);
}
