import type { z } from "zod";
import type { Sql } from "#kernel/database/sql";
import { hasSecrecyMark } from "#lib/secrecy/secrecy-mark";
import type { Description } from "./entry-contract.ts";
import type { SharingKind } from "./terms.ts";

export type DescriptionValue = z.output<typeof Description>;

/** One edition of what a steward says of a resource. Instants are ISO 8601 UTC. */
export interface Entry {
  readonly number: number;
  readonly resource: string;
  readonly authority: string;
  readonly description: DescriptionValue;
  readonly sharing: SharingKind;
  readonly draftedBy: string;
  readonly draftedAt: string;
  readonly decision: "released" | "returned" | null;
  readonly reviewedBy: string | null;
  readonly reviewedAt: string | null;
  readonly reviewReason: string | null;
}

/** Entries that one node has in force, and that wait; there are fewer resources than this. */
export const ENTRIES_MAX = 10_000;

const COLUMNS = `number, resource, authority, description, sharing, drafted_by AS "draftedBy", drafted_at AS "draftedAt",
  decision, reviewed_by AS "reviewedBy", reviewed_at AS "reviewedAt", review_reason AS "reviewReason"`;

/** The editions in force: of each resource the last that was released. */
export function entriesInForce(sql: Sql): Promise<readonly Entry[]> {
  return sql.query<Entry>(
    `SELECT DISTINCT ON (resource) ${COLUMNS} FROM catalogue.entry
     WHERE decision = 'released' ORDER BY resource, number DESC LIMIT $1`,
    [ENTRIES_MAX],
  );
}

/** The edition in force of one resource; undefined where none was released. */
export async function entryInForce(sql: Sql, resource: string): Promise<Entry | undefined> {
  const [entry] = await sql.query<Entry>(
    `SELECT ${COLUMNS} FROM catalogue.entry WHERE resource = $1 AND decision = 'released' ORDER BY number DESC LIMIT 1`,
    [resource],
  );
  return entry;
}

/** Those that wait for their review; of one resource where it is given. */
export function waitingEntries(sql: Sql, resource?: string): Promise<readonly Entry[]> {
  return sql.query<Entry>(
    `SELECT ${COLUMNS} FROM catalogue.entry WHERE decision IS NULL AND ($1::text IS NULL OR resource = $1)
     ORDER BY number LIMIT $2`,
    [resource ?? null, ENTRIES_MAX],
  );
}

/** Those in force whose existence may be public, after a number. */
export function openEntries(
  sql: Sql,
  page: { readonly after: number; readonly limit: number },
): Promise<readonly Entry[]> {
  return sql.query<Entry>(
    `SELECT * FROM (SELECT DISTINCT ON (resource) ${COLUMNS} FROM catalogue.entry
       WHERE decision = 'released' ORDER BY resource, number DESC) AS e
     WHERE (description ->> 'open')::boolean AND number > $1 ORDER BY number LIMIT $2`,
    [page.after, page.limit],
  );
}

/** Locks one that waits. */
export async function waitingByNumber(sql: Sql, number: number): Promise<Entry | undefined> {
  const [entry] = await sql.query<Entry>(
    `SELECT ${COLUMNS} FROM catalogue.entry WHERE number = $1 AND decision IS NULL FOR UPDATE`,
    [number],
  );
  return entry;
}

/** 信息资源代码: the class code, a slash, and the sequence number. */
export function codeOf({ description, number }: Pick<Entry, "description" | "number">): string {
  return `${description.class}/${String(number).padStart(6, "0")}`;
}

/** In a catalogue, which names things and tells nothing, what is in brackets is a mark too. */
const FURTHER_MARK = /[【（([]\s*(?:绝密|机密|秘密)\s*[】）)\]]|工作秘密/;

/** Whether something in a value is marked as a state secret (保守国家秘密法 §15) or a work secret, however deep. */
export function isMarkedSecret(value: unknown): boolean {
  if (typeof value === "string") return hasSecrecyMark(value) || FURTHER_MARK.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(isMarkedSecret);
}

/** An edition as others see it. */
export function entryView(entry: Entry, current: number | undefined) {
  const { decision, reviewedBy, reviewedAt, reviewReason, ...rest } = entry;
  const state =
    decision === null
      ? ("drafted" as const)
      : decision === "returned"
        ? ("returned" as const)
        : entry.number === current
          ? ("released" as const)
          : ("superseded" as const);
  return {
    ...rest,
    code: codeOf(entry),
    state,
    ...(reviewedBy !== null && { reviewedBy }),
    ...(reviewedAt !== null && { reviewedAt }),
    ...(reviewReason !== null && { reviewReason }),
  };
}
