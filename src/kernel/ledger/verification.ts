import { equalBytes } from "#lib/crypto/bytes";
import { appendLeaves, type CompactRange, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { HASH_SIZE_BYTES } from "#lib/merkle/hash";
import { type NoteVerifier, parseVerifierKey } from "#lib/merkle/note";
import {
  type KeyTerm,
  keyTerms,
  openCheckpointInTerm,
  openSuccession,
  type Succession,
  saysSuccession,
} from "#lib/merkle/succession";
import type { Database } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { type VerificationParts, verifyContents } from "./content-verification.ts";
import { type LedgerFinding, PROBLEMS, report } from "./findings.ts";
import type { LedgerKeys } from "./keys.ts";
import { VERIFY_CHECKPOINTS, VERIFY_MAX_FINDINGS } from "./limits.ts";

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

/**
 * A page of checkpoints. The entries between two of them stand in the log's order behind one index: the database digests them
 * there, and only where something differs is it asked which.
 */
const CHECKPOINTS = `
  WITH page AS (
    SELECT * FROM ledger.checkpoint WHERE size > $1 AND size <= $2 ORDER BY size LIMIT $3)
  SELECT page.size, page.previous, page.note, page.leaf_hashes, page.range_hashes,
         CASE WHEN found.ids = page.entry_ids AND found.hashes = page.leaf_hashes THEN NULL ELSE page.entry_ids END AS differing
    FROM page LEFT JOIN ledger.checkpoint before ON before.size = page.previous,
    LATERAL (
      SELECT array_agg(id ORDER BY era, xid, id) AS ids,
             string_agg(sha256('\\x00'::bytea || leaf), ''::bytea ORDER BY era, xid, id) AS hashes
        FROM ledger.entry
       WHERE (era, xid, id) > (before.last_era, before.last_xid, before.last_id)
         AND (era, xid, id) <= (page.last_era, page.last_xid, page.last_id)) AS found
   ORDER BY page.size`;

interface CheckpointRow {
  readonly size: number;
  readonly previous: number;
  readonly note: string;
  readonly leaf_hashes: Buffer;
  readonly range_hashes: Buffer;
  /** The entries of the round, where they are not as they were when they were hashed. */
  readonly differing: readonly number[] | null;
}

interface Progress {
  readonly database: Database;
  /** The log's first key. */
  readonly verifier: NoteVerifier;
  /** How others followed it, as far as the log was read. */
  readonly successions: { readonly note: string; readonly succession: Succession }[];
  terms: readonly KeyTerm[];
  readonly findings: LedgerFinding[];
  readonly nodes: { readonly level: number; readonly index: number; readonly hash: Uint8Array }[];
  range: CompactRange;
  checkpoints: number;
  /** Whether some entry is not where a checkpoint has it, or stands where none has any. */
  differs: boolean;
}

export interface VerificationOptions {
  readonly keys: LedgerKeys;
  /** The log's first key, from a source other than the database. */
  readonly verifierKey: string;
  /** Whether what the entries commit to is opened and compared as well; default true. */
  readonly contents?: boolean;
  /** By default as the size of the log asks: of a large one in threads. */
  readonly parts?: VerificationParts;
}

/**
 * Computes the whole ledger anew from its rows: leaves, the tree, every checkpoint; contents against commitments, subjects. Each
 * row that was tampered with is named. Checking that the log itself is the one that others saw takes a checkpoint that they
 * kept: see `--checkpoint` of the verifier.
 */
export async function verifyLedger(database: Database, options: VerificationOptions): Promise<LedgerVerification> {
  const verifier = parseVerifierKey(options.verifierKey);
  if (verifier === undefined) throw new Fault("ERR_LEDGER_SIGNER", { message: "the verifier key is malformed" });
  const findings: LedgerFinding[] = [];
  const progress: Progress = {
    database,
    verifier,
    successions: [],
    terms: keyTerms([verifier], []),
    findings,
    nodes: [],
    range: EMPTY_RANGE,
    checkpoints: 0,
    differs: false,
  };
  const top = await topSize(database);
  progress.differs = await hasEarlier(database);
  // The tree keeps one processor busy at most, here or in the database: contents are opened meanwhile.
  const [treeSeen, contentsSeen] = await Promise.allSettled([
    verifyTree(progress, top),
    options.contents === false ? undefined : verifyContents(database, { ...options, top }),
  ]);
  if (treeSeen.status === "rejected") throw treeSeen.reason;
  if (contentsSeen.status === "rejected") throw contentsSeen.reason;
  const contents = contentsSeen.value;
  // With a checkpoint missing, everything that it covered would be listed too.
  const whole = !findings.some(({ problem }) => problem === PROBLEMS.gap);
  // Where every round is what lies between two checkpoints, nothing else lies there.
  if (whole && progress.differs) await verifySlipped(progress, top);
  if (contents !== undefined) {
    findings.push(...othersThan(findings, contents.findings));
    if (whole) await verifySubjectCount(progress, top, contents.subjects);
  }
  const erased = contents?.erased ?? (await countErased(database));
  return {
    intact: findings.length === 0,
    size: progress.range.size,
    checkpoints: progress.checkpoints,
    erased,
    pending: await pendingEntries(database, top),
    findings: findings.slice(0, VERIFY_MAX_FINDINGS),
  };
}

/** What is told of entries that are not named already: one that was changed does not hold what it commits to either. */
function othersThan(named: readonly LedgerFinding[], found: readonly LedgerFinding[]): readonly LedgerFinding[] {
  const rows = new Set(named.filter(({ table }) => table === "entry").map(({ row }) => row));
  return found.filter(({ table, row }) => !rows.has(row) || (table !== "entry" && table !== "subject"));
}

/** Entries may be added meanwhile: what is verified ends at the checkpoint that was newest at the start. */
async function topSize(database: Database): Promise<number> {
  const [row] = await database.query<{ readonly top: number | null }>("SELECT max(size) AS top FROM ledger.checkpoint");
  return row?.top ?? -1;
}

async function verifyTree(progress: Progress, top: number): Promise<void> {
  const { database, findings } = progress;
  const read = (after: number) => database.query<CheckpointRow>(CHECKPOINTS, [after, top, VERIFY_CHECKPOINTS]);
  for (let rows = await read(-1); rows.length > 0 && findings.length < VERIFY_MAX_FINDINGS; ) {
    // The database digests the next page while we hash this one.
    const next = read(rows.at(-1)?.size ?? top);
    next.catch(() => undefined); // seen when it is awaited
    for (const row of rows) await verifyRound(progress, row);
    await verifyNodes(progress);
    rows = await next;
  }
  if (findings.length < VERIFY_MAX_FINDINGS) await verifySuccessions(progress, top);
}

async function verifyRound(progress: Progress, row: CheckpointRow): Promise<void> {
  progress.checkpoints += 1;
  if (row.previous !== (row.size === 0 ? -1 : progress.range.size)) {
    report(progress.findings, "checkpoint", row.size, PROBLEMS.gap);
  }
  if (row.differing !== null) await nameDiffering(progress, row, row.differing);
  progress.range = appendLeaves(progress.range, split(row.leaf_hashes), (level, index, hash) => {
    if (level > 0 && level % 8 === 0) progress.nodes.push({ level: level / 8, index, hash });
  });
  verifyCheckpoint(progress, row);
}

/** Each entry of a round by itself. */
async function nameDiffering(progress: Progress, row: CheckpointRow, ids: readonly number[]): Promise<void> {
  const { database, findings } = progress;
  if (ids.length === 0) return;
  progress.differs = true;
  const rows = await database.query<{ readonly id: number; readonly hash: Buffer }>(
    "SELECT id, sha256('\\x00'::bytea || leaf) AS hash FROM ledger.entry WHERE id = ANY($1::bigint[])",
    [ids],
  );
  const hashes = new Map(rows.map(({ id, hash }) => [id, hash]));
  for (const [at, id] of ids.entries()) {
    const stored = row.leaf_hashes.subarray(at * HASH_SIZE_BYTES, (at + 1) * HASH_SIZE_BYTES);
    const hash = hashes.get(id);
    if (hash === undefined) report(findings, "entry", id, PROBLEMS.entryDeleted);
    else if (!equalBytes(hash, stored)) report(findings, "entry", id, PROBLEMS.entryChanged);
  }
}

function* split(hashes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < hashes.length; at += HASH_SIZE_BYTES) yield hashes.subarray(at, at + HASH_SIZE_BYTES);
}

