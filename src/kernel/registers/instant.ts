import { Fault } from "../errors/fault.ts";
import "./faults.ts";

/**
 * Instants as whole microseconds since 1970, which is what PostgreSQL keeps. A number holds them exactly
 * from the year 1685 to 2255.
 */
export type Micros = number;

const COMMON = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;
const SECONDS_END = 19;

/** @throws ERR_REGISTER_TIME when the text is no ISO 8601 instant */
export function microsOf(instant: string): Micros {
  if (instant === lastInstant) return lastMicros;
  const micros = COMMON.test(instant) ? common(instant) : parsed(instant);
  if (!Number.isSafeInteger(micros)) throw new Fault("ERR_REGISTER_TIME", { message: "not an instant in ISO 8601" });
  lastInstant = instant;
  lastMicros = micros;
  return micros;
}

/** Rows that are read one after the other were mostly recorded at one instant. */
let lastInstant = "";
let lastMicros: Micros = 0;

/** The form that PostgreSQL and we write; every row that is read has three of them. */
function common(instant: string): number {
  const at = (from: number) => (instant.charCodeAt(from) - ZERO) * 10 + instant.charCodeAt(from + 1) - ZERO;
  const year = at(0) * 100 + at(2);
  const [month, day, hour, minute, second] = [at(5), at(8), at(11), at(14), at(17)];
  const millis = Date.UTC(year, month - 1, day, hour, minute, second);
  const isPlain = year >= 100 && month >= 1 && month <= 12 && hour <= 23 && minute <= 59 && second <= 59;
  // What Date.UTC would carry over into another day, and the years that it takes for others, are Temporal's to refuse.
  if (!isPlain || new Date(millis).getUTCDate() !== day) return parsed(instant);
  const fraction = instant.length > SECONDS_END + 1 ? instant.slice(SECONDS_END + 1, -1) : "";
  return millis * 1_000 + (fraction === "" ? 0 : Number(fraction.padEnd(6, "0")));
}

const ZERO = 0x30;

function parsed(instant: string): number {
  try {
    return Number(Temporal.Instant.from(instant).epochNanoseconds / 1_000n);
  } catch {
    return Number.NaN;
  }
}

/** ISO 8601 in UTC with milliseconds, or with microseconds where there are any. */
export function isoOf(micros: Micros): string {
  const millis = Math.floor(micros / 1_000);
  const rest = micros - millis * 1_000;
  const iso = new Date(millis).toISOString();
  return rest === 0 ? iso : `${iso.slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}

/** A half-open period as PostgreSQL writes a range; an open end is undefined. */
export function rangeOf(from: Micros, to: Micros | undefined): string {
  return `["${isoOf(from)}",${to === undefined ? "" : `"${isoOf(to)}"`})`;
}
