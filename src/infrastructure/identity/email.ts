import { z } from "zod";
import { DELEGATE } from "#infrastructure/directory";
import { cite, PERSONAL_INFORMATION_LAW } from "#kernel/contract/citation";
import { command, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { issueMessage } from "#kernel/contract/form-rules";
import { text } from "#lib/language/text";
import { CYBERSECURITY_LAW } from "./factor-contract.ts";

/** RFC 5321 §4.5.3.1.3: a path has at most 256 octets, two of them brackets. */
export const EMAIL_LENGTH_MAX = 254;
/** A code counts for so long. */
export const EMAIL_CODE_LIFE_MS = 15 * 60 * 1000;
export const EMAIL_CODE_DIGITS = 6;
/** Tries for one code. */
export const EMAIL_CODE_TRIES_MAX = 5;
/** Codes that one person has sent in a day: nobody fills another's mailbox with them. */
export const EMAIL_CODES_A_DAY = 10;
/** Between two codes. */
export const EMAIL_CODE_PAUSE_MS = 60 * 1000;

const WRONG = issueMessage(
  text("请填写完整的电子邮箱，例如 lin@example.cn", "Enter a whole address, such as lin@example.cn"),
);
/** One address, on one line, with nothing that a mail program could take for another recipient or header. */
const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/;

const Address = field(z.string().trim().max(EMAIL_LENGTH_MAX, WRONG).regex(ADDRESS, WRONG), {
  title: text("电子邮箱", "E-mail address"),
  kind: "text",
  hint: text("例如 lin@example.cn", "For example lin@example.cn"),
  sensitive: true,
});
const Notices = field(z.enum(["yes", "no"]), {
  title: text("有新文书时发邮件提醒", "Write to me when there is a notice"),
  options: { yes: text("发邮件提醒", "Write to me"), no: text("不发邮件", "Do not write to me") },
});
const consent = [cite(PERSONAL_INFORMATION_LAW, "第十三条")];
const none = text("您没有登记电子邮箱。", "You have no e-mail address here.");

const schema = z.object({
  holder: field(z.uuid(), { title: text("持有人", "Holder"), lookup: "unique" }),
  /** Confirmed by a code that came with a message to it. */
  address: field(Address.optional(), { title: text("电子邮箱", "E-mail address"), sensitive: true }),
  /** Given and not confirmed yet. */
  pending: field(Address.optional(), { title: text("待确认的电子邮箱", "Address to be confirmed"), sensitive: true }),
  notices: Notices,
});

/** Where a person asked to be written to: by consent, and until it is withdrawn. */
export const emailRegister = register({
  title: text("电子邮箱", "E-mail addresses"),
  schema,
  subject: { kind: "person", by: "holder" },
  legalBasis: consent,
  retention: { years: 3 },
});

/** Where an official is told of changes to his account; notices of cases are never announced to it. */
export const workEmailRegister = register({
  title: text("工作电子邮箱", "Officials' e-mail addresses"),
  schema,
  subject: { kind: "official", by: "holder" },
  legalBasis: [cite(CYBERSECURITY_LAW, "第二十一条")],
  retention: { years: 3 },
});

const own = { audience: ["person", "official"], duty: DELEGATE, legalBasis: consent } as const;

export const emailOperations = {
  myEmail: query({
    ...own,
    title: text("我的电子邮箱", "My e-mail address"),
    input: z.object({}),
    output: z.object({
      address: z.string().optional(),
      pending: z.string().optional(),
      notices: z.enum(["yes", "no"]),
    }),
    refusals: {},
  }),
  giveEmail: command({
    ...own,
    title: text("登记电子邮箱", "Give an e-mail address"),
    input: z.object({ address: Address }),
    output: z.object({ pending: z.string() }),
    refusals: {
      "too-many-codes": text("验证码发送过于频繁，请稍后再试。", "Codes were sent too often; please try again later."),
      "not-sent": text(
        "验证码邮件未能发出，请核对地址后重试。",
        "The message with the code could not be sent; please check the address and try again.",
      ),
    },
  }),
  confirmEmail: command({
    ...own,
    title: text("确认电子邮箱", "Confirm an e-mail address"),
    input: z.object({
      code: field(z.string().trim().max(20), { title: text("验证码", "Code"), sensitive: true }),
    }),
    /** A wrong code is an outcome and not a refusal: that it was tried must be kept. */
    output: z.object({ outcome: z.enum(["confirmed", "wrong-code", "expired"]) }),
    refusals: {},
  }),
  chooseEmailNotices: command({
    ...own,
    title: text("选择是否用邮件提醒", "Choose whether notices are announced by e-mail"),
    input: z.object({ notices: Notices }),
    output: z.object({ notices: z.enum(["yes", "no"]) }),
    refusals: { "no-address": none },
  }),
  removeEmail: command({
    ...own,
    title: text("删除电子邮箱", "Remove one's e-mail address"),
    input: z.object({}),
    output: z.object({ removed: z.boolean() }),
    refusals: {},
  }),
  emailOfOfficial: query({
    title: text("工作人员的邮箱", "An official's e-mail address"),
    audience: ["node"],
    input: z.object({ official: z.uuid() }),
    /** Only a confirmed one. */
    output: z.object({ address: z.string().optional() }),
    refusals: {},
    legalBasis: [cite(CYBERSECURITY_LAW, "第二十一条")],
  }),
  emailForNotices: query({
    title: text("文书提醒的电子邮箱", "The address for announcing notices"),
    audience: ["node"],
    input: z.object({ person: z.uuid() }),
    /** Only a confirmed address whose holder wants it. */
    output: z.object({ address: z.string().optional() }),
    refusals: {},
    legalBasis: consent,
  }),
};
