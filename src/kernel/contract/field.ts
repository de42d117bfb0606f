import { z } from "zod";
import type { Text } from "#lib/language/text";

/** How a form asks for a field, and a page shows it. */
export type FieldKind =
  | "text"
  | "textarea"
  | "number"
  | "date"
  | "radios"
  | "checkboxes"
  | "select"
  | "boolean"
  | "file"
  | "identity-number"
  | "mobile"
  | "money";

/** What a contract says of one attribute beyond its type. */
export interface FieldMeta {
  readonly title: Text;
  readonly hint?: Text;
  readonly kind?: FieldKind;
  /** What each value of an enumeration is called. */
  readonly options?: Readonly<Record<string, Text>>;
  /** Stored as ciphertext and, with `lookup`, as blind index alone. */
  readonly sensitive?: boolean;
  /**
   * `exact`: found by its value; `unique`: at most one current entry has it at any valid time; `name`: found by words of a name.
   */
  readonly lookup?: "exact" | "unique" | "name";
}

const fields = z.registry<FieldMeta>();

/** Says of a schema what forms, registers and reference pages need: `field(z.string().max(40), { title: text("姓名", "Name") })`. */
export function field<S extends z.ZodType>(schema: S, meta: FieldMeta): S {
  const own = schema.clone() as S;
  fields.add(own, meta);
  return own;
}

/** What `field` said of a schema, looking through optional, nullable, default and readonly wrappers. */
export function fieldMeta(schema: z.ZodType): FieldMeta | undefined {
  let current: z.ZodType | undefined = schema;
  while (current) {
    const meta = fields.get(current);
    if (meta) return meta;
    current = innerType(current);
  }
  return undefined;
}

/** Whether a value may be left out. */
export function isOptional(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}

/** The schema below optional, nullable, default and readonly wrappers. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  let current = schema;
  for (let inner = innerType(current); inner; inner = innerType(current)) current = inner;
  return current;
}

function innerType(schema: z.ZodType): z.ZodType | undefined {
  const definition = schema._zod.def as { innerType?: z.ZodType };
  return definition.innerType;
}
