/** The notices of the licensing procedure: the shape of each one's data, beside the template that prints it. */
import { z } from "zod";
import { type DocumentKind, readSources } from "#kernel/documents/documents";
import { codeRows } from "#kernel/documents/quick-response-code";

/** The most lines that one list of a notice has. */
export const MAX_ITEMS = 40;

/** One line of print. */
const line = z.string().trim().min(1).max(200);
/** A line that may be empty: nothing is printed. */
const optionalLine = z.string().trim().max(200).default("");
/** A paragraph, as long as the longest field of a task's form. */
const paragraph = z.string().trim().min(1).max(4000);
const optionalParagraph = z.string().trim().max(4000).default("");
/** A day in China, `2026-11-21`. */
const day = z.iso.date();
const days = z.int().min(1).max(99);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(MAX_ITEMS);

/** A moment as it is printed: `2026年11月21日10时21分`. Give Asia/Shanghai wall time, `2026-11-21T10:21`. */
const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/)
  .transform((written) => {
    const at = Temporal.PlainDateTime.from(written);
    const minute = String(at.minute).padStart(2, "0");
    return `${at.year}年${at.month}月${at.day}日${at.hour}时${minute}分`;
  });

/** What every notice carries. */
const notice = z.object({
  /** `sealUse` is the word in the seal; empty for the authority's own seal. */
  authority: z.object({ name: line, address: line, phone: line, sealUse: optionalLine.default("行政许可专用章") }),
  /** 文号: `清市监许受〔2026〕000123号`. */
  number: line,
  caseNumber: line,
  item: line,
  applicant: z.object({ name: line, code: optionalLine }),
  /** The date under the seal. */
  date: day,
  /** Laws and articles, each ready to print: `《中华人民共和国行政许可法》第三十二条第一款第（五）项`. */
  basis: list(line),
  /** `link` becomes the QR code; `address` is printed. */
  verification: z
    .object({ link: z.url().max(300), address: line })
    .transform((where) => ({ ...where, codeRows: codeRows(where.link) })),
  /** Prints 样本 across the page and says that nothing in it is real. */
  demonstration: z.boolean(),
});

/** Reconsideration and suit, each with its body and its way (行政许可法 §38; 行政复议法 §20; 行政诉讼法 §45, §46). */
const remedies = z.object({
  reconsiderationBody: line,
  reconsiderationChannel: line,
  reconsiderationDays: days.default(60),
  court: line,
  courtChannel: line,
  suitMonths: days.default(6),
  suitDaysAfterReconsideration: days.default(15),
});

