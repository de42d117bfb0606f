import type { Expr, PatternElem, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { compileExpression, type Evaluate, EXPRESSION_MAX_DEPTH, UnsupportedPolicyError } from "./expression.ts";
import { argumentOf, type OperatorName } from "./operator.ts";
import { Entity } from "./value.ts";

/**
 * What policies say of rows that nobody has read yet. Of a row only its attributes are unknown: those of the resource (a case) with
 * `context.caseId`, and those of the record `context.entry` (an entry of a register). Everything else of an attempt is known and is evaluated as ever; what stays is
 * a term over attributes, which a database can decide.
 */
export type RowTerm =
  /** Does not depend on the row. */
  | { readonly kind: "known"; readonly evaluate: Evaluate }
  | RowAttribute
  | { readonly kind: "present"; readonly holder: RowHolder; readonly name: string }
  /** Whether there is an entry at all. */
  | { readonly kind: "entry" }
  /** The resource is this one, or belongs to one of these. */
  | { readonly kind: "is"; readonly entity: Entity }
  | { readonly kind: "within"; readonly groups: readonly Entity[] }
  | { readonly kind: "choose"; readonly condition: RowTerm; readonly yes: RowTerm; readonly no: RowTerm }
  | { readonly kind: "equal"; readonly left: RowOperand; readonly right: RowOperand }
  | {
      readonly kind: "order";
      readonly operator: "<" | "<=" | ">" | ">=";
      readonly left: RowOperand;
      readonly right: RowOperand;
    }
  | { readonly kind: "like"; readonly left: RowAttribute; readonly pattern: readonly PatternElem[] }
  | { readonly kind: "one-of"; readonly set: Evaluate; readonly member: RowAttribute };

/** Of the context itself, `caseId` alone: in a list of cases each row has its own. */
export type RowHolder = "resource" | "entry" | "context";
export interface RowAttribute {
  readonly kind: "attribute";
  readonly holder: RowHolder;
  readonly name: string;
}
export type RowOperand = RowAttribute | { readonly kind: "known"; readonly evaluate: Evaluate };

/** The attribute of the context that holds an entry of a register. */
export const ENTRY_ATTRIBUTE = "entry";
export const CASE_ID_ATTRIBUTE = "caseId";

/** Whether a policy's conditions depend on a row. Its scope is about types and groups, or names one resource. */
export function concernsRows({ conditions, resource }: Pick<PolicyJson, "conditions" | "resource">): boolean {
  return conditions.some(({ body }) => touches(body)) || resource.op === "==";
}

/**
 * What must be true of a row for the policy's conditions to hold; in order, as Cedar evaluates them.
 * @throws UnsupportedPolicyError where an attribute of a row is used in a way that no database is asked
 */
export function compileRowTerm({ conditions, resource }: Pick<PolicyJson, "conditions" | "resource">): RowTerm {
  const holds = conditions.map(({ kind, body }) => (kind === "when" ? termOf(body, 0) : not(termOf(body, 0))));
  if (resource.op === "==" && "entity" in resource) {
    const { type, id } = "__entity" in resource.entity ? resource.entity.__entity : resource.entity;
    holds.unshift({ kind: "is", entity: new Entity(type, id) });
  }
  return holds.reduceRight((rest, first) => ({ kind: "choose", condition: first, yes: rest, no: NEVER }), ALWAYS);
}

const ALWAYS: RowTerm = { kind: "known", evaluate: () => true };
const NEVER: RowTerm = { kind: "known", evaluate: () => false };

function not(term: RowTerm): RowTerm {
  return { kind: "choose", condition: term, yes: NEVER, no: ALWAYS };
}

function termOf(expression: Expr, depth: number): RowTerm {
  if (depth > EXPRESSION_MAX_DEPTH) throw new UnsupportedPolicyError("nested too deeply");
  if (!touches(expression)) return { kind: "known", evaluate: compileExpression(expression, depth) };
  const [operator = ""] = Object.keys(expression);
  const compile = COMPILERS[operator as OperatorName];
  const term = compile?.(expression, (part) => termOf(part, depth + 1));
  if (term === undefined)
    throw new UnsupportedPolicyError(`“${operator}” of an attribute of a case or entry cannot be asked in a list`);
  return term;
}

type Part = (expression: Expr) => RowTerm;
type Compiler = (expression: Expr, part: Part) => RowTerm | undefined;

const ORDERS = ["<", "<=", ">", ">="] as const;

const COMPILERS: Partial<Record<OperatorName, Compiler>> = {
  "&&": (expression, part) => {
    const both = argumentOf(expression, "&&");
    return both && { kind: "choose", condition: part(both.left), yes: part(both.right), no: NEVER };
  },
  "||": (expression, part) => {
    const both = argumentOf(expression, "||");
    return both && { kind: "choose", condition: part(both.left), yes: ALWAYS, no: part(both.right) };
  },
  "!": (expression, part) => {
    const negated = argumentOf(expression, "!");
    return negated && not(part(negated.arg));
  },
  "if-then-else": (expression, part) => {
    const choice = argumentOf(expression, "if-then-else");
    return choice && { kind: "choose", condition: part(choice.if), yes: part(choice.then), no: part(choice.else) };
  },
  "==": (expression, part) => {
    const both = argumentOf(expression, "==");
    return both && equality(both.left, both.right, part);
  },
  "!=": (expression, part) => {
    const both = argumentOf(expression, "!=");
    const equal = both && equality(both.left, both.right, part);
    return equal && not(equal);
  },
  like: (expression) => {
    const like = argumentOf(expression, "like");
    const left = like && attributeOf(like.left);
    return left && { kind: "like", left, pattern: like.pattern };
  },
  contains: (expression) => {
    const both = argumentOf(expression, "contains");
    if (both === undefined || touches(both.left)) return undefined;
    const member = attributeOf(both.right);
    return member && { kind: "one-of", set: compileExpression(both.left), member };
  },
  ".": (expression) => attributeOf(expression),
  has: presence,
  in: (expression) => {
    const both = argumentOf(expression, "in");
    if (both === undefined || !isResource(both.left)) return undefined;
    const named = (argumentOf(both.right, "Set") ?? [both.right]).map(entityOf);
    return named.includes(undefined)
      ? undefined
      : { kind: "within", groups: named.filter((group) => group !== undefined) };
  },
  is: (expression) => {
    const is = argumentOf(expression, "is");
    // The type is that of all rows of a list.
    return is && isResource(is.left) && is.in === undefined
      ? { kind: "known", evaluate: compileExpression(expression) }
      : undefined;
  },
  ...Object.fromEntries(
    ORDERS.map((operator): [OperatorName, Compiler] => [
      operator,
      (expression, part) => {
        const both = argumentOf(expression, operator as "<");
        const left = both && operandOf(part(both.left));
        const right = both && operandOf(part(both.right));
        return left && right && { kind: "order", operator, left, right };
      },
    ]),
  ),
};

function equality(one: Expr, other: Expr, part: Part): RowTerm | undefined {
  for (const [left, right] of [
    [one, other],
    [other, one],
  ] as const) {
    const entity = entityOf(right);
    if (isResource(left)) return entity && { kind: "is", entity };
  }
  const left = operandOf(part(one));
  const right = operandOf(part(other));
  return left && right && { kind: "equal", left, right };
}

function operandOf(term: RowTerm): RowOperand | undefined {
  return term.kind === "attribute" || term.kind === "known" ? term : undefined;
}

function attributeOf(expression: Expr): RowAttribute | undefined {
  const path = pathOf(expression);
  if (path === undefined) return undefined;
  const place = placeOf(path);
  return place?.name === undefined ? undefined : { kind: "attribute", holder: place.holder, name: place.name };
}

function presence(expression: Expr): RowTerm | undefined {
  const has = argumentOf(expression, "has");
  const holder = has && pathOf(has.left);
  if (holder === undefined) return undefined;
  const path = [...holder, ...(typeof has?.attr === "string" ? [has.attr] : (has?.attr ?? []))];
  const place = placeOf(path);
  if (place === undefined) return undefined;
  const present: RowTerm =
    place.name === undefined ? { kind: "entry" } : { kind: "present", holder: place.holder, name: place.name };
  // `context has entry.name` asks first whether there is an entry; `context.entry has name` fails where there is none.
  const asksBoth = holder.length === 1 && path.length === 3;
  return asksBoth ? { kind: "choose", condition: { kind: "entry" }, yes: present, no: NEVER } : present;
}

/** `resource.name` and `context.entry.name`, or `context.entry` itself. */
function placeOf([variable, ...path]: readonly string[]):
  | { readonly holder: RowHolder; readonly name?: string }
  | undefined {
  const [first, second, ...deeper] = path;
  if (variable === "resource")
    return first !== undefined && path.length === 1 ? { holder: "resource", name: first } : undefined;
  if (variable !== "context" || deeper.length > 0) return undefined;
  if (first === CASE_ID_ATTRIBUTE && second === undefined) return { holder: "context", name: first };
  if (first !== ENTRY_ATTRIBUTE) return undefined;
  return second === undefined ? { holder: "entry" } : { holder: "entry", name: second };
}

/** A variable and the attributes behind it. */
function pathOf(expression: Expr): readonly string[] | undefined {
  const variable = argumentOf(expression, "Var");
  if (variable !== undefined) return [variable];
  const access = argumentOf(expression, ".");
  const holder = access && pathOf(access.left);
  return holder && [...holder, access.attr];
}

function isResource(expression: Expr): boolean {
  return argumentOf(expression, "Var") === "resource";
}

function entityOf(expression: Expr): Entity | undefined {
  const value: unknown = argumentOf(expression, "Value");
  if (typeof value !== "object" || value === null || !("__entity" in value)) return undefined;
  const { type, id } = value.__entity as { readonly type: string; readonly id: string };
  return new Entity(type, id);
}

/** Whether a part of a policy depends on a row: on the resource, the entry, or the context as a whole. */
function touches(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  if (Array.isArray(part)) return part.some(touches);
  const expression = part as Expr;
  if (argumentOf(expression, "Value") !== undefined) return false;
  const variable = argumentOf(expression, "Var");
  if (variable !== undefined) return variable === "resource" || variable === "context";
  const record = argumentOf(expression, "Record");
  if (record !== undefined) return Object.values(record).some(touches);
  const attribute = firstAttribute(expression);
  if (attribute !== undefined) return attribute === ENTRY_ATTRIBUTE || attribute === CASE_ID_ATTRIBUTE;
  return Object.values(expression).some(touches);
}

/** The attribute of the context that an expression begins with: `context.purpose`, `context has onBehalfOf.right`. */
function firstAttribute(expression: Expr): string | undefined {
  const has = argumentOf(expression, "has");
  const path = has === undefined ? pathOf(expression) : pathOf(has.left);
  if (path?.[0] !== "context") return undefined;
  const names = typeof has?.attr === "string" ? [has.attr] : (has?.attr ?? []);
  return [...path.slice(1), ...names][0];
}
