import type { Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { argumentOf } from "./operator.ts";
import { type CedarValue, Entity } from "./value.ts";

/**
 * A condition on one attribute of the context without which a policy neither applies nor fails, so that a set of policies can be
 * looked up by the attribute's value. Guards stand in the order of the policy's conditions: one counts when those before it could be told.
 */
export interface Guard {
  readonly attribute: string;
  /** Whether the policy asks for the attribute first: where it is absent the policy does not apply, and does not fail either. */
  readonly present: boolean;
  readonly test: /** The attribute is one of these texts, entities, numbers or truth values. */
    | { readonly kind: "one-of"; readonly values: readonly CedarValue[] }
    /** The attribute is a text that begins so. */
    | { readonly kind: "prefix"; readonly prefix: string }
    /** The attribute is a set that holds this. */
    | { readonly kind: "holds"; readonly value: CedarValue };
}

/** More guards than this make an index deeper, and hardly faster. */
const GUARDS_MAX = 4;

/** What must be so for a policy to apply; none where its first condition is of another form. */
export function guardsOf(policy: Pick<PolicyJson, "conditions">): readonly Guard[] {
  const guards: Guard[] = [];
  const asked = new Set<string>();
  for (const { wanted, expression } of conjuncts(policy)) {
    const found = wanted ? guardOf(expression, asked) : undefined;
    if (found !== undefined) guards.push(found);
    // Behind a condition that may fail, a false one does not tell any more that the policy as a whole does not.
    else if (!cannotFail(expression)) break;
    const attribute = wanted ? presenceOf(expression) : undefined;
    if (attribute !== undefined) asked.add(attribute);
    if (guards.length === GUARDS_MAX) break;
  }
  return guards;
}

interface Conjunct {
  readonly wanted: boolean;
  readonly expression: Expr;
}

function conjuncts({ conditions }: Pick<PolicyJson, "conditions">): readonly Conjunct[] {
  return conditions.flatMap(({ kind, body }): readonly Conjunct[] =>
    kind === "when"
      ? parts(body).map((expression) => ({ wanted: true, expression }))
      : [{ wanted: false, expression: body }],
  );
}

function parts(expression: Expr): readonly Expr[] {
  const both = argumentOf(expression, "&&");
  return both === undefined ? [expression] : [...parts(both.left), ...parts(both.right)];
}

function guardOf(expression: Expr, asked: ReadonlySet<string>): Guard | undefined {
  const found = equality(expression) ?? beginning(expression) ?? membership(expression);
  return found && { ...found, present: asked.has(found.attribute) };
}

type Found = Omit<Guard, "present"> | undefined;

function equality(expression: Expr): Found {
  const both = argumentOf(expression, "==");
  return both && (oneOf(both.left, [both.right]) ?? oneOf(both.right, [both.left]));
}

function beginning(expression: Expr): Found {
  const like = argumentOf(expression, "like");
  if (like === undefined) return undefined;
  const attribute = attributeOf(like.left);
  const wild = like.pattern.indexOf("Wildcard");
  const fixed = wild < 0 ? like.pattern : like.pattern.slice(0, wild);
  const prefix = fixed.map((part) => (part === "Wildcard" ? "" : part.Literal)).join("");
  return attribute === undefined || prefix === "" ? undefined : { attribute, test: { kind: "prefix", prefix } };
}

function membership(expression: Expr): Found {
  const both = argumentOf(expression, "contains");
  if (both === undefined) return undefined;
  const members = argumentOf(both.left, "Set");
  if (members !== undefined) return oneOf(both.right, members);
  const attribute = attributeOf(both.left);
  const value = literalOf(both.right);
  return attribute === undefined || value === undefined ? undefined : { attribute, test: { kind: "holds", value } };
}

function oneOf(holder: Expr, literals: readonly Expr[]): Found {
  const attribute = attributeOf(holder);
  const values = literals.map(literalOf).filter((value) => value !== undefined);
  if (attribute === undefined || values.length === 0 || values.length < literals.length) return undefined;
  return { attribute, test: { kind: "one-of", values } };
}

function attributeOf(expression: Expr): string | undefined {
  const access = argumentOf(expression, ".");
  return access && argumentOf(access.left, "Var") === "context" ? access.attr : undefined;
}

function presenceOf(expression: Expr): string | undefined {
  const has = argumentOf(expression, "has");
  return has && argumentOf(has.left, "Var") === "context" && typeof has.attr === "string" ? has.attr : undefined;
}

/** A text, a truth value, a number or an entity that stands in the policy. */
function literalOf(expression: Expr): CedarValue | undefined {
  const value: unknown = argumentOf(expression, "Value");
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== "object" || value === null || !("__entity" in value)) return undefined;
  const { type, id } = value.__entity as { readonly type: string; readonly id: string };
  return new Entity(type, id);
}

/** Whether an expression is true or false of every request, whatever is in it. */
function cannotFail(expression: Expr): boolean {
  const not = argumentOf(expression, "!");
  if (not !== undefined) return cannotFail(not.arg);
  const both = argumentOf(expression, "&&") ?? argumentOf(expression, "||");
  if (both !== undefined) return cannotFail(both.left) && cannotFail(both.right);
  const has = argumentOf(expression, "has");
  if (has !== undefined) return argumentOf(has.left, "Var") !== undefined && typeof has.attr === "string";
  const is = argumentOf(expression, "is");
  if (is !== undefined) return isEntity(is.left) && is.in === undefined;
  const within = argumentOf(expression, "in");
  if (within !== undefined) return isEntity(within.left) && literalOf(within.right) instanceof Entity;
  return typeof argumentOf(expression, "Value") === "boolean";
}

function isEntity(expression: Expr): boolean {
  const name = argumentOf(expression, "Var");
  return name !== undefined && name !== "context";
}
