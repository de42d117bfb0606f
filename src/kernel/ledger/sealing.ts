import { civilDay } from "#lib/calendar/civil-day";
import { keepLooking } from "../database/keep-looking.ts";
import type { Database, Sql } from "../database/sql.ts";
import type { LedgerEntry, LedgerEntryType, LedgerSecrecy } from "./entry.ts";

/** A process that hears of an order later than this decides by it all the same: no order takes effect sooner after its approval. */
export const SEALING_DELAY_MS = 60_000;
/** A notification that was lost is made up for within this. */
const LOOK_AGAIN_MS = 15_000;
/** Orders in force at once; a node with more is used for something that this is not made for. */
export const SEALINGS_MAX = 10_000;
const CHANNEL = "ledger_sealing";

/** What a law keeps from its subject: looks. What is done or decided toward somebody is told to them. */
const LOOKS: ReadonlySet<LedgerEntryType> = new Set(["read", "refused", "exchange", "export"]);

/** That an authority's looks at somebody in one case are kept from them for a while. */
export interface Sealing {
  readonly id: string;
  readonly caseId: string;
  readonly subjectKind: "person" | "organization";
  readonly subjectId: string;
  readonly authority: string;
  /** The law, as it stands in each entry. */
  readonly ground: string;
  readonly askedBy: string;
  readonly approvedBy: string;
  /** ISO 8601 UTC. */
  readonly effectiveFrom: string;
  /** YYYY-MM-DD: from this day on the subject sees the entries. */
  readonly until: string;
}

/** The orders that a process decides by; as old as {@link SEALING_DELAY_MS} at most. */
export class Sealings {
  #byCase: ReadonlyMap<string, readonly Sealing[]> = new Map();

  /** Reads what is in force. */
  async refresh(sql: Sql): Promise<void> {
    const rows = await sql.query<Sealing>(
      `SELECT id, case_id AS "caseId", subject_kind AS "subjectKind", subject_id AS "subjectId", authority, ground,
         asked_by AS "askedBy", approved_by AS "approvedBy", effective_from AS "effectiveFrom", until::text AS until
         FROM ledger.sealing WHERE NOT ended ORDER BY until DESC LIMIT ${SEALINGS_MAX}`,
    );
    this.#byCase = Map.groupBy(rows, ({ caseId }) => caseId);
  }

  /** The entry as it is appended: with its secrecy, where an order covers it. */
  sealed(entry: LedgerEntry): LedgerEntry {
    if (entry.caseId === undefined || this.#byCase.size === 0 || !LOOKS.has(entry.type)) return entry;
    const order = this.#byCase.get(entry.caseId)?.find((one) => covers(one, entry));
    if (order === undefined) return entry;
    const { id, ground, approvedBy, until } = order;
    const secrecy: LedgerSecrecy = { ground, approvedBy, reviewOn: until, order: id };
    return { ...entry, secrecy };
  }
}

function covers({ subjectKind, subjectId, authority, effectiveFrom, until }: Sealing, entry: LedgerEntry): boolean {
  const day = civilDay(Temporal.Instant.from(entry.at)).toString();
  if (Date.parse(entry.at) < Date.parse(effectiveFrom) || day >= until) return false;
  const { kind } = entry.actor;
  // The node looks for the case as well; who is looked at is told of his own looks.
  if (kind !== "node" && !(kind === "official" && entry.actor.authority === authority)) return false;
  return entry.subjects.some((subject) => subject.kind === subjectKind && subject.id === subjectId);
}

/** Puts an order into force, with the act that approved it. */
export async function placeSealing(sql: Sql, order: Sealing): Promise<void> {
  await sql.execute(
    `INSERT INTO ledger.sealing (id, case_id, subject_kind, subject_id, authority, ground, asked_by, approved_by, effective_from, until)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      ...[order.id, order.caseId, order.subjectKind, order.subjectId, order.authority, order.ground, order.askedBy],
      ...[order.approvedBy, order.effectiveFrom, order.until],
    ],
  );
  await tell(sql);
}

/** Moves the end of an order; what it sealed before is kept as long. False where it has ended. */
export async function prolongSealing(sql: Sql, id: string, until: string): Promise<boolean> {
  const moved = await sql.execute("UPDATE ledger.sealing SET until = $2 WHERE id = $1 AND NOT ended", [id, until]);
  await tell(sql);
  return moved === 1;
}

/** The ground has ended: what was sealed is shown from this day on (YYYY-MM-DD). False where it had ended. */
export async function endSealing(sql: Sql, id: string, day: string): Promise<boolean> {
  const ended = await sql.execute(
    "UPDATE ledger.sealing SET until = least(until, $2::date), ended = true WHERE id = $1 AND NOT ended",
    [id, day],
  );
  await tell(sql);
  return ended === 1;
}

async function tell(sql: Sql): Promise<void> {
  await sql.query(`SELECT pg_notify('${CHANNEL}', '')`);
}

/** Keeps a process up to date with what any process on the same database orders. Gives what stops it. */
export async function watchSealings(
  sealings: Sealings,
  database: Database,
  onFault: (fault: unknown) => void,
): Promise<() => Promise<void>> {
  const look = () => sealings.refresh(database);
  return keepLooking({ database, channel: CHANNEL, everyMs: LOOK_AGAIN_MS, look, onFault });
}
