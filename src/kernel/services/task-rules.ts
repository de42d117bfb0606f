import { civilDay } from "#lib/calendar/civil-day";
import { lastDay } from "#lib/calendar/statutory-period";
import { fill, type Text, text } from "#lib/language/text";
import type { DayBound, TaskDeclaration } from "../contract/contract.ts";
import type { InputIssue } from "../contract/refusal.ts";
import type { CaseView } from "../procedures/changes.ts";
import { ruleHolds } from "../procedures/rule-values.ts";
import type { Variables } from "../procedures/types.ts";
import type { PartyStanding } from "./parties.ts";

type Standing = Pick<CaseView, "variables" | "at" | "timers">;

/** Elements that an official was the last to complete: what was done anew by another is not his any more. */
export function lastDoneBy(official: string, { closedTasks }: Pick<CaseView, "closedTasks">): readonly string[] {
  const last = new Map<string, { readonly closedAt: string; readonly closedBy?: string }>();
  for (const task of closedTasks) {
    const before = last.get(task.element);
    if (task.closedBy === undefined) continue;
    if (
      !before ||
      Temporal.Instant.compare(Temporal.Instant.from(task.closedAt), Temporal.Instant.from(before.closedAt)) >= 0
    )
      last.set(task.element, task);
  }
  return [...last].flatMap(([element, { closedBy }]) => (closedBy === official ? [element] : []));
}

/**
 * What was completed right after each task that an official completed, as `hearingArrangement chairChallenge uphold`: his element, the next one,
 * and its outcome. It stays, whatever others do later.
 */
export function followedBy(official: string, { closedTasks }: Pick<CaseView, "closedTasks">): readonly string[] {
  // What nobody completed was taken away, as a hearing is whose chair is challenged.
  const inOrder = closedTasks
    .filter((task) => task.closedBy !== undefined)
    .toSorted((one, other) =>
      Temporal.Instant.compare(Temporal.Instant.from(one.closedAt), Temporal.Instant.from(other.closedAt)),
    );
  return inOrder.flatMap(({ element, closedBy }, at) => {
    const next = inOrder[at + 1];
    return closedBy === official && next ? [`${element} ${next.element} ${next.outcome}`] : [];
  });
}

/** What stands beside the diagram of a case: its interested parties, and what was said in it. */
export interface Beside extends PartyStanding {
  /** Elements and messages for which something was filled in. */
  readonly said: readonly string[];
}

/**
 * What rules of a procedure read: the case's variables, where it rests, which of its timers are over at an instant, and what stands
 * beside its diagram.
 */
export function ruleVariables({ variables, at, timers }: Standing, now: string, beside: Beside): Variables {
  const instant = Temporal.Instant.from(now);
  const isOver = ({ dueAt }: { readonly dueAt: string }) =>
    Temporal.Instant.compare(Temporal.Instant.from(dueAt), instant) <= 0;
  return {
    ...variables,
    resting: [...at],
    overdue: timers.filter(isOver).map(({ element }) => element),
    said: [...beside.said],
    partiesUntold: beside.partiesUntold,
    partiesAwaited: beside.partiesAwaited,
  };
}

/** The rule of a task that a form breaks, as the case stands. */
export function brokenRule(declaration: TaskDeclaration, variables: Variables): Text | undefined {
  return declaration.rules?.find((rule) => ruleHolds(rule.when, variables))?.text;
}

/** The days of a form that are out of their bounds. */
export function wrongDays(
  declaration: TaskDeclaration,
  form: Readonly<Record<string, unknown>>,
  about: { readonly variables: Variables; readonly at: string },
): readonly InputIssue[] {
  const today = civilDay(Temporal.Instant.from(about.at)).toString();
  const bound = (rule: DayBound | undefined): string | undefined => {
    if (!rule) return undefined;
    const after = rule.after === "today" ? today : about.variables[rule.after];
    if (typeof after !== "string") return undefined;
    if (rule.workingDays === 0) return after;
    const period = { unit: "working-day", amount: rule.workingDays, article: "" } as const;
    return lastDay(Temporal.PlainDate.from(after), period).day.toString();
  };
  return (declaration.days ?? []).flatMap((rule) => {
    const day = form[rule.field];
    if (typeof day !== "string") return [];
    if (rule.unless !== undefined && ruleHolds(rule.unless, about.variables)) return [];
    const [earliest, latest] = [bound(rule.notBefore), bound(rule.notAfter)];
    const broken = earliest !== undefined && day < earliest ? earliest : latest !== undefined && day > latest && latest;
    return broken ? [{ path: rule.field, text: dayText(rule.text, broken) }] : [];
  });
}

function dayText(template: Text, day: string): Text {
  const { year, month, day: date } = Temporal.PlainDate.from(day);
  return text(fill(template, { day: `${year}年${month}月${date}日` }).zh, fill(template, { day }).en);
}
