import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { type Text, text } from "#lib/language/text";

export const NAME_LENGTH_MAX = 200;
export const CODE_LENGTH_MAX = 40;
export const ADDRESS_LENGTH_MAX = 200;
export const SCOPE_LENGTH_MAX = 4_000;
export const REASON_LENGTH_MAX = 1_000;
const SERVICE_LENGTH_MAX = 120;

/** 市场主体登记管理条例 (2021, State Council order 746). */
export const REGISTRATION_REGULATIONS = text(
  "市场主体登记管理条例",
  "Regulations on the Registration of Market Entities",
);
/** 民法典 (2020): legal persons, unincorporated organizations, agency. */
export const CIVIL_CODE = text("民法典", "Civil Code");

export const ORGANIZATION_KINDS = {
  enterprise: text("企业", "Enterprise"),
  "individual-business": text("个体工商户", "Individual business"),
  "farmers-cooperative": text("农民专业合作社", "Farmers' cooperative"),
  "public-institution": text("事业单位", "Public institution"),
  "social-organization": text("社会组织", "Social organization"),
  "other-organization": text("其他组织", "Other organization"),
} as const satisfies Record<string, Text>;
export type OrganizationKind = keyof typeof ORGANIZATION_KINDS;

/** Four ends that law keeps apart: by one's own application or by law, by penalty, by annulment of a wrongful registration. */
export const ORGANIZATION_STATUSES = {
  active: text("存续", "Active"),
  deregistered: text("注销", "Deregistered"),
  "licence-withdrawn": text("吊销", "Licence withdrawn as a penalty"),
  annulled: text("撤销", "Registration annulled"),
} as const satisfies Record<string, Text>;
export type OrganizationStatus = keyof typeof ORGANIZATION_STATUSES;

/** What an agent may do in the organization's name. */
export const AUTHORIZATION_SCOPES = {
  "all-services": text("办理全部政务服务事项", "All government services"),
  licensing: text("办理行政许可事项", "Administrative licences"),
  "one-service": text("只办理一个事项", "One service alone"),
} as const satisfies Record<string, Text>;

function oneOf<K extends string>(options: Readonly<Record<K, Text>>) {
  return z.enum(Object.keys(options) as [K, ...K[]]);
}

export const Organization = z.object({
  name: field(z.string().trim().min(1).max(NAME_LENGTH_MAX), { title: text("名称", "Name"), lookup: "name" }),
  creditCode: field(z.string().trim().min(1).max(CODE_LENGTH_MAX), {
    title: text("统一社会信用代码", "Unified social credit code"),
    lookup: "unique",
  }),
  kind: field(oneOf(ORGANIZATION_KINDS), { title: text("类型", "Kind"), kind: "select", options: ORGANIZATION_KINDS }),
  /** Key of the population entry: legal representative (法定代表人), person in charge, or operator (经营者) of an individual business. */
  representative: field(z.uuid(), {
    title: text("法定代表人（负责人、经营者）", "Legal representative or operator"),
    lookup: "exact",
  }),
  division: field(z.string().regex(/^\d{2}(?:\d{2}(?:\d{2}(?:\d{3})?)?)?$/), {
    title: text("住所行政区划", "Division of the address"),
  }),
  address: field(z.string().trim().min(1).max(ADDRESS_LENGTH_MAX), {
    title: text("住所（经营场所）", "Registered address (place of business)"),
  }),
  businessScope: field(z.string().trim().min(1).max(SCOPE_LENGTH_MAX), {
    title: text("经营范围", "Business scope"),
    kind: "textarea",
  }),
  establishedOn: field(z.iso.date(), { title: text("成立日期", "Established on"), kind: "date" }),
  status: field(oneOf(ORGANIZATION_STATUSES), { title: text("登记状态", "Status"), options: ORGANIZATION_STATUSES }),
  /** Why this version replaced the one before. */
  changeReason: field(z.string().trim().min(1).max(REASON_LENGTH_MAX).optional(), {
    title: text("变更或更正理由", "Reason of the change"),
  }),
});

