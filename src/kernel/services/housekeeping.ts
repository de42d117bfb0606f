import { PERSONAL_INFORMATION_LAW } from "../contract/citation.ts";
import { addJob, type JobTask } from "../jobs/jobs.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import { eraseOldVersions } from "../registers/erasure.ts";
import type { Kernel } from "../system/kernel.ts";
import { carryOn } from "./carry-on.ts";
import { removeMaterials } from "./discard-draft.ts";
import { DRAFT_RETENTION_DAYS } from "./drafts.ts";
import { destroyEndedKeys, eraseOldContents } from "./ledger-retention.ts";

/** What an act gave, for the same act again: kept so long. */
export const OUTCOME_RETENTION_DAYS = 30;
/** Finished commands to other rooms and messages to people are kept so long; their acts stay in the ledger. */
export const MESSAGE_RETENTION_DAYS = 365;
/** How often what lost its job is looked for. */
export const CARRY_ON_INTERVAL_MS = 5 * 60_000;
/** How often what has had its time is removed. */
export const HOUSEKEEPING_INTERVAL_MS = 24 * 3_600_000;
/** After a node's first start: files of its first acts are then old enough to be looked at. */
const FIRST_HOUSEKEEPING_MS = 3_600_000;

/** Rows that one statement removes; a run goes on until none is left, so that no transaction is long. */
const BATCH_ROWS = 500;

export const CARRY_ON = "carry-on";
export const KEEP_HOUSE = "keep-house";

/** Rows of a room's own tables that have had their time. */
export type Sweep = { readonly what: string } & (
  | {
      /** Removes at most $2 rows that are older than $1. */
      readonly text: string;
      readonly ageMs: number;
    }
  | {
      /** Removes them in a way of its own, and gives how many. */
      remove(kernel: Kernel): Promise<number>;
    }
);

/** What a run removed. */
export interface Housekeeping {
  readonly drafts: number;
  readonly outcomes: number;
  readonly messages: number;
  readonly outgoing: number;
  readonly files: number;
  /** Packages of cases whose item says how long they are kept. */
  readonly archives: number;
  /** Versions in registers. */
  readonly versions: number;
  /** Contents of ledger entries. */
  readonly contents: number;
  /** Keys of periods of the ledger. */
  readonly periodKeys: number;
  /** By what rooms call it: sessions, attempts. */
  readonly swept: Readonly<Record<string, number>>;
}

/** The jobs that look after a node. Each adds itself again before it works, under one key, and so runs in one process. */
export function housekeepingJobs(kernel: Kernel, sweeps: readonly Sweep[]): Readonly<Record<string, JobTask>> {
  return {
    [CARRY_ON]: async () => {
      await addJob(kernel.database, CARRY_ON, {}, { key: CARRY_ON, runAt: later(CARRY_ON_INTERVAL_MS) });
      await carryOn(kernel);
    },
    [KEEP_HOUSE]: async () => {
      await addJob(
        kernel.database,
        KEEP_HOUSE,
        {},
        { key: KEEP_HOUSE, runAt: later(HOUSEKEEPING_INTERVAL_MS), yields: true },
      );
      await keepHouse(kernel, sweeps);
    },
  };
}

/** Begins it, at each start of a node: what lost its job carries on at once. */
export async function startHousekeeping(kernel: Kernel): Promise<void> {
  await addJob(kernel.database, CARRY_ON, {}, { key: CARRY_ON });
  const first = { key: KEEP_HOUSE, runAt: later(FIRST_HOUSEKEEPING_MS), keepsRunAt: true, yields: true };
  await addJob(kernel.database, KEEP_HOUSE, {}, first);
}

/** Jobs run by the clock of the machine, whatever the clock of the rooms says. */
function later(milliseconds: number): string {
  return Temporal.Now.instant().add({ milliseconds }).toString();
}

/** Removes what has had its time, and files that nothing names any more; one entry of the ledger says how much of each. */
export async function keepHouse(kernel: Kernel, sweeps: readonly Sweep[] = []): Promise<Housekeeping> {
  const before = (days: number) =>
    Temporal.Instant.from(kernel.now())
      .subtract({ hours: days * 24 })
      .toString();
  const drafts = await removeDrafts(kernel, before(DRAFT_RETENTION_DAYS));
  const outcomes = await inBatches(() =>
    kernel.database.execute(
      `DELETE FROM act.act WHERE (room, operation, actor, key) IN
         (SELECT room, operation, actor, key FROM act.act WHERE at < $1 ORDER BY at LIMIT $2)`,
      [before(OUTCOME_RETENTION_DAYS), BATCH_ROWS],
    ),
  );
  const messages = await inBatches(() =>
    kernel.database.execute(
      `DELETE FROM act.message WHERE id IN
         (SELECT id FROM act.message WHERE status IN ('done', 'refused') AND finished_at < $1 LIMIT $2)`,
      [before(MESSAGE_RETENTION_DAYS), BATCH_ROWS],
    ),
  );
  const outgoing = await inBatches(() =>
    kernel.database.execute(
      `DELETE FROM service.outgoing WHERE id IN
         (SELECT id FROM service.outgoing WHERE status <> 'waiting' AND finished_at < $1 LIMIT $2)`,
      [before(MESSAGE_RETENTION_DAYS), BATCH_ROWS],
    ),
  );
  const archives = await removeArchives(kernel);
  const swept: Record<string, number> = {};
  for (const sweep of sweeps) swept[sweep.what] = (swept[sweep.what] ?? 0) + (await sweptBy(kernel, sweep));
  const versions = await eraseVersions(kernel);
  const contents = await eraseOldContents(kernel);
  const periodKeys = await destroyEndedKeys(kernel);
  const { removed } = await kernel.files.sweep({
    referenced: (digests) => namedFiles(kernel, digests),
    nowMs: Date.parse(kernel.now()),
  });
  const done = {
    drafts,
    outcomes,
    messages,
    outgoing,
    archives,
    versions,
    contents,
    periodKeys,
    files: removed,
    swept,
  };
  await kernel.ledger.append(kernel.database, [runEntry(kernel, done)]);
  return done;
}

