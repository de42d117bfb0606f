import { z } from "zod";
import type { AssuranceNeed } from "#kernel/contract/assurance";
import { cite, PERSONAL_INFORMATION_LAW } from "#kernel/contract/citation";
import { command, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { type Text, text } from "#lib/language/text";

/** Asking that looks are kept from whom they concern: a post of the authority that looks. */
export const ASK_SEALING = "data-rights.seal";
/** Approving it: a post that supervises. */
export const APPROVE_SEALING = "data-rights.approve-seal";
/** Sealings in one answer. */
export const SEALING_LIST_LENGTH = 200;
/** The law sets no period; nothing is kept from somebody for longer without being looked at again. */
export const SEALING_MONTHS_MAX = 6;
/** So many days before its review is due, an order is somebody's task. */
export const REVIEW_AHEAD_DAYS = 7;
const WORDS_LENGTH_MAX = 2_000;
const BASIS_LENGTH_MAX = 200;
const NAME_LENGTH_MAX = 200;
const SECOND_FACTOR: AssuranceNeed = { level: 2, withinMinutes: 30 };

/** 个人信息保护法 §18, §35. */
export const SEALING_GROUNDS = {
  secrecy: text(
    "法律、行政法规规定应当保密或者不需要告知（个人信息保护法第十八条第一款）",
    "A law requires secrecy, or no notice (Personal Information Protection Law, art. 18 para. 1)",
  ),
  emergency: text(
    "紧急情况下为保护生命健康和财产安全无法及时告知（个人信息保护法第十八条第二款）",
    "An emergency to life, health or property in which notice could not be given in time (art. 18 para. 2)",
  ),
  duty: text(
    "告知将妨碍国家机关履行法定职责（个人信息保护法第三十五条）",
    "Notice would keep an organ of state from its statutory duty (art. 35)",
  ),
} as const satisfies Record<string, Text>;

const STATUSES = {
  asked: text("待审批", "Waiting for approval"),
  "in-force": text("延后告知中", "Kept from them"),
  refused: text("未批准", "Not approved"),
  ended: text("已解除", "Ended"),
} as const satisfies Record<string, Text>;

function oneOf<K extends string>(options: Readonly<Record<K, Text>>) {
  return z.enum(Object.keys(options) as [K, ...K[]]);
}

const Ground = field(oneOf(SEALING_GROUNDS), {
  title: text("法定情形", "Ground"),
  kind: "radios",
  options: SEALING_GROUNDS,
});
const Basis = field(z.string().trim().min(1).max(BASIS_LENGTH_MAX), {
  title: text("具体依据", "The article that applies"),
  hint: text("规定保密或者职责的法律、行政法规条文", "Of the law that requires secrecy, or sets the duty"),
});
const Reason = field(z.string().trim().min(1).max(WORDS_LENGTH_MAX), {
  title: text("理由", "Reasons"),
  kind: "textarea",
  sensitive: true,
});
const ReviewOn = field(z.iso.date(), {
  title: text("复查日期", "Review on"),
  hint: text("最迟六个月内；到期未复查的，当事人自动可见", "Within six months; what is not reviewed by then is shown"),
  kind: "date",
});

export const Sealing = z.object({
  caseId: field(z.uuid(), { title: text("办件", "Case"), lookup: "exact" }),
  caseNumber: field(z.string().max(60), { title: text("办件编号", "Number of the case") }),
  subjectKind: field(z.enum(["person", "organization"]), {
    title: text("当事人类型", "Kind of subject"),
    options: { person: text("个人", "Person"), organization: text("单位", "Organization") },
  }),
  subject: field(z.uuid(), { title: text("当事人", "From whom"), lookup: "exact" }),
  subjectName: field(z.string().max(NAME_LENGTH_MAX), { title: text("当事人名称", "Name"), sensitive: true }),
  authority: field(z.uuid(), { title: text("查询机关", "Authority that looks"), lookup: "exact" }),
  ground: Ground,
  basis: Basis,
  reason: Reason,
  reviewOn: ReviewOn,
  status: field(oneOf(STATUSES), { title: text("状态", "Status"), options: STATUSES, lookup: "exact" }),
  askedBy: field(z.uuid(), { title: text("申请人", "Asked by") }),
  decidedBy: field(z.uuid().optional(), { title: text("审批人", "Decided by") }),
  decisionReason: field(z.string().max(WORDS_LENGTH_MAX).optional(), {
    title: text("审批意见", "Reasons of the decision"),
    sensitive: true,
  }),
  /** That it should go on until another day, asked for and not decided on yet. */
  prolongTo: field(z.iso.date().optional(), { title: text("申请延至", "To go on until") }),
  prolongReason: field(z.string().max(WORDS_LENGTH_MAX).optional(), {
    title: text("延长理由", "Why it is to go on"),
    sensitive: true,
  }),
  prolongAskedBy: field(z.uuid().optional(), { title: text("延长申请人", "Asked by") }),
  endReason: field(z.string().max(WORDS_LENGTH_MAX).optional(), {
    title: text("解除理由", "Why it ended"),
    sensitive: true,
  }),
});

/** Of nobody on the record until it ends: that there is one would tell what it keeps. Officials are named by who they are in the ledger. */
export const sealingRegister = register({
  title: text("依法延后告知", "Looks kept from whom they concern"),
  schema: Sealing,
  subject: { kind: "none" },
  legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第十八条"), cite(PERSONAL_INFORMATION_LAW, "第三十五条")],
  retention: { years: 5 },
});

const law = [cite(PERSONAL_INFORMATION_LAW, "第十八条"), cite(PERSONAL_INFORMATION_LAW, "第三十五条")];
const Id = z.uuid();
const SubjectKind = Sealing.shape.subjectKind;
const wrongReview = text("复查日期应在今天之后、六个月之内。", "The review is after today and within six months.");
const noCase = text("没有这个办件，或者您不能查阅它。", "There is no such case, or you cannot read it.");
const over = text(
  "复查日期已到，当事人已可见，不能再延长。请解除；仍有法定情形的，重新申请，只及于此后的查询。",
  "Its review day has come and the subject sees what was kept; it cannot go on. End it; where there is a ground still, ask anew, for looks from then on.",
);
const notFound = text("没有这项延后告知，或已处理。", "There is no such order, or it has been dealt with.");

/** `due`: within days, or over: then the subject sees what was kept from them, and the order is to be ended or asked for anew. */
const List = z.object({ items: z.array(Sealing.extend({ id: Id, due: z.enum(["no", "soon", "over"]) })) });

export const sealingOperations = {
  sealableIn: query({
    unfiltered: "one",
    title: text("办件中的当事人", "Whom a case concerns"),
    audience: ["official"],
    duty: ASK_SEALING,
    input: z.object({ caseNumber: Sealing.shape.caseNumber }),
    output: z.object({
      caseId: Id,
      caseNumber: z.string(),
      subjects: z.array(z.object({ kind: SubjectKind, id: Id, name: z.string() })),
    }),
    refusals: { "no-case": noCase },
    legalBasis: law,
  }),
  askSealing: command({
    title: text("申请依法延后告知", "Ask that looks are kept from someone"),
    audience: ["official"],
    duty: ASK_SEALING,
    assurance: SECOND_FACTOR,
    input: Sealing.pick({
      caseNumber: true,
      subject: true,
      ground: true,
      basis: true,
      reason: true,
      reviewOn: true,
    }),
    output: z.object({ id: Id }),
    refusals: {
      "no-case": noCase,
      "not-concerned": text("此人不是这个办件的当事人。", "The case does not concern them."),
      "bad-review": wrongReview,
      exists: text("对此人在这个办件中已有延后告知。", "There is such an order for them in this case already."),
    },
    legalBasis: law,
  }),
  /** The first approval, and that it goes on: by someone who did not ask. */
  decideSealing: command({
    title: text("审批延后告知", "Decide on keeping looks from someone"),
    audience: ["official"],
    duty: APPROVE_SEALING,
    assurance: SECOND_FACTOR,
    input: z.object({
      id: Id,
      approved: field(z.boolean(), { title: text("是否批准", "Approve it"), kind: "boolean" }),
      reason: Reason,
    }),
    output: z.object({ id: Id }),
    refusals: {
      "not-found": notFound,
      "same-official": text(
        "申请和审批应当由两名工作人员分别办理，且与本人无关。",
        "Another official than who asked decides, and nobody in his own affair.",
      ),
      "bad-review": wrongReview,
      over,
    },
    legalBasis: law,
  }),
  prolongSealing: command({
    title: text("申请延长延后告知", "Ask that it goes on"),
    audience: ["official"],
    duty: ASK_SEALING,
    assurance: SECOND_FACTOR,
    input: z.object({ id: Id, reviewOn: ReviewOn, reason: Reason }),
    output: z.object({ id: Id }),
    refusals: { "not-found": notFound, "bad-review": wrongReview, over },
    legalBasis: law,
  }),
  endSealing: command({
    title: text("解除延后告知", "End it: the ground is over"),
    audience: ["official"],
    duty: ASK_SEALING,
    assurance: SECOND_FACTOR,
    input: z.object({ id: Id, reason: Reason }),
    output: z.object({ id: Id }),
    refusals: { "not-found": notFound },
    legalBasis: law,
  }),
  /** Of one's own authority: what waits, and what is in force. */
  sealings: query({
    title: text("本机关的延后告知", "Looks that one's authority keeps from whom they concern"),
    audience: ["official"],
    duty: ASK_SEALING,
    lists: "sealing",
    input: z.object({}),
    output: List,
    refusals: {},
    legalBasis: law,
  }),
  /** Of all authorities of the node: what waits for a decision, and what is in force. */
  supervisedSealings: query({
    title: text("延后告知的审批和监督", "Looks kept from whom they concern, for who approves"),
    audience: ["official"],
    duty: APPROVE_SEALING,
    lists: "sealing",
    input: z.object({}),
    output: List,
    refusals: {},
    legalBasis: law,
  }),
};
