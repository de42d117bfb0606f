import type { Json } from "#lib/json/canonical";
import { isObject, type JsonObject, pointerPart } from "./plain-value.ts";
import { OpenApiError } from "./problem.ts";
import { at, isLocalReference } from "./references.ts";
import { isSafePattern } from "./safe-pattern.ts";

/** A JSON Schema 2020-12, whose references point to `#/$defs`. */
export type PlainSchema = JsonObject;

const SCHEMAS = "#/components/schemas/";
/** Members that hold schemas by name, in a list, or one. */
const BY_NAME = ["properties", "patternProperties", "$defs", "dependentSchemas"] as const;
const IN_LIST = ["allOf", "anyOf", "oneOf", "prefixItems"] as const;
const SINGLE = [
  "items",
  "additionalProperties",
  "not",
  "contains",
  "propertyNames",
  "if",
  "then",
  "else",
  "unevaluatedProperties",
  "unevaluatedItems",
] as const;
/** What says something of a value and is kept as it is. */
const KEPT = [
  "type",
  "enum",
  "const",
  "format",
  "multipleOf",
  "maximum",
  "minimum",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "maxLength",
  "minLength",
  "pattern",
  "maxItems",
  "minItems",
  "uniqueItems",
  "maxContains",
  "minContains",
  "maxProperties",
  "minProperties",
  "required",
  "dependentRequired",
  "title",
  "description",
  "default",
] as const;

/**
 * A schema of OpenAPI 3.0 or 3.1 as one of JSON Schema 2020-12. Words that say nothing of the value are left out.
 * @throws OpenApiError for references out of the schemas, and for patterns that a hostile text could keep busy
 */
export function plainSchema(document: JsonObject, value: Json | undefined, where: string): PlainSchema | boolean {
  if (typeof value === "boolean") return value;
  if (!isObject(value)) throw new OpenApiError(where, "此处须为 schema", "There must be a schema here");
  const old = String(document["openapi"]).startsWith("3.0");
  const reference = value["$ref"];
  if (reference !== undefined) {
    const target = referenceTarget(document, reference, where);
    // In 3.0 nothing beside a reference counts.
    if (old) return { $ref: target };
    return { ...members(document, value, where), $ref: target };
  }
  const schema = members(document, value, where);
  return old ? modern(schema, value) : schema;
}

function members(document: JsonObject, value: JsonObject, where: string): Record<string, Json> {
  const schema: Record<string, Json> = {};
  for (const name of KEPT) if (value[name] !== undefined) schema[name] = value[name];
  const inner = (held: Json | undefined, path: string): Json => plainSchema(document, held, `${where}/${path}`);
  for (const name of SINGLE) if (value[name] !== undefined) schema[name] = inner(value[name], name);
  for (const name of IN_LIST) {
    const held = value[name];
    if (Array.isArray(held)) schema[name] = held.map((one, index) => inner(one, `${name}/${index}`));
  }
  for (const name of BY_NAME) {
    const held = value[name];
    if (!isObject(held)) continue;
    schema[name] = Object.fromEntries(
      Object.entries(held).map(([key, one]) => [key, inner(one, `${name}/${pointerPart(key)}`)]),
    );
    if (name === "patternProperties") for (const pattern of Object.keys(held)) assertSafe(pattern, where);
  }
  if (schema["pattern"] !== undefined) assertSafe(schema["pattern"], where);
  return schema;
}

function assertSafe(pattern: Json, where: string): void {
  if (typeof pattern === "string" && isSafePattern(pattern)) return;
  throw new OpenApiError(
    where,
    `正则表达式可能耗时无界，请改写：${String(pattern).slice(0, 80)}`,
    `This pattern could take unbounded time; please write it otherwise: ${String(pattern).slice(0, 80)}`,
  );
}

function referenceTarget(document: JsonObject, reference: Json, where: string): string {
  if (typeof reference !== "string" || !isLocalReference(reference) || !reference.startsWith(SCHEMAS)) {
    throw new OpenApiError(
      where,
      `schema 只允许引用 ${SCHEMAS}：${String(reference)}`,
      `A schema may refer to ${SCHEMAS} only: ${String(reference)}`,
    );
  }
  if (at(document, reference) === undefined) {
    throw new OpenApiError(where, `引用无所指：${reference}`, `The reference leads nowhere: ${reference}`);
  }
  return `#/$defs/${reference.slice(SCHEMAS.length)}`;
}

/** What 3.0 says in words of its own: `nullable`, and bounds that are marked exclusive. */
function modern(schema: Record<string, Json>, value: JsonObject): PlainSchema {
  for (const [mark, bound] of [
    ["exclusiveMaximum", "maximum"],
    ["exclusiveMinimum", "minimum"],
  ] as const) {
    if (typeof value[mark] !== "boolean") continue;
    delete schema[mark];
    const limit = schema[bound];
    if (value[mark] && limit !== undefined) {
      schema[mark] = limit;
      delete schema[bound];
    }
  }
  if (value["nullable"] !== true || schema["type"] === undefined) return schema;
  const { enum: values, type } = schema;
  return {
    ...schema,
    type: [...(Array.isArray(type) ? type : [type as Json]), "null"],
    ...(Array.isArray(values) && !values.includes(null) && { enum: [...values, null] }),
  };
}
