import type { CedarValueJson, Expr, PatternElem } from "@cedar-policy/cedar-wasm/nodejs";
import { CedarRecord, CedarSet, type CedarValue, Entity, equalValues, type MaybeValue, UNKNOWN } from "./value.ts";

/** An attempt, as expressions see it. */
export interface CedarRequest {
  readonly principal: Entity;
  readonly action: Entity;
  readonly resource: Entity;
  readonly context: CedarRecord;
  /** What is known of an entity beside its name; `undefined` of one without attributes and parents. */
  readonly entity: (entity: Entity) => EntityFacts | undefined;
}

export interface EntityFacts {
  readonly attributes: CedarRecord;
  /** The keys of all that it belongs to, by one step or several. */
  readonly ancestors: ReadonlySet<string>;
}

/** A policy that is no member of what the evaluator carries: a template, an extension function, a number beyond 2^53. */
export class UnsupportedPolicyError extends Error {
  override readonly name = "UnsupportedPolicyError";
}

/** An expression without a value: a missing attribute, a wrong type, an overflow. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

export type Evaluate = (request: CedarRequest) => MaybeValue;

/** Policies are written by administrators; a deeper one than this is refused, so that none exhausts the stack. */
export const EXPRESSION_MAX_DEPTH = 64;

/**
 * Compiles an expression of Cedar's JSON format to a function. What is unknown of a request stays unknown in the result, unless
 * the result is the same whatever it is (`false && unknown` is false).
 * @throws UnsupportedPolicyError
 */
export function compileExpression(expression: Expr, depth = 0): Evaluate {
  if (depth > EXPRESSION_MAX_DEPTH) throw new UnsupportedPolicyError("nested too deeply");
  const [found, ...more] = Object.entries(expression);
  if (found === undefined || more.length > 0) throw new UnsupportedPolicyError("not one operator");
  const [operator, argument] = found;
  const compile = COMPILERS[operator];
  if (compile === undefined) throw new UnsupportedPolicyError(`“${operator}” is not supported`);
  return compile(argument, (part) => compileExpression(part, depth + 1));
}

type Part = (expression: Expr) => Evaluate;
// biome-ignore lint/suspicious/noExplicitAny: the argument's shape follows from the operator, which TypeScript cannot see through a table.
type Compiler = (argument: any, part: Part) => Evaluate;
type Both = { readonly left: Expr; readonly right: Expr };

