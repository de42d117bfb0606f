import { z } from "zod";
import type { Text } from "#lib/language/text";
import type { Schema } from "../contract/contract.ts";
import { fieldMeta } from "../contract/field.ts";

/** A JSON Schema (2020-12) with what contracts say beyond it, under names that begin with `x-`. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  /** The Chinese title; both languages stand in `x-title`. */
  readonly title?: string;
  readonly description?: string;
  readonly "x-title"?: Text;
  readonly "x-hint"?: Text;
  readonly "x-kind"?: string;
  readonly "x-options"?: Readonly<Record<string, Text>>;
  /** Stored as ciphertext, and never logged. */
  readonly "x-sensitive"?: true;
  readonly "x-lookup"?: string;
}

/** Formats whose meaning is fixed by JSON Schema: the library's own pattern for them would only hide what is meant. */
const NAMED_FORMATS = new Set(["date", "date-time", "time", "duration", "uuid", "email", "uri", "ipv4", "ipv6"]);

/**
 * Derives the JSON Schema of a value, as it is sent (`input`) or as it is given (`output`). What given objects may have
 * besides is open: within a major version a contract may add to them.
 */
export function jsonSchemaOf(schema: Schema, io: "input" | "output" = "input"): JsonSchema {
  const { $schema: _, ...derived } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    reused: "inline",
    override: ({ zodSchema, jsonSchema }) => {
      const own = jsonSchema as Record<string, unknown>;
      Object.assign(own, annotations(zodSchema as unknown as Schema));
      if (NAMED_FORMATS.has(String(own["format"]))) delete own["pattern"];
      if (io === "output" && own["additionalProperties"] === false) delete own["additionalProperties"];
      // The bounds of every safe integer say nothing.
      if (own["maximum"] === Number.MAX_SAFE_INTEGER) delete own["maximum"];
      if (own["minimum"] === Number.MIN_SAFE_INTEGER) delete own["minimum"];
    },
  });
  return derived as JsonSchema;
}

function annotations(schema: Schema): Partial<JsonSchema> {
  const meta = fieldMeta(schema);
  if (!meta) return {};
  return {
    title: meta.title.zh,
    "x-title": meta.title,
    ...(meta.hint && { description: meta.hint.zh, "x-hint": meta.hint }),
    ...(meta.kind && { "x-kind": meta.kind }),
    ...(meta.options && { "x-options": meta.options }),
    ...(meta.sensitive && { "x-sensitive": true }),
    ...(meta.lookup && { "x-lookup": meta.lookup }),
  };
}
