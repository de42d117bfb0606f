import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { command, defineContract, event, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import {
  Authorization,
  CIVIL_CODE,
  CODE_LENGTH_MAX,
  CorrectionRequest,
  NAME_LENGTH_MAX,
  Organization,
  REASON_LENGTH_MAX,
  REGISTRATION_REGULATIONS,
  registers,
} from "./registers.ts";

/** Writing entries. */
export const KEEP = "register.keep";
/** The most entries that one answer lists. */
export const LIST_LENGTH_MAX = 50;
/** The most organizations for which one person can act. */
export const REPRESENTED_MAX = 200;
/** An authorization runs this long at most; after that, it is given anew. */
export const AUTHORIZATION_YEARS_MAX = 5;
const PAGE_POSITION_LENGTH_MAX = 1_000;

const Id = z.uuid();
const Key = z.object({ id: Id });
/** As `next` of the page before gave it: sealed, and as long as a long name makes it. */
const PagePosition = z.string().max(PAGE_POSITION_LENGTH_MAX);
const Reason = field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
  title: text("理由", "Reason"),
  kind: "textarea",
});
const Confirmed = field(z.boolean().default(false), {
  title: text(
    "已对照营业执照核对，上述提示无误",
    "I compared this with the business licence; the warnings are in order",
  ),
  kind: "boolean",
});

/** By which right a person acts for an organization. */
export const Right = z.enum(["legal-representative", "operator", "agent"]);

/** 企业信息公示暂行条例 §6: what anyone may know. Who the representative is, others learn by name, not by key. */
const PublicFacts = Organization.omit({ representative: true, changeReason: true }).extend({ id: Id });
const Full = Organization.extend({ id: Id });
const Represented = z.object({
  id: Id,
  name: z.string(),
  creditCode: z.string(),
  kind: Organization.shape.kind,
  right: Right,
  /** Of an authorization: its last day, and by what it is named when the agent gives it up. */
  to: z.string().optional(),
  authorization: Id.optional(),
});
const AuthorizationView = Authorization.extend({ id: Id, organizationName: z.string() });
const CorrectionView = CorrectionRequest.extend({ id: Id, organizationName: z.string(), recordedAt: z.string() });
const Changes = Organization.omit({ status: true, changeReason: true }).partial();

const notFound = text(
  "没有查到这个组织，请核对后重试。",
  "No such organization was found; please check and try again.",
);
const invalid = text(
  "填写的内容有误，请按提示更正。",
  "Some of what was entered is not right; please correct the marked places.",
);
const needsConfirmation = text(
  "有需要核对的内容。请对照营业执照核对；确认无误的，勾选确认后再次提交。",
  "Some of this is unusual. Compare it with the business licence; if it is right, confirm and send it again.",
);
const exists = text("该统一社会信用代码已登记。", "This code is registered already.");
const notRepresentative = text(
  "您不是该组织的法定代表人、负责人或经营者，也没有有效的授权委托。请由其本人办理，或先在本平台登记授权委托书。",
  "You are neither its legal representative or operator nor an agent with a valid authorization. Ask the representative to do it, or to record an authorization here first.",
);

/** Whoever gives away the power to act proves first who he is. */
const GRANTING = { level: 2, withinMinutes: 30 } as const;
const GRANT_REFUSALS = {
  "not-found": notFound,
  "not-representative": text(
    "只有法定代表人、负责人或经营者本人可以委托他人。",
    "Only the legal representative or operator in person can authorize someone.",
  ),
  "agent-not-found": text("没有查到受托人，请核对。", "The agent was not found; please check."),
  "own-agent": text("不能委托本人。", "You cannot authorize yourself."),
  "bad-period": text(
    "委托期限有误：截止日期应晚于起始日期和今天，最长五年。",
    "The period is not right: it ends after it begins, not before today, and runs five years at most.",
  ),
  "bad-service": text(
    "只办理一个事项的，请选择是哪个事项；否则不要选择。",
    "Where it is for one service alone, choose which; otherwise choose none.",
  ),
  "already-authorized": text("此人已有同样的有效委托。", "This person has the same authorization already."),
} as const;

