import { canonicalize } from "#lib/json/canonical";

/** Attributes whose values are written as one JSON object. */
export interface MemberNames {
  readonly name: string;
  /** `"name":` */
  readonly head: string;
}

/** Attributes in canonical order; their names need no escapes (shape.ts). */
export function memberNames(attributes: readonly { readonly name: string }[]): readonly MemberNames[] {
  return attributes
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name }) => ({ name, head: `"${name}":` }));
}

/**
 * The canonical JSON of some attributes: what `canonicalize` gives, without sorting them each time, and without a step through
 * JSON.stringify for texts in which nothing is escaped.
 * @throws CanonicalFormError as `canonicalize` does
 */
export function canonicalMembers(value: Readonly<Record<string, unknown>>, attributes: readonly MemberNames[]): string {
  let json = "";
  for (const { name, head } of attributes) {
    const member = value[name];
    if (member === undefined) continue;
    if (typeof member !== "string" || !PLAIN.test(member)) return written(value, attributes);
    json += json === "" ? `{${head}"${member}"` : `,${head}"${member}"`;
  }
  return json === "" ? "{}" : `${json}}`;
}

/** Neither quote, backslash and control characters, which JSON escapes, nor halves of a character, which need a look. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\ud7ff\ue000-\uffff]*$/;

function written(value: Readonly<Record<string, unknown>>, attributes: readonly MemberNames[]): string {
  const members: Record<string, unknown> = {};
  for (const { name } of attributes) if (value[name] !== undefined) members[name] = value[name];
  return canonicalize(members);
}
