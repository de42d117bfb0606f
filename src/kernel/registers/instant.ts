import { Fault } from "../errors/fault.ts";
import "./faults.ts";

/**
 * Instants as whole microseconds since 1970, which is what PostgreSQL keeps. A number holds them exactly until the year 2255.
 */
export type Micros = number;

const COMMON = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/;

/** @throws ERR_REGISTER_TIME when the text is no ISO 8601 instant */
export function microsOf(instant: string): Micros {
  const [, seconds, fraction = ""] = COMMON.exec(instant) ?? [];
  const micros =
    seconds === undefined ? parsed(instant) : Date.parse(`${seconds}Z`) * 1_000 + Number(fraction.padEnd(6, "0"));
  if (!Number.isSafeInteger(micros)) throw new Fault("ERR_REGISTER_TIME", { message: "not an instant in ISO 8601" });
  return micros;
}

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
