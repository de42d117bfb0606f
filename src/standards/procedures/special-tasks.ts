/** Tasks of the procedures whose time the law does not count: 行政许可法 §45 to §48. */
import { z } from "zod";
import { task } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { withNeeds } from "#kernel/contract/form-rules";
import { text } from "#lib/language/text";

const MAX_LINE_CHARACTERS = 120;
const MAX_RECORD_CHARACTERS = 4000;
/** 行政许可法 §48: told of time and place so many days before; days of this law are working days (§82). */
const HEARING_NOTICE_WORKING_DAYS = 7;
/** 行政许可法 §47: held within so many working days of the request. */
const HEARING_WORKING_DAYS = 20;

/** 行政许可法 §50: when the term is over, the renewal counts as granted, and nothing else can be done with the case. */
export const TERM_OVER = Object.freeze({
  when: `list contains(overdue, "renewalTerm") = true or list contains(resting, "renewInSilence") = true or (not(decision = "grant" or decision = "partial") and (list contains(resting, "issue") = true or list contains(resting, "repair") = true))`,
  text: text(
    "许可有效期已届满，期满前未作决定，依法视为准予延续（行政许可法第五十条），此环节不再办理。",
    "The licence's term is over and nothing was decided before: by law it counts as renewed (Licensing Law, art. 50). This step is not taken any more.",
  ),
});

const line = (zh: string, en: string, hint?: ReturnType<typeof text>) =>
  field(z.string().trim().min(1).max(MAX_LINE_CHARACTERS), { title: text(zh, en), ...(hint && { hint }) });

/**
 * 安排听证: time and place (§48). Who arranges it is its chair, so that nobody who examined can be named as one: the diagram keeps
 * them from this task. What is entered is told in writing before the case goes on.
 */
export const hearingArrangement = task({
  title: text("安排听证", "Arrange the hearing"),
  duty: "licensing.hear",
  help: text(
    "办理此环节的人即为听证主持人，姓名写入听证通知书。审查、核查过本申请的人员不能主持（行政许可法第四十八条）。",
    "Whoever takes this step is the chair of the hearing, and is named in its notice. Nobody who examined or checked this application can be (Licensing Law, art. 48).",
  ),
  form: withNeeds(
    z.object({
      heldOn: field(z.iso.date(), {
        title: text("听证日期", "Date of the hearing"),
        hint: text(
          "至少提前七个工作日通知，并在收到听证申请之日起二十个工作日内举行",
          "Told at least seven working days before, and held within twenty of the request",
        ),
        kind: "date",
      }),
      heldAt: field(
        z
          .string()
          .trim()
          .regex(/^([01]\d|2[0-3]):[0-5]\d$/),
        { title: text("开始时间", "It begins at"), hint: text("24 小时制，如 09:30", "24 hours, such as 09:30") },
      ),
      place: line("听证地点", "Place"),
      manner: field(z.enum(["public", "closed"]).default("public"), {
        title: text("听证方式", "How is it held?"),
        hint: text("听证应当公开举行（行政许可法第四十八条）", "Hearings are public (Licensing Law, art. 48)"),
        kind: "radios",
        options: {
          public: text("公开举行", "In public"),
          closed: text("不公开（涉及国家秘密、商业秘密、个人隐私）", "In private (state or business secret, privacy)"),
        },
      }),
      closedReason: field(z.string().trim().max(500).optional(), {
        title: text("不公开的理由", "Why in private"),
        kind: "textarea",
      }),
      clerk: line("记录人", "Clerk"),
    }),
    [
      {
        field: "closedReason",
        when: (form) => form["manner"] === "closed",
        message: text("请写明不公开举行的理由", "Say why it is held in private"),
      },
    ],
  ),
  days: [
    {
      field: "heldOn",
      notBefore: { workingDays: HEARING_NOTICE_WORKING_DAYS, after: "today" },
      text: text(
        "听证应当在举行的七个工作日前通知，最早为 {day}。",
        "A hearing is announced seven working days before it is held: {day} at the earliest.",
      ),
    },
    {
      field: "heldOn",
      notAfter: { workingDays: HEARING_WORKING_DAYS, after: "hearingRequestedOn" },
      unless: 'hearing = "postponed"',
      text: text(
        "听证应当自收到申请之日起二十个工作日内举行，最迟为 {day}。",
        "A hearing is held within twenty working days of the request: {day} at the latest.",
      ),
    },
  ],
  rules: [
    TERM_OVER,
    {
      // Whoever was told to stand down stays out, also when a hearing was put off before, or is put off later.
      when: 'list contains(followed, "hearingArrangement chairChallenge uphold")',
      text: text(
        "已决定由您回避，请由其他人员主持听证（行政许可法第四十八条）。",
        "You were told to stand down; someone else chairs the hearing (Licensing Law, art. 48).",
      ),
    },
  ],
});