const shapes = {
  /** 收件凭证: received, which is not yet acceptance. */
  receipt: notice.extend({
    receivedAt: moment,
    channel: line,
    materials: list(z.object({ name: line, form: line, copies: z.int().min(1).max(99) })),
    answerBy: day,
  }),
  /** 受理通知书. `deemed`: nobody answered in five working days (§32). */
  acceptance: notice.extend({
    receivedOn: day,
    acceptedOn: day,
    deemed: z.boolean().default(false),
    premises: optionalLine,
    limitDays: days,
    promisedDays: days.nullable().default(null),
    dueOn: day,
  }),
  /** 不予受理通知书. */
  "non-acceptance": notice.extend({
    receivedOn: day,
    reasons: list(paragraph),
    whereToGo: optionalParagraph,
    remedies,
  }),
  /** 补正材料通知书: the one-time list. */
  supplement: notice.extend({
    receivedOn: day,
    items: list(z.object({ material: line, problem: optionalParagraph, requirement: paragraph })),
    supplementBy: day,
    channel: line,
  }),
  /** 整改通知书: what the site check found, and until when it may be put right. */
  rectification: notice.extend({
    acceptedOn: day,
    checkedOn: day,
    premises: optionalLine,
    failed: z.array(line).max(MAX_ITEMS).default([]),
    problems: list(paragraph),
    rectifyBy: day,
    channel: line,
  }),
  /** 听证告知书: that a hearing may be asked for within five working days (§47). */
  "hearing-right": notice.extend({
    acceptedOn: day,
    reasons: list(paragraph),
    requestBy: day,
    holdDays: days.default(20),
    channel: line,
  }),
  /** 利害关系人权利告知书 (§36, §47). `requestBy`: empty where the day on which it arrives is not known beforehand. */
  "party-rights": notice.extend({
    caseApplicant: line,
    premises: optionalLine,
    acceptedOn: day,
    interest: list(paragraph),
    requestBy: z.union([z.literal(""), day]),
    holdDays: days.default(20),
    channel: line,
  }),
  /** 行政许可决定告知书, to an interested party. */
  "party-decision": notice.extend({
    caseApplicant: line,
    premises: optionalLine,
    outcome: line,
    licenceNumber: optionalLine,
    reasons: z.array(paragraph).max(MAX_ITEMS).default([]),
    statement: optionalParagraph,
    remedies,
  }),
  /** 准予行政许可决定书, in part when some scope is refused. */
  grant: notice.extend({
    acceptedOn: day,
    premises: optionalLine,
    businessType: optionalLine,
    scope: z.array(line).max(MAX_ITEMS).default([]),
    refusedScope: z
      .array(z.object({ scope: line, reason: optionalParagraph }))
      .max(MAX_ITEMS)
      .default([]),
    licenceNumber: optionalLine,
    validFrom: day.nullable().default(null),
    validUntil: day.nullable().default(null),
    /** What was heard, and what came of it (§48). */
    statement: optionalParagraph,
    deliveryDays: days,
    remedies,
  }),
  /** 不予行政许可决定书. */
  refusal: notice.extend({
    acceptedOn: day,
    findings: list(paragraph),
    reasons: list(paragraph),
    statement: optionalParagraph,
    remedies,
  }),
  /** 延长办理期限通知书 (§42). */
  extension: notice.extend({
    acceptedOn: day,
    dueOn: day,
    newDueOn: day,
    extensionDays: days,
    reasons: list(paragraph),
    approvedBy: optionalLine,
    approvedOn: day,
  }),
  /** 行政许可特别程序告知书: time that the law does not count (§45). */
  exclusion: notice.extend({
    acceptedOn: day,
    procedure: z.enum(["听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审"]),
    reason: paragraph,
    startsOn: day,
    expected: line,
    /** When it was due before; the days of the special procedure are added to it. */
    dueOn: day,
  }),
  /** 视为准予延续告知书: a renewal applied for in time and not decided when the licence ended (§50). */
  "renewal-by-silence": notice.extend({
    acceptedOn: day,
    licenceNumber: line,
    endedOn: day,
    validFrom: day,
    validUntil: day,
    premises: optionalLine,
    scope: z.array(line).max(MAX_ITEMS).default([]),
    deliveryDays: days,
    remedies,
  }),
  /** 撤回申请确认书, or 终止办理通知书. */
  termination: notice.extend({
    ground: z.enum(["withdrawn", "ended"]),
    requestedOn: day.optional(),
    endedOn: day,
    reasons: z.array(paragraph).max(MAX_ITEMS).default([]),
    remedies,
  }),
  /** 撤销, 撤回, 吊销, 注销: four ends of a licence, one layout. */
  ending: notice.extend({
    how: z.enum(["revocation", "withdrawal", "annulment", "deregistration"]),
    title: line,
    licenceNumber: line,
    endedOn: day,
    ground: paragraph,
    reasons: list(paragraph),
    penaltyDecision: optionalLine,
    /** What becomes of the holder's losses and interests. */
    consequence: paragraph,
    remedies,
  }),
  /** 行政许可听证通知书 (§46 to §48). */
  hearing: notice.extend({
    caseApplicant: line,
    subject: line,
    time: moment,
    place: line,
    manner: line,
    chair: line,
    clerk: line,
    answerBy: day,
    /** From when on the time is not counted, and how long that will be (§45). */
    excluded: z.object({ from: day, expected: line }).optional(),
  }),
  /** 送达回证. */
  delivery: notice.extend({
    method: line,
    place: line,
    documents: list(z.object({ title: line, number: line, copies: z.int().min(1).max(99) })),
    deliveredAt: moment,
    openedAt: z.union([z.literal(""), moment]).default(""),
    receivedBy: line,
    signature: line,
    deliveredBy: list(line),
    remark: optionalLine,
  }),
};

export type NoticeName = keyof typeof shapes;
/** What a caller gives for a notice, before defaults. */
export type NoticeData<Name extends NoticeName> = z.input<(typeof shapes)[Name]>;

export const NOTICE_NAMES = Object.freeze(Object.keys(shapes)) as readonly NoticeName[];

const MOUNT = "/notices";

/** The kinds of document that this folder prints: `notice/receipt` and so on. */
export const NOTICE_KINDS: readonly DocumentKind[] = NOTICE_NAMES.map((name) => ({
  kind: `notice/${name}`,
  main: `${MOUNT}/${name}.typ`,
  sources: readSources(import.meta.url, MOUNT, ["frame.typ", `${name}.typ`]),
  data: shapes[name],
}));
