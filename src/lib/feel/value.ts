import { Decimal } from "#lib/decimal/decimal";

/** A FEEL range: open or closed at each end; a missing end is unbounded. */
export interface FeelRange {
  readonly kind: "range";
  readonly from: FeelValue;
  readonly to: FeelValue;
  readonly fromIncluded: boolean;
  readonly toIncluded: boolean;
}

export type FeelContext = ReadonlyMap<string, FeelValue>;

/** What an expression evaluates to. Numbers are decimals; days and instants are Temporal's. */
export type FeelValue =
  | null
  | boolean
  | string
  | Decimal
  | Temporal.PlainDate
  | Temporal.PlainTime
  | Temporal.ZonedDateTime
  | Temporal.PlainDateTime
  | Temporal.Duration
  | FeelRange
  | FeelContext
  | readonly FeelValue[];

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** JSON as FEEL sees it: each number becomes the decimal that it was written as. */
export function fromJson(value: JsonValue | undefined): FeelValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isFinite(value) ? new Decimal(value) : null;
  if (typeof value !== "object") return value;
  if (isJsonList(value)) return value.map(fromJson);
  return new Map(Object.entries(value).map(([key, entry]) => [key, fromJson(entry)]));
}

/** FEEL as JSON: a decimal that a JSON number cannot hold exactly becomes a string, as do dates, times and durations. */
export function toJson(value: FeelValue): JsonValue {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (isNumber(value)) {
    const number = value.toNumber();
    const exact = !Number.isInteger(number) || Number.isSafeInteger(number);
    return exact && new Decimal(number).equals(value) ? number : value.toFixed();
  }
  if (isList(value)) return value.map(toJson);
  if (isContext(value)) return Object.fromEntries([...value].map(([key, entry]) => [key, toJson(entry)]));
  if (isRange(value)) return null;
  return value.toString();
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
export function isNumber(value: FeelValue): value is Decimal {
  return Decimal.isDecimal(value);
}
export function isList(value: FeelValue): value is readonly FeelValue[] {
  return Array.isArray(value);
}
export function isContext(value: FeelValue): value is FeelContext {
  return value instanceof Map;
}
export function isRange(value: FeelValue): value is FeelRange {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "range";
}
export function isDate(value: FeelValue): value is Temporal.PlainDate {
  return value instanceof Temporal.PlainDate;
}
export function isTime(value: FeelValue): value is Temporal.PlainTime {
  return value instanceof Temporal.PlainTime;
}
export function isDateTime(value: FeelValue): value is Temporal.ZonedDateTime | Temporal.PlainDateTime {
  return value instanceof Temporal.ZonedDateTime || value instanceof Temporal.PlainDateTime;
}
export function isDuration(value: FeelValue): value is Temporal.Duration {
  return value instanceof Temporal.Duration;
}

/** The name by which `instance of` and messages call a value's type. */
export function typeName(value: FeelValue): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "string";
  if (isNumber(value)) return "number";
  if (isDate(value)) return "date";
  if (isTime(value)) return "time";
  if (isDateTime(value)) return "date and time";
  if (isDuration(value)) return "duration";
  if (isList(value)) return "list";
  return isContext(value) ? "context" : "range";
}
