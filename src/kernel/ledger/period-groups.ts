import type { Sql } from "../database/sql.ts";
import { spanOf } from "./period.ts";

/** Keys of periods that are kept for the same number of years. */
export interface PeriodGroup {
  readonly years: number;
  readonly count: number;
  /** Months, `2026-11`: the first and the last. */
  readonly from: string;
  readonly to: string;
  /** When the first of them has had its time, ISO 8601 UTC. */
  readonly nextEnd: string;
}

/** A key a month for each number of years that contracts name. */
const PERIODS_MAX = 100_000;

/** The keys of periods that there are. */
export async function periodGroups(sql: Sql): Promise<readonly PeriodGroup[]> {
  const rows = await sql.query<{ period: string }>(
    "SELECT DISTINCT period FROM ledger.period_key ORDER BY period LIMIT $1",
    [PERIODS_MAX],
  );
  const living = rows.flatMap(({ period }) => {
    const span = spanOf(period);
    return span === undefined ? [] : [{ years: Number.parseInt(period, 10), span }];
  });
  return [...Map.groupBy(living, ({ years }) => years)]
    .sort(([one], [other]) => one - other)
    .map(([years, keys]) => {
      const months = keys.map(({ span }) => span.from).sort();
      const month = (at: number) => (months.at(at) ?? "").slice(0, 7);
      const ends = keys.map(({ span }) => span.ends).sort();
      return { years, count: keys.length, from: month(0), to: month(-1), nextEnd: ends[0] ?? "" };
    });
}
