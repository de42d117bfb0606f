import { type CorrectionContent, tellConsumers } from "../corrections.ts";
import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";
import { subjectName } from "../use-records.ts";

export const answerCorrection = implement("answerCorrection", async (ctx, { number, outcome, words }) => {
  const step = outcome === "corrected" ? "correct" : "uphold";
  const taken = await takeStep(ctx, { kind: "correction", step, number, words });
  if ("code" in taken) return ctx.refuse(taken.code);
  if (outcome === "upheld") return { state: taken.state, told: 0 };
  const { subject } = taken.matter.content as CorrectionContent;
  const digests = subject && ctx.secrets.digests(subjectName(subject));
  const told = await tellConsumers(taken.sql, taken.matter, { digests, at: ctx.now });
  if (subject) ctx.concerns({ ...subject, attributes: [`correction ${number}`] });
  return { state: taken.state, told };
});
