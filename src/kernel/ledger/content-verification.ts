import { toBase64url } from "#lib/crypto/base64url";
import { equalBytes } from "#lib/crypto/bytes";
import type { Database } from "../database/sql.ts";
import { contentText } from "./canonical-text.ts";
import { commitText, rootOfParts } from "./commitment.ts";
import { commit, type KeptContent, type KeptSubject, openContent, parseLeaf, subjectsRoot } from "./content.ts";
import type { LedgerContent, LedgerEntry, LedgerLeaf } from "./entry.ts";
import { type LedgerFinding, PROBLEMS, report } from "./findings.ts";
import { type LedgerKeys, pseudonym } from "./keys.ts";
import { VERIFY_CONTENT_ROWS, VERIFY_MAX_FINDINGS } from "./limits.ts";
import type { EntryRow } from "./records.ts";

interface IndexedRow extends EntryRow {
  /** By which its first subject finds it. */
  readonly subject: Buffer | null;
  readonly withheld_until: string | null;
}

interface Expected {
  readonly id: number;
  readonly name: Buffer;
}

/** What was seen of the contents. */
export interface ContentCount {
  /** Entries whose content was lawfully erased. */
  readonly erased: number;
  /** Rows that ledger.subject must have. */
  readonly subjects: number;
}

interface Check {
  readonly keys: LedgerKeys;
  readonly findings: LedgerFinding[];
  erased: number;
  subjects: number;
}

/**
 * Opens what every entry of the log commits to, compares it with the leaf, and sees that whoever it concerns finds it. An entry
 * that is named in the findings already is left alone.
 * @param options.top size of the checkpoint at which to end
 */
export async function verifyContents(
  database: Database,
  options: { readonly keys: LedgerKeys; readonly findings: LedgerFinding[]; readonly top: number },
): Promise<ContentCount> {
  const check: Check = { keys: options.keys, findings: options.findings, erased: 0, subjects: 0 };
  const named = new Set(check.findings.filter(({ table }) => table === "entry").map(({ row }) => row));
  const rows = database.stream<IndexedRow>(
    `SELECT id, leaf, sealed, subject, withheld_until FROM ledger.entry
      WHERE (era, xid, id) <= (SELECT last_era, last_xid, last_id FROM ledger.checkpoint WHERE size = $1)
      ORDER BY era, xid, id`,
    [options.top],
    { batchRows: VERIFY_CONTENT_ROWS },
  );
  let expected: Expected[] = [];
  for await (const row of rows) {
    if (!named.has(String(row.id))) expected.push(...verifyContent(check, row));
    if (expected.length >= VERIFY_CONTENT_ROWS) {
      await verifySubjects(database, check, expected);
      expected = [];
    }
    if (check.findings.length >= VERIFY_MAX_FINDINGS) break;
  }
  await verifySubjects(database, check, expected);
  return { erased: check.erased, subjects: check.subjects };
}

const NONE: readonly Expected[] = [];

/** @returns whom ledger.subject must name */
function verifyContent(check: Check, row: IndexedRow): readonly Expected[] {
  const { findings, keys } = check;
  const wrong = (problem: LedgerFinding["problem"]) => {
    report(findings, "entry", row.id, problem);
    return NONE;
  };
  const leaf = parseLeaf(row.leaf);
  if (leaf === undefined) return wrong(PROBLEMS.version);
  if (row.sealed === null) return wrong(PROBLEMS.contentDeleted);
  if (row.sealed.length === 0) {
    check.erased += 1;
    if (row.subject !== null) report(findings, "subject", row.id, PROBLEMS.subjectSurplus);
    return NONE;
  }
  let kept: KeptContent;
  try {
    kept = openContent(row.sealed, row.leaf, keys);
  } catch {
    return wrong(PROBLEMS.contentClosed);
  }
  if (kept.content === undefined) check.erased += 1;
  else if (!commitsTo(leaf, kept.content)) wrong(PROBLEMS.contentChanged);
  if (!namesSubjects(leaf, kept.subjects)) wrong(PROBLEMS.subjectsChanged);
  if (row.withheld_until !== null && row.withheld_until !== kept.content?.value.secrecy?.reviewOn) {
    wrong(PROBLEMS.withheld);
  }
  return expectedNames(check, row, kept);
}

/** The plain way of writing is tried first: what it writes is canonical, but it does not write everything. */
function commitsTo(
  { commitment }: LedgerLeaf,
  { value, salt }: { readonly value: LedgerContent; readonly salt: Uint8Array },
): boolean {
  const entry = value as LedgerEntry; // of which `contentText` leaves out what is not content
  return commitText(salt, contentText(entry)) === commitment || toBase64url(commit(salt, value)) === commitment;
}

function namesSubjects({ subjects }: LedgerLeaf, kept: readonly KeptSubject[]): boolean {
  if (kept.length !== (subjects?.count ?? 0)) return false;
  if (kept.length === 0) return true;
  const [first] = kept;
  const plain = kept.length === 1 && first !== undefined && "part" in first;
  return (plain && rootOfParts([first]) === subjects?.root) || toBase64url(subjectsRoot(kept)) === subjects?.root;
}

/** The first subject's name stands in the entry, if that was not written before names had a place there. */
function expectedNames(
  check: Check,
  { id, subject: first }: IndexedRow,
  { subjects }: KeptContent,
): readonly Expected[] {
  const expected: Expected[] = [];
  let found = first === null;
  for (const [at, subject] of subjects.entries()) {
    if (!("part" in subject)) continue;
    const name = pseudonym(check.keys, `subject ${subject.part.kind}`, subject.part.id);
    if (at === 0 && first !== null && equalBytes(first, name)) found = true;
    else expected.push({ id, name });
  }
  if (!found) report(check.findings, "subject", id, PROBLEMS.subjectSurplus);
  check.subjects += expected.length;
  return expected;
}

/** Each subject must find his entry: a row that was deleted would hide it from him. */
async function verifySubjects(database: Database, { findings }: Check, expected: readonly Expected[]): Promise<void> {
  if (expected.length === 0) return;
  const missing = await database.query<{ readonly id: number }>(
    `SELECT DISTINCT row.id FROM unnest($1::bytea[], $2::bigint[]) AS row (pseudonym, id)
      WHERE NOT EXISTS (SELECT 1 FROM ledger.subject s WHERE s.pseudonym = row.pseudonym AND s.entry_id = row.id)`,
    [expected.map(({ name }) => name), expected.map(({ id }) => id)],
  );
  for (const { id } of missing) report(findings, "subject", id, PROBLEMS.subjectMissing);
}
