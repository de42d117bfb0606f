import type { ActionConstraint, EntityUidJson, PolicyJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";

/** What of an attempt a set of policies looks at. Two attempts that agree on all of it are decided alike. */
export interface Reads {
  /** Attributes of the context or of a resource whose value matters, by name. */
  readonly values: ReadonlySet<string>;
  /** Those of which it matters only whether they are there. */
  readonly presence: ReadonlySet<string>;
  /** Whether it matters which principal or resource it is, beyond the type. */
  readonly principalId: boolean;
  readonly resourceId: boolean;
  /** Some policy looks at the context as a whole: everything matters. */
  readonly wholeContext: boolean;
}

/**
 * Reads off the policies' syntax trees what they depend on. It is cautious: what it does not recognize counts as read.
 */
export function readsOf(policies: readonly PolicyJson[]): Reads {
  const found: Found = { values: new Set(), presence: new Set(), variables: new Set() };
  for (const policy of policies) {
    if (namesOne(policy.principal)) found.variables.add("principal");
    if (namesOne(policy.resource)) found.variables.add("resource");
    for (const condition of policy.conditions) visit(condition.body, found);
  }
  return {
    values: found.values,
    presence: found.presence,
    principalId: found.variables.has("principal"),
    resourceId: found.variables.has("resource"),
    wholeContext: found.variables.has("context"),
  };
}

interface Found {
  readonly values: Set<string>;
  readonly presence: Set<string>;
  /** Variables that are used as a whole. */
  readonly variables: Set<string>;
}

function namesOne(constraint: PolicyJson["principal"] | PolicyJson["resource"]): boolean {
  return constraint.op !== "All" && (constraint.op !== "is" || constraint.in !== undefined);
}

function visit(node: unknown, found: Found): void {
  if (Array.isArray(node)) {
    for (const part of node) visit(part, found);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  for (const [operator, argument] of Object.entries(node)) {
    if (operator === "Value") continue;
    if (operator === "Var") found.variables.add(String(argument));
    else if (operator === ".") visitValue(argument, found);
    else if (operator === "has") visitPresence(argument, found);
    else if (operator === "is" && isVariable(argument.left) && argument.in === undefined) continue;
    else visit(argument, found);
  }
}

function visitValue(argument: { left: unknown; attr: string }, found: Found): void {
  found.values.add(argument.attr);
  if (!isVariable(argument.left)) visit(argument.left, found);
}

function visitPresence(argument: { left: unknown; attr: string | readonly string[] }, found: Found): void {
  const path = typeof argument.attr === "string" ? [argument.attr] : argument.attr;
  const [first] = path;
  // `context has a.b` looks into a.
  if (first !== undefined) (path.length === 1 ? found.presence : found.values).add(first);
  if (!isVariable(argument.left)) visit(argument.left, found);
}

function isVariable(node: unknown): boolean {
  return typeof node === "object" && node !== null && "Var" in node;
}

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
