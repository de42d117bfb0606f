import type { Action } from "#kernel/access/action";
import { withinActions, withinAuthorities } from "#kernel/access/policy-reach";
import type { Policies } from "#kernel/access/policy-terms";
import { type Change, policyId } from "./change.ts";

/** An authority and the one above it. */
export interface AuthorityPlace {
  readonly id: string;
  readonly parent?: string | undefined;
}

/** What a change can reach: authorities, and for permits actions. */
export interface House {
  readonly authorities: readonly AuthorityPlace[];
  readonly actions: readonly Action[];
  /** The authority that keeps a room. */
  readonly keeperOf: (room: string) => string;
}

/** All authorities below one, at any depth. */
export function below(house: Pick<House, "authorities">, authority: string): readonly string[] {
  const children = Map.groupBy(house.authorities, ({ parent }) => parent);
  const found = new Set<string>();
  const walk = (of: string): void => {
    for (const { id } of children.get(of) ?? []) {
      // One that is above itself by mistake is below it once.
      if (id === authority || found.has(id)) continue;
      found.add(id);
      walk(id);
    }
  };
  walk(authority);
  return [...found];
}

/** At whose posts a change can be felt. */
export function reachOf(
  house: Pick<House, "authorities">,
  change: Pick<Change, "level" | "authority">,
): readonly string[] {
  return change.level === "authority" ? [change.authority] : below(house, change.authority);
}

/**
 * The actions in which an authority may give its posts rights: what the rooms that it keeps offer, and work on cases, which the kernel
 * keeps to one's own authority. The rights over policies themselves, over the ledger and over what stands
 * still follow duties alone.
 */
export function actionsToGive(house: House, authority: string): readonly Action[] {
  return house.actions.filter(
    ({ room, resource, groups }) =>
      room !== "security" &&
      !groups.some((group) => BY_DUTY_ALONE.has(group)) &&
      (resource === "Case" || house.keeperOf(room) === authority),
  );
}

/** Supervision and the running of the node are no authority's to give. */
const BY_DUTY_ALONE: ReadonlySet<string> = new Set(["ledger-read", "stopped"]);

/** The policies of changes in force, each bound to what it can reach: whatever its author wrote, it goes no further. */
export function policiesOf(house: House, changes: readonly Change[]): Policies {
  const policies: Record<string, Policies[string]> = {};
  for (const change of changes) {
    const bound = boundPolicy(house, change);
    if (bound) policies[policyId(change)] = bound;
  }
  return policies;
}

/** `undefined` where it concerns nobody. */
export function boundPolicy(
  house: House,
  change: Pick<Change, "level" | "authority" | "content">,
): Policies[string] | undefined {
  const { content, authority } = change;
  if (content.kind !== "policy") return undefined;
  if (content.json.effect === "forbid") return withinAuthorities(content.json, reachOf(house, change));
  if (change.level === "superior") return undefined;
  const permit = withinActions(content.json, actionsToGive(house, authority));
  return permit && withinAuthorities(permit, [authority]);
}
