import { z } from "zod";
import { cite, LICENSING_LAW } from "#kernel/contract/citation";
import { defineContract, message, procedure, task } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { withNeeds } from "#kernel/contract/form-rules";
import { text } from "#lib/language/text";
import { LICENSING_NOTICES } from "./licensing-notices.ts";
import { MAX_REASON_CHARACTERS, NEEDS_REASONS, reasons } from "./reasons.ts";
import { siteCheck, siteCheckConfirm } from "./site-check-tasks.ts";
import {
  chairChallenge,
  hearing,
  hearingArrangement,
  SPECIAL_PROCEDURES,
  specialProcedure,
  TERM_OVER,
} from "./special-tasks.ts";

const MAX_LIST_CHARACTERS = 4000;
const MAX_SPECIAL_DAYS = 120;
const SPECIAL_KINDS = Object.keys(SPECIAL_PROCEDURES) as [
  keyof typeof SPECIAL_PROCEDURES,
  ...(keyof typeof SPECIAL_PROCEDURES)[],
];

/** 受理审查: accept, ask once for what is missing, or not accept (§32). */
const acceptance = task({
  title: text("受理审查", "Acceptance"),
  duty: "licensing.accept",
  form: withNeeds(
    z.object({
      outcome: field(z.enum(["accept", "supplement", "not-accept"]), {
        title: text("审查结果", "Result"),
        kind: "radios",
        options: {
          accept: text("受理", "Accept"),
          supplement: text("一次性告知补正", "Ask once for what is missing"),
          "not-accept": text("不予受理", "Do not accept"),
        },
      }),
      siteCheckNeeded: field(z.enum(["yes", "no"]).default("yes"), {
        title: text("是否需要现场核查", "Is a site check needed?"),
        kind: "radios",
        options: { yes: text("需要", "Yes"), no: text("不需要", "No") },
      }),
      missing: field(z.string().trim().max(MAX_LIST_CHARACTERS).optional(), {
        title: text("需要补正的全部内容", "Everything that is missing or wrong"),
        hint: text(
          "一行一项，用“：”隔开材料与要求。依法只能告知一次，请写全。",
          "One line each, document and demand separated by a colon. The law allows one list only, so make it complete.",
        ),
        kind: "textarea",
      }),
      supplementDays: field(z.coerce.number().int().min(1).max(60).default(10), {
        title: text("补正期限（工作日）", "Working days to supplement"),
        kind: "number",
      }),
      reasons,
    }),
    [
      {
        field: "missing",
        when: (form) => form["outcome"] === "supplement",
        message: text("请列出需要补正的全部内容", "List everything that is missing or wrong"),
      },
      { field: "reasons", when: (form) => form["outcome"] === "not-accept", message: NEEDS_REASONS },
    ],
  ),
  rules: [
    {
      when: 'outcome = "supplement" and acceptance = "supplement"',
      text: text(
        "已一次性告知过补正内容，依法不得再次要求补正。请选择受理或不予受理。",
        "The one-time list was already given, and the law allows no second. Accept, or do not accept.",
      ),
    },
  ],
});

