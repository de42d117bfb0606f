import type { Sql } from "#kernel/database/sql";

export interface SubscriptionRow {
  readonly id: string;
  readonly member: string;
  readonly room: string;
  readonly type: string;
  readonly delivery: "PUSH" | "PULL";
  readonly ttlSeconds: number | null;
  readonly fifo: boolean;
  readonly state: "active" | "paused";
}

const SELECT = `SELECT s.id, p.member, r.code AS room, t.name AS type, s.delivery, s.ttl_seconds AS "ttlSeconds", s.fifo, s.state
  FROM events.subscription s JOIN events.participant p ON p.id = s.participant
  JOIN events.type t ON t.id = s.type JOIN events.room r ON r.id = t.room`;

export function subscriptionsOf(
  sql: Sql,
  participant: string,
  { type, limit }: { readonly type?: string | undefined; readonly limit: number },
): Promise<readonly SubscriptionRow[]> {
  return sql.query<SubscriptionRow>(
    `${SELECT} WHERE s.participant = $1 AND s.state <> 'ended' AND ($2::text IS NULL OR t.name = $2) ORDER BY t.name LIMIT $3`,
    [participant, type ?? null, limit],
  );
}

export async function subscriptionOf(
  sql: Sql,
  participant: string,
  type: string,
): Promise<SubscriptionRow | undefined> {
  return (await subscriptionsOf(sql, participant, { type, limit: 1 }))[0];
}

export async function subscriptionById(sql: Sql, id: string): Promise<SubscriptionRow | undefined> {
  return (await sql.query<SubscriptionRow>(`${SELECT} WHERE s.id = $1 AND s.state <> 'ended'`, [id]))[0];
}

/** What waits for it goes with it. */
export async function endSubscription(sql: Sql, id: string): Promise<void> {
  await sql.execute("UPDATE events.subscription SET state = 'ended' WHERE id = $1", [id]);
  await sql.execute("DELETE FROM events.delivery WHERE subscription = $1", [id]);
}

/** As the contract shows it. */
export function shown({ ttlSeconds, ...row }: SubscriptionRow) {
  return { ...row, ...(ttlSeconds !== null && { ttlSeconds }) };
}
