import { z } from "zod";
import { DELEGATE } from "#infrastructure/directory";
import type { AssuranceNeed } from "#kernel/contract/assurance";
import { cite } from "#kernel/contract/citation";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import type { Assurance } from "#kernel/system/act";
import { type Text, text } from "#lib/language/text";
import { SIGN_IN_NAME_LENGTH_MAX } from "./sign-in-name.ts";

/** 网络安全法 (2016) 第二十一条、第二十四条: protection of accounts, real identity. */
export const CYBERSECURITY_LAW = text("网络安全法", "Cybersecurity Law");
/** What whoever has a second factor proves before he changes or adds one: a password that was stolen is not enough for it. */
export const CHANGE_FACTORS: AssuranceNeed = { level: 2, withinMinutes: 15 };
/** Six digits, or sixteen characters with hyphens; spaces are forgiven. */
const CODE_CHARACTERS_MAX = 40;

const Id = z.uuid();
const Code = field(z.string().max(CODE_CHARACTERS_MAX), { title: text("验证码", "Code"), sensitive: true });
const SecretText = field(z.string(), { title: text("密钥", "Secret"), sensitive: true });
const RecoveryCodes = field(z.array(z.string()), { title: text("恢复码", "Recovery codes"), sensitive: true });
const Token = field(z.string(), { title: text("登录令牌", "Session token"), sensitive: true });
const Session = z.object({ session: Id });
export const Ticket = field(z.string().max(100), { title: text("登录凭据", "Ticket of a sign-in"), sensitive: true });
export const SignedIn = z.object({
  outcome: z.literal("signed-in"),
  /** Given once; only its digest is stored. */
  token: Token,
  session: Id,
  holderKind: z.enum(["person", "official"]),
  /** An official with several posts picks one. */
  choosePost: z.boolean(),
});

export const SESSION_REFUSALS = {
  "session-ended": text("登录已失效，请重新登录。", "Your sign-in has ended; please sign in again."),
  "not-yours": text("只能管理自己的登录。", "You can manage your own sign-ins only."),
};
export const PROVE_FIRST_REFUSAL = {
  "prove-first": text(
    "更改第二重验证之前，请先用现有的方式验证一次。未作任何更改。",
    "Prove who you are with what you have before you change it. Nothing was changed.",
  ),
};
export const NOT_OPENED_REFUSAL = {
  "not-opened": text(
    "这个账户的密码由工作人员设置，首个第二重验证须由另一名工作人员核对您本人后开通，二十四小时内绑定。请持身份证件到政务服务窗口办理；工作人员请找另一位管理员。",
    "The password of this account was set by an official, so another one who has seen you opens the binding of the first second factor, for a day. Come to a service counter with your identity document; officials ask another administrator.",
  ),
};
const own = {
  audience: ["person", "official", "node"],
  duty: DELEGATE,
  legalBasis: [cite(CYBERSECURITY_LAW, "第二十一条")],
} as const;

/** What the three levels are called. */
export const ASSURANCE_WORDS: Readonly<Record<Assurance, Text>> = {
  1: text("一级（密码）", "1 (password)"),
  2: text("二级（双因素）", "2 (two factors)"),
  3: text("三级（本机通行密钥）", "3 (passkey of one device)"),
};