/** A letter of authorization (授权委托书), recorded, so that power to act is looked up and not typed in. */
export const Authorization = z.object({
  organization: field(z.uuid(), { title: text("委托单位", "Organization"), lookup: "exact" }),
  agent: field(z.uuid(), { title: text("受托人", "Agent"), lookup: "exact" }),
  scope: field(oneOf(AUTHORIZATION_SCOPES), {
    title: text("委托事项", "What the agent may do"),
    kind: "radios",
    options: AUTHORIZATION_SCOPES,
  }),
  /** Which service, where it is for one alone: `quality.foodBusinessLicence`. */
  service: field(
    z
      .string()
      .max(SERVICE_LENGTH_MAX)
      .regex(/^[a-z][a-z-]*\.[a-z][A-Za-z]*$/)
      .optional(),
    { title: text("哪个事项", "Which service") },
  ),
  from: field(z.iso.date(), { title: text("委托期限自", "From"), kind: "date" }),
  to: field(z.iso.date(), { title: text("委托期限至", "To"), kind: "date" }),
  /** The representative who gave it. */
  grantedBy: field(z.uuid(), { title: text("委托人", "Granted by") }),
  revokedAt: field(z.iso.datetime().optional(), { title: text("撤销时间", "Revoked at") }),
});

/** What a representative can report as wrong. Who represents and what kind it is are changed by registration (变更登记). */
export const CORRECTABLE = {
  name: text("名称", "Name"),
  address: text("住所（经营场所）", "Registered address"),
  businessScope: text("经营范围", "Business scope"),
  establishedOn: text("成立日期", "Established on"),
} as const satisfies Record<string, Text>;
export type CorrectableAttribute = keyof typeof CORRECTABLE;

export const CORRECTION_STATUSES = {
  open: text("待核实", "Waiting"),
  accepted: text("已更正", "Corrected"),
  rejected: text("未予更正", "Not corrected"),
} as const satisfies Record<string, Text>;

export const CorrectionRequest = z.object({
  organization: field(z.uuid(), { title: text("组织", "Organization"), lookup: "exact" }),
  /** Who reported it. */
  person: field(z.uuid(), { title: text("申请人", "Person"), lookup: "exact" }),
  attribute: field(oneOf(CORRECTABLE), {
    title: text("有误的信息", "What is wrong"),
    kind: "select",
    options: CORRECTABLE,
  }),
  claimed: field(z.string().trim().min(1).max(SCOPE_LENGTH_MAX), { title: text("正确的内容", "What it should be") }),
  explanation: field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
    title: text("说明", "Explanation"),
    hint: text("例如：营业执照上写的是什么", "For example, what the business licence says"),
    kind: "textarea",
  }),
  status: field(oneOf(CORRECTION_STATUSES), {
    title: text("状态", "Status"),
    options: CORRECTION_STATUSES,
    lookup: "exact",
  }),
  decisionReason: field(z.string().trim().min(1).max(REASON_LENGTH_MAX).optional(), {
    title: text("处理理由", "Reason for the decision"),
    kind: "textarea",
  }),
});

export const registers = {
  organization: register({
    title: text("法人和其他组织基础信息", "Legal entities and other organizations"),
    schema: Organization,
    subject: { kind: "organization", by: "key" },
    legalBasis: [cite(REGISTRATION_REGULATIONS, "第八条")],
    retention: "permanent",
  }),
  authorization: register({
    title: text("授权委托", "Authorizations"),
    schema: Authorization,
    subject: { kind: "organization", by: "organization" },
    legalBasis: [cite(CIVIL_CODE, "第一百六十五条")],
    retention: { years: 20 },
  }),
  correctionRequest: register({
    title: text("更正申请", "Requests for correction"),
    schema: CorrectionRequest,
    subject: { kind: "organization", by: "organization" },
    legalBasis: [cite(REGISTRATION_REGULATIONS, "第二十四条")],
    retention: { years: 10 },
  }),
};
