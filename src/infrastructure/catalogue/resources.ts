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
  /**
   * Whether what is given cannot be without it: `always`, or, of a list that may itself be absent, `with-list`. What is not is cut out of
   * answers for whoever may not have it; an answer without what is needed would be none.
   */
  readonly needed: "always" | "with-list" | "no";
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
    // Of a data set each attribute may be absent, but for the one that says whom an entry concerns.
    attributes: attributesOf(register.schema).map((attribute) => ({
      ...attribute,
      needed: attribute.name === register.subject.by ? ("always" as const) : ("no" as const),
    })),
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
  const whole = jsonSchemaOf(schema, "output");
  return Object.entries(propertiesOf(whole)).flatMap(([name, property]) => {
    const isNeeded = isRequired(whole, name);
    const items = property.items ?? {};
    const members = Object.entries(propertiesOf(items));
    if (members.length === 0)
      return [{ ...attribute(name, name, property), needed: isNeeded ? ("always" as const) : ("no" as const) }];
    const someNeeded = members.some(([member]) => isRequired(items, member));
    return members.map(([member, inner], at) => {
      // A list that is promised is given with something in it.
      const isNeededHere = isRequired(items, member) || (isNeeded && !someNeeded && at === 0);
      return {
        ...attribute(`${name}.${member}`, member, inner),
        needed: !isNeededHere ? ("no" as const) : isNeeded ? ("always" as const) : ("with-list" as const),
      };
    });
  });
}

/** Of a choice between objects, whether any of them requires it. */
function isRequired(schema: JsonSchema, name: string): boolean {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return schema.required?.includes(name) === true || choices.some((choice) => isRequired(choice, name));
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

function attribute(name: string, called: string, schema: JsonSchema): Omit<ResourceAttribute, "needed"> {
  return {
    name,
    title: schema["x-title"] ?? text(called, called),
    type: typeOf(schema),
    sensitive: schema["x-sensitive"] === true,
  };
}
