import { Decimal } from "#lib/decimal/decimal";
import { arithmetic, negate } from "./arithmetic.ts";
import { BUILT_INS, readAtLiteral } from "./built-ins.ts";
import { compare, equal, within } from "./comparison.ts";
import { bounded, FEEL_LIST_MAX, FeelLimitFault, type Frame, spend, withName } from "./frame.ts";
import { FeelSyntaxFault, type SyntaxNode } from "./syntax.ts";
import {
  type FeelValue,
  isContext,
  isDate,
  isDateTime,
  isDuration,
  isList,
  isNumber,
  isRange,
  typeName,
} from "./value.ts";

export type { Frame } from "./frame.ts";

type Run = (frame: Frame) => FeelValue;

/** What is known while one expression is compiled. */
export class Compilation {
  readonly source: string;
  readonly names = new Set<string>();
  readonly bound: string[] = [];
  /** Inside a filter a name may be a property of the item. */
  filters = 0;

  constructor(source: string) {
    this.source = source;
  }

  fault(node: SyntaxNode, what: string): FeelSyntaxFault {
    return new FeelSyntaxFault(this.source, node.at, what);
  }
}

/** Turns a node of the syntax into a function. A node that is not known is refused by its name. */
export function compileNode(node: SyntaxNode, compilation: Compilation): Run {
  const compile = COMPILERS[node.name];
  if (compile === undefined) throw compilation.fault(node, `"${node.name}" is not supported`);
  const run = compile(node, compilation);
  return (frame) => {
    spend(frame);
    return run(frame);
  };
}

type Compiler = (node: SyntaxNode, compilation: Compilation) => Run;

const COMPILERS: Readonly<Record<string, Compiler>> = {
  Expression: only,
  ParenthesizedExpression: inner,
  NumericLiteral: (node) => constant(new Decimal(node.text.startsWith(".") ? `0${node.text}` : node.text)),
  BooleanLiteral: (node) => constant(node.text === "true"),
  null: () => constant(null),
  StringLiteral: (node, compilation) => constant(readString(node, compilation)),
  DateTimeLiteral: dateTimeLiteral,
  VariableName: variable,
  PathExpression: path,
  FilterExpression: filter,
  ArithmeticExpression: arithmeticExpression,
  Comparison: comparison,
  Conjunction: (node, compilation) => connective(node, compilation, false),
  Disjunction: (node, compilation) => connective(node, compilation, true),
  IfExpression: conditional,
  QuantifiedExpression: quantified,
  ForExpression: iteration,
  InstanceOfExpression: instanceOf,
  FunctionInvocation: invocation,
  List: list,
  Context: context,
  SimplePositiveUnaryTest: rangeLiteral,
  Interval: interval,
};

const MARKS = new Set(["(", ")", "[", "]", "{", "}", ",", ":", "..", "."]);

function parts(node: SyntaxNode): readonly SyntaxNode[] {
  return node.children.filter((child) => !MARKS.has(child.name));
}

function part(node: SyntaxNode, at: number, compilation: Compilation): SyntaxNode {
  const found = parts(node)[at];
  if (found === undefined) throw compilation.fault(node, `"${node.name}" is incomplete`);
  return found;
}

function constant(value: FeelValue): Run {
  return () => value;
}

function only(node: SyntaxNode, compilation: Compilation): Run {
  return compileNode(part(node, 0, compilation), compilation);
}

function inner(node: SyntaxNode, compilation: Compilation): Run {
  if (parts(node).length !== 1) throw compilation.fault(node, "a bracket holds one expression");
  return only(node, compilation);
}

function readString(node: SyntaxNode, compilation: Compilation): string {
  return node.text.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)/gsu, (whole, escaped: string) => {
    const simple: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };
    const known = simple[escaped];
    if (known !== undefined) return known;
    if (!/^u/i.test(escaped) || escaped.length === 1) throw compilation.fault(node, `escape "${whole}" is not known`);
    return String.fromCodePoint(Number.parseInt(escaped.slice(1), 16));
  });
}

/** Names may hold spaces; any run of them is one. */
function nameOf(node: SyntaxNode): string {
  return node.text.replace(/\s+/g, " ").trim().replace(/^`|`$/g, "");
}

function variable(node: SyntaxNode, compilation: Compilation): Run {
  const name = nameOf(node);
  if (!compilation.bound.includes(name) && compilation.filters === 0) compilation.names.add(name);
  return (frame) => frame.lookup(name) ?? null;
}