const examination = task({
  title: text("审查", "Examination"),
  duty: "licensing.examine",
  form: withNeeds(
    z.object({
      outcome: field(z.enum(["propose-grant", "propose-partial", "propose-refuse", "hearing", "special"]), {
        title: text("审查意见", "Proposal"),
        kind: "radios",
        options: {
          "propose-grant": text("建议准予许可", "Grant"),
          "propose-partial": text("建议部分准予许可", "Grant in part"),
          "propose-refuse": text("建议不予许可", "Refuse"),
          hearing: text(
            "直接关系他人重大利益，先告知申请人和利害关系人陈述、申辩和听证的权利",
            "Weighty interests of others are touched: tell applicant and interested parties of their rights first",
          ),
          special: text(
            "依法需要检验、检测、检疫、鉴定、专家评审、招标或者拍卖",
            "A test, review, tender or auction is needed by law",
          ),
        },
      }),
      specialKind: field(z.enum(SPECIAL_KINDS).optional(), {
        title: text("需要的特别程序", "Which special procedure"),
        hint: text("只有这些程序所需时间不计入办理期限", "Only the time of these is not counted"),
        kind: "select",
        options: SPECIAL_PROCEDURES,
      }),
      specialDays: field(z.coerce.number().int().min(1).max(MAX_SPECIAL_DAYS).default(10), {
        title: text("预计所需时间（工作日）", "Working days that it will take"),
        hint: text("将书面告知申请人", "The applicant is told in writing"),
        kind: "number",
      }),
      reasons,
    }),
    [
      { field: "reasons", when: (form) => form["outcome"] !== "propose-grant", message: NEEDS_REASONS },
      {
        field: "specialKind",
        when: (form) => form["outcome"] === "special",
        message: text("请选择特别程序", "Choose the special procedure"),
      },
    ],
  ),
  rules: [
    TERM_OVER,
    {
      when: 'outcome = "hearing" and partiesUntold = 0 and (examination = "hearing" or hearing = "held" or hearing = "absent")',
      text: text(
        "已告知过听证权利，听证已举行或者无人申请。请提出审查意见。",
        "The right to a hearing was told already, and one was held or nobody asked. Make your proposal.",
      ),
    },
    {
      when: 'outcome != "hearing" and outcome != "special" and partiesUntold > 0',
      text: text(
        "已列明利害关系人，应当先告知其陈述、申辩和听证的权利（行政许可法第三十六条、第四十七条）。请选择先告知权利。",
        "Interested parties are named: they are told of their rights first (Licensing Law, arts. 36 and 47). Choose to tell them.",
      ),
    },
  ],
});

/**
 * A decision goes out under the authority's seal: whoever takes it proves that it is he, once an hour at most. Who decides many a day would need
 * a new code for each, and codes come every half a minute.
 */
const DECIDING = { level: 2, withinMinutes: 60 } as const;
/** To lengthen what the law gives an applicant is rare: each time takes a proof of its own (电子签名法 §13). */
const EXTENDING = { ...DECIDING, once: true } as const;

const extension = task({
  title: text("延期审批", "Approve the extension"),
  duty: "licensing.extend",
  assurance: EXTENDING,
  form: withNeeds(
    z.object({
      outcome: field(z.enum(["approve", "reject"]), {
        title: text("是否批准延长期限", "Approve the extension?"),
        kind: "radios",
        options: { approve: text("批准", "Approve"), reject: text("不批准", "Do not approve") },
      }),
      reasons,
    }),
    [{ field: "reasons", when: () => true, message: NEEDS_REASONS }],
  ),
  // By how much is the item's: 食品经营许可 has five; the law's own frame is ten, or fifteen where several handle it jointly.
  extends: { outcome: "approve", clock: "decision", article: "行政许可法第四十二条" },
});

