import type { z } from "zod";
import { text } from "#lib/language/text";
import type { InputIssue } from "../contract/refusal.ts";
import { unwantedMark } from "../secrecy/marked-content.ts";
import type { Zone } from "./act.ts";
import { inputIssues } from "./input-issues.ts";

export type ReadInput<S extends z.ZodType> =
  | { readonly issues?: undefined; readonly data: z.output<S> }
  | { readonly issues: readonly InputIssue[] };

/** Why it is not taken. */
export const MARKED = text(
  "标有国家秘密（秘密、机密、绝密）的内容不得在本系统填报，请删除后再提交",
  "Whatever is marked as a state secret has no place in this system; take it out and send the rest",
);

/**
 * Holds what came from outside against its schema, and against what a node may take: outside of the intranet nothing that is marked as a state
 * secret (design, section 7).
 * @param zone of the node; undefined for a question, of which nothing is kept
 */
export function readInput<S extends z.ZodType>(schema: S, input: unknown, zone: Zone | undefined): ReadInput<S> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) return { issues: inputIssues(parsed.error, schema) };
  const marked = zone === undefined ? undefined : unwantedMark(zone, parsed.data);
  return marked === undefined ? { data: parsed.data } : { issues: [{ path: marked, text: MARKED }] };
}
