import type { z } from "zod";
import type { Sql } from "#kernel/database/sql";
import { civilDay } from "#lib/calendar/civil-day";
import type { Entry } from "./entries.ts";
import { neededBeside } from "./parts.ts";
import { cataloguePorts } from "./ports.ts";
import { type RequestContent, TERM_YEARS_MAX } from "./request-contract.ts";
import { systemOf } from "./systems.ts";

export type RequestValue = z.output<typeof RequestContent>;

export type RequestObjection =
  | { readonly code: "attributes-unknown"; readonly values: { readonly attributes: string } }
  | { readonly code: "attributes-needed"; readonly values: { readonly attributes: string } }
  | { readonly code: "past" | "volume-wrong"; readonly values: Readonly<Record<string, never>> }
  | { readonly code: "systems-wrong"; readonly values: { readonly systems: string } }
  | { readonly code: "not-shared"; readonly values: { readonly law: string } };

const NAMED_MAX = 5;

/** What is wrong with a request by itself; undefined where it can be sent. */
export function objectionToRequest(
  entry: Entry,
  content: RequestValue,
  about: { readonly sql: Sql; readonly consumer: string; readonly now: string; readonly asker: string | undefined },
): RequestObjection | undefined {
  const { resources, keeperOf, contracts } = cataloguePorts(about.sql);
  const described = new Map(entry.description.attributes.map((attribute) => [attribute.name, attribute]));
  const unknown = content.attributes.filter((name) => !described.has(name));
  if (unknown.length > 0) {
    return { code: "attributes-unknown", values: { attributes: unknown.slice(0, NAMED_MAX).join(", ") } };
  }
  for (const name of content.attributes) {
    const attribute = described.get(name);
    if (attribute?.sharing === "none") return notShared(attribute.law);
  }
  const resource = resources.get(entry.resource);
  const needed = resource === undefined ? [] : neededBeside(resource, new Set(content.attributes));
  for (const name of needed) {
    const attribute = described.get(name);
    if (attribute?.sharing === "none") return notShared(attribute.law);
  }
  if (needed.length > 0) {
    return { code: "attributes-needed", values: { attributes: needed.slice(0, NAMED_MAX).join(", ") } };
  }
  const rooms = new Set(contracts.map(({ id }) => id));
  // Whose a node or a foreign system is, is not known here: the steward, who sees them, decides. Whoever asks at another node asks for
  // that node, or for systems at its edge: rooms here are not his.
  const foreign = content.systems.filter((written) => {
    const system = systemOf(written);
    if (about.asker !== undefined) return system === undefined || system.kind === "room" || system.node !== about.asker;
    return system?.kind === "room" && (!rooms.has(system.room) || keeperOf(system.room) !== about.consumer);
  });
  if (foreign.length > 0) return { code: "systems-wrong", values: { systems: foreign.slice(0, NAMED_MAX).join(", ") } };
  if (content.perDay > content.total) return { code: "volume-wrong", values: {} };
  return isWithinTerm(content.until, about.now) ? undefined : { code: "past", values: {} };
}

function notShared({ law, article }: { readonly law: string; readonly article: string }): RequestObjection {
  return { code: "not-shared", values: { law: `《${law}》${article}` } };
}

/** Whether a last day is to come, and not further away than a grant lasts. */
export function isWithinTerm(until: string, now: string): boolean {
  const today = civilDay(Temporal.Instant.from(now));
  const day = Temporal.PlainDate.from(until);
  const isToCome = Temporal.PlainDate.compare(day, today) > 0;
  return isToCome && Temporal.PlainDate.compare(day, today.add({ years: TERM_YEARS_MAX })) <= 0;
}