const COMPILERS: Readonly<Record<string, Compiler>> = {
  Value: (json: CedarValueJson) => {
    const value = literal(json);
    return () => value;
  },
  Var: (name: "principal" | "action" | "resource" | "context") => (request) => request[name],
  "&&": ({ left, right }: Both, part) => conjunction(part(left), part(right), false),
  "||": ({ left, right }: Both, part) => conjunction(part(left), part(right), true),
  "!": ({ arg }: { arg: Expr }, part) => unary(part(arg), (value) => !truth(value)),
  neg: ({ arg }: { arg: Expr }, part) => unary(part(arg), (value) => long(-number(value))),
  "==": ({ left, right }: Both, part) => binary(part(left), part(right), equalValues),
  "!=": ({ left, right }: Both, part) => binary(part(left), part(right), (one, other) => !equalValues(one, other)),
  "<": numeric((one, other) => one < other),
  "<=": numeric((one, other) => one <= other),
  ">": numeric((one, other) => one > other),
  ">=": numeric((one, other) => one >= other),
  "+": numeric((one, other) => long(one + other)),
  "-": numeric((one, other) => long(one - other)),
  "*": numeric((one, other) => long(one * other)),
  contains: ({ left, right }: Both, part) => binary(part(left), part(right), (one, other) => set(one).has(other)),
  containsAll: ({ left, right }: Both, part) =>
    binary(part(left), part(right), (one, other) => set(one).hasAll(set(other))),
  containsAny: ({ left, right }: Both, part) =>
    binary(part(left), part(right), (one, other) => set(one).hasAny(set(other))),
  isEmpty: ({ arg }: { arg: Expr }, part) => unary(part(arg), (value) => set(value).size === 0),
  ".": compileAttribute,
  has: compilePresence,
  in: ({ left, right }: Both, part) => membership(part(left), part(right)),
  is: ({ left, entity_type, in: within }: { left: Expr; entity_type: string; in?: Expr }, part) => {
    const isType = unary(part(left), (value) => entity(value).type === entity_type);
    return within === undefined ? isType : conjunction(isType, membership(part(left), part(within)), false);
  },
  like: ({ left, pattern }: { left: Expr; pattern: readonly PatternElem[] }, part) => {
    const cut = patternOf(pattern);
    return unary(part(left), (value) => matches(string(value), cut));
  },
  "if-then-else": (argument: { if: Expr; then: Expr; else: Expr }, part) => {
    const [condition, yes, no] = [part(argument.if), part(argument.then), part(argument.else)];
    return (request) => {
      const value = condition(request);
      if (value === UNKNOWN) return UNKNOWN;
      return truth(value) ? yes(request) : no(request);
    };
  },
  Set: (members: readonly Expr[], part) => {
    const parts = members.map(part);
    return (request) => {
      const values = parts.map((member) => member(request));
      return values.every((value) => value !== UNKNOWN) ? new CedarSet(values) : UNKNOWN;
    };
  },
  Record: (members: Readonly<Record<string, Expr>>, part) => {
    const parts = Object.entries(members).map(([name, member]) => [name, part(member)] as const);
    return (request) => new CedarRecord(parts.map(([name, member]) => [name, member(request)]));
  },
};

function unary(arg: Evaluate, apply: (value: CedarValue) => CedarValue): Evaluate {
  return (request) => {
    const value = arg(request);
    return value === UNKNOWN ? UNKNOWN : apply(value);
  };
}

function binary(left: Evaluate, right: Evaluate, apply: (one: CedarValue, other: CedarValue) => CedarValue): Evaluate {
  return (request) => {
    const one = left(request);
    const other = right(request);
    return one === UNKNOWN || other === UNKNOWN ? UNKNOWN : apply(one, other);
  };
}

function numeric(apply: (one: number, other: number) => number | boolean): Compiler {
  return ({ left, right }: Both, part) =>
    binary(part(left), part(right), (one, other) => apply(number(one), number(other)));
}

/** `&&` (decisive: false) and `||` (decisive: true), which leave the right side alone when the left one decides. */
function conjunction(left: Evaluate, right: Evaluate, decisive: boolean): Evaluate {
  return (request) => {
    const one = left(request);
    if (one !== UNKNOWN && truth(one) === decisive) return decisive;
    const other = right(request);
    if (other === UNKNOWN) return UNKNOWN;
    return truth(other) === decisive ? decisive : one === UNKNOWN ? UNKNOWN : !decisive;
  };
}

function compileAttribute({ left, attr }: { left: Expr; attr: string }, part: Part): Evaluate {
  const holder = part(left);
  return (request) => {
    const value = holder(request);
    if (value === UNKNOWN) return UNKNOWN;
    const found = attributesOf(value, request)?.get(attr);
    if (found === undefined) throw new EvaluationError(`there is no attribute ${attr}`);
    return found;
  };
}

function compilePresence({ left, attr }: { left: Expr; attr: string | readonly string[] }, part: Part): Evaluate {
  const path = typeof attr === "string" ? [attr] : attr;
  const name = path.at(-1);
  if (name === undefined) throw new UnsupportedPolicyError("the path of an attribute is empty");
  // `a has b.c` is `a has b && a.b has c`.
  const holders = path.slice(0, -1);
  const first = part(left);
  return (request) => {
    let value: MaybeValue | undefined = first(request);
    for (const holder of holders) {
      if (value === UNKNOWN) return UNKNOWN;
      value = attributesOf(value, request)?.get(holder);
      if (value === undefined) return false;
    }
    if (value === UNKNOWN) return UNKNOWN;
    const found = attributesOf(value, request)?.get(name);
    // Whether the last one is there matters, not its value; of what is unknown, not even that is known.
    return found === UNKNOWN ? UNKNOWN : found !== undefined;
  };
}

