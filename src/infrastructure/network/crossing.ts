/**
 * What may cross from one zone to another: by direction, classification and contract. Whatever is marked a state secret does not cross at all
 * (保守国家秘密法 §15, §26 as cited from memory; design, section 7).
 */
import type { Zone } from "#kernel/system/act";
import { type Text, text } from "#lib/language/text";

/** How open something is; state secrets are none of these, and have no place here. */
export const CLASSIFICATIONS = {
  public: text("公开", "Public"),
  internal: text("内部", "Internal"),
  "work-secret": text("工作秘密", "Work secret"),
} as const satisfies Readonly<Record<string, Text>>;
export type Classification = keyof typeof CLASSIFICATIONS;

export const ZONES: Readonly<Record<Zone, Text>> = {
  internet: text("互联网区", "Internet edge"),
  extranet: text("政务外网", "Extranet"),
  intranet: text("政务内网", "Intranet"),
};

export type Direction = "inward" | "outward";

/** From the open to the protected. */
const DEPTH: Readonly<Record<Zone, number>> = { internet: 0, extranet: 1, intranet: 2 };

/** Undefined within one zone, where nodes reach each other over the wire. */
export function directionOf(from: Zone, to: Zone): Direction | undefined {
  if (DEPTH[from] === DEPTH[to]) return undefined;
  return DEPTH[from] < DEPTH[to] ? "inward" : "outward";
}

/** Work secrets stay within government: neither from the internet's edge nor out of where they are. */
export function mayCross(classification: Classification, from: Zone, to: Zone): boolean {
  if (classification !== "work-secret") return true;
  return directionOf(from, to) === "inward" && from !== "internet";
}
