import type { FeelValue } from "./value.ts";

/** Steps of one evaluation, and items of one list; more than any rule of a procedure needs. */
export const FEEL_STEPS_MAX = 20_000;
export const FEEL_LIST_MAX = 10_000;
export const FEEL_STRING_MAX = 100_000;

/** Where an expression is evaluated: its names, and how many steps are left. */
export interface Frame {
  readonly budget: { steps: number };
  lookup(name: string): FeelValue | undefined;
}

export class FeelLimitFault extends Error {
  readonly code = "ERR_FEEL_LIMIT";
  constructor(what: string) {
    super(`FEEL: ${what}`);
    this.name = "FeelLimitFault";
  }
}

export function spend(frame: Frame): void {
  if (--frame.budget.steps < 0) throw new FeelLimitFault(`more than ${FEEL_STEPS_MAX} steps`);
}

/** A frame with one more name in front. */
export function withName(frame: Frame, name: string, value: FeelValue): Frame {
  return { budget: frame.budget, lookup: (asked) => (asked === name ? value : frame.lookup(asked)) };
}

/** A result within bounds. */
export function bounded(value: FeelValue): FeelValue {
  if (typeof value === "string" && value.length > FEEL_STRING_MAX) throw new FeelLimitFault("a text grew too long");
  if (Array.isArray(value) && value.length > FEEL_LIST_MAX) throw new FeelLimitFault("a list grew too long");
  return value;
}