const decision = task({
  title: text("决定", "Decision"),
  duty: "licensing.decide",
  signed: text(
    "我已审阅全部材料，依法作出以上决定，并对其负责。",
    "I have looked at all of it, decide so by law, and answer for it.",
  ),
  assurance: DECIDING,
  form: withNeeds(
    z.object({
      outcome: field(z.enum(["grant", "partial", "refuse", "return"]), {
        title: text("决定", "Decision"),
        kind: "radios",
        options: {
          grant: text("准予许可", "Grant"),
          partial: text("部分准予许可", "Grant in part"),
          refuse: text("不予许可", "Refuse"),
          return: text("退回重新审查", "Return to examination"),
        },
      }),
      refusedItems: field(z.string().trim().max(MAX_REASON_CHARACTERS).optional(), {
        title: text("不予许可的项目", "Items that are refused"),
        hint: text(
          "部分准予时填写，一行一项，项目名称与申请的相同，可用“：”写明理由，如“冷食类食品制售：未设专间”",
          "For a grant in part: one line each, named as in the application, with the reason after a colon if you like",
        ),
        kind: "textarea",
      }),
      answers: field(z.string().trim().max(MAX_REASON_CHARACTERS).optional(), {
        title: text("对陈述、申辩和听证意见的采纳情况", "What you made of what was stated"),
        hint: text(
          "有人陈述、申辩的必须填写，写明采纳与否及理由；印入决定书和送达利害关系人的告知书",
          "Needed where anyone stated their case: what you follow, what not, and why. It is printed in the decision",
        ),
        kind: "textarea",
      }),
      reasons,
    }),
    [
      { field: "reasons", when: (form) => form["outcome"] !== "grant", message: NEEDS_REASONS },
      {
        field: "refusedItems",
        when: (form) => form["outcome"] === "partial",
        message: text("请列出不予许可的项目", "List the items that are refused"),
      },
    ],
  ),
  together: ["grant"], // a refusal, a grant in part has reasons of its own
  rules: [
    TERM_OVER,
    {
      when: 'outcome != "return" and partiesUntold > 0',
      text: text(
        "已列明的利害关系人还没有被告知权利，不能作出决定（行政许可法第三十六条、第四十七条）。请退回审查，先行告知。",
        "An interested party was not told of their rights yet, so nothing can be decided (arts. 36 and 47). Return it to have them told.",
      ),
    },
    {
      when: 'outcome != "return" and partiesAwaited > 0',
      text: text(
        "利害关系人答复的期限还没有届满，也没有全部答复，不能作出决定（行政许可法第四十七条）。",
        "Interested parties may still answer: nothing can be decided until they have, or their period is over (art. 47).",
      ),
    },
    {
      when: 'outcome != "return" and list contains(said, "stated") = true and (answers = null or answers = "")',
      text: text(
        "有人陈述、申辩的，应当听取并在决定中说明采纳情况（行政许可法第三十六条）。请填写采纳情况。",
        "Somebody stated their case: the decision says what was made of it (art. 36). Fill in what you made of what was stated.",
      ),
    },
    {
      when: 'hearing = "held" and outcome != "return" and (reasons = null or reasons = "")',
      text: text(
        "经过听证的，决定应当根据听证笔录作出（行政许可法第四十八条）。请在理由中写明对听证意见的采纳情况。",
        "After a hearing the decision follows its record (art. 48). Say in the reasons what you made of it.",
      ),
    },
  ],
});

/** What was granted could not be registered or made: mend it, or have it decided anew, such as where the original licence ended. */
const repair = task({
  title: text("处理制证问题", "Mend the certificate"),
  duty: "licensing.examine",
  form: withNeeds(
    z.object({
      outcome: field(z.enum(["retry", "return"]), {
        title: text("处理结果", "Result"),
        kind: "radios",
        options: {
          retry: text("已处理，重新制证", "Mended; make it again"),
          return: text("不能制证，退回重新审查", "It cannot be made; examine and decide again"),
        },
      }),
      reasons,
    }),
    [{ field: "reasons", when: (form) => form["outcome"] === "return", message: NEEDS_REASONS }],
  ),
  rules: [
    {
      when: 'outcome = "return" and not(decision = "grant" or decision = "partial")',
      text: text(
        "此件依法视为准予延续，不能重新审查。请处理后重新制证。",
        "By law this counts as renewed; it cannot be examined again. Mend it and make the certificate.",
      ),
    },
  ],
});

const note = field(z.string().trim().min(1).max(MAX_REASON_CHARACTERS), {
  title: text("说明", "What you want to say"),
  kind: "textarea",
});

/** Neither decided, nor taken as renewed. */
const UNDECIDED =
  'not(decision = "grant" or decision = "partial" or decision = "refuse" or list contains(resting, "renewInSilence") = true or list contains(resting, "issue") = true or list contains(resting, "repair") = true)';

