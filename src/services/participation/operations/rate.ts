import { unlessTaken } from "#kernel/registers/unless-taken";
import { implement } from "../implement.ts";
import { participationPorts } from "../ports.ts";

/** Up to this degree a rating is poor, and waits for an answer. */
const POOR_AT_MOST = 2;

export const rate = implement("rate", async (ctx, { caseId, score, words }) => {
  const { principal } = ctx.act;
  const rated = await participationPorts().caseOf(ctx.act, caseId);
  if (!rated || principal.kind !== "person") return ctx.refuse("case-unknown");
  if (!rated.closed) return ctx.refuse("not-closed");
  const poor = Number(score) <= POOR_AT_MOST;
  const id = await unlessTaken(
    ctx.registers.rating.put({
      caseId,
      caseNumber: rated.number,
      person: principal.id,
      authority: rated.authority,
      score,
      ...(words && { words }),
      status: poor ? "waiting" : "done",
      ratedOn: ctx.today,
    }),
  );
  if (id === undefined) return ctx.refuse("already-rated");
  const sql = await ctx.tables.write();
  await sql.execute(
    `INSERT INTO participation.tally AS t (authority, score, count) VALUES ($1, $2, 1)
     ON CONFLICT (authority, score) DO UPDATE SET count = t.count + 1`,
    [rated.authority, Number(score)],
  );
  return { id, poor };
});
