import type { Database } from "../database/sql.ts";
import type { LogPosition } from "./checkpoints.ts";
import type { LedgerFinding } from "./findings.ts";
import type { LedgerKeys } from "./keys.ts";
import { VERIFY_ENTRIES_IN_THREADS, VERIFY_MAX_FINDINGS, VERIFY_PART_ENTRIES } from "./limits.ts";
import { type LogPart, type PartReport, verifyPart } from "./part-verification.ts";
import { VerifyingThreads } from "./verifying-threads.ts";

/** How the work is shared out. */
export interface VerificationParts {
  /** Of one part, at least, but for the last. */
  readonly entries: number;
  readonly inThreads: boolean;
}

/**
 * Opens what every entry of the log commits to, compares it with the leaf, and sees that whoever it concerns finds it, part by
 * part; of a large log in threads.
 * @param options.top size of the checkpoint at which to end
 */
export async function verifyContents(
  database: Database,
  options: { readonly keys: LedgerKeys; readonly top: number; readonly parts?: VerificationParts | undefined },
): Promise<PartReport> {
  const { keys, top } = options;
  const { entries, inThreads } = options.parts ?? {
    entries: VERIFY_PART_ENTRIES,
    inThreads: top >= VERIFY_ENTRIES_IN_THREADS,
  };
  const parts = partsOf(database, top, entries);
  const findings: LedgerFinding[] = [];
  let [erased, subjects] = [0, 0];
  for await (const report of (inThreads ? verifyInThreads : verifyInTurn)(database, parts, keys)) {
    erased += report.erased;
    subjects += report.subjects;
    findings.push(...report.findings);
    if (findings.length >= VERIFY_MAX_FINDINGS) break;
  }
  return { findings, erased, subjects };
}

async function* verifyInTurn(
  database: Database,
  parts: AsyncIterable<LogPart>,
  keys: LedgerKeys,
): AsyncGenerator<PartReport> {
  for await (const part of parts) yield await verifyPart(database, part, keys);
}

/** In the log's order, a few parts ahead of the one that is told. */
async function* verifyInThreads(
  database: Database,
  parts: AsyncIterable<LogPart>,
  keys: LedgerKeys,
): AsyncGenerator<PartReport> {
  const threads = new VerifyingThreads({ url: database.url, keys });
  const ahead: Promise<PartReport>[] = [];
  try {
    for await (const part of parts) {
      const verifying = threads.verify(part);
      verifying.catch(() => undefined); // seen when it is awaited
      ahead.push(verifying);
      const [first] = ahead;
      if (ahead.length > threads.size * 2 && first !== undefined) {
        ahead.shift();
        yield await first;
      }
    }
    for (const verifying of ahead) yield await verifying;
  } finally {
    await threads.close();
  }
}

/** Parts end where checkpoints end; the first one also has what stands before the place at which the log began. */
async function* partsOf(database: Database, top: number, entries: number): AsyncGenerator<LogPart> {
  let after: LogPosition | undefined;
  let begun = 0;
  for (;;) {
    const [found] = await database.query<LogPosition & { readonly size: number }>(
      `SELECT size, last_era AS era, last_xid::text AS xid, last_id AS id FROM ledger.checkpoint
        WHERE size <= $1 AND (size >= $2 OR size = $1) AND size > $3 ORDER BY size LIMIT 1`,
      [top, begun + entries, after === undefined ? -1 : begun],
    );
    if (found === undefined) return;
    const { size, ...upTo } = found;
    yield { after, upTo };
    after = upTo;
    begun = size;
  }
}
