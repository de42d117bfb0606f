import { z } from "zod";
import { cite, PERSONAL_INFORMATION_LAW } from "#kernel/contract/citation";
import { command, defineContract, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { sealingOperations, sealingRegister } from "./sealing-contract.ts";

export { APPROVE_SEALING, ASK_SEALING, SEALING_GROUNDS } from "./sealing-contract.ts";
/** Answering objections: a post of the supervising authority. */
export const HANDLE_OBJECTIONS = "data-rights.handle";
/** Objections in one answer. */
export const OBJECTION_LIST_LENGTH = 100;
/** GB/T 35273-2020 §8.7: the law itself sets no number of days. */
export const ANSWER_DAYS = 30;
const MAX_WORDS_CHARACTERS = 2000;

export const FINDINGS = {
  lawful: text("查询符合规定", "The look was lawful"),
  unlawful: text("查询不符合规定", "The look was not lawful"),
  partly: text("部分不符合规定", "The look was lawful in part"),
} as const;

const Reason = field(z.string().trim().min(1).max(MAX_WORDS_CHARACTERS), {
  title: text("为什么不应该", "Why it should not have been"),
  hint: text("例如：我没有在这个部门办过事", "Such as: I have had nothing to do with this office"),
  kind: "textarea",
  sensitive: true,
});
const Finding = field(z.literal(["lawful", "unlawful", "partly"]), {
  title: text("核查结论", "Finding"),
  kind: "radios",
  options: FINDINGS,
});
const Answer = field(z.string().trim().min(1).max(MAX_WORDS_CHARACTERS), {
  title: text("理由", "Reasons"),
  hint: text("查明的事实、依据的条文", "What was found, and the articles that apply"),
  kind: "textarea",
});
const Measures = field(z.string().trim().max(MAX_WORDS_CHARACTERS).optional(), {
  title: text("采取的措施", "What was done"),
  hint: text("例如：责令改正、收回权限、移送", "Such as: correction ordered, right withdrawn, referred"),
  kind: "textarea",
});

/** What the record said when the objection was raised: its content may be erased before the answer. */
const Look = z.object({
  entryId: field(z.int().positive(), { title: text("凭证编号", "Receipt"), lookup: "exact" }),
  at: field(z.iso.datetime(), { title: text("查询时间", "When") }),
  room: field(z.string().max(60), { title: text("系统", "System") }),
  operation: field(z.string().max(120), { title: text("操作", "Operation") }),
  purpose: field(z.string().max(60), { title: text("目的", "Purpose") }),
  legalBasis: field(z.string().max(500), { title: text("依据", "Legal basis") }),
  lookCase: field(z.uuid().optional(), { title: text("办件", "Case") }),
  lookedAuthority: field(z.uuid().optional(), { title: text("查询机关", "Authority that looked") }),
  lookedPost: field(z.uuid().optional(), { title: text("查询岗位", "Post that looked") }),
});

const Objection = Look.extend({
  number: field(z.string().max(40), { title: text("异议编号", "Number"), lookup: "unique" }),
  subjectKind: field(z.enum(["person", "organization"]), {
    title: text("当事人类型", "Kind of subject"),
    options: { person: text("个人", "Person"), organization: text("单位", "Organization") },
  }),
  /** Whom the look concerned: a person, or the organization for which one acts. */
  subject: field(z.uuid(), { title: text("当事人", "Whom it concerned"), lookup: "exact" }),
  person: field(z.uuid(), { title: text("提出人", "Raised by"), lookup: "exact" }),
  /** `<entry> <subject>`: one look is objected to once by each. */
  about: field(z.string().max(80), { title: text("异议对象", "What it is about"), lookup: "unique" }),
  lookedOfficial: field(z.uuid().optional(), { title: text("查询人", "Who looked") }),
  reason: Reason,
  status: field(z.enum(["open", "answered"]), {
    title: text("状态", "Status"),
    options: { open: text("核查中", "Being looked into"), answered: text("已答复", "Answered") },
    lookup: "exact",
  }),
  raisedOn: field(z.iso.date(), { title: text("提出日期", "Raised on") }),
  answerBy: field(z.iso.date(), { title: text("答复期限", "Answer due by") }),
  finding: Finding.optional(),
  answer: Answer.optional(),
  measures: Measures,
  answeredOn: field(z.iso.date().optional(), { title: text("答复日期", "Answered on") }),
});

/** As whom it concerns sees it: of who looked, post and authority, and no name. */
const OwnView = Objection.omit({ person: true, about: true, lookedOfficial: true }).extend({ id: z.uuid() });
/** As the office that answers sees it: whom it concerned only by kind. */
const OfficeView = Objection.omit({ person: true, about: true, subject: true }).extend({ id: z.uuid() });

const law = [
  cite(PERSONAL_INFORMATION_LAW, "第四十四条"),
  cite(PERSONAL_INFORMATION_LAW, "第五十条"),
  cite(PERSONAL_INFORMATION_LAW, "第六十五条"),
];

export const dataRights = defineContract({
  id: "data-rights",
  version: "1.0",
  title: text("个人信息权益", "Data rights"),
  steward: text("履行个人信息保护职责的部门", "Authority in charge of personal information"),
  ofEveryNode: true,
  registers: {
    objection: register({
      title: text("查询异议", "Objections to looks"),
      schema: Objection,
      subject: { kind: "person", by: "person" },
      legalBasis: law,
      retention: { years: 5 },
    }),
    sealing: sealingRegister,
  },
  operations: {
    ...sealingOperations,
    object: command({
      title: text("对查询提出异议", "Object to a look"),
      audience: ["person"],
      input: z.object({ entryId: Look.shape.entryId, reason: Reason }),
      output: z.object({ id: z.uuid(), number: z.string(), answerBy: z.iso.date() }),
      refusals: {
        "not-found": text("没有找到这条记录，或者它与您无关。", "There is no such entry, or it does not concern you."),
        "own-act": text("这是您本人的操作。", "This was your own act."),
        "already-raised": text("您已经对这次查询提出过异议。", "You have objected to this look already."),
      },
      legalBasis: law,
    }),
    ownObjections: query({
      unfiltered: "own",
      title: text("我的查询异议", "My objections"),
      audience: ["person"],
      input: z.object({}),
      output: z.object({ items: z.array(OwnView) }),
      refusals: {},
      legalBasis: law,
    }),
    openObjections: query({
      title: text("待答复的查询异议", "Objections that wait for an answer"),
      audience: ["official"],
      duty: HANDLE_OBJECTIONS,
      lists: "objection",
      input: z.object({}),
      output: z.object({ items: z.array(OfficeView) }),
      refusals: {},
      legalBasis: law,
    }),
    /** How many wait, are due within days, and are over: without a word of whom they concern. */
    objectionsDue: query({
      title: text("查询异议的期限", "When answers to objections are due"),
      audience: ["official"],
      duty: HANDLE_OBJECTIONS,
      input: z.object({}),
      output: z.object({ open: z.int(), soon: z.int(), over: z.int() }),
      refusals: {},
      legalBasis: law,
    }),
    /** Each day, by the node's clock: whoever answers is written to once when an answer is due within days, and once when it is over. */
    remindOfObjections: command({
      title: text("提醒答复查询异议", "Remind of objections that wait for an answer"),
      audience: ["node"],
      input: z.object({}),
      output: z.object({ reminded: z.int() }),
      refusals: {},
      legalBasis: law,
    }),
    answerObjection: command({
      title: text("答复查询异议", "Answer an objection"),
      audience: ["official"],
      duty: HANDLE_OBJECTIONS,
      input: z.object({ id: z.uuid(), finding: Finding, answer: Answer, measures: Measures }),
      output: z.object({ id: z.uuid() }),
      refusals: {
        "not-found": text("没有这个待答复的异议。", "There is no such objection that waits for an answer."),
        "own-look": text(
          "查询由您或您的机关作出，须由其他机关的岗位答复。",
          "You or your authority looked: a post of another authority answers.",
        ),
        "measures-missing": text(
          "查询不符合规定的，须写明采取的措施。",
          "Where a look was not lawful, say what was done.",
        ),
      },
      legalBasis: law,
    }),
  },
});