/** Second factors of an account, and the proof by them. Answers hold secrets: these commands are called without a key. */
export const factorOperations = {
  myFactors: query({
    unfiltered: "own",
    ...own,
    title: text("我的第二重验证", "My second factors"),
    input: Session,
    output: z.object({
      signInName: z.string(),
      /** Absent: no code generator. `lastStep` is that of the last code taken (RFC 6238). */
      generator: z.object({ since: z.string(), lastStep: z.int().optional() }).optional(),
      recoveryCodesLeft: z.int(),
      /** A code is asked for at each sign-in by password. */
      codeAtSignIn: z.boolean(),
      /** Nothing is bound, and somebody else who knows the password must be told apart first. */
      notOpened: z.literal(true).optional(),
      /** Asked for at a counter and not over: `from` is when new codes are given, once it was checked. */
      recovery: z.object({ askedAt: z.string(), from: z.string().optional() }).optional(),
      passkeys: z.array(
        z.object({
          id: Id,
          name: z.string(),
          madeAt: z.string(),
          usedAt: z.string(),
          /** It can be copied to other devices; and it was. */
          multiDevice: z.boolean(),
          backedUp: z.boolean(),
        }),
      ),
    }),
    refusals: SESSION_REFUSALS,
  }),
  beginGenerator: command({
    ...own,
    title: text("设置验证码应用", "Set up a code generator"),
    input: Session,
    output: z.object({ begun: z.literal(true) }),
    refusals: { ...SESSION_REFUSALS, ...PROVE_FIRST_REFUSAL, ...NOT_OPENED_REFUSAL },
  }),
  pendingGenerator: query({
    ...own,
    title: text("待确认的验证码应用", "The code generator that waits to be confirmed"),
    input: Session,
    output: z.object({ secret: SecretText }),
    refusals: {
      ...SESSION_REFUSALS,
      "not-begun": text(
        "没有待确认的验证码应用，或已超过三十分钟。请重新设置。",
        "There is none that waits, or it waited for more than thirty minutes. Please begin again.",
      ),
    },
  }),
  confirmGenerator: command({
    ...own,
    title: text("确认验证码应用", "Confirm a code generator"),
    input: Session.extend({ code: Code }),
    /** A wrong code is an outcome and not a refusal: that it was tried must be kept. */
    output: z.discriminatedUnion("outcome", [
      z.object({ outcome: z.literal("confirmed"), token: Token, recoveryCodes: RecoveryCodes }),
      z.object({ outcome: z.literal("wrong") }),
      z.object({ outcome: z.literal("wait"), seconds: z.int().positive() }),
    ]),
    refusals: { ...SESSION_REFUSALS, ...PROVE_FIRST_REFUSAL, ...NOT_OPENED_REFUSAL },
  }),
  removeGenerator: command({
    ...own,
    title: text("移除验证码应用", "Remove a code generator"),
    assurance: CHANGE_FACTORS,
    input: Session,
    output: z.object({ removed: z.boolean() }),
    refusals: { ...SESSION_REFUSALS, ...PROVE_FIRST_REFUSAL },
  }),
  renewRecoveryCodes: command({
    ...own,
    title: text("重新生成恢复码", "Make new recovery codes"),
    assurance: CHANGE_FACTORS,
    input: Session,
    output: z.object({ recoveryCodes: RecoveryCodes }),
    refusals: { ...SESSION_REFUSALS, ...PROVE_FIRST_REFUSAL },
  }),
  proveByCode: command({
    ...own,
    title: text("用验证码或恢复码验证身份", "Prove who one is by a code or a recovery code"),
    input: Session.extend({ code: Code }),
    output: z.discriminatedUnion("outcome", [
      /** The session goes on under a new token. */
      z.object({ outcome: z.literal("proved"), token: Token }),
      z.object({ outcome: z.literal("wrong") }),
      /** It was right, and was used before: it counts once. */
      z.object({ outcome: z.literal("used") }),
      z.object({ outcome: z.literal("wait"), seconds: z.int().positive() }),
    ]),
    refusals: SESSION_REFUSALS,
  }),
  askCodeAtSignIn: command({
    ...own,
    title: text("登录时是否都要验证码", "Whether each sign-in asks for a code"),
    assurance: CHANGE_FACTORS,
    input: Session.extend({ wanted: z.boolean() }),
    output: z.object({ wanted: z.boolean() }),
    refusals: {
      ...SESSION_REFUSALS,
      ...PROVE_FIRST_REFUSAL,
      "no-generator": text(
        "请先设置验证码应用，再要求登录时都要验证码。",
        "Set up a code generator before each sign-in can ask for a code.",
      ),
    },
  }),
  finishSignIn: command({
    title: text("用验证码完成登录", "Finish a sign-in by a code"),
    audience: ["public"],
    input: z.object({ ticket: Ticket, code: Code }),
    /** Wrong codes are outcomes: that they were tried must be kept. */
    output: z.discriminatedUnion("outcome", [
      SignedIn,
      z.object({ outcome: z.literal("wrong") }),
      z.object({ outcome: z.literal("used") }),
      /** The ticket is ten minutes old, was used, or counts no more: one begins again. */
      z.object({ outcome: z.literal("over") }),
      z.object({ outcome: z.literal("wait"), seconds: z.int().positive() }),
    ]),
    refusals: {},
    legalBasis: [cite(CYBERSECURITY_LAW, "第二十一条")],
  }),
  giveGenerator: command({
    title: text("登记随密钥发放的验证码器", "Record a code generator that came with its secret"),
    audience: ["node"],
    input: z.object({
      signInName: z.string().min(1).max(SIGN_IN_NAME_LENGTH_MAX),
      /** Base32, 160 bits or more. */
      secret: field(z.string().max(200), { title: text("密钥", "Secret"), sensitive: true }),
    }),
    output: z.object({ id: Id }),
    refusals: {
      "not-found": text("没有这个账户，请核对登录名。", "There is no such account; please check the sign-in name."),
      "secret-wrong": text("密钥不是有效的 Base32，或不足 160 位。", "The secret is not base32 of 160 bits or more."),
    },
    legalBasis: [cite(CYBERSECURITY_LAW, "第二十一条")],
  }),
};
