import type { Sql } from "#kernel/database/sql";

/** So many days before its answer is due, an objection is reminded of. */
export const REMIND_AHEAD_DAYS = 7;
/** Reminders that one run sends. */
const REMINDERS_MAX = 200;

export interface DueCounts {
  readonly open: number;
  readonly soon: number;
  readonly over: number;
}

export async function noteDue(
  sql: Sql,
  due: { readonly objection: string; readonly number: string; readonly answerBy: string },
): Promise<void> {
  await sql.execute("INSERT INTO data_rights.due (objection, number, answer_by) VALUES ($1, $2, $3)", [
    due.objection,
    due.number,
    due.answerBy,
  ]);
}

export async function noteAnswered(sql: Sql, objection: string): Promise<void> {
  await sql.execute("DELETE FROM data_rights.due WHERE objection = $1", [objection]);
}

export async function dueCounts(sql: Sql, today: string): Promise<DueCounts> {
  const [row] = await sql.query<DueCounts>(
    `SELECT count(*)::int AS open, (count(*) FILTER (WHERE answer_by < $1::date))::int AS over,
       (count(*) FILTER (WHERE answer_by >= $1::date AND answer_by <= $1::date + $2::int))::int AS soon
       FROM data_rights.due`,
    [today, REMIND_AHEAD_DAYS],
  );
  return row ?? { open: 0, soon: 0, over: 0 };
}

/** What is to be reminded of today: once when it is due soon, and once when it is over. */
export async function dueReminders(
  sql: Sql,
  today: string,
): Promise<
  readonly {
    readonly objection: string;
    readonly number: string;
    readonly answerBy: string;
    readonly kind: "soon" | "over";
  }[]
> {
  return await sql.query(
    `SELECT objection, number, answer_by::text AS "answerBy", CASE WHEN answer_by < $1::date THEN 'over' ELSE 'soon' END AS kind
       FROM data_rights.due
      WHERE (answer_by < $1::date AND reminded <> 'over') OR (answer_by <= $1::date + $2::int AND reminded = 'none')
      ORDER BY answer_by LIMIT $3`,
    [today, REMIND_AHEAD_DAYS, REMINDERS_MAX],
  );
}

export async function noteReminded(sql: Sql, objection: string, kind: "soon" | "over"): Promise<void> {
  await sql.execute("UPDATE data_rights.due SET reminded = $2 WHERE objection = $1", [objection, kind]);
}
