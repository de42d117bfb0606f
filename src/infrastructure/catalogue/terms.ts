import { cite } from "#kernel/contract/citation";
import { type Text, text } from "#lib/language/text";

/** 政务数据共享条例 (State Council order 809, in force 2025-08-01). Which articles could be read stands in `LAW.md`. */
export const SHARING_REGULATION = text("政务数据共享条例", "Regulation on Government Data Sharing");
export const catalogueLaw = [cite(SHARING_REGULATION, "第三条"), cite(SHARING_REGULATION, "第十六条")];

/** What every post that looks into the catalogue holds. */
export const READ = "catalogue.read";
/** Describes what an authority keeps, and answers who asks for it (数源部门). */
export const STEWARD = "catalogue.steward";
/** Reviews an entry before its release (保密审查). */
export const REVIEW = "catalogue.review";
/** Asks other authorities for data, and answers for their use (政务数据需求部门). */
export const REQUEST = "catalogue.request";
/** Of the authority in charge of sharing (政务数据共享主管部门). */
export const COORDINATE = "catalogue.coordinate";
/** Decides what coordination could not settle, in the government's name (本级人民政府). */
export const GOVERN = "catalogue.govern";

/** 共享类型, in the order of strictness. */
export const SHARING_KINDS = {
  unconditional: text("无条件共享", "Shared unconditionally"),
  conditional: text("有条件共享", "Shared on conditions"),
  none: text("不予共享", "Not shared"),
} as const satisfies Record<string, Text>;
export type SharingKind = keyof typeof SHARING_KINDS;

/** 更新周期, as the guide of 2017 counts them. */
export const UPDATE_CYCLES = {
  "real-time": text("实时", "Real time"),
  daily: text("每日", "Daily"),
  weekly: text("每周", "Weekly"),
  monthly: text("每月", "Monthly"),
  quarterly: text("每季度", "Quarterly"),
  yearly: text("每年", "Yearly"),
  irregular: text("不定期", "Irregular"),
} as const satisfies Record<string, Text>;

/** 数据类型 of an attribute. */
export const DATA_TYPES = {
  string: text("字符型", "Text"),
  date: text("日期型", "Date"),
  "date-time": text("日期时间型", "Instant"),
  integer: text("整型", "Whole number"),
  number: text("数值型", "Number"),
  boolean: text("逻辑型", "Yes or no"),
  array: text("列表", "List"),
  object: text("结构", "Structure"),
  any: text("通用型", "Any"),
} as const satisfies Record<string, Text>;
export type DataType = keyof typeof DATA_TYPES;

export const RESOURCE_KINDS = {
  register: text("登记簿", "Register"),
  operation: text("服务接口", "Service"),
} as const satisfies Record<string, Text>;

export const NAME_LENGTH_MAX = 200;
export const WORDS_LENGTH_MAX = 1_000;
export const ABSTRACT_LENGTH_MAX = 500;
/** Attributes of one resource. */
export const ATTRIBUTES_MAX = 200;
/** Resources or entries in one answer. */
export const LIST_LENGTH = 50;
export const NUMBER_MAX = 999_999_999;
