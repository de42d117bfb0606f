import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, defineContract, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

/** 优化营商环境条例 (2019, State Council decree 722). */
const BUSINESS_ENVIRONMENT = text("优化营商环境条例", "Regulations on Improving the Business Environment");
/** Answering poor ratings. */
export const HANDLE = "participation.handle";
/** Poor ratings in one answer. */
export const POOR_LIST_LENGTH = 100;
const MAX_WORDS_CHARACTERS = 1000;

/** 好差评, the best first. */
export const SCORES = {
  "5": text("非常满意", "Very satisfied"),
  "4": text("满意", "Satisfied"),
  "3": text("基本满意", "Fairly satisfied"),
  "2": text("不满意", "Not satisfied"),
  "1": text("非常不满意", "Not satisfied at all"),
} as const;

// Literals keep their order, the best first: the keys of an enumeration that look like numbers come in the order of numbers.
const Score = field(z.literal(["5", "4", "3", "2", "1"]), {
  title: text("评价", "Your rating"),
  kind: "radios",
  options: SCORES,
});
const Words = field(z.string().trim().max(MAX_WORDS_CHARACTERS).optional(), {
  title: text("您想说的", "What you want to say"),
  hint: text("哪里好，哪里需要改进", "What was good, and what should be better"),
  kind: "textarea",
  sensitive: true,
});
const Answer = field(z.string().trim().min(1).max(MAX_WORDS_CHARACTERS), {
  title: text("答复", "Answer"),
  hint: text("写明核实的情况和整改措施", "What was found, and what is done about it"),
  kind: "textarea",
});

const Rating = z.object({
  caseId: field(z.uuid(), { title: text("办件", "Case"), lookup: "unique" }),
  caseNumber: field(z.string().max(40), { title: text("办件编号", "Case number"), lookup: "exact" }),
  person: field(z.uuid(), { title: text("评价人", "Rated by"), lookup: "exact" }),
  authority: field(z.uuid(), { title: text("被评价机关", "Authority"), lookup: "exact" }),
  score: Score,
  words: Words,
  /** `waiting`: poor, and nobody has answered yet. */
  status: field(z.enum(["done", "waiting", "answered"]), {
    title: text("状态", "Status"),
    options: {
      done: text("已评价", "Rated"),
      waiting: text("待答复", "Waiting for an answer"),
      answered: text("已答复", "Answered"),
    },
    lookup: "exact",
  }),
  ratedOn: field(z.iso.date(), { title: text("评价日期", "Rated on") }),
  answer: Answer.optional(),
  answeredOn: field(z.iso.date().optional(), { title: text("答复日期", "Answered on") }),
});

const RatingView = Rating.omit({ person: true }).extend({ id: z.uuid() });
const caseId = field(z.uuid(), { title: text("办件", "Case") });
const law = [cite(BUSINESS_ENVIRONMENT, "第三十六条")];

export const participation = defineContract({
  id: "participation",
  version: "1.0",
  title: text("互动交流", "Participation"),
  steward: text("政务服务管理部门", "Government services authority"),
  registers: {
    rating: register({
      title: text("政务服务评价", "Ratings of services"),
      schema: Rating,
      subject: { kind: "person", by: "person" },
      legalBasis: law,
      retention: { years: 3 },
    }),
  },
  operations: {
    rate: command({
      title: text("评价服务", "Rate a service"),
      audience: ["person"],
      input: z.object({ caseId, score: Score, words: Words }),
      output: z.object({ id: z.uuid(), poor: z.boolean() }),
      refusals: {
        "case-unknown": text("没有找到这个办件。", "No such case was found."),
        "not-closed": text("办结后才能评价。", "A case is rated once it is closed."),
        "already-rated": text("您已经评价过这个办件。", "You have rated this case already."),
      },
      legalBasis: law,
    }),
    ratingOfCase: query({
      title: text("办件的评价", "The rating of a case"),
      audience: ["person"],
      input: z.object({ caseId }),
      output: RatingView,
      refusals: { "not-found": text("还没有评价。", "There is no rating yet.") },
      legalBasis: law,
    }),
    summary: query({
      title: text("评价统计", "Ratings in figures"),
      audience: ["public"],
      input: z.object({}),
      output: z.object({
        count: z.int(),
        /** 5, 4 and 3. */
        good: z.int(),
        poor: z.int(),
        /** Poor ratings that were answered. */
        answered: z.int(),
      }),
      refusals: {},
      legalBasis: law,
    }),
    openPoor: query({
      title: text("待答复的差评", "Poor ratings that wait for an answer"),
      audience: ["official"],
      duty: HANDLE,
      lists: "rating",
      input: z.object({}),
      output: z.object({ items: z.array(RatingView) }),
      refusals: {},
      legalBasis: law,
    }),
    answer: command({
      title: text("答复差评", "Answer a poor rating"),
      audience: ["official"],
      duty: HANDLE,
      input: z.object({ id: z.uuid(), answer: Answer }),
      output: z.object({ id: z.uuid() }),
      refusals: {
        "not-found": text("没有这个待答复的评价。", "There is no such rating that waits for an answer."),
      },
      legalBasis: law,
    }),
  },
});
