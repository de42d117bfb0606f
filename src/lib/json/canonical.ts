/** A value that JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };

/** Deeper nesting is refused, so that a hostile document cannot exhaust the stack. */
export const CANONICAL_DEPTH_MAX = 128;

/** Says which value, at which path, has no canonical form. */
export class CanonicalFormError extends TypeError {
  readonly code = "ERR_JSON_NOT_CANONICAL";
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`${path === "" ? "value" : path}: ${reason}`);
    this.name = "CanonicalFormError";
    this.path = path;
  }
}

/**
 * Writes a value as canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space, numbers as
 * ECMAScript writes them. Members whose value is `undefined` are left out, as JSON.stringify does.
 * @throws CanonicalFormError for numbers that are not finite, lone surrogates, bigint, functions, class instances,
 *   `undefined` in an array, and nesting beyond {@link CANONICAL_DEPTH_MAX}
 */
export function canonicalize(value: unknown): string {
  const sorted = sortMembers(value, 0);
  if (sorted !== UNSORTED) {
    const text = JSON.stringify(sorted) as string | undefined;
    // A lone surrogate leaves JSON.stringify as an escape; so may a text that only looks like one.
    if (text !== undefined && !text.includes(SURROGATE_ESCAPE)) return text;
  }
  return write(value, "", 0);
}

/** What only the long way can write, or refuse with its place. */
const UNSORTED = Symbol("unsorted");
const SURROGATE_ESCAPE = "\\ud";
/** The same value with its members in canonical order: JSON.stringify keeps it, and is several times faster than we are. */
function sortMembers(value: unknown, depth: number): unknown {
  if (depth > CANONICAL_DEPTH_MAX) return UNSORTED;
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : UNSORTED;
  if (typeof value !== "object") return UNSORTED;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value as unknown[]) {
      const sorted = sortMembers(item, depth + 1);
      if (sorted === UNSORTED) return UNSORTED;
      items.push(sorted);
    }
    return items;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return UNSORTED;
  const members = value as Readonly<Record<string, unknown>>;
  const sorted: Record<string, unknown> = {};
  for (const name of inOrder(Object.keys(members))) {
    const member = members[name];
    if (member === undefined) continue;
    const inner = isSpecial(name) ? UNSORTED : sortMembers(member, depth + 1);
    if (inner === UNSORTED) return UNSORTED;
    sorted[name] = inner;
  }
  return sorted;
}

/** By UTF-16 code units, as `<` compares. Most objects are written in their order: sorting costs more than looking. */
function inOrder(names: string[]): readonly string[] {
  for (let at = 1; at < names.length; at++) if ((names[at - 1] as string) > (names[at] as string)) return names.sort();
  return names;
}

/** ECMAScript puts names that are array indexes first, whatever their order; two others it treats in a way of their own. */
function isSpecial(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || name === "__proto__" || name === "toJSON";
}

function write(value: unknown, path: string, depth: number): string {
  if (depth > CANONICAL_DEPTH_MAX) throw new CanonicalFormError(path, `nested deeper than ${CANONICAL_DEPTH_MAX}`);
  switch (typeof value) {
    case "string":
      return writeString(value, path);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isFinite(value)) throw new CanonicalFormError(path, "a number must be finite");
      return JSON.stringify(value); // RFC 8785 §3.2.2.3: ECMAScript's own number format
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? writeArray(value, path, depth) : writeObject(value, path, depth);
    default:
      throw new CanonicalFormError(path, `${typeof value} is not JSON`);
  }
}

function writeString(value: string, path: string): string {
  // RFC 8785 §3.2.2.2: a lone surrogate has no UTF-8 form; JSON.stringify would hide it behind an escape.
  if (!value.isWellFormed()) throw new CanonicalFormError(path, "a string holds a lone surrogate");
  return JSON.stringify(value);
}

function writeArray(values: readonly unknown[], path: string, depth: number): string {
  const parts: string[] = [];
  for (let at = 0; at < values.length; at++) parts.push(write(values[at], `${path}[${at}]`, depth + 1));
  return `[${parts.join(",")}]`;
}

function writeObject(value: object, path: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new CanonicalFormError(path, `${value.constructor?.name ?? "an instance"} is not a plain object`);
  }
  const members = value as Readonly<Record<string, unknown>>;
  const parts: string[] = [];
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member === undefined) continue;
    parts.push(`${writeString(name, path)}:${write(member, path === "" ? name : `${path}.${name}`, depth + 1)}`);
  }
  return `{${parts.join(",")}}`;
}
