import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { AttributeName, MatterNumber } from "./entry-contract.ts";
import { stepRefusals, Words } from "./matter-contract.ts";
import { ATTRIBUTES_MAX, catalogueLaw, REQUEST, STEWARD } from "./terms.ts";

const state = z.object({ state: z.string() });

/** Whom the wrong datum is about, as the provider's answers name him. */
const Subject = z.object({ kind: z.enum(["person", "organization"]), id: z.uuid() });

/** 校核: who finds an error tells the source, and the source tells all who had it. */
export const correctionOperations = {
  fileCorrection: command({
    audience: ["official"],
    duty: REQUEST,
    legalBasis: catalogueLaw,
    title: text("提出校核", "File a correction"),
    input: z.object({
      number: field(MatterNumber, { title: text("授权编号", "Number of the grant") }),
      attributes: z.array(AttributeName).min(1).max(ATTRIBUTES_MAX),
      /** Absent: the resource as a whole, such as a wrong code list. */
      subject: Subject.optional(),
      words: Words,
    }),
    output: z.object({ number: z.int() }),
    refusals: {
      ...stepRefusals,
      "attributes-unknown": text(
        "该授权没有这些信息项：{attributes}",
        "The grant does not cover these attributes: {attributes}",
      ),
    },
  }),
  answerCorrection: command({
    audience: ["official"],
    duty: STEWARD,
    legalBasis: catalogueLaw,
    title: text("答复校核", "Answer a correction"),
    input: z.object({
      number: MatterNumber,
      outcome: field(z.enum(["corrected", "upheld"]), {
        title: text("核实结果", "Finding"),
        kind: "radios",
        options: {
          corrected: text("有误，已更正", "Wrong, and corrected"),
          upheld: text("核实无误", "Right as it is"),
        },
      }),
      words: Words,
    }),
    output: z.object({ state: z.string(), told: z.int() }),
    refusals: stepRefusals,
  }),
  withdrawCorrection: command({
    audience: ["official"],
    duty: REQUEST,
    legalBasis: catalogueLaw,
    title: text("撤回校核", "Withdraw a correction"),
    input: z.object({ number: MatterNumber, words: Words }),
    output: state,
    refusals: stepRefusals,
  }),
  correctionNotices: query({
    lists: { rows: { resource: "text", consumer: "text" } },
    audience: ["official"],
    duty: REQUEST,
    legalBasis: catalogueLaw,
    title: text("更正通知", "Notices of corrections"),
    input: z.object({ before: z.int().min(1).optional() }),
    output: z.object({
      items: z.array(
        z.object({
          id: z.int(),
          correction: z.int(),
          grant: z.int(),
          resource: z.string(),
          attributes: z.array(z.string()),
          /** Whom it is about, for who asked about him. */
          subject: Subject.optional(),
          words: z.string(),
          toldAt: z.string(),
          readAt: z.string().optional(),
        }),
      ),
      next: z.int().optional(),
    }),
    refusals: { "no-post": stepRefusals["no-post"] },
  }),
  acknowledgeNotice: command({
    audience: ["official"],
    duty: REQUEST,
    legalBasis: catalogueLaw,
    title: text("签收更正通知", "Acknowledge a notice"),
    input: z.object({ id: z.int().min(1) }),
    output: z.object({}),
    refusals: { "no-post": stepRefusals["no-post"], "not-found": stepRefusals["not-found"] },
  }),
} as const;
