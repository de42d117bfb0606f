import { unlessTaken } from "#kernel/registers/unless-taken";
import { lastDay } from "#lib/calendar/statutory-period";
import { ANSWER_DAYS } from "#services/data-rights";
import { noteDue } from "../due.ts";
import { implement } from "../implement.ts";
import { dataRightsPorts } from "../ports.ts";

export const object = implement("object", async (ctx, { entryId, reason }) => {
  const { principal } = ctx.act;
  if (principal.kind !== "person") return ctx.refuse("not-found");
  const look = await dataRightsPorts().lookOf(ctx.act, entryId);
  if (!look) return ctx.refuse("not-found");
  if (look.actor.kind === "person" && look.actor.id === principal.id) return ctx.refuse("own-act");
  const { actor, subject } = look;
  const answerBy = lastDay(Temporal.PlainDate.from(ctx.today), {
    unit: "day",
    amount: ANSWER_DAYS,
    article: "GB/T 35273-2020 8.7",
  }).day.toString();
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ n: number }>("SELECT nextval('data_rights.objection_number')::int AS n");
  const number = `YY-${ctx.today.slice(0, 4)}-${String(row?.n ?? 0).padStart(6, "0")}`;
  const id = await unlessTaken(
    ctx.registers.objection.put({
      number,
      entryId,
      at: look.at,
      room: look.room,
      operation: look.operation,
      purpose: look.purpose,
      legalBasis: look.legalBasis.join("；").slice(0, 500),
      ...(look.caseId !== undefined && { lookCase: look.caseId }),
      ...(actor.authority !== undefined && { lookedAuthority: actor.authority }),
      ...(actor.post !== undefined && { lookedPost: actor.post }),
      ...(actor.kind === "official" && { lookedOfficial: actor.id }),
      subjectKind: subject.kind,
      subject: subject.id,
      person: principal.id,
      about: `${entryId} ${subject.id}`,
      reason,
      status: "open",
      raisedOn: ctx.today,
      answerBy,
    }),
  );
  if (id === undefined) return ctx.refuse("already-raised");
  await noteDue(sql, { objection: id, number, answerBy });
  return { id, number, answerBy };
});
