import type { RowColumn } from "#lib/cedar/row-sql";
import type { EntryType, EntryTypes } from "../contract/listing.ts";
import type { AttributeShape, RegisterShape } from "./shape.ts";

/** What policies see of one entry; what is absent is absent there. */
export type EntryValues = Readonly<Record<string, string | number | boolean>>;

const BY_JSON_TYPE: Readonly<Record<string, EntryType | undefined>> = {
  string: "text",
  integer: "long",
  boolean: "boolean",
};

/** Those that are plain, and not sensitive: what is sealed cannot be compared in the database, and is not for whoever writes policies. */
export function entryTypes(shape: Pick<RegisterShape, "attributes">): EntryTypes {
  return Object.fromEntries(plain(shape).map(({ name, type }) => [name, type]));
}

function plain({ attributes }: Pick<RegisterShape, "attributes">) {
  return attributes.flatMap((attribute) => {
    const type = attribute.sensitive ? undefined : BY_JSON_TYPE[attribute.type];
    return type === undefined ? [] : [{ name: attribute.name, type, attribute }];
  });
}

/** Of an entry that was read. */
export function entryValues(
  shape: Pick<RegisterShape, "attributes">,
  value: Readonly<Record<string, unknown>>,
): EntryValues {
  return Object.fromEntries(
    plain(shape).flatMap(({ name, type }) => {
      const found = value[name];
      return JS_TYPES[type] === typeof found ? [[name, found as string | number | boolean] as const] : [];
    }),
  );
}

const JS_TYPES = { text: "string", long: "number", boolean: "boolean" } as const;
const JSON_TYPES = { text: "string", long: "number", boolean: "boolean" } as const;
const SQL_TYPES = { text: "text", long: "numeric", boolean: "boolean" } as const;

/** Of the entries of a list, whose versions stand as `v` in its statement. */
export function entryColumns(shape: Pick<RegisterShape, "attributes">): Readonly<Record<string, RowColumn>> {
  return Object.fromEntries(
    plain(shape).map(({ name, type, attribute }) => [name, { type, nullable: true, write: writerOf(attribute, type) }]),
  );
}

/** A version from before the attribute was declared has its default; one of another type than it has now has none. */
function writerOf({ name, fallback }: AttributeShape, type: EntryType): RowColumn["write"] {
  const path = `v.data -> '${name}'`; // an attribute's name is letters, digits and underscores
  const stored = `CASE WHEN jsonb_typeof(${path}) = '${JSON_TYPES[type]}' THEN (v.data ->> '${name}')::${SQL_TYPES[type]} END`;
  if (typeof fallback !== JS_TYPES[type]) return () => stored;
  return (bind) => `CASE WHEN v.data ? '${name}' THEN ${stored} ELSE ${bind(fallback)}::${SQL_TYPES[type]} END`;
}
