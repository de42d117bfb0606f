import { toBase64url } from "#lib/crypto/base64url";
import { equalBytes } from "#lib/crypto/bytes";
import { type CopiedTuple, copiedTuples, int8Of } from "../database/copy-tuples.ts";
import type { Database } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import { contentText } from "./canonical-text.ts";
import type { LogPosition } from "./checkpoints.ts";
import { commitText, rootOfParts } from "./commitment.ts";
import {
  commit,
  isErased,
  type KeptContent,
  type KeptSubject,
  keptIn,
  openWritten,
  parseLeaf,
  subjectsRoot,
} from "./content.ts";
import type { LedgerContent, LedgerEntry, LedgerLeaf } from "./entry.ts";
import { type LedgerFinding, PROBLEMS, report } from "./findings.ts";
import { type LedgerKeys, pseudonyms } from "./keys.ts";
import { VERIFY_MAX_FINDINGS, VERIFY_SUBJECT_ROWS } from "./limits.ts";
import { type PlainSubject, plainlyCommitted } from "./plain-verification.ts";
import type { EntryRow } from "./records.ts";

/** Entries that follow each other in the log. */
export interface LogPart {
  /** Behind this one; from the first row on where there is none. */
  readonly after: LogPosition | undefined;
  /** Up to this one. */
  readonly upTo: LogPosition;
}

/** What was seen of the contents of a part. */
export interface PartReport {
  readonly findings: readonly LedgerFinding[];
  /** Entries whose content was lawfully erased. */
  readonly erased: number;
  /** Rows that ledger.subject must have. */
  readonly subjects: number;
}

interface IndexedRow extends EntryRow {
  /** By which its first subject finds it. */
  readonly subject: Buffer | null;
  readonly withheld_until: string | null;
  readonly sealing: string | null;
}

interface Expected {
  readonly id: number;
  /** One of these is there. */
  readonly names: readonly Buffer[];
}

interface Check {
  readonly keys: LedgerKeys;
  readonly findings: LedgerFinding[];
  erased: number;
  subjects: number;
  /** Entries whose key was destroyed: whom they name cannot be told, but counted. */
  readonly closed: number[];
}

/** Opens what each entry of a part commits to, compares it with the leaf, and sees that whoever it concerns finds it. */
export async function verifyPart(database: Database, part: LogPart, keys: LedgerKeys): Promise<PartReport> {
  const check: Check = { keys, findings: [], erased: 0, subjects: 0, closed: [] };
  let expected: Expected[] = [];
  for await (const tuples of copiedTuples(database.copyTo(copyOf(part)))) {
    expected.push(...verifyRows(check, tuples.map(rowOf)));
    if (expected.length >= VERIFY_SUBJECT_ROWS) {
      await verifySubjects(database, check, expected);
      expected = [];
    }
    if (check.findings.length >= VERIFY_MAX_FINDINGS) break;
  }
  await verifySubjects(database, check, expected);
  for (let at = 0; at < check.closed.length; at += VERIFY_SUBJECT_ROWS) {
    const [found] = await database.query<{ rows: number }>(
      "SELECT count(*) AS rows FROM ledger.subject WHERE entry_id = ANY ($1::bigint[])",
      [check.closed.slice(at, at + VERIFY_SUBJECT_ROWS)],
    );
    check.subjects += found?.rows ?? 0;
  }
  return { findings: check.findings, erased: check.erased, subjects: check.subjects };
}

/** COPY takes no parameters: numbers alone are written into it. */
function copyOf({ after, upTo }: LogPart): string {
  const behind = after === undefined ? "" : `(era, xid, id) > ${positionText(after)} AND`;
  return `COPY (SELECT id, leaf, sealed, subject, withheld_until::text, sealing::text FROM ledger.entry
    WHERE ${behind} (era, xid, id) <= ${positionText(upTo)} ORDER BY era, xid, id) TO STDOUT (FORMAT binary)`;
}

function positionText({ era, xid, id }: LogPosition): string {
  assert(Number.isSafeInteger(era) && Number.isSafeInteger(id) && /^\d{1,20}$/.test(xid), "a position is numbers");
  return `(${era}, '${xid}'::xid8, ${id})`;
}

function rowOf(tuple: CopiedTuple): IndexedRow {
  const [id, leaf, sealed = null, subject = null, withheld, sealing] = tuple;
  assert(id && leaf, "an entry has an id and a leaf");
  return {
    id: int8Of(id),
    leaf,
    sealed,
    subject,
    withheld_until: withheld?.toString() ?? null,
    sealing: sealing?.toString() ?? null,
  };
}

