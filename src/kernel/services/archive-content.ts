import { Buffer } from "node:buffer";
import { bagName } from "#lib/bagit/bag";
import type { Sql } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import { sealsBeside } from "../system/detached-seals.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService } from "./application.ts";
import { partiesOf } from "./parties.ts";
import { type CaseRecord, recordsOf } from "./records.ts";
import { canonicalBytes } from "./statement.ts";
import { asSigned, formerSignedBytes, signedContent } from "./submission.ts";

/** Entries about one case that its archive holds; a case has some dozens. */
const MAX_ARCHIVED_ENTRIES = 5_000;
const ENTRIES_PAGE = 200;

type Files = Map<string, Uint8Array>;

/**
 * What is kept of a case for good, by path below `data/`: what was applied for and how it was signed, materials, what each step
 * said, notices, results, the procedure that it followed, and the receipts of its entries in the ledger.
 * @throws Fault ERR_ARCHIVE_PENDING while an entry is not in the log yet
 */
export async function archiveContent(
  kernel: Kernel,
  application: Application,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files: Files = new Map();
  files.set("README.txt", Buffer.from(README));
  // First: where an entry is not in the log yet, nothing else is read in vain.
  await addLedger(kernel, files, application.caseId);
  addApplication(files, application);
  await addStored(kernel, files, materialFiles(application));
  const records = await recordsOf(kernel, application.caseId);
  files.set("records.json", json(records.map(({ taskId, ...record }) => ({ ...record, task: taskId ?? null }))));
  const parties = await partiesOf(kernel, kernel.database, application.caseId);
  if (parties.length > 0) files.set("parties.json", json(parties));
  await addStored(kernel, files, attachmentFiles(await attachmentsOf(kernel.database, application.caseId), records));
  await addNotices(kernel, files, application);
  await addStored(kernel, files, await resultFiles(kernel.database, application.caseId));
  await addProcedure(kernel, files, application);
  return files;
}

const README = `档案包说明

application.json   申请内容和从政务部门取得的登记信息
signature/         申请人签署的内容（signed.json）和签名（statement.jws：JWS，内含确认的文字、内容摘要和证书）；窗口代办的没有
materials/         申请材料
records.json       各环节填写的内容；attachments/ 为其附件（如现场照片）
parties.json       利害关系人，何时被告知、如何答复；没有的则无此文件
notices/           送达申请人和利害关系人的全部文书（PAdES 签章），notices.json 列出文号、送达和首次打开时间
results/           办件产生的证照等文件
procedure/         所依程序（BPMN 2.0，按摘要固定）、经过、任务和期限
ledger/            存证日志中关于本办件的每一条记录的凭证，及日志公钥；可用 zhengtong verify 离线核验

What is in this package

application.json   what was applied for, and what government's registers said
signature/         what the applicant signed (signed.json) and the signature (statement.jws: a JWS with the words that were confirmed, the
                   digest of the content, and the certificates); none where a clerk filed
materials/         documents that were handed in
records.json       what was filled in at each step; attachments/ has its files, such as photographs of a site check
parties.json       interested parties, when they were told and what they answered; absent where there are none
notices/           every notice to applicant and interested parties (sealed, PAdES); notices.json has numbers, times of delivery and of first opening
results/           files that the case produced, such as the licence
procedure/         the definition that the case followed (BPMN 2.0, pinned by digest), its history, tasks and clocks
ledger/            a receipt of each entry of the ledger about this case, and the log's key; zhengtong verify checks them off line
`;

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}

function addApplication(files: Files, application: Application): void {
  const { materials, signature, certificate, statement, remark: _, ...rest } = application;
  files.set(
    "application.json",
    json({ ...rest, clerkId: rest.clerkId ?? null, materials: materials.map(({ id: __, ...material }) => material) }),
  );
  const signed = asSigned(application);
  if (statement !== undefined) {
    files.set("signature/signed.json", canonicalBytes(signedContent(signed)));
    files.set("signature/statement.jws", Buffer.from(statement));
  }
  if (!signature || certificate === undefined) return;
  files.set("signature/signed.json", formerSignedBytes(signed));
  files.set("signature/signature.der", signature);
  files.set("signature/certificate.pem", Buffer.from(certificate));
}

interface StoredAs {
  readonly path: string;
  readonly digest: string;
}

async function addStored(kernel: Kernel, files: Files, stored: readonly StoredAs[]): Promise<void> {
  for (const { path, digest } of stored) files.set(path, await kernel.files.read(digest));
}

function numbered(index: number): string {
  return String(index + 1).padStart(2, "0");
}

