import type { Sql } from "#kernel/database/sql";
import { implement } from "../implement.ts";
import { keyPorts } from "../keys/key-ports.ts";
import type { KeyState } from "../keys/life-cycle.ts";

/** Counted in the database: of persons' keys there are as many as signed. */
export const countKeys = implement("countKeys", async (ctx) => {
  const sql = ctx.tables.read();
  const periods = await keyPorts().periods(sql);
  return { certified: [...(await certified(sql, ctx.now))], periods: [...periods] };
});

interface Certified {
  readonly kind: "authority" | "official" | "person" | "node";
  readonly state: KeyState;
  readonly count: number;
  readonly firstEnd: string;
  readonly lastEnd: string;
}

/** NIST SP 800-57 part 1, section 7: what its certificate says of a key. */
function certified(sql: Sql, now: string): Promise<readonly Certified[]> {
  return sql.query<Certified>(
    `SELECT kind, state, count(*)::int AS count, min(ends) AS "firstEnd", max(ends) AS "lastEnd" FROM (
       SELECT data->>'subjectKind' AS kind, (data->>'notAfter')::timestamptz AS ends,
              CASE WHEN data->>'status' = 'revoked'
                     THEN CASE WHEN data->>'reason' = 'key-compromise' THEN 'compromised' ELSE 'deactivated' END
                   WHEN (data->>'notAfter')::timestamptz <= $1 THEN 'deactivated'
                   WHEN data->>'status' = 'suspended' THEN 'suspended' ELSE 'active' END AS state
         FROM trust.certificate WHERE upper_inf(valid) AND data->>'subjectKind' IN ('authority', 'official', 'person', 'node')) AS key
      GROUP BY kind, state ORDER BY kind, state`,
    [now],
  );
}
