import type { Sql } from "#kernel/database/sql";

/** Of an event what may be shown to whoever runs the node: all but what it says. */
export interface TailedEvent {
  readonly seq: number;
  readonly id: string;
  readonly room: string;
  readonly type: string;
  readonly publisher: string;
  readonly at: string;
  /** Subscribers that have not acknowledged it, and of these where it is a dead letter. */
  readonly pending: number;
  readonly dead: number;
}

const MAX_EVENTS = 500;

/** Events behind a number of the log, in its order; or the newest ones. */
export async function eventsBehind(
  sql: Sql,
  where: { readonly after: number } | { readonly newest: number },
  limit = MAX_EVENTS,
): Promise<readonly TailedEvent[]> {
  const isNewest = "newest" in where;
  const rows = await sql.query<TailedEvent>(
    `SELECT e.seq, e.id, r.code AS room, t.name AS type, e.publisher, e.at,
       (SELECT count(*) FROM events.subscription s WHERE s.type = e.type AND s.state <> 'ended' AND (s.position < e.seq
         OR EXISTS (SELECT FROM events.delivery d WHERE d.subscription = s.id AND d.seq = e.seq))) AS pending,
       (SELECT count(*) FROM events.delivery d WHERE d.seq = e.seq AND d.state = 'dead') AS dead
     FROM events.event e JOIN events.type t ON t.id = e.type JOIN events.room r ON r.id = t.room
     WHERE e.seq > $1 ORDER BY e.seq ${isNewest ? "DESC" : "ASC"} LIMIT $2`,
    isNewest ? [0, where.newest] : [where.after, limit],
  );
  return isNewest ? rows.toReversed() : rows;
}

/** Events that were published as a part of a trace. */
export async function eventsOfTrace(sql: Sql, trace: string): Promise<readonly TailedEvent[]> {
  const found = await sql.query<{ readonly seq: number }>(
    "SELECT seq FROM events.event WHERE trace >= $1 AND trace < $2 ORDER BY seq LIMIT $3",
    [`00-${trace}-`, `00-${trace}.`, MAX_EVENTS],
  );
  const events = await Promise.all(found.map(async ({ seq }) => await eventsBehind(sql, { after: seq - 1 }, 1)));
  return events.flat();
}