/** @returns whom ledger.subject must name */
function verifyRows(check: Check, rows: readonly IndexedRow[]): readonly Expected[] {
  const { findings, keys } = check;
  const closed: { readonly row: IndexedRow; readonly sealed: Buffer; readonly leaf: Buffer }[] = [];
  for (const row of rows) {
    const { id, leaf, sealed, subject } = row;
    if (sealed === null) {
      report(findings, "entry", id, parseLeaf(leaf) === undefined ? PROBLEMS.version : PROBLEMS.contentDeleted);
    } else if (!isErased(sealed, keys)) {
      closed.push({ row, sealed, leaf });
    } else if (parseLeaf(leaf) === undefined) {
      report(findings, "entry", id, PROBLEMS.version);
    } else {
      check.erased += 1;
      if (sealed.length > 0) check.closed.push(id);
      else if (subject !== null) report(findings, "subject", id, PROBLEMS.subjectSurplus);
    }
  }
  const expected: Expected[] = [];
  for (const [at, written] of openWritten(closed, keys).entries()) {
    const { row, leaf } = closed[at] as (typeof closed)[number];
    const plain = written === undefined || row.withheld_until !== null ? undefined : plainlyCommitted(written, leaf);
    expected.push(...(plain === undefined ? lookClosely(check, row, written) : expectedNames(check, row, plain)));
  }
  return expected;
}

/** What is not in the plain form, or not as it was. */
function lookClosely(check: Check, row: IndexedRow, written: Uint8Array | undefined): readonly Expected[] {
  const leaf = parseLeaf(row.leaf);
  const kept = written && keptIn(written);
  if (leaf !== undefined && kept !== undefined) return verifyKept(check, { row, leaf, kept });
  report(check.findings, "entry", row.id, leaf === undefined ? PROBLEMS.version : PROBLEMS.contentClosed);
  return [];
}

function verifyKept(
  check: Check,
  { row, leaf, kept }: { readonly row: IndexedRow; readonly leaf: LedgerLeaf; readonly kept: KeptContent },
): readonly Expected[] {
  const wrong = (problem: LedgerFinding["problem"]) => report(check.findings, "entry", row.id, problem);
  if (kept.content === undefined) check.erased += 1;
  else if (!commitsTo(leaf, kept.content)) wrong(PROBLEMS.contentChanged);
  if (!namesSubjects(leaf, kept.subjects)) wrong(PROBLEMS.subjectsChanged);
  const { secrecy } = kept.content?.value ?? {};
  const isAsSaid = row.withheld_until === secrecy?.reviewOn && (row.sealing ?? undefined) === secrecy?.order;
  if ((row.withheld_until ?? row.sealing) !== null && !isAsSaid) wrong(PROBLEMS.withheld);
  return expectedNames(
    check,
    row,
    kept.subjects.map((subject) => ("part" in subject ? subject.part : undefined)),
  );
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

/**
 * The first subject's name stands in the entry, if that was not written before names had a place there.
 * @param subjects undefined where one was erased
 */
function expectedNames(
  check: Check,
  { id, subject: first }: IndexedRow,
  subjects: readonly (PlainSubject | undefined)[],
): readonly Expected[] {
  const expected: Expected[] = [];
  let found = first === null;
  for (const [at, subject] of subjects.entries()) {
    if (subject === undefined) continue;
    const names = pseudonyms(check.keys, `subject ${subject.kind}`, subject.id);
    if (at === 0 && first !== null && names.some((name) => equalBytes(first, name))) found = true;
    else expected.push({ id, names });
  }
  if (!found) report(check.findings, "subject", id, PROBLEMS.subjectSurplus);
  check.subjects += expected.length;
  return expected;
}

/** Each subject must find his entry: a row that was deleted would hide it from him. */
async function verifySubjects(database: Database, { findings }: Check, expected: readonly Expected[]): Promise<void> {
  if (expected.length === 0) return;
  const missing = await database.query<{ readonly id: number }>(
    `SELECT DISTINCT row.id FROM unnest($1::bytea[], $2::bigint[], $3::int[]) AS row (pseudonym, id, nth)
       LEFT JOIN ledger.subject s ON s.pseudonym = row.pseudonym AND s.entry_id = row.id
      GROUP BY row.id, row.nth HAVING count(s.entry_id) = 0`,
    [
      expected.flatMap(({ names }) => names),
      expected.flatMap(({ id, names }) => names.map(() => id)),
      expected.flatMap(({ names }, nth) => names.map(() => nth)),
    ],
  );
  for (const { id } of missing) report(findings, "subject", id, PROBLEMS.subjectMissing);
}
