import { z } from "zod";
import { ADMINISTER, DELEGATE } from "#infrastructure/directory";
import type { AssuranceNeed } from "#kernel/contract/assurance";
import { cite } from "#kernel/contract/citation";
import { command } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { CYBERSECURITY_LAW, SESSION_REFUSALS } from "./factor-contract.ts";
import { SIGN_IN_NAME_LENGTH_MAX } from "./sign-in-name.ts";

/** Files at the counter: who does it sees people and their documents. */
const COUNTER = "counter.file";
const SECOND_FACTOR: AssuranceNeed = { level: 2, withinMinutes: 30 };

const GivenName = z.object({
  signInName: field(
    z
      .string()
      .min(1)
      .max(2 * SIGN_IN_NAME_LENGTH_MAX),
    {
      title: text("登录名", "Sign-in name"),
      hint: text("请到场的本人说出或者写下", "The holder, who is here, says or writes it"),
    },
  ),
});
const Document = field(z.enum(["resident-identity-card", "passport", "residence-permit"]), {
  title: text("查验的身份证件", "Identity document that was looked at"),
  hint: text(
    "核对证件原件和本人。登记和复核由两人分别办理；复核满二十四小时，本人再次到场领取恢复码。",
    "Compare the original with who is here. One official asks, another checks; a day after the check the holder comes again for the codes.",
  ),
  kind: "radios",
  options: {
    "resident-identity-card": text("居民身份证", "Resident identity card"),
    passport: text("护照", "Passport"),
    "residence-permit": text("港澳台居民居住证、外国人永久居留证", "Residence permit"),
  },
});
const legalBasis = [cite(CYBERSECURITY_LAW, "第二十四条")];
const notFound = text(
  "没有这个可用的账户，请核对登录名。",
  "There is no such open account; please check the sign-in name.",
);
const none = text(
  "没有待办的找回申请，或已超过十四天。请重新登记。",
  "Nothing is under way for this account, or it was asked for more than fourteen days ago. Begin again.",
);
const own = text(
  "不能为自己的账户办理，请由其他人员办理。",
  "Nobody does this for his own account; someone else has to.",
);

/** Until when the holder binds it. */
const Opened = z.object({ until: z.string() });
const OPENING_REFUSALS = {
  "not-found": notFound,
  "own-account": own,
  "not-needed": text(
    "这个账户已有第二重验证，或者密码不是由工作人员设置的，不需要开通。",
    "This account has a second factor, or its password was not set by an official: nothing needs to be opened.",
  ),
  "same-official": text(
    "密码由您设置，应当由另一名工作人员核对本人后开通。",
    "You set the password: another official sees the holder and opens it.",
  ),
};

/**
 * Access given back at a counter to whoever lost every second factor. The holder is there in person, two officials see the identity
 * document, every channel that he has is told at once, and nothing happens for a day: a clerk who was fooled or bribed is not enough,
 * and no message has anything by which to get in.
 */
export const recoveryOperations = {
  askRecovery: command({
    title: text("登记找回账户（本人到场）", "Ask for access to be given back (holder present)"),
    audience: ["official"],
    duty: COUNTER,
    assurance: SECOND_FACTOR,
    input: GivenName.extend({ document: Document }),
    output: z.object({ askedAt: z.string() }),
    refusals: {
      "not-found": notFound,
      "own-account": own,
      "under-way": text("这个账户已有待办的找回申请。", "Something is under way for this account already."),
    },
    legalBasis,
  }),
  checkRecovery: command({
    title: text("复核找回账户（本人到场）", "Check that access is to be given back (holder present)"),
    audience: ["official"],
    duty: COUNTER,
    assurance: SECOND_FACTOR,
    input: GivenName.extend({ document: Document }),
    /** From when on the holder may come for new recovery codes. */
    output: z.object({ from: z.string() }),
    refusals: {
      "not-found": notFound,
      "own-account": own,
      "not-asked": none,
      "same-official": text(
        "登记和复核应当由两名工作人员分别办理，且查验同一种证件。",
        "Two different officials ask and check, and see the same kind of document.",
      ),
    },
    legalBasis,
  }),
  giveRecoveryCodes: command({
    title: text("发放找回账户的恢复码（本人到场）", "Give the recovery codes (holder present)"),
    audience: ["official"],
    duty: COUNTER,
    assurance: SECOND_FACTOR,
    input: GivenName,
    output: z.object({
      /** Given once, to be printed for the holder. What he had before counts no more, and he is signed out everywhere. */
      recoveryCodes: field(z.array(z.string()), { title: text("恢复码", "Recovery codes"), sensitive: true }),
    }),
    refusals: {
      "not-found": notFound,
      "own-account": own,
      "not-asked": none,
      "too-early": text(
        "复核后满二十四小时才能发放（{from} 起）。这段时间留给本人提出异议。",
        "They are given a day after the check, from {from} on: the time is for the holder to object.",
      ),
      "once-only": text("恢复码只给出一次，请不要带提交编号。", "Codes are given once; ask without a key."),
    },
    legalBasis,
  }),
  openFirstFactor: command({
    title: text("开通首个第二重验证（本人到场）", "Open the first second factor (holder present)"),
    audience: ["official"],
    duty: COUNTER,
    assurance: SECOND_FACTOR,
    input: GivenName.extend({ document: Document }),
    output: Opened,
    refusals: OPENING_REFUSALS,
    legalBasis,
  }),
  openOfficialsFactor: command({
    title: text("开通工作人员的首个第二重验证", "Open an official's first second factor"),
    audience: ["official"],
    duty: ADMINISTER,
    assurance: SECOND_FACTOR,
    input: GivenName,
    output: Opened,
    refusals: OPENING_REFUSALS,
    legalBasis,
  }),
  /** By the node's operator at the command line: the way out where one administrator is all there is. */
  openFactorOnNode: command({
    title: text("在节点上开通首个第二重验证", "Open a first second factor on the node"),
    audience: ["node"],
    input: GivenName,
    output: Opened,
    refusals: OPENING_REFUSALS,
    legalBasis,
  }),
  stopRecovery: command({
    title: text("停止找回账户", "Stop access from being given back"),
    audience: ["person", "official", "node"],
    duty: DELEGATE,
    input: z.object({ session: z.uuid() }),
    output: z.object({ stopped: z.boolean() }),
    refusals: SESSION_REFUSALS,
    legalBasis,
  }),
};
