import type { Sql } from "#kernel/database/sql";
import { civilDay } from "#lib/calendar/civil-day";

interface Row {
  readonly number: number;
  readonly resource: string;
  readonly provider: string;
  readonly consumer: string;
  readonly state: string;
  readonly attributes: readonly string[];
  readonly law: string;
  readonly article: string;
  readonly purposes: readonly string[];
  readonly systems: readonly string[];
  readonly open: boolean;
  readonly begins: string;
  readonly until: string;
  readonly perDay: number;
  readonly total: number;
  readonly day: string | null;
  readonly dayUsed: number;
  readonly used: number;
}

const SELECT = `SELECT m.number, m.resource, m.provider, m.consumer, m.state, m.content -> 'attributes' AS attributes, m.content ->> 'law' AS law, m.content ->> 'article' AS article, q.purposes,
    q.systems, q.open, q.begins_at AS begins, q.ends_at AS until, q.per_day AS "perDay", q.total, q.day, q.day_used AS "dayUsed", q.used
  FROM catalogue.matter m JOIN catalogue.quota q ON q.grant_number = m.number`;

/** Where a grant stands at an instant; undefined where there is none. */
export async function standingOf(sql: Sql, number: number, now: string) {
  const [row] = await sql.query<Row>(`${SELECT} WHERE m.number = $1`, [number]);
  return row && standing(row, now);
}

/** The oldest grant in force that covers a use. */
export async function coveringGrant(
  sql: Sql,
  use: {
    readonly resource: string;
    readonly system: string;
    readonly purpose: string;
    readonly attributes: readonly string[];
    readonly now: string;
  },
) {
  const [row] = await sql.query<Row>(
    `${SELECT} WHERE m.resource = $1 AND $2 = ANY(q.systems) AND $3 = ANY(q.purposes) AND q.open
       AND q.begins_at <= $5 AND $5 < q.ends_at AND m.content -> 'attributes' @> to_jsonb($4::text[])
     ORDER BY m.number LIMIT 1`,
    [use.resource, use.system, use.purpose, use.attributes, use.now],
  );
  return row && standing(row, use.now);
}

function standing(row: Row, now: string) {
  const { number: grant, begins, until, day, dayUsed, ...rest } = row;
  const today = civilDay(Temporal.Instant.from(now)).toString();
  const atMs = Date.parse(now);
  return {
    ...rest,
    ...{ grant, until, attributes: [...row.attributes], purposes: [...row.purposes], systems: [...row.systems] },
    open: row.open && Date.parse(begins) <= atMs && atMs < Date.parse(until),
    usedToday: day !== null && day >= today ? dayUsed : 0,
    onwardUse: false as const,
  };
}
