import {
  type FeelRange,
  type FeelValue,
  isContext,
  isDate,
  isDateTime,
  isDuration,
  isList,
  isNumber,
  isRange,
  isTime,
  typeName,
} from "./value.ts";

/** Equality with three values: null where the types differ and neither is null. */
export function equal(left: FeelValue, right: FeelValue): boolean | null {
  if (left === null || right === null) return left === right;
  if (typeName(left) !== typeName(right)) return null;
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((value, at) => equal(value, right[at] ?? null) === true);
  }
  if (isContext(left) && isContext(right)) {
    return (
      left.size === right.size &&
      [...left].every(([key, value]) => right.has(key) && equal(value, right.get(key) ?? null) === true)
    );
  }
  if (isRange(left) && isRange(right)) {
    return (
      equal(left.from, right.from) === true &&
      equal(left.to, right.to) === true &&
      left.fromIncluded === right.fromIncluded &&
      left.toIncluded === right.toIncluded
    );
  }
  if (typeof left === "boolean") return left === right;
  const order = compare(left, right);
  return order === null ? null : order === 0;
}

/** Order of two numbers, strings (by code point), dates, times, instants or durations; null where there is none. */
export function compare(left: FeelValue, right: FeelValue): number | null {
  if (isNumber(left) && isNumber(right)) return left.comparedTo(right);
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  if (isDate(left) && isDate(right)) return Temporal.PlainDate.compare(left, right);
  if (isTime(left) && isTime(right)) return Temporal.PlainTime.compare(left, right);
  if (isDateTime(left) && isDateTime(right)) return compareDateTimes(left, right);
  if (isDuration(left) && isDuration(right)) return compareDurations(left, right);
  return null;
}

/** Whether a value lies in a range; null where they cannot be compared. */
export function within(value: FeelValue, range: FeelRange): boolean | null {
  const low = range.from === null ? 1 : compare(value, range.from);
  const high = range.to === null ? -1 : compare(value, range.to);
  if (low === null || high === null) return null;
  return (range.fromIncluded ? low >= 0 : low > 0) && (range.toIncluded ? high <= 0 : high < 0);
}

function compareDateTimes(
  left: Temporal.ZonedDateTime | Temporal.PlainDateTime,
  right: Temporal.ZonedDateTime | Temporal.PlainDateTime,
): number | null {
  if (left instanceof Temporal.ZonedDateTime && right instanceof Temporal.ZonedDateTime) {
    return Temporal.ZonedDateTime.compare(left, right);
  }
  if (left instanceof Temporal.PlainDateTime && right instanceof Temporal.PlainDateTime) {
    return Temporal.PlainDateTime.compare(left, right);
  }
  return null;
}

// Months and days do not compare with each other (DMN §10.3.2.3.7 and .8: two types).
function compareDurations(left: Temporal.Duration, right: Temporal.Duration): number | null {
  const calendar = (value: Temporal.Duration) => value.years !== 0 || value.months !== 0;
  if (calendar(left) || calendar(right)) {
    const onlyMonths = (value: Temporal.Duration) =>
      value.total({ unit: "nanoseconds", relativeTo: EPOCH }) ===
      Temporal.Duration.from({ years: value.years, months: value.months }).total({
        unit: "nanoseconds",
        relativeTo: EPOCH,
      });
    if (!onlyMonths(left) || !onlyMonths(right)) return null;
    return Math.sign(left.years * 12 + left.months - right.years * 12 - right.months);
  }
  return Temporal.Duration.compare(left, right, { relativeTo: EPOCH });
}

const EPOCH = Temporal.PlainDate.from("2000-01-01");