export const legalEntities = defineContract({
  id: "legal-entities",
  version: "1.0",
  title: text("法人和其他组织基础信息库", "Register of legal entities"),
  steward: text("市场监督管理部门", "Market regulator"),
  registers,
  operations: {
    findOrganization: query({
      title: text("查询组织公示信息", "Find an organization"),
      audience: ["public"],
      input: Key,
      output: PublicFacts,
      refusals: { "not-found": notFound },
      legalBasis: [],
    }),
    findByCode: query({
      title: text("按统一社会信用代码查询", "Find by credit code"),
      audience: ["public"],
      input: z.object({
        creditCode: field(z.string().trim().min(1).max(CODE_LENGTH_MAX), {
          title: text("统一社会信用代码", "Unified social credit code"),
        }),
      }),
      output: PublicFacts,
      refusals: { "not-found": notFound, invalid },
      legalBasis: [],
    }),
    findOrganizationForCase: query({
      title: text("办件查询组织信息", "Find an organization for a case"),
      audience: ["node"],
      input: Key,
      output: Full,
      refusals: { "not-found": notFound },
      legalBasis: [cite(REGISTRATION_REGULATIONS, "第八条")],
    }),
    searchByName: query({
      title: text("按名称查询", "Search by name"),
      audience: ["public"],
      input: z.object({
        name: field(z.string().trim().min(1).max(NAME_LENGTH_MAX), { title: text("名称", "Name") }),
        after: PagePosition.optional(),
      }),
      output: z.object({ items: z.array(PublicFacts), next: z.string().optional() }),
      refusals: {},
      legalBasis: [],
    }),
    organizationsOf: query({
      unfiltered: "own",
      title: text("我可以代表的组织", "Organizations for which I can act"),
      audience: ["person", "node"],
      input: z.object({ person: Id }),
      output: z.object({ items: z.array(Represented) }),
      refusals: {
        "not-own": text(
          "只能查询本人可以代表的组织。",
          "You can ask only for which organizations you can act yourself.",
        ),
      },
      legalBasis: [],
    }),
    representation: query({
      title: text("核实代表权", "Check the power to represent"),
      audience: ["node"],
      input: z.object({
        person: Id,
        organization: Id,
        /** What is to be done: an authorization that does not cover it does not count. Absent: anything. */
        needed: z.object({ service: z.string().max(200), isLicence: z.boolean() }).optional(),
      }),
      output: z.object({
        organization: Id,
        name: z.string(),
        right: Right,
        scope: Authorization.shape.scope.optional(),
        /** Of an agent whose every authorization is for one service alone: for which. */
        services: z.array(z.string()).optional(),
      }),
      refusals: {
        "not-found": notFound,
        "not-representative": notRepresentative,
        "not-active": text(
          "该组织已注销、被吊销或被撤销登记，不能以其名义办理。",
          "This organization is not active any more; nothing can be done in its name.",
        ),
      },
      legalBasis: [cite(CIVIL_CODE, "第六十一条"), cite(CIVIL_CODE, "第一百六十五条")],
    }),
    listAuthorizations: query({
      unfiltered: "own",
      title: text("授权委托一览", "Authorizations of an organization"),
      audience: ["person", "node"],
      input: z.object({ organization: Id }),
      output: z.object({
        items: z.array(AuthorizationView.extend({ valid: z.boolean(), agentName: z.string().optional() })),
      }),
      refusals: { "not-found": notFound, "not-representative": notRepresentative },
      legalBasis: [],
    }),
    authorizeAgent: command({
      title: text("登记授权委托书", "Authorize an agent"),
      // An official records a letter that was handed in at a counter (授权委托书).
      audience: ["person", "official", "node"],
      duty: KEEP,
      assurance: GRANTING,
      input: Authorization.pick({ organization: true, agent: true, scope: true, service: true, from: true, to: true }),
      output: Key,
      refusals: GRANT_REFUSALS,
      legalBasis: [cite(CIVIL_CODE, "第一百六十五条")],
    }),
    /** As above, by whom the agent is to people: name and identity number, which must both be right. */
    grantAuthorization: command({
      title: text("在线委托他人办事", "Authorize someone on line"),
      audience: ["person"],
      assurance: GRANTING,
      input: Authorization.pick({ organization: true, scope: true, service: true, from: true, to: true }).extend({
        agentName: field(z.string().trim().min(1).max(NAME_LENGTH_MAX), {
          title: text("受托人姓名", "Name of the agent"),
        }),
        agentNumber: field(z.string().trim().min(1).max(CODE_LENGTH_MAX), {
          title: text("受托人居民身份证号码", "Resident identity number of the agent"),
          kind: "identity-number",
          sensitive: true,
        }),
      }),
      output: Key,
      refusals: GRANT_REFUSALS,
      legalBasis: [cite(CIVIL_CODE, "第一百六十五条")],
    }),
    revokeAuthorization: command({
      title: text("撤销授权委托", "Revoke an authorization"),
      audience: ["person", "node"],
      input: Key,
      output: Key,
      refusals: {
        "not-found": text("没有这项授权委托，或已失效。", "There is no such authorization, or it has ended."),
        "not-yours": text("只有委托人、受托人本人可以终止委托。", "Only the representative or the agent can end it."),
      },
      legalBasis: [cite(CIVIL_CODE, "第一百七十三条")],
    }),
    reportWrong: command({
      title: text("信息有误，申请更正", "This is wrong"),
      audience: ["person"],
      input: CorrectionRequest.pick({ organization: true, attribute: true, claimed: true, explanation: true }),
      output: Key,
      refusals: {
        "not-found": notFound,
        "not-representative": notRepresentative,
        "already-open": text(
          "这项信息的更正申请正在核实中，请等待结果。",
          "A request for this is being looked at already; please wait for its result.",
        ),
      },
      legalBasis: [cite(REGISTRATION_REGULATIONS, "第二十四条")],
    }),
    ownCorrectionRequests: query({
      unfiltered: "own",
      title: text("我提出的更正申请", "My requests for correction"),
      audience: ["person"],
      input: z.object({}),
      output: z.object({ items: z.array(CorrectionView) }),
      refusals: {},
      legalBasis: [],
    }),
    listCorrectionRequests: query({
      title: text("待核实的更正申请", "Requests for correction that wait"),
      audience: ["official"],
      duty: KEEP,
      lists: "correctionRequest",
      input: z.object({ after: PagePosition.optional() }),
      output: z.object({ items: z.array(CorrectionView), next: z.string().optional() }),
      refusals: {},
      legalBasis: [],
    }),
    decideCorrection: command({
      title: text("处理更正申请", "Decide on a request for correction"),
      audience: ["official"],
      duty: KEEP,
      input: z.object({
        id: Id,
        accepted: field(z.boolean(), { title: text("是否更正", "Correct it"), kind: "boolean" }),
        /** As the register is to have it, where that differs from what was written. */
        value: field(CorrectionRequest.shape.claimed.optional(), { title: text("更正为", "Correct it to") }),
        reason: Reason,
        confirmed: Confirmed,
      }),
      output: Key,
      refusals: {
        "not-found": text("没有这项更正申请。", "There is no such request."),
        "already-decided": text("这项更正申请已经处理。", "This request has been decided already."),
        invalid,
        "needs-confirmation": needsConfirmation,
      },
      legalBasis: [cite(REGISTRATION_REGULATIONS, "第二十四条")],
    }),
    registerOrganization: command({
      title: text("登记组织", "Register an organization"),
      audience: ["official", "node"],
      duty: KEEP,
      input: Organization.omit({ status: true, changeReason: true }).extend({ confirmed: Confirmed }),
      output: Key,
      refusals: {
        invalid,
        "needs-confirmation": needsConfirmation,
        exists,
        "representative-not-found": text(
          "人口库中没有此人，请核对法定代表人（经营者）。",
          "The population register has no such person; please check the representative.",
        ),
      },
      legalBasis: [cite(REGISTRATION_REGULATIONS, "第八条")],
    }),
    correctOrganization: command({
      title: text("变更或更正登记", "Change or correct an entry"),
      audience: ["official", "node"],
      duty: KEEP,
      input: Changes.extend({
        id: Id,
        since: field(z.iso.date().optional(), {
          title: text("自何日起变更（更正错误的不填）", "Changed since (empty when an error is corrected)"),
          kind: "date",
        }),
        reason: Reason,
        confirmed: Confirmed,
      }),
      output: Key,
      refusals: {
        "not-found": notFound,
        invalid,
        "needs-confirmation": needsConfirmation,
        exists,
        "representative-not-found": text(
          "人口库中没有此人，请核对法定代表人（经营者）。",
          "The population register has no such person; please check the representative.",
        ),
      },
      legalBasis: [cite(REGISTRATION_REGULATIONS, "第二十四条")],
    }),
    endOrganization: command({
      title: text("注销、吊销或撤销登记", "End an organization"),
      audience: ["official", "node"],
      duty: KEEP,
      input: z.object({
        id: Id,
        how: field(z.enum(["deregistered", "licence-withdrawn", "annulled"]), { title: text("方式", "How") }),
        on: field(z.iso.date(), { title: text("日期", "On"), kind: "date" }),
        reason: Reason,
      }),
      output: Key,
      refusals: {
        "not-found": notFound,
        "not-active": text("该组织已不在存续状态。", "This organization is not active any more."),
        "bad-date": text(
          "日期应在成立日期之后，且不晚于今天。",
          "The day is after the establishment and not after today.",
        ),
      },
      legalBasis: [cite(REGISTRATION_REGULATIONS, "第三十一条")],
    }),
  },
  events: {
    organizationChanged: event({
      title: text("登记事项变动", "An organization was registered, changed, corrected or ended"),
      key: "organization",
      payload: z.object({
        organization: field(Id, { title: text("组织", "Organization") }),
        creditCode: field(z.string(), { title: text("统一社会信用代码", "Unified social credit code") }),
        what: field(z.enum(["registered", "changed", "corrected", "ended"]), { title: text("变动", "What happened") }),
        /** Names alone; what they are now is asked for, with a purpose. */
        attributes: field(z.array(z.string()), { title: text("变动的事项", "Which attributes changed") }),
      }),
    }),
    correctionDecided: {
      title: text("更正申请已处理", "A request for correction was decided"),
      payload: z.object({ request: Id, organization: Id, person: Id, accepted: z.boolean() }),
    },
    organizationEnded: {
      title: text("组织终止", "An organization ended"),
      payload: z.object({ organization: Id, how: z.string() }),
    },
  },
});
