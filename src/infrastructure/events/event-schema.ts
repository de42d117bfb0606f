import { createRequire } from "node:module";
import type { ErrorObject, ValidateFunction } from "ajv";
import { MAX_SCHEMA_BYTES } from "#infrastructure/events";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { isSafePattern } from "#lib/openapi/safe-pattern";

/** Compiled schemas that are kept. */
const MAX_COMPILED = 500;
const MAX_DEPTH = 32;
/** Longer texts fit no pattern. */
const MAX_MATCHED_CHARACTERS = 1_000;
const MAX_PROBLEM_CHARACTERS = 200;
/** Formats whose check is one pass. */
const FORMATS = ["date", "time", "date-time", "duration", "uuid", "email", "uri", "ipv4", "ipv6"] as const;
const DIALECT_2020 = "https://json-schema.org/draft/2020-12/schema";

/** Checks an event; what is wrong with it in words, at most one line. */
export type EventCheck = (event: unknown) => string | undefined;

export type CompiledSchema =
  | { readonly ok: true; readonly check: EventCheck }
  | { readonly ok: false; readonly problem: string };

const compiled = new Map<string, CompiledSchema>();

/**
 * Compiles the JSON Schema of an event (draft-07, or 2020-12 where it says so). It comes from others: what could take long or reach
 * elsewhere is refused (references to other documents, deep nesting, patterns that may backtrack without bound).
 */
export function compileSchema(schema: unknown): CompiledSchema {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return refused("it is not an object");
  const text = canonicalize(JSON.parse(JSON.stringify(schema)));
  if (utf8(text).length > MAX_SCHEMA_BYTES) return refused(`it has more than ${MAX_SCHEMA_BYTES} bytes`);
  const digest = sha256Hex(text);
  const known = compiled.get(digest);
  if (known) return known;
  const made = compile(schema);
  if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value as string);
  compiled.set(digest, made);
  return made;
}

/** Loaded with the first schema: a node without event types of others rests without it. */
function validators() {
  const require = createRequire(import.meta.url);
  const { Ajv } = require("ajv") as typeof import("ajv");
  const { Ajv2020 } = require("ajv/dist/2020.js") as typeof import("ajv/dist/2020.js");
  const { default: addFormats } = require("ajv-formats") as typeof import("ajv-formats").default;
  return { Ajv, Ajv2020, addFormats };
}

function compile(schema: object): CompiledSchema {
  const problem = hazard(schema, 0);
  if (problem !== undefined) return refused(problem);
  const options = {
    strict: false,
    allErrors: false,
    validateFormats: true,
    code: { regExp: BOUNDED_PATTERNS },
    logger: false,
  } as const;
  const is2020 = (schema as { readonly $schema?: unknown }).$schema === DIALECT_2020;
  const { Ajv, Ajv2020, addFormats } = validators();
  const ajv = is2020 ? new Ajv2020(options) : new Ajv(options);
  addFormats(ajv, [...FORMATS]);
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(schema);
  } catch (error) {
    return refused((error as Error).message.slice(0, MAX_PROBLEM_CHARACTERS));
  }
  return { ok: true, check: (event) => (validate(event) ? undefined : wordsOf(validate.errors?.[0])) };
}

function refused(problem: string): CompiledSchema {
  return { ok: false, problem };
}

/** Where and what, without the value: it may be personal. */
function wordsOf(error: ErrorObject | undefined): string {
  return `${error?.instancePath || "/"} ${error?.message ?? "does not fit"}`.slice(0, MAX_PROBLEM_CHARACTERS);
}

/** A text that is longer than any pattern is tried on fits none. */
const BOUNDED_PATTERNS = Object.assign(
  (pattern: string, flags: string) => {
    const expression = new RegExp(pattern, flags);
    return { test: (text: string) => text.length <= MAX_MATCHED_CHARACTERS && expression.test(text) };
  },
  { code: "new RegExp" },
);

function hazard(schema: unknown, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return `it is deeper than ${MAX_DEPTH}`;
  if (typeof schema !== "object" || schema === null) return undefined;
  if (Array.isArray(schema)) return first(schema, (each) => hazard(each, depth + 1));
  return first(Object.entries(schema), ([name, value]) => {
    if (
      /^\$(?:dynamicRef|dynamicAnchor|recursiveRef|recursiveAnchor|id|anchor)$/.test(name) &&
      typeof value === "string"
    )
      return `it has ${name}`;
    if (name === "$ref" && typeof value === "string" && !value.startsWith("#/")) return "it refers to another document";
    if (name === "pattern" && typeof value === "string" && !isSafePattern(value))
      return `the pattern ${value} may take too long`;
    if (name === "patternProperties" && !Object.keys(value as object).every(isSafePattern))
      return "a pattern may take too long";
    return hazard(value, depth + 1);
  });
}

function first<T>(items: readonly T[], problem: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = problem(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
