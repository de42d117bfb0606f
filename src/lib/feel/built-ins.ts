import { Decimal, parseDecimal } from "#lib/decimal/decimal";
import { compare, equal } from "./comparison.ts";
import { type FeelValue, isContext, isDate, isDateTime, isDuration, isList, isNumber, toJson } from "./value.ts";

/** A built-in function: how many arguments it takes and what it gives. Wrong types give null, as FEEL has it. */
export interface BuiltIn {
  readonly arity: readonly [number, number];
  readonly call: (args: readonly FeelValue[]) => FeelValue;
}

const ANY = 1000;
const ZONE_SUFFIX = /\[.+\]$/;

function of(min: number, max: number, call: (args: readonly FeelValue[]) => FeelValue): BuiltIn {
  return { arity: [min, max], call };
}

/** The items of a function's arguments: of its one list, or the arguments themselves. */
function items(args: readonly FeelValue[]): readonly FeelValue[] {
  const [first] = args;
  return args.length === 1 && first !== undefined && isList(first) ? first : args;
}

function strings(call: (left: string, right: string) => FeelValue): BuiltIn {
  return of(2, 2, ([left = null, right = null]) =>
    typeof left === "string" && typeof right === "string" ? call(left, right) : null,
  );
}
function string(call: (value: string) => FeelValue): BuiltIn {
  return of(1, 1, ([value = null]) => (typeof value === "string" ? call(value) : null));
}
function number(call: (value: Decimal) => FeelValue): BuiltIn {
  return of(1, 1, ([value = null]) => (isNumber(value) ? call(value) : null));
}
function numbers(call: (values: readonly Decimal[]) => FeelValue): BuiltIn {
  return of(1, ANY, (args) => {
    const values = items(args);
    return values.length > 0 && values.every(isNumber) ? call(values) : null;
  });
}
function extreme(sign: number): BuiltIn {
  return of(1, ANY, (args) => {
    const values = items(args);
    let best = values[0] ?? null;
    for (const value of values.slice(1)) {
      const order = compare(value, best);
      if (order === null) return null;
      if (order * sign > 0) best = value;
    }
    return best;
  });
}
function whole(value: FeelValue): number | undefined {
  return value !== null && isNumber(value) && value.isInteger() && value.abs().lessThan(1e6)
    ? value.toNumber()
    : undefined;
}
function rounding(mode: typeof Decimal.rounding): BuiltIn {
  return of(1, 2, ([value = null, scale]) => {
    const places = scale === undefined ? 0 : whole(scale);
    if (!isNumber(value) || places === undefined || Math.abs(places) > 34) return null;
    const shift = new Decimal(10).pow(places);
    return new Decimal(value.times(shift).toDecimalPlaces(0, mode).div(shift));
  });
}

/** Three-valued: whether all (or any) of the values are true. */
function quantifier(stop: boolean): BuiltIn {
  return of(1, ANY, (args) => {
    const values = items(args);
    if (values.some((value) => value === stop)) return stop;
    return values.every((value) => typeof value === "boolean") ? !stop : null;
  });
}

function substring([text = null, start = null, length]: readonly FeelValue[]): FeelValue {
  const from = whole(start);
  const size = length === undefined ? undefined : whole(length);
  if (typeof text !== "string" || from === undefined || from === 0 || (length !== undefined && size === undefined))
    return null;
  const characters = [...text];
  const at = from > 0 ? from - 1 : Math.max(0, characters.length + from);
  return characters.slice(at, size === undefined ? undefined : at + Math.max(0, size)).join("");
}

function distinct(values: readonly FeelValue[]): FeelValue {
  const kept: FeelValue[] = [];
  for (const value of values) if (!kept.some((other) => equal(value, other) === true)) kept.push(value);
  return kept;
}

function readDate([value = null, month, day]: readonly FeelValue[]): FeelValue {
  if (typeof value === "string") return tryRead(() => Temporal.PlainDate.from(strictDate(value)));
  if (isDate(value)) return value;
  if (isDateTime(value)) return value.toPlainDate();
  if (isNumber(value) && month !== undefined && day !== undefined) {
    const [y, m, d] = [whole(value), whole(month), whole(day)];
    if (y === undefined || m === undefined || d === undefined) return null;
    return tryRead(() => Temporal.PlainDate.from({ year: y, month: m, day: d }, { overflow: "reject" }));
  }
  return null;
}

function strictDate(value: string): string {
  if (!/^-?\d{4,9}-\d{2}-\d{2}$/.test(value)) throw new RangeError("not a date");
  return value;
}

/** Reads an instant or local time as ISO 8601 writes it; an offset becomes a fixed zone. */
export function readDateTime(value: string): FeelValue {
  return tryRead(() => {
    if (ZONE_SUFFIX.test(value)) return Temporal.ZonedDateTime.from(value);
    const offset = /(Z|[+-]\d{2}:\d{2})$/.exec(value)?.[1];
    if (offset === undefined) return Temporal.PlainDateTime.from(value);
    return Temporal.Instant.from(value).toZonedDateTimeISO(offset === "Z" ? "UTC" : offset);
  });
}

export function readDuration(value: string): FeelValue {
  return tryRead(() => Temporal.Duration.from(value));
}

/** What an `@` literal stands for: date, time, date and time or duration. */
export function readAtLiteral(value: string): FeelValue {
  if (/^-?P/.test(value)) return readDuration(value);
  if (value.includes("T")) return readDateTime(value);
  return /^\d{2}:/.test(value) ? tryRead(() => Temporal.PlainTime.from(value)) : readDate([value]);
}

function tryRead(read: () => FeelValue): FeelValue {
  try {
    return read();
  } catch {
    return null;
  }
}

