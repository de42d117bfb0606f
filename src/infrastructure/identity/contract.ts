import { z } from "zod";
import { ADMINISTER, DELEGATE } from "#infrastructure/directory";
import { cite } from "#kernel/contract/citation";
import { command, defineContract, query, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { emailOperations, emailRegister, workEmailRegister } from "./email.ts";
import { factorOperations, SignedIn, Ticket } from "./factor-contract.ts";
import { openidOperations } from "./openid/client-contract.ts";
import { passkeyOperations } from "./passkey-contract.ts";
import { powerOperations, powerRegister } from "./powers/power-contract.ts";
import { recoveryOperations } from "./recovery-contract.ts";
import { SIGN_IN_NAME_LENGTH_MAX, SignInName } from "./sign-in-name.ts";

export { ASSURANCE_WORDS, CHANGE_FACTORS } from "./factor-contract.ts";
export { OPENID_CLAIM_WORDS, OPENID_ENTRY_WORDS, OPENID_SCOPES } from "./openid/client-contract.ts";
export { COUNTER, DECIDE_POWERS, POWER_BASES, POWER_KINDS } from "./powers/power-contract.ts";

/** 网络安全法 (2016): real identity, protection of accounts. */
const CYBERSECURITY_LAW = text("网络安全法", "Cybersecurity Law");

/** What a page says when a sign-in failed: the same for a wrong name, a wrong password and a closed account. */
export const SIGN_IN_FAILED = text(
  "登录名或密码不正确。请核对后重试；忘记密码的，请到政务服务窗口重置。",
  "The sign-in name or the password is not right. Please check both; if you forgot the password, have it reset at a service counter.",
);
/** What a page says to whoever gives the right password, of which the time is over. */
export const PASSWORD_OVER = text(
  "这个密码由工作人员设置，七天内没有修改，已经失效。请到政务服务窗口或者向本单位管理员申请重置，登录后随即修改。",
  "An official set this password and it was not changed within seven days: it no longer serves. Have it reset at a service counter or by your administrator, then choose your own.",
);
/** What a page says while one must wait; `{minutes}` is to be filled in. */
export const SIGN_IN_WAIT = text(
  "尝试次数过多。为保护账户，请 {minutes} 分钟后再试。",
  "There were too many attempts. To protect the account, please try again in {minutes} minutes.",
);

export const PASSWORD_LENGTH_MIN = 10;
export const PASSWORD_LENGTH_MAX = 128;

const Id = z.uuid();
const HolderKind = z.enum(["person", "official"]);
const ADDRESS_LENGTH_MAX = 64;
const AGENT_LENGTH_MAX = 60;

const Password = field(z.string().min(1).max(PASSWORD_LENGTH_MAX), {
  title: text("密码", "Password"),
  sensitive: true,
});
const GivenSignInName = field(
  z
    .string()
    .min(1)
    .max(2 * SIGN_IN_NAME_LENGTH_MAX),
  {
    title: text("登录名", "Sign-in name"),
  },
);

/** An account. Its password's digest and its sessions are in tables of the room's own: they are no register. */
export const Account = z.object({
  signInName: SignInName,
  holderKind: field(HolderKind, {
    title: text("账户类型", "Kind of account"),
    options: { person: text("个人", "Person"), official: text("工作人员", "Official") },
  }),
  /** Key of the holder's entry in the population register or in the directory. */
  holder: field(Id, { title: text("持有人", "Holder"), lookup: "exact" }),
  status: field(z.enum(["active", "closed"]), {
    title: text("状态", "Status"),
    options: { active: text("可用", "Active"), closed: text("已停用", "Closed") },
  }),
});

const SessionKey = z.object({ session: Id });
const noSession = text("登录已失效，请重新登录。", "Your sign-in has ended; please sign in again.");
const notYours = text("只能管理自己的登录。", "You can manage your own sign-ins only.");
const accountNotFound = text(
  "没有这个账户，请核对登录名。",
  "There is no such account; please check the sign-in name.",
);
const weakPassword = text(
  "这个密码不能使用，请按提示换一个。",
  "This password cannot be used; please choose another as told.",
);

/** Everyone who is signed in, an auditor too: for the auditor a page asks as the node, since he writes nothing himself. */
const anyoneSignedIn = { audience: ["person", "official", "node"], duty: DELEGATE, legalBasis: [] } as const;
const administration = { audience: ["official", "node"], duty: ADMINISTER, legalBasis: [] } as const;

export const identity = defineContract({
  id: "identity",
  version: "1.0",
  title: text("身份认证", "Identity"),
  steward: text("政务服务管理部门", "Government services office"),
  ofEveryNode: true,
  registers: {
    account: register({
      title: text("账户", "Accounts"),
      schema: Account,
      subject: { kind: "none" },
      legalBasis: [cite(CYBERSECURITY_LAW, "第二十四条")],
      retention: { years: 10 },
    }),
    email: emailRegister,
    workEmail: workEmailRegister,
    power: powerRegister,
  },
  operations: {
    ...powerOperations,
    ...emailOperations,
    ...openidOperations,
    ...factorOperations,
    ...passkeyOperations,
    ...recoveryOperations,
    signIn: command({
      title: text("登录", "Sign in"),
      audience: ["public"],
      input: z.object({
        signInName: GivenSignInName,
        password: Password,
        /** The network address it came from, as the HTTP layer sees it. */
        address: z.string().max(ADDRESS_LENGTH_MAX).default(""),
        /** Kind of browser and system, for the list of one's own sign-ins. */
        agent: z.string().max(AGENT_LENGTH_MAX).default(""),
      }),
      /** A failed sign-in is an outcome and not a refusal: that it happened must be kept. */
      output: z.discriminatedUnion("outcome", [
        SignedIn,
        /** The password was right, and its holder wants a code as well: `finishSignIn` takes the ticket for ten minutes. */
        z.object({ outcome: z.literal("needs-code"), ticket: Ticket }),
        z.object({ outcome: z.literal("failed") }),
        /** The password was right; an official set it more than a week ago, and it was not changed. */
        z.object({ outcome: z.literal("password-over") }),
        z.object({ outcome: z.literal("wait"), seconds: z.int().positive() }),
      ]),
      refusals: {},
      legalBasis: [cite(CYBERSECURITY_LAW, "第二十一条")],
    }),
    /** Who another identity platform says has come back. `unknown`: nobody of the register, or not who its subject was before. */
    signInUpstream: command({
      title: text("通过其他身份平台登录", "Sign in through another identity platform"),
      audience: ["node"],
      input: z.object({
        issuer: z.url().max(500),
        subject: z.string().min(1).max(255),
        name: z.string().max(200).optional(),
        identityNumber: field(z.string().max(200).optional(), {
          title: text("居民身份证号码", "Resident identity number"),
          sensitive: true,
        }),
        level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
        /** When the platform proved it. */
        provenAt: z.iso.datetime().optional(),
        address: z.string().max(ADDRESS_LENGTH_MAX).default(""),
        agent: z.string().max(AGENT_LENGTH_MAX).default(""),
      }),
      output: z.discriminatedUnion("outcome", [
        z.object({
          outcome: z.literal("signed-in"),
          token: field(z.string(), { title: text("登录令牌", "Session token"), sensitive: true }),
          session: Id,
        }),
        z.object({ outcome: z.literal("unknown") }),
      ]),
      refusals: {},
      legalBasis: [cite(CYBERSECURITY_LAW, "第二十四条")],
    }),
    signOut: command({
      ...anyoneSignedIn,
      title: text("退出登录", "Sign out"),
      input: SessionKey,
      output: SessionKey,
      refusals: { "not-yours": notYours },
    }),
    endOtherSessions: command({
      ...anyoneSignedIn,
      title: text("退出其他所有登录", "End all other sign-ins"),
      input: SessionKey,
      output: z.object({ ended: z.int().nonnegative() }),
      refusals: { "session-ended": noSession, "not-yours": notYours },
    }),
    listSessions: query({
      unfiltered: "own",
      ...anyoneSignedIn,
      title: text("我的登录", "My sign-ins"),
      // Which session asks, where the node asks for it: an auditor's post has no duty to ask by.
      input: z.object({ session: Id.optional() }),
      output: z.object({
        items: z.array(
          z.object({
            id: Id,
            address: z.string(),
            /** Kind of browser and system, as the browser says. */
            agent: z.string(),
            openedAt: z.string(),
            seenAt: z.string(),
            assurance: z.literal([1, 2, 3]),
          }),
        ),
      }),
      refusals: {},
    }),
    actFor: command({
      title: text("选择代表谁办事", "Choose on whose behalf to act"),
      audience: ["person"],
      /** For an organization, or for another person; for neither, in one's own name. */
      input: z.object({ session: Id, organization: Id.optional(), person: Id.optional() }),
      output: z.object({ session: Id, organization: Id.optional(), person: Id.optional() }),
      refusals: {
        "session-ended": noSession,
        "not-yours": notYours,
        "not-representative": text(
          "您不能代表该组织办事。请由其法定代表人、经营者办理，或先登记授权委托书。",
          "You cannot act for this organization. Ask its representative, or have an authorization recorded first.",
        ),
        "no-power": powerOperations.powerOver.refusals["no-power"],
        "one-of-them": text("请只选择一个单位或者一个人。", "Choose one organization or one person."),
      },
      legalBasis: [],
    }),
    choosePost: command({
      title: text("选择岗位", "Choose a post"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: z.object({ session: Id, post: Id }),
      output: z.object({ session: Id, post: Id }),
      refusals: {
        "session-ended": noSession,
        "not-yours": notYours,
        "not-held": text("您现在不担任这个岗位。", "You do not hold this post now."),
      },
      legalBasis: [],
    }),
    changePassword: command({
      ...anyoneSignedIn,
      title: text("修改密码", "Change one's password"),
      input: z.object({
        session: Id,
        current: field(z.string().min(1).max(PASSWORD_LENGTH_MAX), {
          title: text("现在的密码", "Current password"),
          sensitive: true,
        }),
        next: field(z.string().min(1).max(PASSWORD_LENGTH_MAX), {
          title: text("新密码", "New password"),
          sensitive: true,
        }),
      }),
      output: z.object({ outcome: z.enum(["changed", "wrong-password", "wait"]) }),
      refusals: { "session-ended": noSession, "not-yours": notYours, "weak-password": weakPassword },
    }),
    findAccount: query({
      ...administration,
      title: text("查询账户", "Find an account"),
      input: z.object({ signInName: GivenSignInName }),
      output: Account.extend({ id: Id }),
      refusals: { "not-found": accountNotFound },
    }),
    accountsOf: query({
      lists: "account",
      ...administration,
      title: text("某人的账户", "Accounts of a holder"),
      input: z.object({ holder: Id }),
      output: z.object({ items: z.array(Account.extend({ id: Id })) }),
      refusals: {},
    }),
    createAccount: command({
      ...administration,
      title: text("开立账户", "Create an account"),
      input: Account.omit({ status: true }).extend({ password: Password }),
      output: z.object({ id: Id }),
      refusals: {
        "name-taken": text("这个登录名已被使用，请换一个。", "This sign-in name is taken; please choose another."),
        "holder-not-found": text("没有查到持有人，请核对。", "The holder was not found; please check."),
        "weak-password": weakPassword,
      },
    }),
    resetPassword: command({
      ...administration,
      title: text("重置密码", "Reset a password"),
      input: z.object({ signInName: GivenSignInName, password: Password }),
      output: z.object({ id: Id }),
      refusals: { "not-found": accountNotFound, "weak-password": weakPassword },
    }),
    closeAccount: command({
      ...administration,
      title: text("停用账户", "Close an account"),
      input: z.object({ signInName: GivenSignInName }),
      output: z.object({ id: Id }),
      refusals: { "not-found": accountNotFound },
    }),
  },
});
