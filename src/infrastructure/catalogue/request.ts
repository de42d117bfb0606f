import type { z } from "zod";
import { civilDay } from "#lib/calendar/civil-day";
import type { Entry } from "./entries.ts";
import { cataloguePorts } from "./ports.ts";
import { type RequestContent, TERM_YEARS_MAX } from "./request-contract.ts";
import { systemOf } from "./systems.ts";

export type RequestValue = z.output<typeof RequestContent>;

export type RequestObjection =
  | { readonly code: "attributes-unknown"; readonly values: { readonly attributes: string } }
  | { readonly code: "attributes-whole" | "past" | "volume-wrong"; readonly values: Readonly<Record<string, never>> }
  | { readonly code: "systems-wrong"; readonly values: { readonly systems: string } }
  | { readonly code: "not-shared"; readonly values: { readonly law: string } };

const NAMED_MAX = 5;

/** What is wrong with a request by itself; undefined where it can be sent. */
export function objectionToRequest(
  entry: Entry,
  content: RequestValue,
  about: { readonly consumer: string; readonly now: string },
): RequestObjection | undefined {
  const { resources, keeperOf, contracts } = cataloguePorts();
  const described = new Map(entry.description.attributes.map((attribute) => [attribute.name, attribute]));
  const unknown = content.attributes.filter((name) => !described.has(name));
  if (unknown.length > 0) {
    return { code: "attributes-unknown", values: { attributes: unknown.slice(0, NAMED_MAX).join(", ") } };
  }
  const isWhole = new Set(content.attributes).size === described.size;
  if (resources.get(entry.resource)?.kind === "operation" && !isWhole) return { code: "attributes-whole", values: {} };
  for (const name of content.attributes) {
    const attribute = described.get(name);
    if (attribute?.sharing === "none") {
      return { code: "not-shared", values: { law: `《${attribute.law.law}》${attribute.law.article}` } };
    }
  }
  const rooms = new Set(contracts.map(({ id }) => id));
  // Whose a node or a foreign system is, is not known here: the steward, who sees them, decides.
  const foreign = content.systems.filter((written) => {
    const system = systemOf(written);
    return system?.kind === "room" && (!rooms.has(system.room) || keeperOf(system.room) !== about.consumer);
  });
  if (foreign.length > 0) return { code: "systems-wrong", values: { systems: foreign.slice(0, NAMED_MAX).join(", ") } };
  if (content.perDay > content.total) return { code: "volume-wrong", values: {} };
  return isWithinTerm(content.until, about.now) ? undefined : { code: "past", values: {} };
}

/** Whether a last day is to come, and not further away than a grant lasts. */
export function isWithinTerm(until: string, now: string): boolean {
  const today = civilDay(Temporal.Instant.from(now));
  const day = Temporal.PlainDate.from(until);
  const isToCome = Temporal.PlainDate.compare(day, today) > 0;
  return isToCome && Temporal.PlainDate.compare(day, today.add({ years: TERM_YEARS_MAX })) <= 0;
}
