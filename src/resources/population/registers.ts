import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { type Text, text } from "#lib/language/text";

export const NAME_LENGTH_MAX = 100;
export const DOCUMENT_NUMBER_LENGTH_MAX = 40;
export const ADDRESS_LENGTH_MAX = 200;
export const TEXT_LENGTH_MAX = 1_000;

/** 居民身份证法 (2003, amended 2011): what is registered of a citizen, and the number that is his alone. */
export const IDENTITY_CARD_LAW = text("居民身份证法", "Resident Identity Card Law");
/** 户口登记条例 (1958): registration by household, change and correction. */
export const HOUSEHOLD_REGULATIONS = text("户口登记条例", "Household Registration Regulations");

export const DOCUMENT_KINDS = {
  "resident-identity": text("居民身份证", "Resident identity card"),
  passport: text("护照", "Passport"),
  "hmt-residence-permit": text("港澳台居民居住证", "Residence permit for Hong Kong, Macao and Taiwan residents"),
  "foreign-permanent-residence": text("外国人永久居留身份证", "Foreign permanent resident identity card"),
} as const satisfies Record<string, Text>;
export type DocumentKind = keyof typeof DOCUMENT_KINDS;

// GB/T 2261.1
export const SEXES = {
  male: text("男", "Male"),
  female: text("女", "Female"),
  unspecified: text("未说明", "Not stated"),
} as const satisfies Record<string, Text>;
export type Sex = keyof typeof SEXES;

export const LIFE_STATUSES = {
  alive: text("健在", "Alive"),
  deceased: text("已死亡", "Deceased"),
} as const satisfies Record<string, Text>;

/** What the head of a household calls a member. */
export const HOUSEHOLD_ROLES = {
  head: text("户主", "Head of household"),
  spouse: text("配偶", "Spouse"),
  child: text("子女", "Child"),
  parent: text("父母", "Parent"),
  grandchild: text("孙子女", "Grandchild"),
  other: text("其他", "Other"),
} as const satisfies Record<string, Text>;

function oneOf<K extends string>(options: Readonly<Record<K, Text>>) {
  return z.enum(Object.keys(options) as [K, ...K[]]);
}

export const PersonName = field(z.string().trim().min(1).max(NAME_LENGTH_MAX), {
  title: text("姓名", "Name"),
  lookup: "name",
});
export const DocumentKindField = field(oneOf(DOCUMENT_KINDS), {
  title: text("证件类型", "Kind of document"),
  kind: "select",
  options: DOCUMENT_KINDS,
});
export const Nationality = field(z.string().regex(/^[A-Z]{3}$/), {
  title: text("国籍", "Nationality"),
  hint: text("三位字母代码，例如 CHN", "Three letters of ISO 3166-1, such as CHN"),
});

export const Person = z.object({
  name: PersonName,
  documentKind: DocumentKindField,
  /** As `document-key.ts` writes it: a passport's number has its issuing state before it. */
  documentNumber: field(z.string().min(1).max(DOCUMENT_NUMBER_LENGTH_MAX), {
    title: text("证件号码", "Document number"),
    sensitive: true,
    lookup: "unique",
  }),
  sex: field(oneOf(SEXES), { title: text("性别", "Sex"), kind: "radios", options: SEXES }),
  birthDate: field(z.iso.date(), { title: text("出生日期", "Date of birth"), kind: "date", sensitive: true }),
  // GB/T 3304
  ethnicity: field(z.string().trim().min(1).max(20).optional(), { title: text("民族", "Ethnicity"), sensitive: true }),
  nationality: Nationality,
  division: field(z.string().regex(/^\d{2}(?:\d{2}(?:\d{2}(?:\d{3})?)?)?$/), {
    title: text("住址行政区划", "Division of the address"),
  }),
  address: field(z.string().trim().min(1).max(ADDRESS_LENGTH_MAX), {
    title: text("住址", "Address"),
    sensitive: true,
  }),
  mobile: field(z.string().max(20).optional(), {
    title: text("手机号码", "Mobile number"),
    kind: "mobile",
    sensitive: true,
  }),
  household: field(z.uuid().optional(), { title: text("户", "Household"), lookup: "exact" }),
  householdRole: field(oneOf(HOUSEHOLD_ROLES).optional(), {
    title: text("与户主关系", "Relation to the head of household"),
    options: HOUSEHOLD_ROLES,
  }),
  lifeStatus: field(oneOf(LIFE_STATUSES), { title: text("状态", "Life status"), options: LIFE_STATUSES }),
  /** Why this version replaced the one before. */
  changeReason: field(z.string().trim().min(1).max(TEXT_LENGTH_MAX).optional(), {
    title: text("变更或更正理由", "Reason of the change"),
    sensitive: true,
  }),
});