/** 听证: what was said, held against the record that those present signed (§48). */
export const hearing = task({
  title: text("听证", "Hearing"),
  duty: "licensing.hear",
  shows: ["hearingArrangement"],
  form: withNeeds(
    z.object({
      outcome: field(z.enum(["held", "absent", "postponed"]), {
        title: text("听证情况", "Was it held?"),
        kind: "radios",
        options: {
          held: text("已举行", "Held"),
          absent: text("要求听证的人无正当理由未到", "Those who asked did not come, without good reason"),
          postponed: text("有正当理由延期，另行安排", "Put off for good reason; arrange it again"),
        },
      }),
      heldOn: field(z.iso.date(), { title: text("听证日期", "Date of the hearing"), kind: "date" }),
      attendees: field(z.string().trim().max(500).optional(), {
        title: text("参加人", "Who took part"),
        hint: text(
          "申请人、利害关系人、审查人员、代理人等",
          "Applicant, interested parties, examiner, representatives",
        ),
        kind: "textarea",
      }),
      record: field(z.string().trim().min(1).max(MAX_RECORD_CHARACTERS), {
        title: text("听证笔录", "Record of the hearing"),
        hint: text(
          "写明审查意见的证据和理由、申请人和利害关系人的证据、申辩和质证。决定应当根据听证笔录作出（行政许可法第四十八条）",
          "The examiner's evidence and grounds, what the others said and showed. The decision follows the record (art. 48)",
        ),
        kind: "textarea",
      }),
      signed: field(z.enum(["yes", "refused"]).optional(), {
        title: text("笔录是否经参加人确认无误后签字或者盖章", "Did those who took part confirm and sign the record?"),
        kind: "radios",
        options: {
          yes: text("已签字或者盖章", "Yes"),
          refused: text("有人拒绝签字，已记明", "Someone refused; it is noted"),
        },
      }),
    }),
    [
      {
        field: "attendees",
        when: (form) => form["outcome"] === "held",
        message: text("请写明参加人", "Say who took part"),
      },
      {
        field: "signed",
        when: (form) => form["outcome"] === "held",
        message: text("请说明笔录是否已签字或者盖章", "Say whether the record was signed"),
      },
    ],
  ),
  days: [
    {
      field: "heldOn",
      notAfter: { workingDays: 0, after: "today" },
      text: text("听证日期不能晚于今天。", "The hearing cannot have been held after today."),
    },
  ],
  rules: [
    TERM_OVER,
    {
      when: 'not(outcome = "postponed") and not(list contains(own, "hearingArrangement"))',
      text: text(
        "听证由通知书载明的主持人主持，笔录由其录入。主持人不能到场的，选择延期，由其他人员重新安排并通知。",
        "The chair whom the notice names holds the hearing and enters its record. Where the chair cannot come, put it off: someone else arranges and announces it anew.",
      ),
    },
  ],
});

/** 主持人回避: whoever is heard holds that the chair has an interest of his own in the matter (§48). */
export const chairChallenge = task({
  title: text("决定主持人是否回避", "Decide on the challenge of the chair"),
  duty: "licensing.extend",
  form: z.object({
    outcome: field(z.enum(["uphold", "reject"]), {
      title: text("主持人与该事项是否有直接利害关系", "Has the chair a direct interest in the matter?"),
      kind: "radios",
      options: {
        uphold: text("有，主持人回避，重新安排听证", "Yes: another chair, and the hearing is arranged anew"),
        reject: text("没有，主持人不回避", "No: the chair stays"),
      },
    }),
    reasons: field(z.string().trim().min(1).max(2000), { title: text("理由", "Reasons"), kind: "textarea" }),
  }),
  rules: [TERM_OVER],
});

/** What may stop a statutory clock besides a hearing; the law's list is closed (§45). */
export const SPECIAL_PROCEDURES = Object.freeze({
  tender: text("招标", "Tender"),
  auction: text("拍卖", "Auction"),
  inspection: text("检验", "Inspection"),
  testing: text("检测", "Testing"),
  quarantine: text("检疫", "Quarantine"),
  appraisal: text("鉴定", "Appraisal"),
  "expert-review": text("专家评审", "Expert review"),
});

/** 特别程序: the clock stands until its result is entered. */
export const specialProcedure = task({
  title: text("特别程序", "Special procedure"),
  duty: "licensing.examine",
  form: z.object({
    doneBy: line("承担机构或者专家", "Carried out by"),
    result: field(z.string().trim().min(1).max(MAX_RECORD_CHARACTERS), {
      title: text("结果", "Result"),
      hint: text("写明报告编号和结论", "Number of the report, and its conclusion"),
      kind: "textarea",
    }),
  }),
  rules: [TERM_OVER],
});