/** Administrative licensing, for any item: 行政许可法 chapter 4. */
export const licensing = procedure({
  title: text("行政许可", "Administrative licensing"),
  diagram: new URL("diagrams/licensing.bpmn", import.meta.url),
  variables: z.object({
    screening: z.string(),
    applicantKind: z.string(),
    promisedDays: z.number(),
    statutoryDays: z.number(),
    receivedOn: z.iso.date(),
    /** The day on which it was accepted by an official. */
    acceptanceOn: z.iso.date(),
    /** The day on which a hearing was asked for. */
    hearingRequestedOn: z.iso.date(),
    /** Of a renewal: the last day of the licence's term (行政许可法 §50). */
    renewalUntil: z.iso.date(),
    siteCheckNeeded: z.string(),
    supplementDays: z.number(),
    rectifyDays: z.number(),
    specialDays: z.number(),
    acceptance: z.string(),
    siteCheck: z.string(),
    siteCheckConfirm: z.string(),
    examination: z.string(),
    extension: z.string(),
    hearingArrangement: z.string(),
    hearing: z.string(),
    chairChallenge: z.string(),
    specialProcedure: z.string(),
    decision: z.string(),
    repair: z.string(),
    replyRefused: z.string(),
    outcome: z.string(),
    /** `none` where an item's decision is its only paper; absent, a certificate is waited for. */
    certificate: z.string(),
    licenceNumber: z.string(),
    businessType: z.string(),
    scope: z.array(z.string()),
    validFrom: z.string(),
    validUntil: z.string(),
  }),
  tasks: {
    acceptance,
    siteCheck,
    siteCheckConfirm,
    examination,
    extension,
    hearingArrangement,
    hearing,
    chairChallenge,
    specialProcedure,
    decision,
    repair,
  },
  messages: {
    supplemented: message({
      title: text("补正", "Supplement"),
      from: "applicant",
      form: z.object({ note }),
    }),
    rectified: message({
      title: text("报告整改完成", "Report that it is rectified"),
      from: "applicant",
      form: z.object({ note }),
    }),
    hearingRequested: message({
      title: text("申请听证", "Ask for a hearing"),
      from: "applicant",
      form: z.object({ note }),
      parties: true,
      answer: true,
    }),
    hearingForgone: message({
      title: text("不要求听证", "Forgo the hearing"),
      from: "applicant",
      form: z.object({ note: note.optional() }),
      parties: true,
      answer: true,
      step: "together",
    }),
    stated: message({
      title: text("陈述、申辩", "State your case"),
      from: "applicant",
      form: z.object({ note }),
      parties: true,
      aside: true,
      step: "kept",
      while: UNDECIDED,
    }),
    chairChallenged: message({
      title: text("申请主持人回避", "Challenge the chair of the hearing"),
      from: "applicant",
      form: z.object({ note }),
      parties: true,
      aside: true,
      once: true,
    }),
    withdrawn: message({
      title: text("撤回申请", "Withdraw the application"),
      from: "applicant",
      form: z.object({ note: note.optional() }),
      ends: "withdrawn",
      while: UNDECIDED,
      notice: "termination",
    }),
    extensionRequested: message({
      title: text("申请延期", "Request an extension"),
      from: { duty: "licensing.examine" },
      form: z.object({ note }),
    }),
  },
  slots: {
    grant: text("登记许可", "Register the licence"),
    publish: text("公开决定", "Publish the decision"),
  },
  notices: LICENSING_NOTICES,
  parties: {
    title: text("利害关系人", "Interested parties"),
    duties: ["licensing.accept", "licensing.examine"],
    while: UNDECIDED,
    answerDays: 5,
    article: "行政许可法第四十七条",
  },
  legalBasis: [cite(LICENSING_LAW, "第四章")],
});

/** The procedures that service items share. */
export const procedures = defineContract({
  id: "procedures",
  version: "1.0",
  title: text("通用办事程序", "Shared procedures"),
  steward: text("政务服务管理部门", "Government services authority"),
  ofEveryNode: true,
  procedures: { licensing },
});
