import type { Contract } from "../contract/contract.ts";
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";

/**
 * What a contract takes without saying how much of it: texts without a greatest length, lists without a greatest number.
 * Paths from the contract on: `operations.findPerson.input.name`.
 */
export function unboundedInputs(contract: Contract): readonly string[] {
  const { operations, services, procedures, registers } = contract;
  return [
    ...each(operations, "operations", ({ input }) => ({ input })),
    ...each(services, "services", ({ form }) => ({ form })),
    ...each(registers, "registers", ({ schema }) => ({ schema })),
    ...Object.entries(procedures).flatMap(([name, { tasks, messages }]) => [
      ...each(tasks, `procedures.${name}.tasks`, ({ form }) => ({ form })),
      ...each(messages, `procedures.${name}.messages`, ({ form }) => ({ form })),
    ]),
  ];
}

type Schemas = Readonly<Record<string, Parameters<typeof jsonSchemaOf>[0]>>;

function each<T>(parts: Readonly<Record<string, T>>, part: string, schemas: (value: T) => Schemas): readonly string[] {
  return Object.entries(parts).flatMap(([name, value]) =>
    Object.entries(schemas(value)).flatMap(([which, schema]) =>
      unbounded(jsonSchemaOf(schema, "input"), `${part}.${name}.${which}`),
    ),
  );
}

function unbounded(schema: JsonSchema, path: string): readonly string[] {
  const free = (schema.type === "string" && !boundedText(schema)) || (schema.type === "array" && !boundedList(schema));
  const rest = schema.additionalProperties;
  return [
    ...(free ? [path] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => unbounded(property, `${path}.${name}`)),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((one) =>
      unbounded(one, path),
    ),
    ...(schema.items ? unbounded(schema.items, `${path}[]`) : []),
    // A record has any number of members.
    ...(typeof rest === "object" ? [`${path}.*`, ...unbounded(rest, `${path}.*`)] : []),
  ];
}

/** A pattern or a format of fixed shape bounds a text as a length does. */
function boundedText({ maxLength, enum: values, const: value, pattern, format }: JsonSchema): boolean {
  const shaped = pattern !== undefined || (format !== undefined && format !== "email" && format !== "uri");
  return maxLength !== undefined || values !== undefined || value !== undefined || shaped;
}

function boundedList({ maxItems, prefixItems }: JsonSchema): boolean {
  return maxItems !== undefined || prefixItems !== undefined;
}
