import type { Sql } from "#kernel/database/sql";
import { civilDay } from "#lib/calendar/civil-day";
import { clocksOf, escalate, isOverdue } from "../clocks.ts";
import { implement } from "../implement.ts";
import { TENDED_MAX } from "../matter-contract.ts";
import { takeStepAsNode } from "../matters.ts";
import { announceChange } from "../policies-in-force.ts";

/**
 * Silence is told upward, grants whose term is over expire, and a grant that was used has its data flowing. Doing it late changes
 * nothing: what may be used is decided by the term itself.
 */
export const tendSharing = implement("tendSharing", async (ctx) => {
  const sql = await ctx.tables.write();
  const expired = await each(await endedGrants(sql, ctx.now), (number) =>
    takeStepAsNode(sql, { kind: "grant", step: "expire", number, at: ctx.now }),
  );
  const flowing = await each(await usedGrants(sql), (number) =>
    takeStepAsNode(sql, { kind: "grant", step: "confirm-flow", number, at: ctx.now }),
  );
  const silent = await silentMatters(sql, ctx.now);
  const escalated = await each(silent, async (number) => {
    const late = (await clocksOf(sql, [number])).filter(
      (clock) => clock.escalatedAt === undefined && isOverdue(clock, ctx.now),
    );
    for (const { row } of late) await escalate(sql, row.id, ctx.now);
    return late.length > 0;
  });
  if (expired.length > 0) await announceChange(sql);
  for (const number of escalated) {
    await ctx.record({ type: "act", operation: "escalated", detail: { matter: number } });
  }
  const more = [expired, flowing, silent].some(({ length }) => length === TENDED_MAX);
  return { expired, flowing, escalated, more };
});

async function each(numbers: readonly number[], work: (number: number) => Promise<boolean>): Promise<number[]> {
  const done: number[] = [];
  for (const number of numbers) if (await work(number)) done.push(number);
  return done;
}

async function numbers(sql: Sql, text: string, values: readonly unknown[]): Promise<readonly number[]> {
  return (await sql.query<{ readonly number: number }>(text, values)).map(({ number }) => number);
}

function endedGrants(sql: Sql, now: string): Promise<readonly number[]> {
  return numbers(
    sql,
    `SELECT m.number FROM catalogue.quota q JOIN catalogue.matter m ON m.number = q.grant_number
     WHERE m.state NOT IN ('ended', 'expired') AND q.ends_at <= $1 ORDER BY m.number LIMIT $2`,
    [now, TENDED_MAX],
  );
}

function usedGrants(sql: Sql): Promise<readonly number[]> {
  return numbers(
    sql,
    `SELECT c.matter AS number FROM catalogue.clock c
     WHERE c.clock = 'flow' AND c.stopped_on IS NULL AND EXISTS
       (SELECT FROM catalogue.use u WHERE u.grant_number = c.matter AND u.outcome = 'answered')
     ORDER BY c.matter LIMIT $1`,
    [TENDED_MAX],
  );
}

/** Those of which a clock's last day has passed and nobody was told. */
function silentMatters(sql: Sql, now: string): Promise<readonly number[]> {
  return numbers(
    sql,
    `SELECT DISTINCT matter AS number FROM catalogue.clock
     WHERE stopped_on IS NULL AND escalated_at IS NULL AND due_on < $1 ORDER BY matter LIMIT $2`,
    [civilDay(Temporal.Instant.from(now)).toString(), TENDED_MAX],
  );
}
