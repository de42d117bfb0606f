import type { Text } from "#lib/language/text";
import { DatabaseFault } from "../database/database-fault.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** What an application needs for itself alone while it is handled: `licence/JY29901…/contents`. */
export interface Hold {
  readonly key: string;
  /** What it is, for whoever comes second: 这个许可证的变更或者延续. */
  readonly title: Text;
}

interface Holding {
  readonly room: string;
  readonly holds: readonly Hold[];
}

/** Why an application cannot be made now: another open case holds what it needs. Undefined where none does. */
export async function heldByAnother(sql: Sql, { room, holds }: Holding): Promise<ServiceRefusal | undefined> {
  if (holds.length === 0) return undefined;
  const [row] = await sql.query<{ key: string; number: string }>(
    `SELECT h.key, a.number FROM service.hold h JOIN service.application a ON a.case_id = h.case_id
     WHERE h.room = $1 AND h.key = ANY($2::text[]) ORDER BY h.key LIMIT 1`,
    [room, holds.map(({ key }) => key)],
  );
  const hold = holds.find(({ key }) => key === row?.key);
  return row && hold && serviceRefusal(room, "case-open", { number: row.number, what: hold.title });
}

/** Takes what a new case needs. @throws DatabaseFault ERR_DATABASE_UNIQUE where another case has it: nothing of this one stays */
export async function takeHolds(transaction: Transaction, caseId: string, { room, holds }: Holding): Promise<void> {
  if (holds.length === 0) return;
  await transaction.query("INSERT INTO service.hold (room, key, case_id) SELECT $1, unnest($2::text[]), $3", [
    room,
    holds.map(({ key }) => key),
    caseId,
  ]);
}

/** Whether a case could not be made since another took what it needs at the same time. */
export function isHeld(error: unknown): boolean {
  return error instanceof DatabaseFault && error.code === "ERR_DATABASE_UNIQUE";
}

/** A closed case needs nothing any more. */
export async function releaseHolds(transaction: Transaction, caseId: string): Promise<void> {
  await transaction.query("DELETE FROM service.hold WHERE case_id = $1", [caseId]);
}
