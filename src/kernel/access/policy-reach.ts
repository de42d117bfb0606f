import type { Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type Action, principalTypes } from "./action.ts";
import { concernsAction } from "./policy-scope.ts";
import { all, context, contextHas, equal, oneOf, value } from "./policy-terms.ts";

/** Types of entities that are individuals. Rights follow posts: a policy that names one of these would escape every check over posts. */
const INDIVIDUALS: ReadonlySet<string> = new Set(["Person", "Official", "Node", "Case"]);

export type FormProblem =
  /** It is about others than officials. */
  | "not-officials"
  /** It names a single official, case, person or room. */
  | "individual";

/**
 * What makes a policy unfit to be an administrator's: it speaks of officials by their posts. A forbid may have one official as its
 * scope (`principal == Official::"…"`): to suspend someone takes nothing from any check.
 */
export function formProblem(json: PolicyJson): FormProblem | undefined {
  const { principal, resource } = json;
  if (principal.op === "is" && (principal.entity_type !== "Official" || principal.in !== undefined))
    return "not-officials";
  if (principal.op === "in") return "individual";
  if (principal.op === "==") {
    const named = "entity" in principal ? typeOf(principal.entity) : undefined;
    if (named !== "Official") return "not-officials";
    if (json.effect === "permit") return "individual";
  }
  return [resource, ...json.conditions.map(({ body }) => body)].some(namesIndividual) ? "individual" : undefined;
}

function typeOf(entity: { readonly type: string } | { readonly __entity: { readonly type: string } }): string {
  return "__entity" in entity ? entity.__entity.type : entity.type;
}

/** Whether a literal in this part of a policy is an individual, however deep. Cedar's checker has bounded the depth. */
function namesIndividual(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  if (Array.isArray(part)) return part.some(namesIndividual);
  const { type, id } = part as { readonly type?: unknown; readonly id?: unknown };
  if (typeof type === "string" && typeof id === "string" && INDIVIDUALS.has(type)) return true;
  return Object.values(part).some(namesIndividual);
}

/**
 * The same policy, such that it can concern officials at posts of these authorities alone, whatever it says itself. Of no authority, it
 * concerns nobody and is left out.
 */
export function withinAuthorities(json: PolicyJson, authorities: readonly string[]): PolicyJson | undefined {
  const [first, ...more] = authorities;
  if (first === undefined) return undefined;
  const where: Expr =
    more.length === 0 ? equal(context("authority"), value(first)) : oneOf(authorities.map(value), context("authority"));
  return {
    ...json,
    principal: json.principal.op === "All" ? { op: "is", entity_type: "Official" } : json.principal,
    conditions: [{ kind: "when", body: all(contextHas("authority"), where) }, ...json.conditions],
  };
}

/**
 * The same permit, for these of the actions that it names alone: an authority gives rights in what it keeps and over its own cases.
 * `undefined` where it names none of them.
 */
export function withinActions(json: PolicyJson, actions: readonly Action[]): PolicyJson | undefined {
  const named = actions.filter(
    (action) => principalTypes(action).includes("Official") && concernsAction(json.action, action.id, action.groups),
  );
  if (named.length === 0) return undefined;
  return { ...json, action: { op: "in", entities: named.map(({ id }) => ({ type: "Action", id })) } };
}