function attributesOf(value: CedarValue, request: CedarRequest): CedarRecord | undefined {
  if (value instanceof CedarRecord) return value;
  return request.entity(entity(value))?.attributes;
}

function membership(left: Evaluate, right: Evaluate): Evaluate {
  return (request) => {
    const one = left(request);
    const other = right(request);
    if (one === UNKNOWN || other === UNKNOWN) return UNKNOWN;
    const member = entity(one);
    if (other instanceof Entity) return belongs(member, other, request);
    return set(other).has(member) || anyAncestor(member, set(other), request);
  };
}

/** Whether an entity is the group or belongs to it. */
export function belongs(member: Entity, group: Entity, request: Pick<CedarRequest, "entity">): boolean {
  return member.key === group.key || (request.entity(member)?.ancestors.has(group.key) ?? false);
}

function anyAncestor(member: Entity, groups: CedarSet, request: CedarRequest): boolean {
  for (const ancestor of request.entity(member)?.ancestors ?? []) if (groups.hasKey(ancestor)) return true;
  return false;
}

function truth(value: CedarValue): boolean {
  if (typeof value !== "boolean") throw new EvaluationError("not a boolean");
  return value;
}

function number(value: CedarValue): number {
  if (typeof value !== "number") throw new EvaluationError("not a number");
  return value;
}

function string(value: CedarValue): string {
  if (typeof value !== "string") throw new EvaluationError("not a string");
  return value;
}

function set(value: CedarValue): CedarSet {
  if (!(value instanceof CedarSet)) throw new EvaluationError("not a set");
  return value;
}

function entity(value: CedarValue): Entity {
  if (!(value instanceof Entity)) throw new EvaluationError("not an entity");
  return value;
}

function long(value: number): number {
  if (!Number.isSafeInteger(value)) throw new EvaluationError("a number beyond 2^53");
  return value === 0 ? 0 : value;
}

/** A literal of Cedar's JSON format. */
function literal(json: CedarValueJson): CedarValue {
  if (typeof json === "string" || typeof json === "boolean") return json;
  if (typeof json === "number") {
    if (!Number.isSafeInteger(json)) throw new UnsupportedPolicyError("a number beyond 2^53");
    return json;
  }
  if (Array.isArray(json)) return new CedarSet(json.map(literal));
  if (json === null || typeof json !== "object") throw new UnsupportedPolicyError("a literal of an unknown kind");
  if ("__entity" in json) {
    const { type, id } = (json as { __entity: { type: string; id: string } }).__entity;
    return new Entity(type, id);
  }
  if ("__extn" in json) throw new UnsupportedPolicyError("extension types are not supported");
  return new CedarRecord(Object.entries(json).map(([name, value]) => [name, literal(value as CedarValueJson)]));
}

/** A pattern, cut at its wildcards: `a*b*c` begins with a, ends with c, and has b between them. */
interface Pattern {
  readonly first: string;
  readonly between: readonly string[];
  /** `undefined` of a pattern without wildcards. */
  readonly last: string | undefined;
}

function patternOf(elements: readonly PatternElem[]): Pattern {
  const parts = [""];
  for (const element of elements) {
    if (element === "Wildcard") parts.push("");
    else parts[parts.length - 1] += element.Literal;
  }
  return { first: parts[0] ?? "", between: parts.slice(1, -1), last: parts.length > 1 ? parts.at(-1) : undefined };
}

/** Each part is taken where it first occurs, so the time is that of a search, whatever the pattern. */
function matches(value: string, { first, between, last }: Pattern): boolean {
  if (last === undefined) return value === first;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  for (const part of between) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= value.length - last.length;
}
