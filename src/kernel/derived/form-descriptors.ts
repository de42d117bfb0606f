import type { Text } from "#lib/language/text";
import type { ObjectSchema, Schema } from "../contract/contract.ts";
import { type FieldKind, fieldMeta, isOptional, unwrapped } from "../contract/field.ts";
import { jsonSchemaOf } from "./json-schema.ts";

/** One field of a form, as pages draw it. The page components declare the same shape; neither imports the other. */
export interface FieldDescriptor {
  readonly name: string;
  readonly kind: FieldKind;
  readonly title: Text;
  readonly hint?: Text;
  readonly required: boolean;
  readonly options?: readonly { readonly value: string; readonly title: Text }[];
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive: boolean;
}

/** At most so many options are shown as radio buttons; more become a list to choose from. */
export const MAX_RADIOS = 6;
/** A text that may be longer than this gets several lines. */
export const MAX_LINE_CHARACTERS = 200;

/** Schemas are declared once and never change, and every page with a form asks for their fields. */
const known = new WeakMap<ObjectSchema, readonly FieldDescriptor[]>();

/** Derives the fields of a form from the schema that its contract declares, in its order. */
export function formDescriptors(schema: ObjectSchema): readonly FieldDescriptor[] {
  const derived =
    known.get(schema) ??
    Object.freeze(Object.entries(schema.shape).map(([name, property]) => descriptor(name, property as Schema)));
  known.set(schema, derived);
  return derived;
}

function descriptor(name: string, schema: Schema): FieldDescriptor {
  const meta = fieldMeta(schema);
  const values = optionsOf(schema);
  const bounds = boundsOf(schema);
  return {
    name,
    kind: meta?.kind ?? kindOf(schema, values?.length ?? 0, bounds.maxLength),
    title: meta?.title ?? { zh: name, en: name },
    ...(meta?.hint && { hint: meta.hint }),
    required: !isOptional(schema),
    ...(values && {
      options: values.map((value) => ({ value, title: meta?.options?.[value] ?? { zh: value, en: value } })),
    }),
    ...bounds,
    sensitive: meta?.sensitive ?? false,
  };
}

function kindOf(schema: Schema, options: number, maxLength: number | undefined): FieldKind {
  const { type, format } = definitionOf(schema);
  if (type === "boolean") return "boolean";
  if (type === "number" || type === "int") return "number";
  if (type === "array") return "checkboxes";
  if (options > 0) return options > MAX_RADIOS ? "select" : "radios";
  if (format === "date") return "date";
  return (maxLength ?? 0) > MAX_LINE_CHARACTERS ? "textarea" : "text";
}

interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly element?: Schema;
}

function definitionOf(schema: Schema): Definition {
  return unwrapped(schema)._zod.def as unknown as Definition;
}

function optionsOf(schema: Schema): readonly string[] | undefined {
  const { type, entries, values, element } = definitionOf(schema);
  if (type === "enum") return Object.values(entries ?? {}).map(String);
  if (type === "literal") return (values ?? []).map(String);
  return type === "array" && element ? optionsOf(element) : undefined;
}

function boundsOf(schema: Schema): { readonly maxLength?: number; readonly min?: number; readonly max?: number } {
  const { maxLength, minimum, maximum } = jsonSchemaOf(unwrapped(schema));
  return {
    ...(maxLength !== undefined && { maxLength }),
    ...(minimum !== undefined && { min: minimum }),
    ...(maximum !== undefined && { max: maximum }),
  };
}
