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
  return write(value, "", 0);
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
