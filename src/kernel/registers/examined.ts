import { dayBegins } from "#lib/calendar/civil-day";
import type { InputIssue } from "../contract/refusal.ts";

/** What a room found when it examined an entry before it is written. */
export interface Examined {
  /** What cannot be right. */
  readonly errors: readonly InputIssue[];
  /** What is unusual, and is accepted by someone who saw the document. */
  readonly warnings: readonly InputIssue[];
}

/** Why an entry is not written as it is: refused with this code and these issues. */
export interface Hesitation {
  readonly code: "invalid" | "needs-confirmation";
  readonly issues: readonly InputIssue[];
}

/** Errors are never written; what is unusual is, when somebody confirmed it. */
export function hesitation({ errors, warnings }: Examined, confirmed: boolean): Hesitation | undefined {
  if (errors.length > 0) return { code: "invalid", issues: errors };
  return warnings.length > 0 && !confirmed ? { code: "needs-confirmation", issues: warnings } : undefined;
}

/** Of what was found in a whole entry, what a change answers for: what was there before is not its fault. */
export function foundInChange({ errors, warnings }: Examined, isOfChange: (path: string) => boolean): Examined {
  const own = (issues: readonly InputIssue[]) => issues.filter(({ path }) => isOfChange(path));
  return { errors: own(errors), warnings: own(warnings) };
}

/** Of what was found in a whole entry, what one attribute answers for, told at the field `value` of a form that asks for any of them. */
export function foundInValue(found: Examined, attribute: string): Examined {
  const own = foundInChange(found, (path) => path === attribute);
  const atValue = (issues: readonly InputIssue[]) => issues.map((issue) => ({ ...issue, path: "value" }));
  return { errors: atValue(own.errors), warnings: atValue(own.warnings) };
}

/** A change without what was left out, which would erase what is known. */
export function definedOf<T extends object>(changes: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** The instant at which a day begins, for valid time. */
export function beginningOf(day: string): string {
  return dayBegins(Temporal.PlainDate.from(day)).toString();
}
