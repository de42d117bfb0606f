import type { Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { Text } from "#lib/language/text";

/** The terms of Cedar's JSON format in which this folder writes its own policies: no parser is needed to start a node. */

/** Policies by their ids. */
export type Policies = Readonly<Record<string, PolicyJson>>;

const variable = (name: "principal" | "action" | "resource" | "context"): Expr => ({ Var: name });
const reference = (type: string, id: string) => ({ __entity: { type, id } });

export const member = (type: string, id: string): Expr => ({ Value: reference(type, id) });
export const value = (literal: string | number): Expr => ({ Value: literal });
export const attribute = (left: Expr, attr: string): Expr => ({ ".": { left, attr } });
export const context = (attr: string): Expr => ({ ".": { left: variable("context"), attr } });
/** Of a path, each member is asked about before the next. */
export const contextHas = (attr: string, member?: string): Expr => {
  const has: Expr = { has: { left: variable("context"), attr } };
  return member === undefined ? has : all(has, { has: { left: context(attr), attr: member } });
};
export const resource = (attr: string): Expr => ({ ".": { left: variable("resource"), attr } });
export const resourceHas = (attr: string): Expr => ({ has: { left: variable("resource"), attr } });
export const principalIs = (type: string): Expr => ({ is: { left: variable("principal"), entity_type: type } });
export const principalAmong = (type: string, ids: readonly string[]): Expr =>
  oneOf(
    ids.map((id) => member(type, id)),
    variable("principal"),
  );
export const actionIn = (group: string): Expr => ({ in: { left: variable("action"), right: member("Action", group) } });
export const not = (arg: Expr): Expr => ({ "!": { arg } });
export const equal = (left: Expr, right: Expr): Expr => ({ "==": { left, right } });
export const below = (left: Expr, right: Expr): Expr => ({ "<": { left, right } });
export const isEmpty = (arg: Expr): Expr => ({ isEmpty: { arg } });
export const contains = (left: Expr, right: Expr): Expr => ({ contains: { left, right } });
export const oneOf = (members: readonly Expr[], wanted: Expr): Expr => contains({ Set: [...members] }, wanted);
export const either = (left: Expr, right: Expr): Expr => ({ "||": { left, right } });
export const all = (first: Expr, ...rest: readonly Expr[]): Expr =>
  rest.reduce((left, right) => ({ "&&": { left, right } }), first);

export interface PolicyTerms {
  /** What the policy does, for readers: its `@zh` and `@en`. */
  readonly words: Text;
  readonly annotations?: Readonly<Record<string, string>>;
  /** A type of principals; absent, all. */
  readonly principal?: string | undefined;
  /** Groups of actions, or one action; absent, all. */
  readonly actions?: { readonly inGroups: readonly string[] } | { readonly action: string };
  /** A type of resources; absent, all. */
  readonly resource?: string;
  readonly when?: Expr | undefined;
  readonly unless?: Expr | undefined;
}

export function policy(effect: "permit" | "forbid", terms: PolicyTerms): PolicyJson {
  return {
    effect,
    principal: terms.principal === undefined ? { op: "All" } : { op: "is", entity_type: terms.principal },
    action: actionScope(terms.actions),
    resource: terms.resource === undefined ? { op: "All" } : { op: "is", entity_type: terms.resource },
    conditions: [
      ...(terms.when === undefined ? [] : [{ kind: "when" as const, body: terms.when }]),
      ...(terms.unless === undefined ? [] : [{ kind: "unless" as const, body: terms.unless }]),
    ],
    annotations: { zh: terms.words.zh, en: terms.words.en, ...terms.annotations },
  };
}

function actionScope(actions: PolicyTerms["actions"]): PolicyJson["action"] {
  if (actions === undefined) return { op: "All" };
  if ("action" in actions) return { op: "==", entity: { type: "Action", id: actions.action } };
  return { op: "in", entities: actions.inGroups.map((id) => ({ type: "Action", id })) };
}

/** What a policy says of itself in both languages; `undefined` where one is missing. */
export function policyWords(json: PolicyJson): Text | undefined {
  const { zh, en } = (json.annotations ?? {}) as { zh?: string; en?: string };
  return zh && en ? { zh, en } : undefined;
}
