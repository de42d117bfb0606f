import { Compilation, compileNode, type Frame } from "./compilation.ts";
import { FEEL_STEPS_MAX } from "./frame.ts";
import { parseFeel } from "./syntax.ts";
import { type FeelValue, fromJson, type JsonValue } from "./value.ts";

/** A FEEL expression, checked once and evaluated often. */
export interface CompiledExpression {
  readonly source: string;
  /** The variables that it reads. Names inside a filter are left out: they may be properties of its items. */
  readonly names: readonly string[];
  /**
   * Its value for these variables; a variable that is not there is null.
   * @throws FeelLimitFault where it takes more steps than any rule needs
   */
  evaluate(variables: Readonly<Record<string, JsonValue>>): FeelValue;
}

/**
 * Compiles a FEEL expression (DMN 1.5 chapter 10), with decimals in the place of binary floating point.
 * @throws FeelSyntaxFault for bad syntax, an unknown function or a construct that is not supported, by its name
 */
export function compileFeel(source: string): CompiledExpression {
  const compilation = new Compilation(source);
  const run = compileNode(parseFeel(source), compilation);
  return Object.freeze({
    source,
    names: Object.freeze([...compilation.names].sort()),
    evaluate(variables: Readonly<Record<string, JsonValue>>) {
      const frame: Frame = {
        budget: { steps: FEEL_STEPS_MAX },
        lookup: (name) => (Object.hasOwn(variables, name) ? fromJson(variables[name]) : undefined),
      };
      return run(frame);
    },
  });
}

/** Whether a condition holds: true, and neither false nor null. */
export function holds(expression: CompiledExpression, variables: Readonly<Record<string, JsonValue>>): boolean {
  return expression.evaluate(variables) === true;
}
