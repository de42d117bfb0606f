import type { Database } from "#kernel/database/sql";
import type { LedgerSubject } from "#kernel/ledger/entry";
import type { BegunUse, UseRecords } from "#kernel/ports";
import type { Act } from "#kernel/system/act";
import { civilDay } from "#lib/calendar/civil-day";
import { isOfOthers, partsOfService } from "./given-parts.ts";
import { GRANT_POLICY } from "./policies.ts";

/** Of more subjects than this the record says none by themselves: whoever is told of a correction is told of it as a whole. */
export const SUBJECTS_MAX = 1_000;

/** One statement takes from both counters, where the grant is open, in its term, and has some left; and writes the record. */
const TAKE = `WITH taken AS (
    UPDATE catalogue.quota SET
      used = used + $2,
      day_used = CASE WHEN day >= $3::date THEN day_used ELSE 0 END + $2,
      day = greatest(day, $3::date)
    WHERE grant_number = $1 AND open AND begins_at <= $4 AND $4 < ends_at
      AND used + $2 <= total
      AND CASE WHEN day >= $3::date THEN day_used ELSE 0 END + $2 <= per_day
    RETURNING grant_number),
  recorded AS (
    INSERT INTO catalogue.use (grant_number, at, act, operation, system, purpose, case_id, amount)
    SELECT grant_number, $4, $5, $6, $7, $8, $9, $2 FROM taken RETURNING id, grant_number)
  SELECT r.id, m.content -> 'attributes' AS attributes
    FROM recorded r JOIN catalogue.matter m ON m.number = r.grant_number`;

/** Counts calls that a grant let through, and keeps the records of use (使用记录). */
export function useRecords(database: Database, digest: (subject: LedgerSubject) => Uint8Array): UseRecords {
  return {
    async begin({ act, room, operation, policies }) {
      const grants = policies.flatMap((id) => GRANT_POLICY.exec(id)?.[1] ?? []);
      const service = `${room}.${operation}`;
      const parts = partsOfService(database, service);
      if (grants.length === 0) {
        const isCut = parts !== undefined && !parts.isWhole && isOfOthers(parts, act);
        return isCut ? { given: parts.unconditional, end: async () => undefined } : undefined;
      }
      for (const grant of grants) {
        const use = await beginUse(database, digest, {
          ...{ grant: Number(grant), amount: 1, at: act.at, act: act.id, operation: service },
          ...{ system: systemOfAct(act), purpose: act.purpose ?? "none", caseId: act.caseId },
        });
        if (use === undefined) continue;
        return { ...use, ...(parts && { given: use.given.intersection(parts.shareable) }) };
      }
      return "spent";
    },
  };
}

/** Takes from a grant's quota; undefined where there is not that much, or the grant is not to be used. */
export async function beginUse(
  database: Database,
  digest: (subject: LedgerSubject) => Uint8Array,
  taken: TakenUse,
): Promise<(BegunUse & { readonly given: ReadonlySet<string> }) | undefined> {
  const use = await takeUse(database, taken);
  if (use === undefined) return undefined;
  return {
    given: new Set(use.attributes),
    async end(outcome, subjects) {
      const digests = subjects.length > SUBJECTS_MAX ? null : subjects.map((subject) => Buffer.from(digest(subject)));
      await database.execute("UPDATE catalogue.use SET outcome = $2, subjects = $3::bytea[] WHERE id = $1", [
        ...[use.id, outcome, digests],
      ]);
    },
  };
}

/** What is digested of a subject, here and where a correction looks for him. */
export function subjectName({ kind, id }: Pick<LedgerSubject, "kind" | "id">): string {
  return `${kind} ${id}`;
}

export interface TakenUse {
  readonly grant: number;
  /** Of a call one; of a data set as many as there are entries. */
  readonly amount: number;
  readonly at: string;
  readonly act: string;
  readonly operation: string;
  readonly system: string;
  readonly purpose: string;
  readonly caseId: string | undefined;
}

/** Takes from a grant's quota and records it; undefined where none is left, or the grant is not to be used. Gives the record, and what the grant names. */
export async function takeUse(
  database: Pick<Database, "query">,
  use: TakenUse,
): Promise<{ readonly id: number; readonly attributes: readonly string[] } | undefined> {
  const day = civilDay(Temporal.Instant.from(use.at)).toString();
  const [row] = await database.query<{ readonly id: number; readonly attributes: readonly string[] }>(TAKE, [
    ...[use.grant, use.amount, day, use.at, use.act, use.operation, use.system, use.purpose, use.caseId ?? null],
  ]);
  return row;
}

/** As requests write systems. */
export function systemOfAct({ principal, origin }: Act): string {
  if (origin?.client !== undefined) return `client:${origin.client}@${origin.node}`;
  if (origin !== undefined) return `node:${origin.node}`;
  return principal.kind === "node" ? principal.room : principal.kind;
}
