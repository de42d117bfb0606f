import type { Sql } from "#kernel/database/sql";
import { clockDueOn, clockOf, closedPause } from "#kernel/procedures/case-clock";
import type { ClockExtension, ClockRow } from "#kernel/procedures/changes";
import { civilDay } from "#lib/calendar/civil-day";
import { clockState } from "#lib/calendar/clock";
import { CLOCKS, type ClockName } from "./periods.ts";

/** A clock of a matter; several of one name may have run, one at a time. */
export interface MatterClock {
  readonly matter: number;
  readonly name: ClockName;
  readonly row: ClockRow;
  readonly escalatedAt: string | undefined;
}

interface Stored {
  readonly id: number;
  readonly matter: number;
  readonly clock: ClockName;
  readonly unit: ClockRow["unit"];
  readonly amount: number;
  readonly article: string;
  readonly started_on: string;
  readonly stopped_on: string | null;
  readonly pauses: ClockRow["pauses"];
  readonly extensions: readonly ClockExtension[];
  readonly escalated_at: string | null;
}

const COLUMNS = "id, matter, clock, unit, amount, article, started_on, stopped_on, pauses, extensions, escalated_at";

/** The clocks of matters, in the order in which they began. */
export async function clocksOf(sql: Sql, matters: readonly number[]): Promise<readonly MatterClock[]> {
  const rows = await sql.query<Stored>(
    `SELECT ${COLUMNS} FROM catalogue.clock WHERE matter = ANY($1::int[]) ORDER BY id`,
    [matters],
  );
  return rows.map((stored) => ({
    matter: stored.matter,
    name: stored.clock,
    row: rowOf(stored),
    escalatedAt: stored.escalated_at ?? undefined,
  }));
}

function rowOf(stored: Stored): ClockRow {
  return {
    id: String(stored.id),
    title: CLOCKS[stored.clock].title,
    unit: stored.unit,
    amount: stored.amount,
    article: stored.article,
    startedOn: stored.started_on,
    ...(stored.stopped_on !== null && { stoppedOn: stored.stopped_on }),
    pauses: stored.pauses,
    extensions: stored.extensions,
  };
}

export async function startClock(sql: Sql, matter: number, name: ClockName, at: string): Promise<void> {
  const { unit, amount, article, title } = CLOCKS[name];
  const startedOn = dayOf(at);
  const row: ClockRow = { id: "", title, unit, amount, article, startedOn, pauses: [], extensions: [] };
  await sql.execute(
    `INSERT INTO catalogue.clock (matter, clock, unit, amount, article, started_on, due_on)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [matter, name, unit, amount, article, startedOn, clockDueOn(row, at)],
  );
}

/** @param names which of them; all that run where absent */
export async function stopClocks(sql: Sql, matter: number, at: string, names?: readonly ClockName[]): Promise<void> {
  for (const { name, row } of await running(sql, matter)) {
    if (names !== undefined && !names.includes(name)) continue;
    // A clock that was turned back does not end what began before it began.
    const [, today = dayOf(at)] = [dayOf(at), row.startedOn].sort();
    await write(sql, { ...row, pauses: row.pauses.map((pause) => closedPause(pause, today)), stoppedOn: today }, at);
  }
}

/** The days from today on do not count. */
export async function pauseClocks(sql: Sql, matter: number, at: string, reason: string): Promise<void> {
  for (const { row } of await running(sql, matter)) {
    await write(sql, { ...row, pauses: [...row.pauses, { from: dayOf(at), reason, article: row.article }] }, at);
  }
}

export async function resumeClocks(sql: Sql, matter: number, at: string): Promise<void> {
  for (const { row } of await running(sql, matter)) {
    await write(sql, { ...row, pauses: row.pauses.map((pause) => closedPause(pause, dayOf(at))) }, at);
  }
}

/** More days for the answer, in its unit. */
export async function extendClocks(
  sql: Sql,
  matter: number,
  at: string,
  extension: Omit<ClockExtension, "on" | "article">,
) {
  for (const { row } of await running(sql, matter)) {
    const added = { ...extension, on: dayOf(at), article: row.article };
    await write(sql, { ...row, extensions: [...row.extensions, added] }, at);
  }
}

async function running(sql: Sql, matter: number): Promise<readonly MatterClock[]> {
  return (await clocksOf(sql, [matter])).filter(({ row }) => row.stoppedOn === undefined);
}

/** One that was told to run out and has more days now may run out again. */
async function write(sql: Sql, row: ClockRow, at: string): Promise<void> {
  const paused = row.pauses.some(({ to }) => to === undefined);
  await sql.execute(
    `UPDATE catalogue.clock SET stopped_on = $2, pauses = $3, extensions = $4, due_on = $5,
       escalated_at = CASE WHEN extensions = $4::jsonb THEN escalated_at END WHERE id = $1`,
    [
      row.id,
      row.stoppedOn ?? null,
      JSON.stringify(row.pauses),
      JSON.stringify(row.extensions),
      paused ? null : clockDueOn(row, at),
    ],
  );
}

/** Notes that a clock's running out was told to who stands above. */
export async function escalate(sql: Sql, id: string, at: string): Promise<void> {
  await sql.execute("UPDATE catalogue.clock SET escalated_at = $2 WHERE id = $1 AND escalated_at IS NULL", [id, at]);
}

/** Whether a running clock's last day has passed. */
export function isOverdue({ row }: MatterClock, at: string): boolean {
  return row.stoppedOn === undefined && stateOf(row, at).overdue;
}

function stateOf(row: ClockRow, at: string) {
  return clockState(clockOf(row), { today: civilDay(Temporal.Instant.from(at)) });
}

/** A clock as pages and other systems see it. */
export function clockView({ name, row, escalatedAt }: MatterClock, at: string) {
  const { used, remaining, dueOn, overdue, overdueBy, running: runs, paused } = stateOf(row, at);
  return {
    ...{ clock: name, title: row.title, article: row.article, unit: row.unit, startedOn: row.startedOn },
    ...(row.stoppedOn !== undefined && { stoppedOn: row.stoppedOn }),
    amount: row.extensions.reduce((sum, { amount }) => sum + amount, row.amount),
    ...{ used, remaining, dueOn: dueOn.toString(), overdue, overdueBy, running: runs, paused },
    ...(escalatedAt !== undefined && { escalatedAt }),
  };
}

function dayOf(at: string): string {
  return civilDay(Temporal.Instant.from(at)).toString();
}
