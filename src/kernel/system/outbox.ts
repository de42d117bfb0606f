import type { SqlStatement } from "../database/sql.ts";
import { traceparent } from "./trace.ts";

/** Told when events were written: whoever distributes them listens. */
export const OUTBOX_CHANNEL = "act:event";

/** An event that leaves with an act. */
export interface OutgoingEvent {
  /** A uuid: the same event wherever it goes. */
  readonly id: string;
  readonly room: string;
  readonly type: string;
  readonly caseId: string | undefined;
  /** UTF-8 of its JSON, sealed under the room's own label (`room <id>`), bound to the event's id. */
  readonly sealed: Uint8Array;
  readonly key: string | undefined;
  /**
   * In the clear, so no personal data: what the room that distributes events needs to know beside it. `trace` is where in which trace it
   * was made; that of the act, where nothing is said.
   */
  readonly about: Readonly<Record<string, string | number>>;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The statement that writes events with the act that publishes them, in their order. An event whose id is there is left out. */
export function enteringEvents(events: readonly OutgoingEvent[]): SqlStatement {
  const trace = traceparent();
  return {
    text: `WITH entered AS (
        INSERT INTO act.event (event_id, room, type, case_id, sealed, key, about, at)
        SELECT e.id, e.room, e.type, e.case_id, e.sealed, e.key, e.about, e.at
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bytea[], $6::text[], $7::jsonb[], $8::timestamptz[])
          WITH ORDINALITY AS e (id, room, type, case_id, sealed, key, about, at, ordinal)
        ORDER BY e.ordinal
        ON CONFLICT (event_id) DO NOTHING RETURNING 1)
      SELECT pg_notify('${OUTBOX_CHANNEL}', '') FROM entered LIMIT 1`,
    values: [
      events.map(({ id }) => id),
      events.map(({ room }) => room),
      events.map(({ type }) => type),
      events.map(({ caseId }) => caseId ?? null),
      events.map(({ sealed }) => Buffer.from(sealed)),
      events.map(({ key }) => key ?? null),
      events.map(({ about }) => JSON.stringify({ ...(trace && { trace }), ...about })),
      events.map(({ at }) => at),
    ],
  };
}
