import { PERIOD_AMOUNT_MAX } from "#lib/calendar/statutory-period";
import { type CompiledExpression, compileFeel, holds } from "#lib/feel/expression";
import { isNumber, toJson } from "#lib/feel/value";
import { Fault } from "../errors/fault.ts";
import { COMPILED_RULES_MAX } from "./limits.ts";
import type {
  ClockEffect,
  ClockRule,
  Element,
  PeriodRule,
  PeriodUnit,
  TaskDue,
  TimerDue,
  TimerRule,
  Variables,
} from "./types.ts";

/** A rule's amount for these variables. @throws Fault where it is no whole number within bounds */
export function wholeNumber(
  expression: CompiledExpression,
  bounds: { readonly max: number; readonly where: string; readonly variables: Variables },
): number {
  const value = expression.evaluate(bounds.variables);
  if (!isNumber(value) || !value.isInteger() || value.isNegative() || value.greaterThan(bounds.max)) {
    throw new Fault("ERR_PROCEDURE_VALUE", {
      message: `${bounds.where}: ${expression.source} is no whole number of 0 to ${bounds.max}`,
    });
  }
  return value.toNumber();
}

export function periodOf(
  rule: PeriodRule,
  where: string,
  variables: Variables,
): { readonly unit: PeriodUnit; readonly amount: number; readonly article: string } {
  const amount = wholeNumber(rule.amount, { max: PERIOD_AMOUNT_MAX, where, variables });
  return { unit: rule.unit, amount, article: rule.article };
}

export function taskDue({ due, id }: Element, variables: Variables): TaskDue | undefined {
  if (due === undefined || due.kind === "clock") return due;
  return { kind: "period", ...periodOf(due.period, id, variables) };
}

export function timerDue(rule: TimerRule, where: string, variables: Variables): TimerDue {
  if (rule.kind === "period") return { kind: "period", ...periodOf(rule.period, where, variables) };
  const value = toJson(rule.value.evaluate(variables));
  if (typeof value !== "string") {
    throw new Fault("ERR_PROCEDURE_VALUE", { message: `${where}: ${rule.value.source} is no ${rule.kind}` });
  }
  return { kind: rule.kind, value };
}

/** What a clock of these variables is when it starts. */
export function clockStart(rule: ClockRule, variables: Variables): Extract<ClockEffect, { type: "clock-started" }> {
  const promised =
    rule.promised === undefined
      ? undefined
      : wholeNumber(rule.promised, { max: PERIOD_AMOUNT_MAX, where: rule.id, variables });
  const since = rule.since === undefined ? null : toJson(rule.since.evaluate(variables));
  if (since !== null && (typeof since !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(since))) {
    throw new Fault("ERR_PROCEDURE_VALUE", { message: `${rule.id}: ${rule.since?.source} is no day` });
  }
  return {
    type: "clock-started",
    clock: rule.id,
    ...periodOf(rule, rule.id, variables),
    ...(promised === undefined ? {} : { promised }),
    ...(since === null ? {} : { since }),
  };
}

const compiled = new Map<string, CompiledExpression>();

/** Whether a rule holds that a contract states in FEEL. Its text is compiled once: that takes a hundred times longer than to evaluate it. */
export function ruleHolds(source: string, variables: Variables): boolean {
  let rule = compiled.get(source);
  if (rule === undefined) {
    rule = compileFeel(source);
    if (compiled.size >= COMPILED_RULES_MAX) compiled.clear();
    compiled.set(source, rule);
  }
  return holds(rule, variables);
}
