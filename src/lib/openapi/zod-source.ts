import type { Json } from "#lib/json/canonical";
import { isObject } from "./plain-value.ts";
import type { PlainSchema } from "./schema-dialect.ts";

/** What the written bounds are called in the file; a document often says none, and each input has one. */
export const TEXT_BOUND = "TEXT_MAX_CHARACTERS";
export const LIST_BOUND = "LIST_MAX";

export interface ZodWriting {
  /** The constant that stands for `#/$defs/name`; undefined where it is one that refers back to itself. */
  readonly constantOf: (definition: string) => string | undefined;
}

/** The name in `#/$defs/name`. */
function definitionName(reference: Json | undefined): string | undefined {
  return typeof reference === "string" ? /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1] : undefined;
}

/**
 * A JSON Schema as the zod expression that takes the same values. Where zod has no word for something (`not`, `if`, conditions
 * between members) the expression takes more.
 */
export function zodSource(schema: PlainSchema | boolean | undefined, writing: ZodWriting): string {
  if (schema === undefined || schema === true) return "z.unknown()";
  if (schema === false) return "z.never()";
  const write = (held: Json | undefined) => zodSource(held as PlainSchema | boolean | undefined, writing);
  const name = definitionName(schema["$ref"]);
  if (schema["$ref"] !== undefined) return (name !== undefined && writing.constantOf(name)) || "z.unknown()";
  if (schema["const"] !== undefined) return literal(schema["const"]);
  if (Array.isArray(schema["enum"])) return enumeration(schema["enum"]);
  for (const word of ["oneOf", "anyOf"] as const) {
    const listed = schema[word];
    if (Array.isArray(listed) && listed.length > 0) return union(listed.map(write));
  }
  const all = schema["allOf"];
  if (Array.isArray(all) && all.length > 0) {
    const own = schema["properties"] === undefined ? [] : [objectSource(schema, write)];
    return [...all.map(write), ...own].reduce((one, other) => `z.intersection(${one}, ${other})`);
  }
  const types = (Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]]).filter((type) => type !== "null");
  const isNullable = Array.isArray(schema["type"]) && schema["type"].includes("null");
  const written = types.length === 0 ? "z.null()" : union(types.map((type) => typeSource(type, schema, write)));
  return isNullable && types.length > 0 ? `${written}.nullable()` : written;
}

function typeSource(type: Json | undefined, schema: PlainSchema, write: (held: Json | undefined) => string): string {
  switch (type) {
    case "string":
      return textSource(schema);
    case "integer":
      return `z.int()${numberBounds(schema)}`;
    case "number":
      return `z.number()${numberBounds(schema)}`;
    case "boolean":
      return "z.boolean()";
    case "array":
      return `z.array(${write(schema["items"])})${listBounds(schema)}`;
    case "object":
      return objectSource(schema, write);
    default:
      return schema["properties"] !== undefined ? objectSource(schema, write) : "z.unknown()";
  }
}

/** Formats that zod checks, and whose texts are bounded by their form. */
const FORMATS: Readonly<Record<string, string>> = {
  date: "z.iso.date()",
  "date-time": "z.iso.datetime({ offset: true })",
  uuid: "z.uuid()",
};

function textSource(schema: PlainSchema): string {
  const { format, pattern, minLength, maxLength } = schema;
  const formed = typeof format === "string" ? FORMATS[format] : undefined;
  if (formed !== undefined) return formed;
  const base = format === "email" ? "z.email()" : format === "uri" ? "z.url()" : "z.string()";
  const least = isCount(minLength) && minLength > 0 ? `.min(${minLength})` : "";
  const most = `.max(${isCount(maxLength) ? maxLength : TEXT_BOUND})`;
  return `${base}${least}${most}${typeof pattern === "string" ? `.regex(${regexSource(pattern)})` : ""}`;
}

function regexSource(pattern: string): string {
  return `new RegExp(${JSON.stringify(pattern)}, "u")`;
}

function numberBounds(schema: PlainSchema): string {
  const bounds = [
    ["minimum", "min"],
    ["maximum", "max"],
    ["exclusiveMinimum", "gt"],
    ["exclusiveMaximum", "lt"],
    ["multipleOf", "multipleOf"],
  ] as const;
  return bounds
    .map(([word, method]) => (typeof schema[word] === "number" ? `.${method}(${schema[word]})` : ""))
    .join("");
}

function listBounds({ minItems, maxItems }: PlainSchema): string {
  return `${isCount(minItems) && minItems > 0 ? `.min(${minItems})` : ""}.max(${isCount(maxItems) ? maxItems : LIST_BOUND})`;
}

function isCount(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function objectSource(schema: PlainSchema, write: (held: Json | undefined) => string): string {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  const rest = schema["additionalProperties"];
  const members = Object.entries(properties).map(
    ([name, held]) => `${JSON.stringify(name)}: ${write(held)}${required.has(name) ? "" : ".optional()"}`,
  );
  if (members.length === 0 && rest !== false) {
    return `z.record(z.string().max(${TEXT_BOUND}), ${isObject(rest) ? write(rest) : "z.unknown()"})`;
  }
  return `z.${rest === false ? "strictObject" : "object"}({ ${members.join(", ")} })`;
}

function enumeration(values: readonly Json[]): string {
  const texts = values.filter((value) => value !== null);
  const written = texts.every((value) => typeof value === "string")
    ? `z.enum(${JSON.stringify(texts)})`
    : union(texts.map(literal));
  return texts.length < values.length ? `${written}.nullable()` : written;
}

function literal(value: Json | undefined): string {
  return typeof value === "object" && value !== null ? "z.unknown()" : `z.literal(${JSON.stringify(value)})`;
}

function union(sources: readonly string[]): string {
  return sources.length === 1 ? (sources[0] ?? "z.never()") : `z.union([${sources.join(", ")}])`;
}
