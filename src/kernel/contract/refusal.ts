import type { Text } from "#lib/language/text";
import type { AssuranceNeed } from "./assurance.ts";

/** Refusals that every door may give, whatever its contract lists. Their texts stand in `door-refusals.ts`. */
export type DoorRefusal =
  | "denied"
  | "unavailable"
  | "invalid-input"
  | "purpose-missing"
  | "repeated-differently"
  | "assurance-needed"
  | "quota-spent";

/** One fault of one input field, in the reader's language. `path` is dotted: `address.street`. */
export interface InputIssue {
  readonly path: string;
  readonly text: Text;
}

/**
 * An expected "no": a value, never thrown. What is thrown is a fault.
 * @see design, section 3: refusals are values; a fault has an `ERR_…` code and never reaches a person's screen.
 */
export class Refusal<out Code extends string = string> {
  /** The room that refuses. */
  readonly room: string;
  readonly code: Code;
  /** What happened and what to do next, for the reader. */
  readonly text: Text;
  readonly issues: readonly InputIssue[];
  /** What whoever asks has to prove first, with `assurance-needed` alone: a page steps up, and sends the same again. */
  readonly needs: AssuranceNeed | undefined;

  constructor(refusal: {
    room: string;
    code: Code;
    text: Text;
    issues?: readonly InputIssue[];
    needs?: AssuranceNeed | undefined;
  }) {
    this.room = refusal.room;
    this.code = refusal.code;
    this.text = refusal.text;
    this.issues = refusal.issues ?? [];
    this.needs = refusal.needs;
  }

  toJSON(): { refusal: Code; room: string; text: Text; issues: readonly InputIssue[] } {
    return { refusal: this.code, room: this.room, text: this.text, issues: this.issues };
  }
}

/** Whether an outcome is a refusal; narrows the type of the rest to the value. */
export function isRefusal(outcome: unknown): outcome is Refusal {
  return outcome instanceof Refusal;
}
