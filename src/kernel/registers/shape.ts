import { z } from "zod";
import type { Register } from "../contract/contract.ts";
import { fieldMeta } from "../contract/field.ts";
import { assert } from "../errors/fault.ts";

export type LookupKind = "exact" | "unique" | "name";

/** What one attribute of a declaration means for the tables. */
export interface AttributeShape {
  readonly name: string;
  readonly sensitive: boolean;
  readonly lookup: LookupKind | undefined;
  /** The JSON type, as JSON Schema names it; "any" where there is no single one. */
  readonly type: string;
  /** What a version has that was written before the attribute was declared. */
  readonly fallback: unknown;
  /** Whether versions without the attribute are valid. */
  readonly optional: boolean;
}

/** A declaration as the tables see it. */
export interface RegisterShape {
  /** `population.person`: also the label of its data key. */
  readonly id: string;
  readonly schema: string;
  readonly table: string;
  readonly attributes: readonly AttributeShape[];
  /** Those found by value, in the order of the declaration. */
  readonly lookups: readonly (AttributeShape & { readonly column: string })[];
  /** The one found by the words of a name. */
  readonly named: AttributeShape | undefined;
}

const IDENTIFIER_MAX_BYTES = 63;
const ATTRIBUTE_NAME = /^(?!toJSON$)[A-Za-z][A-Za-z0-9_]*$/;

/** Reads a declaration. That it makes sense is checked here once; a failure is the programmer's. */
export function shapeOf(room: string, name: string, declaration: Register): RegisterShape {
  const id = `${room}.${name}`;
  const attributes = Object.entries(declaration.schema.shape).map(([attribute, schema]) =>
    attributeOf(attribute, schema as z.ZodType),
  );
  const lookups = attributes
    .filter((each) => each.lookup === "exact" || each.lookup === "unique")
    .map((each) => ({ ...each, column: identifier("is", each.name) }));
  const columns = new Set(lookups.map((each) => each.column));
  assert(columns.size === lookups.length, `${id}: two attributes would share a column`);
  const named = attributes.filter((each) => each.lookup === "name");
  assert(named.length <= 1, `${id}: one attribute at most is looked up by name`);
  const { by } = declaration.subject;
  assert(
    by === undefined || by === "key" || attributes.some((each) => each.name === by),
    `${id}: its subject is no attribute`,
  );
  return Object.freeze({
    id,
    schema: identifier(room),
    table: identifier(name),
    attributes,
    lookups,
    named: named[0],
  });
}

function attributeOf(name: string, schema: z.ZodType): AttributeShape {
  assert(ATTRIBUTE_NAME.test(name), `${name} is no name for an attribute`);
  const meta = fieldMeta(schema);
  const without = schema.safeParse(undefined);
  return Object.freeze({
    name,
    sensitive: meta?.sensitive === true,
    lookup: meta?.lookup,
    type: typeOf(schema),
    fallback: without.success ? without.data : undefined,
    optional: without.success,
  });
}

function typeOf(schema: z.ZodType): string {
  const { type } = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
  return typeof type === "string" ? type : "any";
}

/** `legal-entities`, `correctionRequest` and `standards/laws` as PostgreSQL writes names. */
export function identifier(...parts: readonly string[]): string {
  const name = parts
    .join("_")
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
  assert(/^[a-z]/.test(name) && name.length <= IDENTIFIER_MAX_BYTES, `${parts.join(".")} is no name for a table`);
  return name;
}