function path(node: SyntaxNode, compilation: Compilation): Run {
  const from = compileNode(part(node, 0, compilation), compilation);
  const name = nameOf(part(node, 1, compilation));
  return (frame) => property(from(frame), name);
}

function property(value: FeelValue, name: string): FeelValue {
  if (isContext(value)) return value.get(name) ?? null;
  if (isList(value)) return value.map((item) => property(item, name));
  if (isDate(value) || isDateTime(value)) {
    if (name === "year" || name === "month" || name === "day") return new Decimal(value[name]);
    if (name === "weekday") return new Decimal(value.dayOfWeek);
    if (isDateTime(value) && (name === "hour" || name === "minute" || name === "second"))
      return new Decimal(value[name]);
  }
  if (isDuration(value)) {
    if (name === "years" || name === "months" || name === "days" || name === "hours" || name === "minutes") {
      return new Decimal(value[name]);
    }
  }
  return null;
}

function filter(node: SyntaxNode, compilation: Compilation): Run {
  const from = compileNode(part(node, 0, compilation), compilation);
  compilation.filters++;
  const by = compileNode(part(node, 1, compilation), compilation);
  compilation.filters--;
  return (frame) => {
    const value = from(frame);
    const items = value === null ? [] : isList(value) ? value : [value];
    const [first] = items;
    // A number picks one item, counted from 1, or from the end where it is negative.
    const probe = by(itemFrame(frame, first ?? null));
    if (isNumber(probe)) return items.at(probe.toNumber() > 0 ? probe.toNumber() - 1 : probe.toNumber()) ?? null;
    return items.filter((item) => by(itemFrame(frame, item)) === true);
  };
}

function itemFrame(frame: Frame, item: FeelValue): Frame {
  return {
    budget: frame.budget,
    lookup: (name) => {
      if (isContext(item) && item.has(name)) return item.get(name);
      return name === "item" ? item : frame.lookup(name);
    },
  };
}

function arithmeticExpression(node: SyntaxNode, compilation: Compilation): Run {
  const [first, second, third] = parts(node);
  if (first?.name === "ArithOp" && second !== undefined) {
    const operand = compileNode(second, compilation);
    return (frame) => negate(operand(frame));
  }
  if (first === undefined || second?.name !== "ArithOp" || third === undefined) {
    throw compilation.fault(node, "arithmetic is incomplete");
  }
  const left = compileNode(first, compilation);
  const right = compileNode(third, compilation);
  const operator = second.text === "^" ? "**" : second.text;
  return (frame) => bounded(arithmetic(operator, left(frame), right(frame)));
}

function comparison(node: SyntaxNode, compilation: Compilation): Run {
  const [first, operator, ...rest] = parts(node);
  if (first === undefined || operator === undefined) throw compilation.fault(node, "a comparison is incomplete");
  const left = compileNode(first, compilation);
  if (operator.name === "in") {
    const tests = rest.flatMap((test) => (test.name === "PositiveUnaryTests" ? parts(test) : [test]));
    const runs = tests.map((test) => unaryTest(test, compilation));
    return (frame) => {
      const value = left(frame);
      return anyOf(runs.map((run) => run(frame, value)));
    };
  }
  if (operator.name === "between") {
    const [low, , high] = rest;
    if (low === undefined || high === undefined) throw compilation.fault(node, `"between" is incomplete`);
    const [from, to] = [compileNode(low, compilation), compileNode(high, compilation)];
    return (frame) =>
      within(left(frame), { kind: "range", from: from(frame), to: to(frame), fromIncluded: true, toIncluded: true });
  }
  const [second] = rest;
  if (second === undefined) throw compilation.fault(node, "a comparison is incomplete");
  const right = compileNode(second, compilation);
  return (frame) => related(operator.text, left(frame), right(frame));
}

function related(operator: string, left: FeelValue, right: FeelValue): boolean | null {
  if (operator === "=") return equal(left, right);
  if (operator === "!=") {
    const same = equal(left, right);
    return same === null ? null : !same;
  }
  const order = compare(left, right);
  if (order === null) return null;
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order >= 0;
}

function anyOf(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(true)) return true;
  return values.includes(null) ? null : false;
}

type Test = (frame: Frame, value: FeelValue) => boolean | null;

