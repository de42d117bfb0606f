import type { Contract, Operation, Register, Schema } from "#kernel/contract/contract";
import { type JsonSchema, jsonSchemaOf } from "#kernel/derived/json-schema";
import { type Text, text } from "#lib/language/text";
import { DATA_TYPES, type DataType } from "./terms.ts";

/** 信息项: one attribute of a resource, as its contract has it. */
export interface ResourceAttribute {
  /** `name`, or `items.name` where a list is given. */
  readonly name: string;
  readonly title: Text;
  readonly type: DataType;
  readonly sensitive: boolean;
}

/** 信息资源: what a room keeps or answers, derived from its contract and typed nowhere else. */
export interface Resource {
  /** `population.person`, `population.findPerson`. */
  readonly id: string;
  readonly room: string;
  readonly kind: "register" | "operation";
  readonly title: Text;
  readonly roomTitle: Text;
  readonly attributes: readonly ResourceAttribute[];
}

/** 信息资源格式 and 共享方式 of the guide: the platform has one of each kind. */
export const FORMATS: Readonly<Record<Resource["kind"], Text>> = {
  register: text("数据库；数据集交换", "Database; exchanged as a data set"),
  operation: text("JSON；调用服务", "JSON; called as a service"),
};

/** Every register, and every query that another system may ask, of these contracts. A resource without attributes is none. */
export function resourcesOf(contracts: readonly Contract[]): readonly Resource[] {
  return contracts
    .flatMap((contract) => [
      ...Object.entries(contract.registers).map(([name, register]) => registerResource(contract, name, register)),
      ...Object.entries(contract.operations)
        .filter(([, { kind, audience }]) => kind === "query" && audience.includes("node"))
        .map(([name, operation]) => operationResource(contract, name, operation)),
    ])
    .filter(({ attributes }) => attributes.length > 0)
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

function registerResource(contract: Contract, name: string, register: Register): Resource {
  return {
    ...placeOf(contract, name),
    kind: "register",
    title: register.title,
    attributes: attributesOf(register.schema),
  };
}

function operationResource(contract: Contract, name: string, operation: Operation): Resource {
  return {
    ...placeOf(contract, name),
    kind: "operation",
    title: operation.title,
    attributes: attributesOf(operation.output),
  };
}

function placeOf(contract: Contract, name: string) {
  return { id: `${contract.id}.${name}`, room: contract.id, roomTitle: contract.title };
}

function attributesOf(schema: Schema): readonly ResourceAttribute[] {
  return Object.entries(propertiesOf(jsonSchemaOf(schema, "output"))).flatMap(([name, property]) => {
    const members = Object.entries(propertiesOf(property.items ?? {}));
    if (members.length === 0) return [attribute(name, name, property)];
    return members.map(([member, inner]) => attribute(`${name}.${member}`, member, inner));
  });
}

/** Of a choice between objects, the attributes of all of them. */
function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return Object.assign({}, ...choices.map(propertiesOf), schema.properties) as Readonly<Record<string, JsonSchema>>;
}

/** 数据类型, as {@link DATA_TYPES} calls it. */
function typeOf({ type, format }: JsonSchema): DataType {
  if (type === "string") return format === "date" || format === "date-time" ? format : "string";
  return DATA_TYPE_NAMES.find((name) => name === type) ?? "any";
}

const DATA_TYPE_NAMES = Object.keys(DATA_TYPES) as DataType[];

function attribute(name: string, called: string, schema: JsonSchema): ResourceAttribute {
  return {
    name,
    title: schema["x-title"] ?? text(called, called),
    type: typeOf(schema),
    sensitive: schema["x-sensitive"] === true,
  };
}