function write(value: FeelValue): FeelValue {
  if (value === null || typeof value === "string") return value;
  if (isNumber(value)) return value.isZero() ? "0" : value.toFixed();
  if (isList(value) || isContext(value)) return JSON.stringify(toJson(value));
  return String(toJson(value));
}

/** The functions of DMN 1.5 §10.3.4 that a procedure may call. `now`, `today` and regular expressions are not among them. */
export const BUILT_INS: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ["not", of(1, 1, ([value = null]) => (typeof value === "boolean" ? !value : null))],
  ["string", of(1, 1, ([value = null]) => write(value))],
  [
    "number",
    of(1, 1, ([value = null]) =>
      isNumber(value) ? value : typeof value === "string" ? (parseDecimal(value) ?? null) : null,
    ),
  ],
  ["contains", strings((text, part) => text.includes(part))],
  ["starts with", strings((text, part) => text.startsWith(part))],
  ["ends with", strings((text, part) => text.endsWith(part))],
  ["substring before", strings((text, part) => (text.includes(part) ? text.slice(0, text.indexOf(part)) : ""))],
  [
    "substring after",
    strings((text, part) => (text.includes(part) ? text.slice(text.indexOf(part) + part.length) : "")),
  ],
  ["string length", string((value) => new Decimal([...value].length))],
  ["upper case", string((value) => value.toUpperCase())],
  ["lower case", string((value) => value.toLowerCase())],
  ["trim", string((value) => value.trim())],
  ["substring", of(2, 3, substring)],
  [
    "string join",
    of(1, 2, ([list = null, separator = ""]) => {
      if (!isList(list) || typeof separator !== "string") return null;
      const parts = list.filter((value) => value !== null);
      return parts.every((value) => typeof value === "string") ? parts.join(separator) : null;
    }),
  ],
  ["count", of(1, 1, ([list = null]) => (isList(list) ? new Decimal(list.length) : null))],
  ["sum", numbers((values) => values.reduce((sum, value) => sum.plus(value), new Decimal(0)))],
  ["mean", numbers((values) => values.reduce((sum, value) => sum.plus(value), new Decimal(0)).div(values.length))],
  ["product", numbers((values) => values.reduce((product, value) => product.times(value), new Decimal(1)))],
  ["min", extreme(-1)],
  ["max", extreme(1)],
  ["all", quantifier(false)],
  ["any", quantifier(true)],
  ["abs", of(1, 1, ([value = null]) => (isNumber(value) || isDuration(value) ? value.abs() : null))],
  ["floor", rounding(Decimal.ROUND_FLOOR)],
  ["ceiling", rounding(Decimal.ROUND_CEIL)],
  ["decimal", rounding(Decimal.ROUND_HALF_EVEN)],
  ["round half up", rounding(Decimal.ROUND_HALF_UP)],
  ["round half down", rounding(Decimal.ROUND_HALF_DOWN)],
  ["round up", rounding(Decimal.ROUND_UP)],
  ["round down", rounding(Decimal.ROUND_DOWN)],
  ["odd", number((value) => (value.isInteger() ? !value.mod(2).isZero() : null))],
  ["even", number((value) => (value.isInteger() ? value.mod(2).isZero() : null))],
  [
    "modulo",
    of(2, 2, ([value = null, by = null]) => {
      if (!isNumber(value) || !isNumber(by) || by.isZero()) return null;
      return new Decimal(value.minus(by.times(value.div(by).floor())));
    }),
  ],
  [
    "list contains",
    of(2, 2, ([list = null, value = null]) => (isList(list) ? list.some((item) => equal(item, value) === true) : null)),
  ],
  ["append", of(2, ANY, ([list = null, ...more]) => (isList(list) ? [...list, ...more] : null))],
  ["concatenate", of(1, ANY, (lists) => (lists.every((list) => isList(list)) ? lists.flat(1) : null))],
  ["union", of(1, ANY, (lists) => (lists.every((list) => isList(list)) ? distinct(lists.flat(1)) : null))],
  ["distinct values", of(1, 1, ([list = null]) => (isList(list) ? distinct(list) : null))],
  ["reverse", of(1, 1, ([list = null]) => (isList(list) ? list.toReversed() : null))],
  [
    "index of",
    of(2, 2, ([list = null, value = null]) =>
      isList(list) ? list.flatMap((item, at) => (equal(item, value) === true ? [new Decimal(at + 1)] : [])) : null,
    ),
  ],
  ["is defined", of(1, 1, ([value = null]) => value !== null)],
  [
    "get value",
    of(2, 2, ([context = null, key = null]) =>
      isContext(context) && typeof key === "string" ? (context.get(key) ?? null) : null,
    ),
  ],
  ["date", of(1, 3, readDate)],
  [
    "time",
    of(1, 1, ([value = null]) =>
      typeof value === "string"
        ? tryRead(() => Temporal.PlainTime.from(value))
        : isDateTime(value)
          ? value.toPlainTime()
          : null,
    ),
  ],
  [
    "date and time",
    of(1, 2, ([value = null, time = null]) => {
      if (typeof value === "string") return readDateTime(value);
      return isDate(value) && time instanceof Temporal.PlainTime ? value.toPlainDateTime(time) : null;
    }),
  ],
  ["duration", of(1, 1, ([value = null]) => (typeof value === "string" ? readDuration(value) : null))],
  [
    "years and months duration",
    of(2, 2, ([from = null, to = null]) => {
      if (!isDate(from) || !isDate(to)) return null;
      const between = from.until(to, { largestUnit: "years" });
      return Temporal.Duration.from({ years: between.years, months: between.months });
    }),
  ],
]);