function unaryTest(node: SyntaxNode, compilation: Compilation): Test {
  const target = node.name === "PositiveUnaryTest" ? part(node, 0, compilation) : node;
  if (target.name === "SimplePositiveUnaryTest") {
    const [first, second] = parts(target);
    if (first?.name === "CompareOp" && second !== undefined) {
      const bound = compileNode(second, compilation);
      return (frame, value) => related(first.text, value, bound(frame));
    }
  }
  const run = compileNode(target, compilation);
  return (frame, value) => {
    const against = run(frame);
    if (isRange(against)) return within(value, against);
    if (isList(against) && !isList(value)) return against.some((item) => equal(value, item) === true);
    return equal(value, against);
  };
}

function rangeLiteral(node: SyntaxNode, compilation: Compilation): Run {
  const child = part(node, 0, compilation);
  if (child.name !== "Interval") throw compilation.fault(node, 'a test stands only after "in"');
  return compileNode(child, compilation);
}

function interval(node: SyntaxNode, compilation: Compilation): Run {
  const [low, high] = parts(node);
  if (low === undefined || high === undefined) throw compilation.fault(node, "an interval has two ends");
  const [from, to] = [compileNode(low, compilation), compileNode(high, compilation)];
  const fromIncluded = node.text.startsWith("[");
  const toIncluded = node.text.endsWith("]");
  return (frame) => ({ kind: "range", from: from(frame), to: to(frame), fromIncluded, toIncluded });
}

/** `and` (decided by false) and `or` (decided by true) with three values: what is not boolean counts as null. */
function connective(node: SyntaxNode, compilation: Compilation, decisive: boolean): Run {
  const runs = parts(node)
    .filter((child) => child.name !== "and" && child.name !== "or")
    .map((child) => compileNode(child, compilation));
  return (frame) => {
    let unknown = false;
    for (const run of runs) {
      const value = run(frame);
      if (value === decisive) return decisive;
      if (value !== !decisive) unknown = true;
    }
    return unknown ? null : !decisive;
  };
}

function conditional(node: SyntaxNode, compilation: Compilation): Run {
  const runs = parts(node)
    .filter((child) => !["if", "then", "else"].includes(child.name))
    .map((child) => compileNode(child, compilation));
  const [test, yes, no] = runs;
  if (test === undefined || yes === undefined || no === undefined) throw compilation.fault(node, `"if" is incomplete`);
  return (frame) => (test(frame) === true ? yes(frame) : no(frame));
}

interface Source {
  readonly name: string;
  readonly values: (frame: Frame) => readonly FeelValue[];
}

/** The iterators of `for`, `some` and `every`: each may use the names of those before it. */
function sources(node: SyntaxNode, compilation: Compilation): readonly Source[] {
  const block = parts(node).find((child) => child.name === "InExpressions");
  if (block === undefined) throw compilation.fault(node, `"${node.name}" is incomplete`);
  return parts(block).map((expression) => {
    const [name, over] = parts(expression).filter((child) => child.name !== "in");
    if (name === undefined || over === undefined) throw compilation.fault(expression, "an iterator is incomplete");
    const values = iterated(over, compilation);
    compilation.bound.push(nameOf(name));
    return { name: nameOf(name), values };
  });
}

function iterated(node: SyntaxNode, compilation: Compilation): (frame: Frame) => readonly FeelValue[] {
  const runs = parts(node).map((child) => compileNode(child, compilation));
  const [first, last] = runs;
  if (first === undefined) throw compilation.fault(node, "an iterator is incomplete");
  if (last === undefined) {
    return (frame) => {
      const value = first(frame);
      return value === null ? [] : isList(value) ? value : [value];
    };
  }
  return (frame) => {
    const [from, to] = [first(frame), last(frame)];
    if (!isNumber(from) || !isNumber(to) || !from.isInteger() || !to.isInteger()) return [];
    const size = to.minus(from).abs().plus(1).toNumber();
    if (size > FEEL_LIST_MAX) throw new FeelLimitFault("an iteration is too long");
    const step = to.greaterThanOrEqualTo(from) ? 1 : -1;
    return Array.from({ length: size }, (_, at) => new Decimal(from.plus(at * step)));
  };
}

function everyFrame(frame: Frame, iterators: readonly Source[]): readonly Frame[] {
  let frames: readonly Frame[] = [frame];
  for (const { name, values } of iterators) {
    frames = frames.flatMap((outer) =>
      values(outer).map((value) => {
        spend(frame);
        return withName(outer, name, value);
      }),
    );
  }
  return frames;
}

