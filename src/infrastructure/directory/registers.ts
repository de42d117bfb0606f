import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { type Text, text } from "#lib/language/text";

export const CODE_LENGTH_MAX = 40;
export const NAME_LENGTH_MAX = 100;
export const ADDRESS_LENGTH_MAX = 200;
export const PHONE_LENGTH_MAX = 40;
export const REASON_LENGTH_MAX = 500;
/** The most duties that one post has. */
export const DUTIES_MAX = 40;

/** 公务员法 (2005, amended 2018): offices, appointment and removal. */
export const CIVIL_SERVANT_LAW = text("公务员法", "Civil Servant Law");
/** 地方各级人民代表大会和地方各级人民政府组织法 (1979, amended 2022): what organs a local government has. */
export const LOCAL_ORGANIZATION_LAW = text(
  "地方各级人民代表大会和地方各级人民政府组织法",
  "Organic Law of Local People's Congresses and Governments",
);

/** What an authority is for; services find the organ that is competent in a division by it. */
export const ORGAN_KINDS = {
  "people-government": text("人民政府", "People's government"),
  "market-regulation": text("市场监督管理", "Market regulation"),
  "public-security": text("公安", "Public security"),
  "government-services": text("政务服务管理", "Government services"),
  audit: text("审计", "Audit"),
  "party-committee": text("党的机关", "Organ of the party"),
  "peoples-congress": text("人大机关", "Organ of the people's congress"),
  cppcc: text("政协机关", "Organ of the CPPCC"),
  "supervisory-commission": text("监察机关", "Supervisory commission"),
  court: text("人民法院", "People's court"),
  procuratorate: text("人民检察院", "People's procuratorate"),
  other: text("其他", "Other"),
} as const satisfies Record<string, Text>;

export type OrganKind = keyof typeof ORGAN_KINDS;

export const DutyName = z
  .string()
  .max(CODE_LENGTH_MAX)
  .regex(/^[a-z][a-z-]*(?:\.[a-z][a-z-]*)+$/);

/** A text in both languages, as people write it. */
export const BothLanguages = z.object({
  zh: z.string().trim().min(1).max(NAME_LENGTH_MAX),
  en: z.string().trim().min(1).max(NAME_LENGTH_MAX),
});

/** GB/T 2260 and its levels below: province 2, city 4, county 6, town 9 digits; 99 is not assigned. */
export const DivisionCode = z.string().regex(/^\d{2}(?:\d{2}(?:\d{2}(?:\d{3})?)?)?$/);

export const Division = z.object({
  code: field(DivisionCode, { title: text("行政区划代码", "Division code"), lookup: "unique" }),
  name: field(z.string().trim().min(1).max(NAME_LENGTH_MAX), { title: text("名称", "Name") }),
});

export const Authority = z.object({
  code: field(z.string().regex(/^[0-9A-Za-z-]{2,40}$/), {
    title: text("机构代码", "Authority code"),
    hint: text("字母、数字和连字符", "Letters, digits and hyphens"),
    lookup: "unique",
  }),
  name: field(BothLanguages, { title: text("机构名称", "Name of the authority") }),
  division: field(DivisionCode, { title: text("行政区划", "Division"), lookup: "exact" }),
  parent: field(z.uuid().optional(), { title: text("上级机构", "Parent authority"), lookup: "exact" }),
  kind: field(z.enum(Object.keys(ORGAN_KINDS) as [OrganKind, ...OrganKind[]]), {
    title: text("机构类别", "Kind of organ"),
    kind: "select",
    options: ORGAN_KINDS,
    lookup: "exact",
  }),
  // 行政复议法 §24: against a department of a county, at the people's government of the same level.
  reconsideration: field(BothLanguages, { title: text("行政复议机关", "Body of administrative reconsideration") }),
  // 行政诉讼法 §14, §18: the basic people's court of the place where the organ is.
  court: field(BothLanguages, { title: text("管辖法院", "Court with jurisdiction") }),
  address: field(z.string().trim().min(1).max(ADDRESS_LENGTH_MAX), { title: text("地址", "Address") }),
  phone: field(z.string().trim().min(3).max(PHONE_LENGTH_MAX), { title: text("电话", "Telephone") }),
});

export const Post = z.object({
  title: field(BothLanguages, { title: text("岗位名称", "Title of the post") }),
  authority: field(z.uuid(), { title: text("所属机构", "Authority"), lookup: "exact" }),
  duties: field(z.array(DutyName).max(DUTIES_MAX), { title: text("职责权限", "Duties") }),
});

export const Official = z.object({
  name: field(z.string().trim().min(1).max(NAME_LENGTH_MAX), { title: text("姓名", "Name"), lookup: "name" }),
  authority: field(z.uuid(), { title: text("所在机构", "Authority"), lookup: "exact" }),
  /** Number on the law-enforcement certificate (行政执法证), which officials show at a site check. */
  certificateNumber: field(z.string().trim().max(CODE_LENGTH_MAX).optional(), {
    title: text("执法证号", "Law-enforcement certificate number"),
  }),
});

/** Valid from the day of appointment to the day of removal. */
export const Appointment = z.object({
  official: field(z.uuid(), { title: text("人员", "Official"), lookup: "exact" }),
  post: field(z.uuid(), { title: text("岗位", "Post"), lookup: "exact" }),
});

/** A leave that was arranged, until it is ended early; from the first to the last day the stand-in alone does what the post may do. */
export const Delegation = z.object({
  official: field(z.uuid(), { title: text("请假人员", "Official on leave"), lookup: "exact" }),
  post: field(z.uuid(), { title: text("岗位", "Post"), lookup: "exact" }),
  standIn: field(z.uuid(), { title: text("代理人员", "Stand-in"), lookup: "exact" }),
  from: field(z.iso.date(), { title: text("开始日期", "From"), kind: "date" }),
  to: field(z.iso.date(), { title: text("结束日期", "To"), kind: "date" }),
  reason: field(z.string().trim().min(1).max(REASON_LENGTH_MAX), { title: text("事由", "Reason") }),
});

const organs = [cite(LOCAL_ORGANIZATION_LAW, "第七十九条")];
const offices = [cite(CIVIL_SERVANT_LAW, "第三十九条")];

export const registers = {
  /** Divisions that the reference data does not have: new ones, and those of a demonstration. */
  division: register({
    title: text("补充行政区划", "Further divisions"),
    schema: Division,
    subject: { kind: "none" },
    legalBasis: [],
    retention: "permanent",
  }),
  authority: register({
    title: text("机构", "Authorities"),
    schema: Authority,
    subject: { kind: "none" },
    legalBasis: organs,
    retention: "permanent",
  }),
  post: register({
    title: text("岗位", "Posts"),
    schema: Post,
    subject: { kind: "none" },
    legalBasis: organs,
    retention: "permanent",
  }),
  // That someone holds an office is public: reading it needs no entry of its own. Changes have one, as all acts do.
  official: register({
    title: text("工作人员", "Officials"),
    schema: Official,
    subject: { kind: "none" },
    legalBasis: offices,
    retention: "permanent",
  }),
  appointment: register({
    title: text("任职", "Appointments"),
    schema: Appointment,
    subject: { kind: "none" },
    legalBasis: offices,
    retention: "permanent",
  }),
  delegation: register({
    title: text("代理", "Stand-ins"),
    schema: Delegation,
    subject: { kind: "none" },
    legalBasis: [],
    retention: { years: 10 },
  }),
};
