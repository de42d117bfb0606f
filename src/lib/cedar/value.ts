/**
 * Values of the Cedar policy language (docs.cedarpolicy.com, "Data types"), as the evaluator keeps them. A `Long` is a JavaScript number: one
 * beyond ±(2^53 − 1) is an error here, where Cedar goes to 2^63 − 1. Extension types (decimal, ipaddr, datetime) are not carried.
 */
export type CedarValue = string | number | boolean | Entity | CedarSet | CedarRecord;

/** What is not known of a request yet. An expression that needs it to have a value has none itself. */
export const UNKNOWN: unique symbol = Symbol("unknown");
export type Unknown = typeof UNKNOWN;
export type MaybeValue = CedarValue | Unknown;

/** A reference to an entity: its type and id. Equal when both are. */
export class Entity {
  readonly type: string;
  readonly id: string;
  #key: string | undefined;

  constructor(type: string, id: string) {
    this.type = type;
    this.id = id;
  }

  /** Unlike that of any other value. */
  get key(): string {
    this.#key ??= `${this.type}::${JSON.stringify(this.id)}`;
    return this.#key;
  }
}

/** A set of values, without order. */
export class CedarSet {
  readonly #members: readonly CedarValue[];
  #made: ReadonlySet<string> | undefined;

  constructor(members: readonly CedarValue[]) {
    this.#members = members;
  }

  /** Most sets of a request are never asked about. */
  get #keys(): ReadonlySet<string> {
    this.#made ??= new Set(this.#members.map(valueKey));
    return this.#made;
  }

  get members(): readonly CedarValue[] {
    return this.#members;
  }

  get size(): number {
    return this.#members.length === 0 ? 0 : this.#keys.size;
  }

  get key(): string {
    return `[${[...this.#keys].sort().join(",")}]`;
  }

  has(value: CedarValue): boolean {
    return this.#keys.has(valueKey(value));
  }

  /** Whether a member has this {@link valueKey}. */
  hasKey(key: string): boolean {
    return this.#keys.has(key);
  }

  hasAll(other: CedarSet): boolean {
    return other.#keys.isSubsetOf(this.#keys);
  }

  hasAny(other: CedarSet): boolean {
    return !other.#keys.isDisjointFrom(this.#keys);
  }
}

/** A record; of an attempt that is not made yet, attributes may be unknown. An attribute that is `undefined` is not there. */
export class CedarRecord {
  readonly #attributes = new Map<string, MaybeValue>();

  constructor(attributes: Iterable<readonly [string, MaybeValue | undefined]>) {
    for (const [name, value] of attributes) if (value !== undefined) this.#attributes.set(name, value);
  }

  get(name: string): MaybeValue | undefined {
    return this.#attributes.get(name);
  }

  get key(): string {
    const members = [...this.#attributes].map(([name, value]) => {
      return `${JSON.stringify(name)}:${value === UNKNOWN ? "?" : valueKey(value)}`;
    });
    return `{${members.sort().join(",")}}`;
  }
}

/** A text that two values share exactly when Cedar's `==` holds between them. */
export function valueKey(value: CedarValue): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
    case "boolean":
      return String(value);
    default:
      return value.key;
  }
}

export function equalValues(one: CedarValue, other: CedarValue): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object") return false;
  return one.constructor === other.constructor && one.key === other.key;
}