function quantified(node: SyntaxNode, compilation: Compilation): Run {
  const some = node.children[0]?.name === "some";
  const depth = compilation.bound.length;
  const iterators = sources(node, compilation);
  const last = parts(node).at(-1);
  if (last === undefined) throw compilation.fault(node, "a quantifier is incomplete");
  const test = compileNode(last, compilation);
  compilation.bound.length = depth;
  return (frame) => {
    const values = everyFrame(frame, iterators).map(test);
    if (values.includes(some)) return some;
    return values.every((value) => typeof value === "boolean") ? !some : null;
  };
}

function iteration(node: SyntaxNode, compilation: Compilation): Run {
  const depth = compilation.bound.length;
  const iterators = sources(node, compilation);
  const last = parts(node).at(-1);
  if (last === undefined) throw compilation.fault(node, `"for" is incomplete`);
  const result = compileNode(last, compilation);
  compilation.bound.length = depth;
  return (frame) => bounded(everyFrame(frame, iterators).map(result));
}

const TYPES = new Set(["number", "string", "boolean", "date", "time", "date and time", "duration", "list", "context"]);

function instanceOf(node: SyntaxNode, compilation: Compilation): Run {
  const [first] = parts(node);
  const type = parts(node).find((child) => child.name === "Type");
  if (first === undefined || type === undefined || !TYPES.has(nameOf(type))) {
    throw compilation.fault(node, `"instance of ${type === undefined ? "" : nameOf(type)}" is not supported`);
  }
  const run = compileNode(first, compilation);
  const name = nameOf(type);
  return (frame) => typeName(run(frame)) === name;
}

function invocation(node: SyntaxNode, compilation: Compilation): Run {
  const [callee, parameters] = parts(node);
  if (callee === undefined) throw compilation.fault(node, "a call is incomplete");
  return call(node, nameOf(callee), parameters, compilation);
}

function call(node: SyntaxNode, name: string, parameters: SyntaxNode | undefined, compilation: Compilation): Run {
  const builtIn = BUILT_INS.get(name);
  if (builtIn === undefined) throw compilation.fault(node, `function "${name}" is not known`);
  if (parameters?.name === "NamedParameters") throw compilation.fault(node, `"NamedParameters" is not supported`);
  const args = (parameters === undefined ? [] : parts(parameters)).map((arg) => compileNode(arg, compilation));
  const [min, max] = builtIn.arity;
  if (args.length < min || args.length > max) {
    throw compilation.fault(node, `function "${name}" takes ${min === max ? min : `${min} to ${max}`} arguments`);
  }
  return (frame) => bounded(builtIn.call(args.map((arg) => arg(frame))));
}

function dateTimeLiteral(node: SyntaxNode, compilation: Compilation): Run {
  const [first, parameters] = parts(node);
  if (first?.name === "AtLiteral") {
    const value = readAtLiteral(readString(part(first, 0, compilation), compilation));
    if (value === null) throw compilation.fault(node, `${node.text} is no date, time or duration`);
    return constant(value);
  }
  if (first === undefined) throw compilation.fault(node, "a date is incomplete");
  return call(node, nameOf(first), parameters, compilation);
}

function list(node: SyntaxNode, compilation: Compilation): Run {
  const runs = parts(node).map((child) => compileNode(child, compilation));
  return (frame) => runs.map((run) => run(frame));
}

function context(node: SyntaxNode, compilation: Compilation): Run {
  const depth = compilation.bound.length;
  const entries = parts(node).map((entry) => {
    const [key, value] = parts(entry);
    if (key === undefined || value === undefined) throw compilation.fault(entry, "an entry is incomplete");
    const [text] = key.children;
    const name = text?.name === "StringLiteral" ? readString(text, compilation) : nameOf(key);
    const run = compileNode(value, compilation);
    // An entry may use those before it (DMN §10.3.2.6).
    compilation.bound.push(name);
    return { name, run };
  });
  compilation.bound.length = depth;
  return (frame) => {
    let inside = frame;
    const made = new Map<string, FeelValue>();
    for (const { name, run } of entries) {
      const value = run(inside);
      made.set(name, value);
      inside = withName(inside, name, value);
    }
    return made;
  };
}
