import { Decimal } from "#lib/decimal/decimal";
import { type FeelValue, isDate, isDateTime, isDuration, isNumber } from "./value.ts";

/** Larger powers are of no use to a rule and of much to an attacker. */
const EXPONENT_MAX = 1000;

/** What an arithmetic operator gives; null where its operands do not fit. */
export function arithmetic(operator: string, left: FeelValue, right: FeelValue): FeelValue {
  if (isNumber(left) && isNumber(right)) return ofNumbers(operator, left, right);
  if (operator === "+") {
    if (typeof left === "string" && typeof right === "string") return left + right;
    if ((isDate(left) || isDateTime(left)) && isDuration(right)) return orNull(() => left.add(right));
    if (isDuration(left) && (isDate(right) || isDateTime(right))) return orNull(() => right.add(left));
    if (isDuration(left) && isDuration(right)) return orNull(() => left.add(right));
  }
  if (operator === "-") {
    if ((isDate(left) || isDateTime(left)) && isDuration(right)) return orNull(() => left.subtract(right));
    if (isDate(left) && isDate(right)) return left.since(right, { largestUnit: "days" });
    if (left instanceof Temporal.ZonedDateTime && right instanceof Temporal.ZonedDateTime) {
      return left.since(right, { largestUnit: "hours" });
    }
    if (left instanceof Temporal.PlainDateTime && right instanceof Temporal.PlainDateTime) {
      return left.since(right, { largestUnit: "days" });
    }
    if (isDuration(left) && isDuration(right)) return orNull(() => left.subtract(right));
  }
  return null;
}

export function negate(value: FeelValue): FeelValue {
  if (isNumber(value)) return value.negated();
  return isDuration(value) ? value.negated() : null;
}

function ofNumbers(operator: string, left: Decimal, right: Decimal): FeelValue {
  switch (operator) {
    case "+":
      return finite(left.plus(right));
    case "-":
      return finite(left.minus(right));
    case "*":
      return finite(left.times(right));
    case "/":
      return right.isZero() ? null : finite(left.div(right));
    case "**":
      return right.abs().greaterThan(EXPONENT_MAX) ? null : finite(left.pow(right));
    default:
      return null;
  }
}

function finite(value: Decimal): Decimal | null {
  return value.isFinite() && (value.isZero() || Math.abs(value.e) <= EXPONENT_MAX) ? new Decimal(value) : null;
}

function orNull(work: () => FeelValue): FeelValue {
  try {
    return work();
  } catch {
    return null;
  }
}
