import type { ActionConstraint, EntityUidJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";

/** Whether a policy's scope can match an action that belongs to these groups. */
export function concernsAction(constraint: ActionConstraint, actionId: string, groups: readonly string[]): boolean {
  switch (constraint.op) {
    case "All":
      return true;
    case "==":
      return "entity" in constraint && uid(constraint.entity).id === actionId;
    case "in": {
      const named = "entities" in constraint ? constraint.entities : [constraint.entity];
      return named.some((entity) => uid(entity).id === actionId || groups.includes(uid(entity).id));
    }
  }
}

function uid(entity: EntityUidJson): TypeAndId {
  return "__entity" in entity ? entity.__entity : entity;
}
