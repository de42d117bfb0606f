import { fromBase64url } from "#lib/crypto/base64url";
import { equalBytes } from "#lib/crypto/bytes";
import { type Text, text } from "#lib/language/text";
import { openCheckpoint } from "#lib/merkle/checkpoint";
import { appendLeaves, type CompactRange, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { HASH_SIZE_BYTES, leafHash } from "#lib/merkle/hash";
import { type NoteVerifier, parseVerifierKey } from "#lib/merkle/note";
import type { Database } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { commit, type KeptContent, openContent, parseLeaf, subjectsRoot } from "./content.ts";
import { type LedgerKeys, pseudonym } from "./keys.ts";
import { VERIFY_CHECKPOINTS, VERIFY_MAX_FINDINGS } from "./limits.ts";
import type { EntryRow } from "./records.ts";

/** One row that is not what it should be. */
export interface LedgerFinding {
  readonly table: "entry" | "subject" | "checkpoint" | "node";
  /** Which row: an entry's id, a checkpoint's size, a node's level/index. */
  readonly row: string;
  readonly problem: Text;
}

export interface LedgerVerification {
  readonly intact: boolean;
  /** Entries in the log. */
  readonly size: number;
  readonly checkpoints: number;
  /** Entries whose content was lawfully erased. */
  readonly erased: number;
  /** Entries that wait for their index. */
  readonly pending: number;
  readonly findings: readonly LedgerFinding[];
}

const PROBLEMS = {
  gap: text("与前一检查点不衔接，中间有检查点缺失", "It does not follow the one before: a checkpoint is missing"),
  entryDeleted: text("条目已被删除", "The entry was deleted"),
  entryChanged: text(
    "条目内容与树中的散列不符，已被改动",
    "The entry does not match its hash in the tree: it was changed",
  ),
  signature: text("检查点签名无效", "The checkpoint's signature is not valid"),
  root: text("所签树根与各条目算出的树根不符", "The signed root is not the root of the entries"),
  range: text("保存的子树散列不符", "The stored hashes of the subtrees are wrong"),
  version: text("条目版本无法识别", "The entry is of an unknown version"),
  contentDeleted: text("内容已被删除", "The content was deleted"),
  contentClosed: text("内容无法解密，已被改动或移位", "The content does not open: it was changed or moved"),
  contentChanged: text("内容与承诺值不符，已被改动", "The content does not match its commitment: it was changed"),
  node: text("树节点缺失或已被改动", "The tree's node is missing or was changed"),
  subjectMissing: text("当事人索引行已被删除", "The row by which a subject finds the entry was deleted"),
  subjectsChanged: text("当事人名单与承诺值不符", "The subjects do not match what was committed to"),
  withheld: text("延期告知的期限已被改动", "Until when it is withheld from its subject was changed"),
  subjectSurplus: text("当事人索引行多于各条目所载", "There are more rows of subjects than the entries name"),
  slippedIn: text("条目不在任何检查点之内，是事后插入的", "No checkpoint covers the entry: it was slipped in later"),
} as const;

interface CheckpointRow {
  readonly size: number;
  readonly previous: number;
  readonly note: string;
  readonly entry_ids: readonly number[];
  readonly leaf_hashes: Buffer;
  readonly range_hashes: Buffer;
}

interface Progress {
  readonly database: Database;
  readonly keys: LedgerKeys;
  readonly verifier: NoteVerifier;
  readonly findings: LedgerFinding[];
  readonly nodes: { readonly level: number; readonly index: number; readonly hash: Uint8Array }[];
  readonly expected: { readonly id: number; readonly name: Buffer }[];
  range: CompactRange;
  checkpoints: number;
  erased: number;
  subjects: number;
}

/**
 * Computes the whole ledger anew from its rows: leaves, contents against commitments, subjects, the tree, every
 * checkpoint. Each row that was tampered with is named. Checking that the log itself is the one that others saw takes a
 * checkpoint that they kept: see `--checkpoint` of the verifier.
 * @param options.verifierKey the log's key, from a source other than the database
 */
export async function verifyLedger(
  database: Database,
  options: { readonly keys: LedgerKeys; readonly verifierKey: string },
): Promise<LedgerVerification> {
  const verifier = parseVerifierKey(options.verifierKey);
  if (verifier === undefined) throw new Fault("ERR_LEDGER_SIGNER", { message: "the verifier key is malformed" });
  const progress: Progress = {
    database,
    keys: options.keys,
    verifier,
    findings: [],
    nodes: [],
    expected: [],
    range: EMPTY_RANGE,
    checkpoints: 0,
    erased: 0,
    subjects: 0,
  };
  const top = await topSize(database);
  for (let size = -1; ; ) {
    const rows = await database.query<CheckpointRow>(
      `SELECT size, previous, note, entry_ids, leaf_hashes, range_hashes FROM ledger.checkpoint
        WHERE size > $1 AND size <= $2 ORDER BY size LIMIT $3`,
      [size, top, VERIFY_CHECKPOINTS],
    );
    for (const row of rows) await verifyRound(progress, row);
    await verifyNodes(progress);
    await verifySubjects(progress);
    const last = rows.at(-1);
    if (last === undefined || progress.findings.length >= VERIFY_MAX_FINDINGS) break;
    size = last.size;
  }
  // With a checkpoint missing, everything that it covered would be listed too.
  if (!progress.findings.some(({ problem }) => problem === PROBLEMS.gap)) await verifyCounts(progress, top);
  return {
    intact: progress.findings.length === 0,
    size: progress.range.size,
    checkpoints: progress.checkpoints,
    erased: progress.erased,
    pending: await pendingEntries(database, top),
    findings: progress.findings.slice(0, VERIFY_MAX_FINDINGS),
  };
}

/** Entries may be added meanwhile: what is verified ends at the checkpoint that was newest at the start. */
async function topSize(database: Database): Promise<number> {
  const [row] = await database.query<{ readonly top: number | null }>("SELECT max(size) AS top FROM ledger.checkpoint");
  return row?.top ?? -1;
}

async function verifyRound(progress: Progress, row: CheckpointRow): Promise<void> {
  const { findings } = progress;
  progress.checkpoints += 1;
  if (row.previous !== (row.size === 0 ? -1 : progress.range.size)) {
    report(findings, "checkpoint", row.size, PROBLEMS.gap);
  }
  const entries = await readRound(progress.database, row.entry_ids);
  const leaves = row.entry_ids.map((id, at) => {
    const stored = row.leaf_hashes.subarray(at * HASH_SIZE_BYTES, (at + 1) * HASH_SIZE_BYTES);
    const entry = entries.get(id);
    if (entry === undefined) report(findings, "entry", id, PROBLEMS.entryDeleted);
    else if (!equalBytes(leafHash(entry.leaf), stored)) {
      report(findings, "entry", id, PROBLEMS.entryChanged);
    } else verifyContent(progress, entry);
    return stored;
  });
  const range = appendLeaves(progress.range, leaves, (level, index, hash) => {
    if (level > 0 && level % 8 === 0) progress.nodes.push({ level: level / 8, index, hash });
  });
  progress.range = range;
  verifyCheckpoint(progress, row);
}

function verifyCheckpoint({ findings, verifier, range }: Progress, row: CheckpointRow): void {
  const signed = openCheckpoint(row.note, verifier);
  if (signed === undefined) {
    report(findings, "checkpoint", row.size, PROBLEMS.signature);
  } else if (signed.size !== row.size || signed.size !== range.size || !equalBytes(signed.root, rootOf(range))) {
    report(findings, "checkpoint", row.size, PROBLEMS.root);
  } else if (!equalBytes(row.range_hashes, Buffer.concat(range.hashes))) {
    report(findings, "checkpoint", row.size, PROBLEMS.range);
  }
}

interface IndexedRow extends EntryRow {
  /** By which its first subject finds it. */
  readonly subject: Buffer | null;
  readonly withheld_until: string | null;
}

function verifyContent(progress: Progress, entry: IndexedRow): undefined {
  const { findings, keys } = progress;
  const leaf = parseLeaf(entry.leaf);
  if (leaf === undefined) return report(findings, "entry", entry.id, PROBLEMS.version);
  if (entry.sealed === null) return report(findings, "entry", entry.id, PROBLEMS.contentDeleted);
  if (entry.sealed.length === 0) {
    if (entry.subject !== null) report(findings, "subject", entry.id, PROBLEMS.subjectSurplus);
    progress.erased += 1;
    return undefined;
  }
  let kept: KeptContent;
  try {
    kept = openContent(entry.sealed, entry.leaf, keys);
  } catch {
    return report(findings, "entry", entry.id, PROBLEMS.contentClosed);
  }
  if (kept.content === undefined) progress.erased += 1;
  else if (!matches(commit(kept.content.salt, kept.content.value), leaf.commitment)) {
    report(findings, "entry", entry.id, PROBLEMS.contentChanged);
  }
  const count = leaf.subjects?.count ?? 0;
  if (kept.subjects.length !== count || (count > 0 && !matches(subjectsRoot(kept.subjects), leaf.subjects?.root))) {
    report(findings, "entry", entry.id, PROBLEMS.subjectsChanged);
  }
  if (entry.withheld_until !== null && entry.withheld_until !== kept.content?.value.secrecy?.reviewOn) {
    report(findings, "entry", entry.id, PROBLEMS.withheld);
  }
  verifySubjectNames(progress, entry, kept);
}

/** The first subject's name stands in the entry, if it was not written before those had a place there. */
function verifySubjectNames(progress: Progress, { id, subject: first }: IndexedRow, { subjects }: KeptContent): void {
  let found = first === null;
  for (const [at, subject] of subjects.entries()) {
    if (!("part" in subject)) continue;
    const name = pseudonym(progress.keys, `subject ${subject.part.kind}`, subject.part.id);
    if (at === 0 && first !== null && equalBytes(first, name)) {
      found = true;
      continue;
    }
    progress.subjects += 1;
    progress.expected.push({ id, name });
  }
  if (!found) report(progress.findings, "subject", id, PROBLEMS.subjectSurplus);
}

/** Each subject must find his entry: a row that was deleted would hide it from him. */
async function verifySubjects({ database, findings, expected }: Progress): Promise<void> {
  const subjects = expected.splice(0);
  const missing = await database.query<{ readonly id: number }>(
    `SELECT DISTINCT row.id FROM unnest($1::bytea[], $2::bigint[]) AS row (pseudonym, id)
      WHERE NOT EXISTS (SELECT 1 FROM ledger.subject s WHERE s.pseudonym = row.pseudonym AND s.entry_id = row.id)`,
    [subjects.map(({ name }) => name), subjects.map(({ id }) => id)],
  );
  for (const { id } of missing) report(findings, "subject", id, PROBLEMS.subjectMissing);
}

async function readRound(database: Database, ids: readonly number[]): Promise<ReadonlyMap<number, IndexedRow>> {
  const rows = await database.query<IndexedRow>(
    "SELECT id, leaf, sealed, subject, withheld_until FROM ledger.entry WHERE id = ANY($1::bigint[])",
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function verifyNodes({ database, findings, nodes }: Progress): Promise<void> {
  const computed = nodes.splice(0);
  if (computed.length === 0) return;
  const stored = await database.query<{ readonly level: number; readonly index: number; readonly hash: Buffer }>(
    `SELECT level, index, hash FROM ledger.node
       JOIN unnest($1::smallint[], $2::bigint[]) AS row (level, index) USING (level, index)`,
    [computed.map(({ level }) => level), computed.map(({ index }) => index)],
  );
  const hashes = new Map(stored.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  for (const { level, index, hash } of computed) {
    const found = hashes.get(`${level}/${index}`);
    if (found === undefined || !equalBytes(found, hash)) {
      report(findings, "node", `${level}/${index}`, PROBLEMS.node);
    }
  }
}

/** Rows that nothing signed names: slipped in behind the cursor. */
async function verifyCounts({ database, findings, subjects }: Progress, top: number): Promise<void> {
  const slipped = await database.query<{ readonly id: number }>(
    `SELECT e.id FROM ledger.entry e
       LEFT JOIN (SELECT unnest(entry_ids) AS id FROM ledger.checkpoint WHERE size <= $1) AS covered USING (id)
      WHERE (e.era, e.xid, e.id) <= (SELECT last_era, last_xid, last_id FROM ledger.checkpoint WHERE size = $1)
        AND covered.id IS NULL LIMIT $2`,
    [top, VERIFY_MAX_FINDINGS],
  );
  for (const { id } of slipped) report(findings, "entry", id, PROBLEMS.slippedIn);
  // Whom a content names that did not open, nobody can count.
  if (findings.some(({ table }) => table === "entry")) return;
  const [row] = await database.query<{ readonly stored: number }>(
    `SELECT count(*) AS stored FROM ledger.subject s JOIN ledger.entry e ON e.id = s.entry_id
      WHERE (e.era, e.xid, e.id) <= (SELECT last_era, last_xid, last_id FROM ledger.checkpoint WHERE size = $1)`,
    [top],
  );
  const surplus = (row?.stored ?? 0) - subjects;
  if (surplus > 0) report(findings, "subject", `+${surplus}`, PROBLEMS.subjectSurplus);
}

async function pendingEntries(database: Database, top: number): Promise<number> {
  const [row] = await database.query<{ readonly pending: number }>(
    `SELECT count(*) AS pending FROM ledger.entry
      WHERE (era, xid, id) > (SELECT last_era, last_xid, last_id FROM ledger.checkpoint WHERE size = $1)`,
    [top],
  );
  return row?.pending ?? 0;
}

function matches(computed: Uint8Array, committed: string | undefined): boolean {
  const expected = fromBase64url(committed ?? "");
  return expected !== undefined && equalBytes(expected, computed);
}

function report(
  findings: LedgerFinding[],
  table: LedgerFinding["table"],
  row: string | number,
  problem: Text,
): undefined {
  findings.push({ table, row: String(row), problem });
}
