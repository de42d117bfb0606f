/**
 * A period: contents of one month that are kept for so many years. `3y202611` is three years, of November 2026. Each has a key of its own; when
 * all of its contents have had their time, the key is destroyed.
 */
const PERIOD = /^(\d{1,3})y(\d{4})(0[1-9]|1[0-2])$/;
/** `k0123456789ab-3y202611`: by which generation, and by which period, a content is sealed. */
const SEALED_BY = /^(.+)-(\d{1,3}y\d{6})$/;
const YEARS_MAX = 999;

/** @param at ISO 8601, UTC */
export function periodOf(at: string, years: number): string | undefined {
  const period = `${years}y${at.slice(0, 4)}${at.slice(5, 7)}`;
  return Number.isInteger(years) && years > 0 && years <= YEARS_MAX && PERIOD.test(period) ? period : undefined;
}

export interface Span {
  /** ISO 8601, UTC: the first instant of the month. */
  readonly from: string;
  /** The first instant after it. */
  readonly to: string;
  /** When the years of the last content are over. */
  readonly ends: string;
}

/** What a period's name says; undefined where it is none. */
export function spanOf(period: string): Span | undefined {
  const [, years, year, month] = PERIOD.exec(period) ?? [];
  if (years === undefined || year === undefined || month === undefined) return undefined;
  const from = Temporal.ZonedDateTime.from(`${year}-${month}-01T00:00[UTC]`);
  const to = from.add({ months: 1 });
  const instant = (day: Temporal.ZonedDateTime) => day.toInstant().toString();
  return { from: instant(from), to: instant(to), ends: instant(to.add({ years: Number(years) })) };
}

/** Whether everything of a period has had its time. */
export function hasEnded(period: string, now: string): boolean {
  const span = spanOf(period);
  return span !== undefined && Date.parse(span.ends) <= Date.parse(now);
}

export function sealedByName(generation: string, period: string): string {
  return `${generation}-${period}`;
}

/** The parts of a key's name; `period` is absent where content is kept for good. */
export function sealedBy(id: string): { readonly generation: string; readonly period?: string } {
  const [, generation, period] = SEALED_BY.exec(id) ?? [];
  return generation !== undefined && period !== undefined && PERIOD.test(period)
    ? { generation, period }
    : { generation: id };
}
