import type { Language } from "#lib/language/text";

/** Statutory days are days in this zone (design, section 7). */
export const STATUTORY_TIME_ZONE = "Asia/Shanghai";

/** Between groups of three digits: narrow and unbreakable. */
const DIGIT_SPACE = "\u202f";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

export interface DateFormat {
  /** Whether the year is written. A document on paper always writes it. */
  readonly year?: boolean;
}

/** `12 月 3 日`, `3 December`; with the year `2026 年 12 月 3 日`, `3 December 2026`. */
export function formatDate(date: Temporal.PlainDate, language: Language, { year = false }: DateFormat = {}): string {
  if (language === "zh") return `${year ? `${date.year} 年 ` : ""}${date.month} 月 ${date.day} 日`;
  return `${date.day} ${MONTHS[date.month - 1]}${year ? ` ${date.year}` : ""}`;
}

/** A date by its day in Shanghai with hours and minutes: `11 月 18 日 10:21`, `18 November, 10:21`. */
export function formatInstant(instant: Temporal.Instant, language: Language, format: DateFormat = {}): string {
  const local = instant.toZonedDateTimeISO(STATUTORY_TIME_ZONE);
  const clock = `${twoDigits(local.hour)}:${twoDigits(local.minute)}`;
  const date = formatDate(local.toPlainDate(), language, format);
  return language === "zh" ? `${date} ${clock}` : `${date}, ${clock}`;
}

/** The statutory day on which an instant falls. */
export function statutoryDay(instant: Temporal.Instant): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(STATUTORY_TIME_ZONE).toPlainDate();
}

/** Digits in groups of three from five digits on: `4217`, `18 204`. The same in both languages. */
export function formatNumber(value: number | bigint | string): string {
  const [whole = "", fraction] = String(value).split(".");
  const digits = whole.replace(/^-/, "");
  const grouped = digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, DIGIT_SPACE);
  return `${whole.startsWith("-") ? "−" : ""}${grouped}${fraction === undefined ? "" : `.${fraction}`}`;
}

/** Share of one, with at most one digit after the point: `98.7%`. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}

/** An amount in yuan as decimal text: `128.00 元`, `CNY 128.00`. */
export function formatMoney(yuan: string, language: Language): string {
  const [whole = "0", fraction = ""] = yuan.split(".");
  const amount = formatNumber(`${whole}.${fraction.padEnd(2, "0")}`);
  return language === "zh" ? `${amount} 元` : `CNY ${amount}`;
}

const SIZE_UNITS = ["B", "kB", "MB", "GB"] as const;

/** A file's size in decimal units: `214 kB`, `1.5 MB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${Number(value.toFixed(digits))} ${SIZE_UNITS[unit]}`;
}

/** An identity number of which only the first three and the last four characters are read. */
export function maskIdentityNumber(number: string): string {
  return masked(number, 3, 4);
}

/** A mobile number of which only the first three and the last four digits are read. */
export function maskMobile(number: string): string {
  return masked(number, 3, 4);
}

/** A Chinese name of which only the first character is read; names are counted in characters, not in code units. */
export function maskName(name: string): string {
  const characters = [...name];
  return characters.length < 2 ? name : `${characters[0]}${"*".repeat(characters.length - 1)}`;
}

function masked(value: string, head: number, tail: number): string {
  if (value.length <= head + tail) return "*".repeat(value.length);
  return value.slice(0, head) + "*".repeat(value.length - head - tail) + value.slice(-tail);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
