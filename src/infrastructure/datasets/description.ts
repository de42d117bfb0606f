import { z } from "zod";
import { ATTRIBUTES_MAX, GRANT_PURPOSES_MAX, NAME_LENGTH_MAX } from "./limits.ts";

/** What a data set holds, as its source describes it. A receiver needs no contract of that room. */
export const AttributeDescription = z.object({
  name: z
    .string()
    .max(NAME_LENGTH_MAX)
    .regex(/^[A-Za-z][A-Za-z0-9_]*$/),
  sensitive: z.boolean(),
  lookup: z.enum(["exact", "unique", "name"]).nullable(),
  /** The JSON type, or `any`. */
  type: z.string().max(NAME_LENGTH_MAX),
  optional: z.boolean(),
});
export type AttributeDescription = z.output<typeof AttributeDescription>;

const Words = z.object({ zh: z.string().max(NAME_LENGTH_MAX), en: z.string().max(NAME_LENGTH_MAX) });

export const Description = z.object({
  register: z.string().max(NAME_LENGTH_MAX),
  title: Words,
  /** 数源部门 */
  steward: Words,
  /** Of the contract, `major.minor`. */
  version: z.string().regex(/^\d{1,6}\.\d{1,6}$/),
  subject: z.object({
    kind: z.enum(["person", "organization", "official", "none"]),
    by: z.string().max(NAME_LENGTH_MAX).optional(),
  }),
  /** Those that the agreement covers. */
  attributes: z.array(AttributeDescription).min(1).max(ATTRIBUTES_MAX),
  epoch: z.uuid(),
  leafBits: z.int().min(4).max(16),
  /** Divisions that begin with it; empty: all. */
  division: z.string().regex(/^\d{0,12}$/),
  /** Where it is given by a grant of the source's catalogue: for what it may be used, by which law, until when. */
  grant: z
    .object({
      number: z.int().min(1),
      purposes: z.array(z.string().max(NAME_LENGTH_MAX)).max(GRANT_PURPOSES_MAX),
      law: z.string().max(NAME_LENGTH_MAX),
      article: z.string().max(NAME_LENGTH_MAX),
      until: z.iso.datetime(),
    })
    .optional(),
});
export type Description = z.output<typeof Description>;

/** Attributes by whose values entries of a copy are found, in the order of their columns. */
export function lookupsOf(description: Description): readonly AttributeDescription[] {
  return description.attributes.filter(({ lookup }) => lookup === "exact" || lookup === "unique");
}

/** Why a description does not follow on another; undefined where within one major version it only adds. */
export function incompatibility(before: Description, now: Description): "major" | "removed" | "changed" | undefined {
  if (majorOf(before.version) !== majorOf(now.version)) return "major";
  for (const old of before.attributes) {
    const same = now.attributes.find(({ name }) => name === old.name);
    if (same === undefined) return "removed";
    if (same.type !== old.type || same.sensitive !== old.sensitive) return "changed";
  }
  return undefined;
}

function majorOf(version: string): string {
  return version.slice(0, version.indexOf("."));
}