function sweptBy(kernel: Kernel, sweep: Sweep): Promise<number> {
  if ("remove" in sweep) return sweep.remove(kernel);
  const before = Temporal.Instant.from(kernel.now()).subtract({ milliseconds: sweep.ageMs }).toString();
  return inBatches(() => kernel.database.execute(sweep.text, [before, BATCH_ROWS]));
}

/** What a run removed, in one entry: counts, and nobody's data. */
function runEntry(kernel: Kernel, { swept, ...own }: Housekeeping): LedgerEntry {
  const counts = Object.entries({ ...own, ...swept }).map(([what, count]) => `${what} ${count}`);
  return {
    type: "erasure",
    at: kernel.now(),
    room: "ledger",
    operation: "retention",
    actor: { kind: "node", id: "ledger" },
    purpose: "administration",
    legalBasis: [`${PERSONAL_INFORMATION_LAW.zh} 第四十七条`],
    subjects: [],
    outcome: counts.join(", "),
  };
}

/** Versions of entries whose register's years are over. */
async function eraseVersions(kernel: Kernel): Promise<number> {
  let erased = 0;
  for (const { contract } of kernel.systems.values()) {
    for (const [name, declaration] of Object.entries(contract.registers)) {
      const about = { room: contract.id, name, declaration, now: kernel.now() };
      erased += await eraseOldVersions(kernel.database, about);
    }
  }
  return erased;
}

/** Packages of closed cases whose item does not keep them for good; their bytes go with the files that nothing names. */
async function removeArchives(kernel: Kernel): Promise<number> {
  const now = Temporal.Instant.from(kernel.now()).toZonedDateTimeISO("UTC");
  let removed = 0;
  for (const { contract } of kernel.systems.values()) {
    for (const [name, { retention = "permanent" }] of Object.entries(contract.services)) {
      if (retention === "permanent") continue;
      const before = now.subtract({ years: retention.years }).toInstant().toString();
      removed += await inBatches(() =>
        kernel.database.execute(
          `DELETE FROM service.archive WHERE case_id IN
             (SELECT r.case_id FROM service.archive r JOIN service.application a ON a.case_id = r.case_id
              WHERE a.room = $1 AND a.service = $2 AND r.status = 'made' AND r.closed_at < $3 LIMIT $4)`,
          [contract.id, name, before, BATCH_ROWS],
        ),
      );
    }
  }
  return removed;
}

async function inBatches(remove: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (;;) {
    const batch = await remove();
    removed += batch;
    if (batch < BATCH_ROWS) return removed;
  }
}

interface RemovedDraft {
  readonly id: string;
  readonly room: string;
  readonly service: string;
  readonly person_id: string;
}

/** Drafts that nobody touched. Whom one was about can read in the ledger that it was erased. */
function removeDrafts(kernel: Kernel, before: string): Promise<number> {
  return inBatches(() =>
    kernel.database.transaction(async (transaction) => {
      const drafts = await transaction.query<RemovedDraft>(
        `DELETE FROM service.draft WHERE id IN
           (SELECT id FROM service.draft WHERE updated_at < $1 ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id, room, service, person_id`,
        [before, BATCH_ROWS],
      );
      await removeMaterials(
        transaction,
        drafts.map(({ id }) => id),
      );
      const entries = drafts.map((draft) => erasure(kernel, draft));
      if (entries.length > 0) await kernel.ledger.append(transaction, entries);
      return drafts.length;
    }),
  );
}

function erasure(kernel: Kernel, draft: RemovedDraft): LedgerEntry {
  return {
    type: "erasure",
    at: kernel.now(),
    room: draft.room,
    operation: `${draft.service}.draft`,
    actor: { kind: "node", id: draft.room },
    purpose: "administration",
    legalBasis: [],
    caseId: draft.id,
    subjects: [{ kind: "person", id: draft.person_id, attributes: ["application"] }],
    outcome: "retention-ended",
  };
}

/** Which of these files something names. */
async function namedFiles(kernel: Kernel, digests: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await kernel.database.query<{ digest: string }>(
    `SELECT d.digest FROM unnest($1::text[]) AS d (digest)
     WHERE EXISTS (SELECT FROM service.material m WHERE m.digest = d.digest AND (m.case_id IS NOT NULL OR NOT m.removed))
        OR EXISTS (SELECT FROM service.notice n WHERE n.digest = d.digest)
        OR EXISTS (SELECT FROM service.attachment a WHERE a.digest = d.digest)
        OR EXISTS (SELECT FROM service.archive a WHERE a.digest = d.digest)
        OR EXISTS (SELECT FROM act.file f WHERE f.digest = d.digest)
        OR EXISTS (SELECT FROM act.detached_seal s WHERE s.seal = d.digest)`,
    [digests],
  );
  return new Set(rows.map((row) => row.digest));
}
