import type { JsonSchema } from "./json-schema.ts";

/** A value that one schema takes and another does not, by the place in it. */
export interface Mismatch {
  readonly path: string;
  readonly message: string;
}

const LOWER_BOUNDS = ["minimum", "exclusiveMinimum", "minLength", "minItems"] as const;
const UPPER_BOUNDS = ["maximum", "exclusiveMaximum", "maxLength", "maxItems"] as const;
/** Without any of these, a schema takes every value. */
const RULES = ["type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"] as const;
const EXACT = ["format", "pattern", "multipleOf"] as const;

/**
 * Why a value that `from` describes may not be one that `to` describes. It is cautious: where it cannot tell, it says so.
 * Properties that `to` does not know are taken, as within a major version contracts may add.
 */
export function mismatches(from: JsonSchema, to: JsonSchema, path = ""): readonly Mismatch[] {
  if (JSON.stringify(from) === JSON.stringify(to) || takesAnything(to)) return [];
  if (from.allOf || to.allOf || from.$ref || to.$ref)
    return [{ path, message: "it changed, in a way that is not compared" }];
  const choices = to.anyOf ?? to.oneOf;
  const offered = from.anyOf ?? from.oneOf;
  if (offered) return offered.flatMap((one) => mismatches(one, to, path));
  if (choices) {
    const fits = choices.some((one) => mismatches(from, one, path).length === 0);
    return fits ? [] : [{ path, message: "none of the alternatives takes it" }];
  }
  if (typeOf(from) !== typeOf(to) && !(typeOf(from) === "integer" && typeOf(to) === "number")) {
    return [{ path, message: `a value of type ${typeOf(from)} where ${typeOf(to)} is expected` }];
  }
  return [...values(from, to, path), ...bounds(from, to, path), ...objects(from, to, path), ...lists(from, to, path)];
}

function takesAnything(schema: JsonSchema): boolean {
  return !RULES.some((rule) => rule in schema);
}

function typeOf(schema: JsonSchema): string {
  if (schema.type !== undefined) return schema.type;
  const [value] = valuesOf(schema) ?? [];
  return value === undefined ? "anything" : typeof value;
}

function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  return "const" in schema ? [schema.const] : schema.enum;
}

function values(from: JsonSchema, to: JsonSchema, path: string): readonly Mismatch[] {
  const taken = valuesOf(to);
  if (!taken) return [];
  const given = valuesOf(from);
  if (!given) return [{ path, message: "any value, where only listed ones are taken" }];
  return given
    .filter((value) => !taken.includes(value))
    .map((value) => ({ path, message: `the value ${value} is not taken` }));
}

function bounds(from: JsonSchema, to: JsonSchema, path: string): readonly Mismatch[] {
  const narrower = [
    ...LOWER_BOUNDS.filter((bound) => (to[bound] ?? -Infinity) > (from[bound] ?? -Infinity)),
    ...UPPER_BOUNDS.filter((bound) => (to[bound] ?? Infinity) < (from[bound] ?? Infinity)),
    ...EXACT.filter((rule) => to[rule] !== undefined && to[rule] !== from[rule]),
  ];
  return narrower.map((rule) => ({ path, message: `${rule} ${to[rule]} is narrower than ${from[rule] ?? "none"}` }));
}

function objects(from: JsonSchema, to: JsonSchema, path: string): readonly Mismatch[] {
  const required = new Set(from.required);
  const missing = (to.required ?? []).filter((name) => !required.has(name));
  const shared = Object.entries(to.properties ?? {}).flatMap(([name, schema]) => {
    const given = from.properties?.[name];
    return given ? mismatches(given, schema, join(path, name)) : [];
  });
  const closed =
    to.additionalProperties === false
      ? Object.keys(from.properties ?? {}).filter((name) => !(name in (to.properties ?? {})))
      : [];
  return [
    ...missing.map((name) => ({ path: join(path, name), message: "it may be missing, and is required" })),
    ...closed.map((name) => ({ path: join(path, name), message: "it is not taken" })),
    ...shared,
    ...rest(from, to, path),
  ];
}

/** The values of a record. */
function rest(from: JsonSchema, to: JsonSchema, path: string): readonly Mismatch[] {
  const [given, taken] = [from.additionalProperties, to.additionalProperties];
  return typeof given === "object" && typeof taken === "object" ? mismatches(given, taken, join(path, "*")) : [];
}

function lists(from: JsonSchema, to: JsonSchema, path: string): readonly Mismatch[] {
  const entries = from.items && to.items ? mismatches(from.items, to.items, join(path, "*")) : [];
  const places = (to.prefixItems ?? []).flatMap((schema, index) => {
    const given = from.prefixItems?.[index];
    return given
      ? mismatches(given, schema, join(path, String(index)))
      : [{ path, message: `place ${index} is missing` }];
  });
  return [...entries, ...places];
}

/** Properties that are gone, at any depth of objects. */
export function removedProperties(before: JsonSchema, now: JsonSchema, path = ""): readonly Mismatch[] {
  return Object.entries(before.properties ?? {}).flatMap(([name, schema]) => {
    const kept = now.properties?.[name];
    return kept
      ? removedProperties(schema, kept, join(path, name))
      : [{ path: join(path, name), message: "it was removed" }];
  });
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