/** What a person can report as wrong about himself. The number itself is corrected with the document in hand. */
export const CORRECTABLE = {
  name: text("姓名", "Name"),
  sex: text("性别", "Sex"),
  birthDate: text("出生日期", "Date of birth"),
  ethnicity: text("民族", "Ethnicity"),
  nationality: text("国籍", "Nationality"),
  address: text("住址", "Address"),
  mobile: text("手机号码", "Mobile number"),
} as const satisfies Record<string, Text>;
export type CorrectableAttribute = keyof typeof CORRECTABLE;

export const CORRECTION_STATUSES = {
  open: text("待核实", "Waiting"),
  accepted: text("已更正", "Corrected"),
  rejected: text("未予更正", "Not corrected"),
} as const satisfies Record<string, Text>;

export const CorrectionRequest = z.object({
  person: field(z.uuid(), { title: text("申请人", "Person"), lookup: "exact" }),
  attribute: field(oneOf(CORRECTABLE), {
    title: text("有误的信息", "What is wrong"),
    kind: "select",
    options: CORRECTABLE,
  }),
  claimed: field(z.string().trim().min(1).max(ADDRESS_LENGTH_MAX), {
    title: text("正确的内容", "What it should be"),
    sensitive: true,
  }),
  explanation: field(z.string().trim().min(1).max(TEXT_LENGTH_MAX), {
    title: text("说明", "Explanation"),
    hint: text("例如：哪份证件上写的是什么", "For example, which document says what"),
    kind: "textarea",
    sensitive: true,
  }),
  status: field(oneOf(CORRECTION_STATUSES), {
    title: text("状态", "Status"),
    options: CORRECTION_STATUSES,
    lookup: "exact",
  }),
  decisionReason: field(z.string().trim().min(1).max(TEXT_LENGTH_MAX).optional(), {
    title: text("处理理由", "Reason for the decision"),
    kind: "textarea",
  }),
});

/** 民法典 §27: a minor's parents; where they are dead or cannot, grandparents, elder siblings, others whom the village or residents' committee agrees to. */
export const GUARDIAN_RELATIONS = {
  parent: text("父母", "Parent"),
  grandparent: text("祖父母、外祖父母", "Grandparent"),
  sibling: text("成年兄姐", "Elder sibling"),
  other: text("其他愿意担任监护人的个人", "Another person who is willing"),
} as const satisfies Record<string, Text>;

/** Who is a minor's guardian, as registered with the household (户口登记的监护人、监护关系). It ends by itself when the minor is 18. */
export const Guardianship = z.object({
  ward: field(z.uuid(), { title: text("被监护人", "Ward"), lookup: "exact" }),
  guardian: field(z.uuid(), { title: text("监护人", "Guardian"), lookup: "exact" }),
  relation: field(oneOf(GUARDIAN_RELATIONS), {
    title: text("监护关系", "Relation"),
    kind: "radios",
    options: GUARDIAN_RELATIONS,
  }),
  evidence: field(z.string().trim().min(1).max(ADDRESS_LENGTH_MAX), {
    title: text("依据的材料", "What it rests on"),
    hint: text("例如：出生医学证明及编号，指定监护的文书", "For example a birth certificate with its number"),
    sensitive: true,
  }),
  endedOn: field(z.iso.date().optional(), { title: text("终止日期", "Ended on"), kind: "date" }),
  endReason: field(z.string().trim().min(1).max(TEXT_LENGTH_MAX).optional(), {
    title: text("终止理由", "Why it ended"),
    sensitive: true,
  }),
});

export const CIVIL_CODE = text("民法典", "Civil Code");

export const registers = {
  person: register({
    title: text("人口基础信息", "Persons"),
    schema: Person,
    subject: { kind: "person", by: "key" },
    legalBasis: [cite(IDENTITY_CARD_LAW, "第三条"), cite(HOUSEHOLD_REGULATIONS, "第四条")],
    retention: "permanent",
  }),
  guardianship: register({
    title: text("未成年人监护关系", "Guardians of minors"),
    schema: Guardianship,
    subject: { kind: "person", by: "ward" },
    legalBasis: [cite(CIVIL_CODE, "第二十七条"), cite(HOUSEHOLD_REGULATIONS, "第四条")],
    retention: "permanent",
  }),
  correctionRequest: register({
    title: text("更正申请", "Requests for correction"),
    schema: CorrectionRequest,
    subject: { kind: "person", by: "person" },
    // 个人信息保护法 §46: one may ask that wrong or incomplete personal information is corrected.
    legalBasis: [cite(text("个人信息保护法", "Personal Information Protection Law"), "第四十六条")],
    retention: { years: 10 },
  }),
};
