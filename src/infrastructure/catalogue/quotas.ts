import type { Sql } from "#kernel/database/sql";
import type { Purpose } from "#kernel/system/act";
import { GRANT_IN_FORCE } from "./machines.ts";
import type { GrantRule } from "./policies.ts";

/** Grants in force that one node has at most; each costs a little at each decision about its resource. */
const GRANTS_MAX = 10_000;

/** Makes the counters of a new grant. Instants are ISO 8601. */
export async function openQuota(
  sql: Sql,
  quota: {
    readonly grant: number;
    readonly purposes: readonly string[];
    readonly systems: readonly string[];
    readonly from: string;
    readonly until: string;
    readonly perDay: number;
    readonly total: number;
  },
): Promise<void> {
  await sql.execute(
    `INSERT INTO catalogue.quota (grant_number, purposes, systems, begins_at, ends_at, per_day, total)
     VALUES ($1, $2::text[], $3::text[], $4, $5, $6, $7)`,
    [quota.grant, quota.purposes, quota.systems, quota.from, quota.until, quota.perDay, quota.total],
  );
}

interface Row {
  readonly number: number;
  readonly resource: string;
  readonly attributes: readonly string[];
  readonly purposes: readonly Purpose[];
  readonly systems: readonly string[];
  readonly from: string;
  readonly until: string;
}

/** Grants in force of services that name foreign systems, with the law on which each rests. */
export function clientGrants(sql: Sql, now: string): Promise<readonly (GrantRule & GroundOfGrant)[]> {
  return sql.query<Row & GroundOfGrant>(
    `SELECT m.number, m.resource, m.content -> 'attributes' AS attributes, m.content ->> 'law' AS law, m.content ->> 'article' AS article,
            q.purposes, q.systems, q.begins_at AS from, q.ends_at AS until
     FROM catalogue.quota q JOIN catalogue.matter m ON m.number = q.grant_number
     WHERE q.open AND q.begins_at <= $1 AND $1 < q.ends_at AND EXISTS (SELECT FROM unnest(q.systems) AS s WHERE starts_with(s, 'client:'))
     ORDER BY m.number LIMIT $2`,
    [now, GRANTS_MAX],
  );
}

interface GroundOfGrant {
  readonly law: string;
  readonly article: string;
}

/** What decides who may call what by right of a grant, of all that are in force or will be. */
export function grantRules(sql: Sql, now: string): Promise<readonly GrantRule[]> {
  return sql.query<Row>(
    `SELECT m.number, m.resource, m.content -> 'attributes' AS attributes, q.purposes, q.systems, q.begins_at AS from, q.ends_at AS until
     FROM catalogue.quota q JOIN catalogue.matter m ON m.number = q.grant_number
     WHERE m.state = ANY($1::text[]) AND q.ends_at > $2 ORDER BY m.number LIMIT $3`,
    [GRANT_IN_FORCE, now, GRANTS_MAX],
  );
}
