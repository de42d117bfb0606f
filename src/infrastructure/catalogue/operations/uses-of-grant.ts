import { implement } from "../implement.ts";
import { matterByNumber, sideOf } from "../matters.ts";
import { officialOf } from "../official.ts";
import { standingOf } from "../standing.ts";
import { LIST_LENGTH } from "../terms.ts";

interface Row {
  readonly id: number;
  readonly at: string;
  readonly act: string;
  readonly operation: string;
  readonly system: string;
  readonly purpose: string;
  readonly caseId: string | null;
  readonly amount: number;
  readonly outcome: string | null;
  readonly subjects: number | null;
}

export const usesOfGrant = implement("usesOfGrant", async (ctx, { number, before = Number.MAX_SAFE_INTEGER }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = ctx.tables.read();
  const matter = await matterByNumber(sql, number);
  const standing = await standingOf(sql, number, ctx.now);
  if (!matter || !standing || sideOf(matter, official.post.authority) === undefined) return ctx.refuse("not-found");
  const rows = await sql.query<Row>(
    `SELECT id, at, act, operation, system, purpose, case_id AS "caseId", amount, outcome, cardinality(subjects) AS subjects
     FROM catalogue.use WHERE grant_number = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
    [number, before, LIST_LENGTH],
  );
  const last = rows.length === LIST_LENGTH ? rows.at(-1)?.id : undefined;
  const items = rows.map(({ caseId, outcome, subjects, ...rest }) => ({
    ...rest,
    ...(caseId !== null && { caseId }),
    ...(outcome !== null && { outcome }),
    ...(subjects !== null && { subjects }),
  }));
  return { standing, items, ...(last !== undefined && { next: last }) };
});
