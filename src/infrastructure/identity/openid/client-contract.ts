import { z } from "zod";
import { ADMINISTER } from "#infrastructure/directory";
import { cite, PERSONAL_INFORMATION_LAW } from "#kernel/contract/citation";
import { command, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { type Text, text } from "#lib/language/text";

/** What a client may be given beyond the pairwise subject, by OpenID Connect scope. */
export const OPENID_SCOPES = {
  profile: text("姓名", "Name"),
  organization: text("所代表的单位", "The organization acted for"),
  post: text("机关和岗位", "Authority and post"),
} as const;
export type OpenidScope = keyof typeof OPENID_SCOPES;

export const CLIENT_NAME_LENGTH_MAX = 60;
export const CLIENT_PURPOSE_LENGTH_MAX = 200;
export const CLIENT_URI_LENGTH_MAX = 500;
/** Lines of one field: addresses, articles. */
export const CLIENT_LINES_MAX = 10;
const LINES_LENGTH_MAX = CLIENT_LINES_MAX * (CLIENT_URI_LENGTH_MAX + 2);
export const CLIENT_JWKS_LENGTH_MAX = 8_000;
/** Clients on one page of the list. */
export const CLIENTS_MAX = 500;

const Id = z.uuid();
const both = (max: number) => z.object({ zh: z.string().min(1).max(max), en: z.string().min(1).max(max) });
const Status = field(z.enum(["active", "suspended"]), {
  title: text("状态", "Status"),
  options: { active: text("可用", "Active"), suspended: text("已暂停", "Suspended") },
});
const Audience = field(z.enum(["person", "official", "both"]), {
  title: text("谁可以登录", "Who may sign in"),
  options: {
    person: text("个人", "Persons"),
    official: text("工作人员", "Officials"),
    both: text("个人和工作人员", "Persons and officials"),
  },
});
const purposeOf = (what: Text) =>
  field(both(CLIENT_PURPOSE_LENGTH_MAX).optional(), {
    title: text(`${what.zh}：使用目的`, `${what.en}: purpose`),
    hint: text("不需要提供的留空", "Leave it empty where it is not needed"),
  });
const basisOf = (what: Text) =>
  field(z.string().max(LINES_LENGTH_MAX).optional(), {
    title: text(`${what.zh}：法律依据`, `${what.en}: legal basis`),
    hint: text(
      "每行一条；以本人同意为依据的留空，登录时由本人选择是否提供",
      "One a line; empty where consent is the basis: then each person chooses at sign-in",
    ),
    kind: "textarea",
  });
const AuthMethod = field(z.enum(["client_secret_basic", "private_key_jwt"]), {
  title: text("系统的认证方式", "How the system authenticates"),
  options: {
    client_secret_basic: text("密钥（只显示一次）", "A secret, shown once"),
    private_key_jwt: text("私钥签名（登记公钥）", "Its private key (register the public one)"),
  },
});
const Assurance = field(z.enum(["1", "2", "3"]), {
  title: text("最低认证级别", "Least assurance of sign-in"),
  options: {
    "1": text("一级：密码", "1: password"),
    "2": text("二级：两个因素", "2: two factors"),
    "3": text("三级：证书或当面", "3: certificate or in person"),
  },
});
const Scopes = field(z.array(z.enum(["profile", "organization", "post"])).max(3), {
  title: text("需要提供的信息", "What it is given"),
  kind: "checkboxes",
  options: OPENID_SCOPES,
});

/** What an official fills in to register a system. */
export const ClientForm = z.object({
  name: field(both(CLIENT_NAME_LENGTH_MAX), { title: text("系统名称", "Name of the system") }),
  authority: field(Id, { title: text("所属机关", "Whose system it is") }),
  purpose: field(both(CLIENT_PURPOSE_LENGTH_MAX), { title: text("使用目的", "Purpose") }),
  legalBasis: field(z.string().max(LINES_LENGTH_MAX), {
    title: text("法律依据", "Legal basis"),
    hint: text("每行一条，例如：住房公积金管理条例 第十五条", "One a line: the law, a space, the article"),
    kind: "textarea",
  }),
  audience: Audience,
  profilePurpose: purposeOf(OPENID_SCOPES.profile),
  profileBasis: basisOf(OPENID_SCOPES.profile),
  organizationPurpose: purposeOf(OPENID_SCOPES.organization),
  organizationBasis: basisOf(OPENID_SCOPES.organization),
  postPurpose: purposeOf(OPENID_SCOPES.post),
  postBasis: basisOf(OPENID_SCOPES.post),
  sector: field(z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/), {
    title: text("标识域", "Sector"),
    hint: text("同一标识域的系统看到同一个用户标识，例如 housing-fund", "Systems of one sector see the same subject"),
    kind: "text",
  }),
  redirectUris: field(z.string().min(1).max(LINES_LENGTH_MAX), {
    title: text("回调地址", "Redirect addresses"),
    hint: text("每行一个，须为 https 或本机地址，逐字比对", "One a line: https or loopback, compared letter by letter"),
    kind: "textarea",
  }),
  postLogoutRedirectUris: field(z.string().max(LINES_LENGTH_MAX).optional(), {
    title: text("退出后的地址", "Addresses after sign-out"),
    kind: "textarea",
  }),
  backchannelLogoutUri: field(z.string().max(CLIENT_URI_LENGTH_MAX).optional(), {
    title: text("后台退出通知地址", "Back-channel logout address"),
    kind: "text",
  }),
  authMethod: AuthMethod,
  jwks: field(z.string().max(CLIENT_JWKS_LENGTH_MAX).optional(), {
    title: text("公钥（JWKS）", "Public keys (JWKS)"),
    kind: "textarea",
  }),
  assurance: Assurance,
  dpop: field(z.enum(["yes", "no"]), {
    title: text("令牌绑定系统持有的密钥（DPoP）", "Tokens bound to a key of the system (DPoP)"),
    options: { yes: text("绑定", "Bound"), no: text("不绑定", "Not bound") },
  }),
});

