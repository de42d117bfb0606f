import type { Resource } from "./resources.ts";
import type { SharingKind } from "./terms.ts";

/** How the attributes of a resource are shared, as its entry says. */
export type Shared = readonly { readonly name: string; readonly sharing: SharingKind }[];

/** The attributes that are shared in one way. */
export function sharedAs(shared: Shared, kind: SharingKind): ReadonlySet<string> {
  return new Set(shared.flatMap(({ name, sharing }) => (sharing === kind ? [name] : [])));
}

/** What else has to be given where some attributes are: without it, what is left would not be what the contract promises. */
export function neededBeside({ attributes }: Resource, given: ReadonlySet<string>): readonly string[] {
  const lists = new Set([...given].map(listOf));
  return attributes.flatMap(({ name, needed }) => {
    if (given.has(name) || needed === "no") return [];
    return needed === "always" || lists.has(listOf(name)) ? [name] : [];
  });
}

function listOf(name: string): string {
  const end = name.indexOf(".");
  return end === -1 ? "" : name.slice(0, end);
}

/** Whether some attributes by themselves make something that can be given. */
export function isAnswer(resource: Resource, given: ReadonlySet<string>): boolean {
  return given.size > 0 && neededBeside(resource, given).length === 0;
}

/**
 * How a resource is shared as a whole: unconditionally, where its unconditional attributes make an answer by themselves; not at all, where
 * what nobody else may have is needed for any.
 */
export function sharingOf(resource: Resource, shared: Shared): SharingKind {
  if (isAnswer(resource, sharedAs(shared, "unconditional"))) return "unconditional";
  return isAnswer(resource, shareable(shared)) ? "conditional" : "none";
}

/** How a resource is called in lists: by its attributes where they are all shared unconditionally, else by what can be had of it. */
export function calledShared(resource: Resource, shared: Shared): SharingKind {
  if (shared.every(({ sharing }) => sharing === "unconditional")) return "unconditional";
  return isAnswer(resource, shareable(shared)) ? "conditional" : "none";
}

/** All but what is not shared. */
export function shareable(shared: Shared): ReadonlySet<string> {
  return new Set(shared.flatMap(({ name, sharing }) => (sharing === "none" ? [] : [name])));
}
