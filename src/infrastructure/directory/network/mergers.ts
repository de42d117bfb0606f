import type { DirectoryView } from "#lib/directory/view";
import { everyPage } from "../every-page.ts";
import type { Registers } from "../implement.ts";
import { readChange } from "./change.ts";

/** Where the authorities that were merged on this node lead today, by key: as two officials decided, and as its part of the directory says. */
export async function mergersOf({ directoryChange }: Pick<Registers, "directoryChange">): Promise<Mergers> {
  const decided = { what: "merge-authorities", status: "published" } as const;
  const next = new Map<string, string>();
  for (const { value } of await everyPage((page) => directoryChange.find(decided, page))) {
    const change = readChange(value);
    if (change.what === "merge-authorities") next.set(change.authority, change.into);
  }
  return {
    today(id) {
      let at = id;
      // No circle was published; the bound is for a register that somebody altered.
      for (let steps = 0; steps <= next.size; steps++) {
        const into = next.get(at);
        if (into === undefined) break;
        at = into;
      }
      return at === id ? undefined : at;
    },
  };
}

interface Mergers {
  /** The key of the authority that stands today; undefined of one that was not merged. */
  today(id: string): string | undefined;
}

/** Of each view, what was merged into what stands today: few of many. */
const groups = new WeakMap<DirectoryView, ReadonlyMap<string, readonly string[]>>();

/** All authorities that lead to the same one today, itself among them. */
export function mergedWith(view: DirectoryView, authority: string): readonly string[] {
  const known = groups.get(view) ?? groupsOf(view);
  groups.set(view, known);
  return known.get(view.authority(authority)?.id ?? authority) ?? [authority];
}

function groupsOf(view: DirectoryView): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id, into } of view.authorities()) {
    const today = into === undefined ? undefined : view.authority(id)?.id;
    if (today !== undefined) found.set(today, [...(found.get(today) ?? [today]), id]);
  }
  return found;
}

export function withMerger<T extends { readonly id: string }>(view: T, mergers: Mergers): T & { mergedInto?: string } {
  const mergedInto = mergers.today(view.id);
  return { ...view, ...(mergedInto !== undefined && { mergedInto }) };
}
