import type { z } from "zod";
import type { Contract, Operation, Register, Service } from "./contract.ts";
import { fieldMeta } from "./field.ts";

/**
 * How much harm what an action shows or touches could do in the wrong hands: derived from contracts, since whoever types it in forgets it. State
 * secrets are on no node.
 */
export const CLASSIFICATIONS = [
  /** Open to anyone. */
  "public",
  /** For the work of authorities; of no natural person. */
  "internal",
  /** Of natural persons (个人信息保护法 §4). */
  "personal",
  /** Sensitive information of natural persons (§28), or what is kept sealed for another reason. */
  "sensitive",
] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

const ABOUT_PEOPLE: ReadonlySet<string> = new Set(["person", "official"]);
/** Schemas lie in each other no deeper. */
const DEPTH_MAX = 12;

export function classOfRegister({ subject, schema }: Register): Classification {
  if (holdsSensitive(schema)) return "sensitive";
  return ABOUT_PEOPLE.has(subject.kind) ? "personal" : "internal";
}

/** Of a room that keeps registers about people, whatever is not open to anyone is at least personal. */
export function classOfOperation({ registers }: Contract, { audience, output, lists }: Operation): Classification {
  if (holdsSensitive(output)) return "sensitive";
  if (audience.includes("public")) return "public";
  const listed = typeof lists === "string" ? registers[lists] : undefined;
  if (listed) return classOfRegister(listed);
  return Object.values(registers).some(({ subject }) => ABOUT_PEOPLE.has(subject.kind)) ? "personal" : "internal";
}

/** A case has an applicant, and officials who handle it. */
export function classOfService({ form }: Service): Classification {
  return holdsSensitive(form) ? "sensitive" : "personal";
}

/** Whether some part of a schema is marked sensitive. */
function holdsSensitive(schema: z.ZodType, depth = 0): boolean {
  if (depth > DEPTH_MAX) return true;
  if (fieldMeta(schema)?.sensitive) return true;
  const { shape, element, innerType, options, valueType } = schema.def as {
    readonly shape?: Readonly<Record<string, z.ZodType>>;
    readonly element?: z.ZodType;
    readonly innerType?: z.ZodType;
    readonly options?: readonly z.ZodType[];
    readonly valueType?: z.ZodType;
  };
  const parts = [...Object.values(shape ?? {}), ...(options ?? []), element, innerType, valueType];
  return parts.some((part) => part !== undefined && holdsSensitive(part, depth + 1));
}