function verifyCheckpoint(progress: Progress, row: CheckpointRow): void {
  const { findings, range } = progress;
  const signed = openCheckpointInTerm(row.note, progress.terms);
  if (signed !== undefined && saysSuccession(signed)) follow(progress, row);
  if (signed === undefined) {
    report(findings, "checkpoint", row.size, PROBLEMS.signature);
  } else if (signed.size !== row.size || signed.size !== range.size || !equalBytes(signed.root, rootOf(range))) {
    report(findings, "checkpoint", row.size, PROBLEMS.root);
  } else if (!equalBytes(row.range_hashes, Buffer.concat(range.hashes))) {
    report(findings, "checkpoint", row.size, PROBLEMS.range);
  }
}

/** From here on another key signs; the former counts for nothing above. */
function follow(progress: Progress, { size, note }: CheckpointRow): void {
  const succession = openSuccession(note);
  if (succession === undefined) {
    report(progress.findings, "checkpoint", size, PROBLEMS.succession);
    return;
  }
  progress.successions.push({ note, succession });
  progress.terms = keyTerms(
    [progress.verifier],
    progress.successions.map((each) => each.succession),
  );
}

/** What is served beside the log's key is what stands in the log. */
async function verifySuccessions({ database, findings, successions }: Progress, top: number): Promise<void> {
  const told = await database.query<{ readonly size: number; readonly note: string }>(
    "SELECT size, note FROM ledger.succession WHERE size <= $1 ORDER BY generation",
    [top],
  );
  const count = Math.max(told.length, successions.length);
  for (let at = 0; at < count; at += 1) {
    const [one, other] = [told[at], successions[at]];
    if (one?.note !== other?.note)
      report(findings, "checkpoint", one?.size ?? other?.succession.size ?? "", PROBLEMS.succession);
  }
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

/** Whether an entry stands before the place at which the log began. */
async function hasEarlier(database: Database): Promise<boolean> {
  const [row] = await database.query<{ readonly earlier: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM ledger.entry WHERE (era, xid, id) <=
       (SELECT last_era, last_xid, last_id FROM ledger.checkpoint ORDER BY size LIMIT 1)
       AND (SELECT min(size) FROM ledger.checkpoint) = 0) AS earlier`,
  );
  return row?.earlier === true;
}

/** Rows that nothing signed names: slipped in behind the cursor. */
async function verifySlipped({ database, findings }: Progress, top: number): Promise<void> {
  const slipped = await database.query<{ readonly id: number }>(
    `SELECT e.id FROM ledger.entry e
       LEFT JOIN (SELECT unnest(entry_ids) AS id FROM ledger.checkpoint WHERE size <= $1) AS covered USING (id)
      WHERE (e.era, e.xid, e.id) <= (SELECT last_era, last_xid, last_id FROM ledger.checkpoint WHERE size = $1)
        AND covered.id IS NULL LIMIT $2`,
    [top, VERIFY_MAX_FINDINGS],
  );
  for (const { id } of slipped) report(findings, "entry", id, PROBLEMS.slippedIn);
}

async function verifySubjectCount({ database, findings }: Progress, top: number, expected: number): Promise<void> {
  // Whom a content names that did not open, nobody can count.
  if (findings.some(({ table }) => table === "entry")) return;
  const [row] = await database.query<{ readonly stored: number }>(
    `SELECT count(*) AS stored FROM ledger.subject s JOIN ledger.entry e ON e.id = s.entry_id
      WHERE (e.era, e.xid, e.id) <= (SELECT last_era, last_xid, last_id FROM ledger.checkpoint WHERE size = $1)`,
    [top],
  );
  const surplus = (row?.stored ?? 0) - expected;
  if (surplus > 0) report(findings, "subject", `+${surplus}`, PROBLEMS.subjectSurplus);
}

async function countErased(database: Database): Promise<number> {
  const [row] = await database.query<{ readonly erased: number }>(
    "SELECT count(*) AS erased FROM ledger.entry WHERE sealed = ''",
  );
  return row?.erased ?? 0;
}

async function pendingEntries(database: Database, top: number): Promise<number> {
  const [row] = await database.query<{ readonly pending: number }>(
    `SELECT count(*) AS pending FROM ledger.entry
      WHERE (era, xid, id) > (SELECT last_era, last_xid, last_id FROM ledger.checkpoint WHERE size = $1)`,
    [top],
  );
  return row?.pending ?? 0;
}
