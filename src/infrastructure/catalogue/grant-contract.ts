import { z } from "zod";
import { command, query } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { AttributeName, MatterNumber, ResourceId } from "./entry-contract.ts";
import { stepRefusals, Words } from "./matter-contract.ts";
import { SystemName } from "./systems.ts";
import { ATTRIBUTES_MAX, catalogueLaw, READ, REQUEST, STEWARD } from "./terms.ts";

/** Entries of a data set that one record of use stands for at most. */
export const BATCH_MAX = 1_000_000;

const asking = { audience: ["official"], duty: REQUEST, legalBasis: catalogueLaw } as const;
const answering = { audience: ["official"], duty: STEWARD, legalBasis: catalogueLaw } as const;
const state = z.object({ state: z.string() });
const step = z.object({ number: MatterNumber, words: Words });

const Standing = z.object({
  grant: z.int(),
  resource: z.string(),
  provider: z.uuid(),
  consumer: z.uuid(),
  attributes: z.array(z.string()),
  /** 履职依据 */
  law: z.string(),
  article: z.string(),
  purposes: z.array(z.string()),
  systems: z.array(z.string()),
  /** Whether it may be used at this moment. */
  open: z.boolean(),
  state: z.string(),
  until: z.string(),
  perDay: z.int(),
  total: z.int(),
  usedToday: z.int(),
  used: z.int(),
  /** 不得转授: what is got by it goes to nobody else. */
  onwardUse: z.literal(false),
});

/** What becomes of a grant: its use, its suspension, its end. */
export const grantOperations = {
  confirmFlow: command({
    ...asking,
    title: text("确认数据已提供", "Confirm that data flow"),
    input: step,
    output: state,
    refusals: stepRefusals,
  }),
  suspendGrant: command({
    ...answering,
    title: text("暂停授权（违规使用）", "Suspend a grant (misuse)"),
    input: step,
    output: state,
    refusals: stepRefusals,
  }),
  resumeGrant: command({
    ...answering,
    title: text("恢复授权", "Resume a grant"),
    input: step,
    output: state,
    refusals: stepRefusals,
  }),
  proposeGrantEnd: command({
    ...answering,
    title: text("提出终止授权", "Propose to end a grant"),
    input: step,
    output: state,
    refusals: stepRefusals,
  }),
  answerGrantEnd: command({
    ...asking,
    title: text("答复终止意见", "Answer a proposed end"),
    input: step,
    output: state,
    refusals: stepRefusals,
  }),
  fileGrantEnd: command({
    ...answering,
    title: text("报备并终止授权", "File and end a grant"),
    input: step,
    output: state,
    refusals: stepRefusals,
  }),
  keepGrant: command({
    ...answering,
    title: text("不再终止授权", "Keep a grant in force"),
    input: step,
    output: state,
    refusals: stepRefusals,
  }),
  giveUpGrant: command({
    ...asking,
    title: text("放弃使用", "Give up a grant"),
    input: step,
    output: state,
    refusals: stepRefusals,
  }),
  usesOfGrant: query({
    unfiltered: "one",
    audience: ["official"],
    duty: READ,
    legalBasis: catalogueLaw,
    title: text("使用记录", "Records of use"),
    input: z.object({ number: MatterNumber, before: z.int().min(1).optional() }),
    output: z.object({
      standing: Standing,
      items: z.array(
        z.object({
          id: z.int(),
          at: z.string(),
          act: z.string(),
          operation: z.string(),
          system: z.string(),
          purpose: z.string(),
          caseId: z.string().optional(),
          amount: z.int(),
          outcome: z.string().optional(),
          /** Of how many the answer spoke. */
          subjects: z.int().optional(),
        }),
      ),
      next: z.int().optional(),
    }),
    refusals: { "no-post": stepRefusals["no-post"], "not-found": stepRefusals["not-found"] },
  }),
  /** For whoever is offered data that came by a grant, and for systems that ask before they use. */
  checkGrant: query({
    audience: ["official", "node"],
    duty: READ,
    legalBasis: catalogueLaw,
    title: text("核验授权", "Check a grant"),
    input: z.object({ number: MatterNumber }),
    output: Standing,
    refusals: { "not-found": text("没有这项授权。", "There is no such grant.") },
  }),
  /** Which grant covers a use of a register as a data set, which no operation of its own stands for. */
  findGrant: query({
    audience: ["node"],
    legalBasis: catalogueLaw,
    title: text("查找授权", "Find a grant"),
    input: z.object({
      resource: ResourceId,
      system: SystemName,
      purpose: z.string().max(40),
      attributes: z.array(AttributeName).max(ATTRIBUTES_MAX),
    }),
    output: Standing,
    refusals: {
      "not-found": text("没有覆盖这一用途的有效授权。", "No grant in force covers this use."),
    },
  }),
  /** Takes as many uses as there are entries, or none: to be done before they are sent. */
  recordUse: command({
    audience: ["node"],
    legalBasis: catalogueLaw,
    title: text("登记使用", "Record a use"),
    input: z.object({
      number: MatterNumber,
      operation: z.string().min(1).max(160),
      system: SystemName,
      purpose: z.string().max(40),
      amount: z.int().min(1).max(BATCH_MAX),
    }),
    output: z.object({ use: z.int() }),
    refusals: {
      "not-local": text("使用只能由提供数据的节点登记。", "A use is recorded by the node that gives the data."),
      spent: text("授权的用量已用完，或授权已暂停、终止。", "The grant is used up, suspended or ended."),
    },
  }),
} as const;
