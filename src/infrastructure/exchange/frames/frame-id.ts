/** Frames are numbered by time (uuid version 7): what is looked for by time is found by its number, without an index of its own. */

const TIME_DIGITS = 12;
const VERSION_AT = 14;

/** The smallest or greatest number of a moment, milliseconds since 1970. */
export function frameIdAt(atMs: number, rest: "0" | "f"): string {
  const time = Math.max(0, Math.floor(atMs)).toString(16).padStart(TIME_DIGITS, "0");
  const fill = (length: number) => rest.repeat(length);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${fill(3)}-${rest === "0" ? "8" : "b"}${fill(3)}-${fill(12)}`;
}

/** When a number was given, milliseconds since 1970; undefined where it was not given by time. */
export function timeOfFrameId(id: string): number | undefined {
  if (id[VERSION_AT] !== "7") return undefined;
  return Number.parseInt(id.replace("-", "").slice(0, TIME_DIGITS), 16);
}