const ClientView = z.object({
  id: Id,
  name: both(CLIENT_NAME_LENGTH_MAX),
  authority: Id,
  purpose: both(CLIENT_PURPOSE_LENGTH_MAX),
  legalBasis: z.array(z.string()),
  audience: Audience,
  claims: z.array(
    z.object({
      scope: z.enum(["profile", "organization", "post"]),
      purpose: both(CLIENT_PURPOSE_LENGTH_MAX),
      /** None: whom it is about agrees. */
      legalBasis: z.array(z.string()),
    }),
  ),
  sector: z.string(),
  redirectUris: z.array(z.string()),
  authMethod: AuthMethod,
  hasSecret: z.boolean(),
  status: Status,
  registeredAt: z.string(),
});

const ClientKey = z.object({ id: field(Id, { title: text("系统编号", "Client id") }) });
const notFound = text("没有这个系统，请核对编号。", "There is no such system; please check its id.");
const administration = { audience: ["official", "node"], duty: ADMINISTER } as const;
const own = { audience: ["person", "official"], duty: "directory.delegate" } as const;
const consentBasis = [cite(PERSONAL_INFORMATION_LAW, "第十三条")];

/** Registering systems that sign their users in here; giving and withdrawing consent. */
export const openidOperations = {
  registerClient: command({
    ...administration,
    title: text("登记使用统一登录的系统", "Register a system that signs its users in here"),
    input: ClientForm,
    output: ClientKey,
    refusals: {
      "client-wrong": text("登记的内容有误，请按提示修改。", "Something is not right; please correct it as told."),
      "authority-unknown": text("没有这个机关。", "There is no such authority."),
    },
    legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第二十三条")],
  }),
  renewClientSecret: command({
    ...administration,
    title: text("生成系统密钥", "Make a new secret for a system"),
    input: ClientKey,
    /** Given once; only its digest is stored. */
    output: z.object({
      id: Id,
      secret: field(z.string(), { title: text("密钥", "Secret"), sensitive: true }),
    }),
    refusals: {
      "not-found": notFound,
      "no-secret": text(
        "该系统用私钥认证，没有密钥。",
        "This system authenticates with its private key; it has no secret.",
      ),
      "once-only": text(
        "密钥只能在“统一登录的系统”页面生成，因为应答不得留存。",
        "A secret is made on the page “Systems”, since the answer must not be kept.",
      ),
    },
    legalBasis: [],
  }),
  suspendClient: command({
    ...administration,
    title: text("暂停系统的统一登录", "Suspend a system's sign-in"),
    input: ClientKey,
    output: ClientKey,
    refusals: { "not-found": notFound },
    legalBasis: [],
  }),
  resumeClient: command({
    ...administration,
    title: text("恢复系统的统一登录", "Resume a system's sign-in"),
    input: ClientKey,
    output: ClientKey,
    refusals: { "not-found": notFound },
    legalBasis: [],
  }),
  listClients: query({
    unfiltered: "arrangement",
    ...administration,
    title: text("使用统一登录的系统", "Systems that sign their users in here"),
    input: z.object({}),
    output: z.object({ items: z.array(ClientView) }),
    refusals: {},
    legalBasis: [],
  }),
  consentToClient: command({
    ...own,
    title: text("同意向系统提供信息", "Agree that a system is given information"),
    input: z.object({ client: Id, scopes: Scopes }),
    output: z.object({ client: Id }),
    refusals: { "not-found": notFound },
    legalBasis: consentBasis,
  }),
  withdrawConsent: command({
    ...own,
    title: text("撤回对系统的同意", "Withdraw one's consent"),
    input: z.object({ client: Id }),
    output: z.object({ client: Id }),
    refusals: {},
    legalBasis: [cite(PERSONAL_INFORMATION_LAW, "第十五条")],
  }),
  myClients: query({
    unfiltered: "own",
    ...own,
    title: text("我同意过的系统", "Systems that I agreed to"),
    input: z.object({}),
    output: z.object({
      items: z.array(
        z.object({
          client: Id,
          name: both(CLIENT_NAME_LENGTH_MAX),
          scopes: z.array(z.enum(["profile", "organization", "post"])),
          givenAt: z.string(),
        }),
      ),
    }),
    refusals: {},
    legalBasis: consentBasis,
  }),
};

/** How the ledger names what a system was given. */
export const OPENID_ENTRIES = { signIn: "openidSignIn", userinfo: "openidUserinfo" } as const;
/** The same in words. */
export const OPENID_ENTRY_WORDS: Readonly<Record<string, Text>> = {
  [OPENID_ENTRIES.signIn]: text("统一登录：您登录了该系统", "Sign-in: you signed in to this system"),
  [OPENID_ENTRIES.userinfo]: text("统一登录：身份信息", "Sign-in: information about you"),
};
/** The claims that a system may be given, in words. */
export const OPENID_CLAIM_WORDS: Readonly<Record<string, Text>> = {
  sub: text("只供该系统使用的用户标识", "an identifier made for that system alone"),
  acr: text("认证级别", "the level of assurance"),
  name: text("姓名", "your name"),
  holder_kind: text("账户类型", "kind of account"),
  organization: text("所代表的单位", "the organization acted for"),
  post: text("机关和岗位", "authority and post"),
};