function materialFiles({ materials }: Application): readonly StoredAs[] {
  return materials.map(({ name, fileName, digest }, index) => ({
    path: `materials/${numbered(index)}-${bagName(name)}-${bagName(fileName)}`,
    digest,
  }));
}

async function attachmentsOf(sql: Sql, caseId: string): Promise<readonly string[]> {
  const rows = await sql.query<{ digest: string }>(
    "SELECT digest FROM service.attachment WHERE case_id = $1 ORDER BY digest",
    [caseId],
  );
  return rows.map(({ digest }) => digest);
}

/** Named by their digest, which the record has beside the name that the file came with. */
function attachmentFiles(digests: readonly string[], records: readonly CaseRecord[]): readonly StoredAs[] {
  const written = JSON.stringify(records);
  return digests.map((digest) => {
    const type = new RegExp(`"digest":"${digest}"[^}]*"mediaType":"[a-z]+/([a-z]{1,10})"`).exec(written)?.[1];
    return { path: `attachments/${digest}${type === undefined ? "" : `.${type}`}`, digest };
  });
}

/** Each document, and beside it its detached seal where it has one. */
async function withSeals(sql: Sql, stored: readonly StoredAs[]): Promise<readonly StoredAs[]> {
  const seals = await sealsBeside(
    sql,
    stored.map(({ digest }) => digest),
  );
  return stored.flatMap((file) => {
    const seal = seals.get(file.digest);
    return seal === undefined ? [file] : [file, { path: `${file.path}.seal.json`, digest: seal }];
  });
}

async function resultFiles(sql: Sql, caseId: string): Promise<readonly StoredAs[]> {
  const rows = await sql.query<{ digest: string; room: string }>(
    "SELECT digest, room FROM act.file WHERE case_id = $1 ORDER BY room, at, digest",
    [caseId],
  );
  const results = rows.map(({ digest, room }, index) => ({
    path: `results/${numbered(index)}-${room}.pdf`,
    digest,
  }));
  return withSeals(sql, results);
}

interface NoticeRow {
  readonly kind: string;
  readonly number: string;
  readonly digest: string | null;
  readonly issued_at: string;
  readonly delivered_at: string | null;
  readonly opened_at: string | null;
  readonly party_id: string | null;
}

async function addNotices(kernel: Kernel, files: Files, { caseId }: Application): Promise<void> {
  const rows = await kernel.database.query<NoticeRow>(
    `SELECT kind, number, digest, issued_at, delivered_at, opened_at, party_id FROM service.notice WHERE case_id = $1
     ORDER BY issued_at, number`,
    [caseId],
  );
  const listed = rows.map((row, index) => ({ ...row, file: `${numbered(index)}-${row.kind}.pdf` }));
  files.set("notices/notices.json", json(listed));
  const delivered = listed.flatMap(({ digest, file }) =>
    digest === null ? [] : [{ path: `notices/${file}`, digest }],
  );
  await addStored(kernel, files, await withSeals(kernel.database, delivered));
}

async function addProcedure(kernel: Kernel, files: Files, application: Application): Promise<void> {
  const view = await kernel.procedures.view(kernel.database, application.caseId);
  assert(view, "an application has its case");
  const { digest, sources } = await kernel.procedures.byDigest(kernel.database, view.digest);
  const { service } = knownService(kernel, application);
  files.set("procedure/case.json", json({ title: service.procedure.title, ...view }));
  files.set("procedure/digest.txt", Buffer.from(`${digest}\n`));
  for (const [index, source] of sources.entries()) {
    files.set(`procedure/${numbered(index)}-definition.bpmn`, Buffer.from(source));
  }
}

async function addLedger(kernel: Kernel, files: Files, caseId: string): Promise<void> {
  files.set("ledger/log-key.txt", Buffer.from(`${kernel.ledger.verifierKey}\n`));
  for (const receipt of await kernel.ledger.receiptsFor(await ledgerEntriesOf(kernel, caseId))) {
    const { entryId, state } = receipt;
    if (state !== "proved") throw new Fault("ERR_ARCHIVE_PENDING", { message: `entry ${entryId}` });
    files.set(`ledger/entry-${String(entryId).padStart(8, "0")}.json`, json(receipt));
  }
}

/** The ids of all entries about a case, newest first. */
export async function ledgerEntriesOf(kernel: Kernel, caseId: string): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let before: number | undefined; ids.length < MAX_ARCHIVED_ENTRIES; ) {
    const page = await kernel.ledger.byCase(caseId, { limit: ENTRIES_PAGE, before });
    ids.push(...page.records.map(({ id }) => id));
    if (page.next === undefined) break;
    before = page.next;
  }
  return ids;
}
