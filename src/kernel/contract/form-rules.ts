import type { z } from "zod";
import type { Text } from "#lib/language/text";

/** A message in both languages that zod carries as one string; `inputIssues` reads it back. */
export function issueMessage(message: Text): string {
  return JSON.stringify({ zh: message.zh, en: message.en });
}

/** One field that a form needs when something else in it is so. */
export interface Needed {
  readonly field: string;
  readonly when: (form: Readonly<Record<string, unknown>>) => boolean;
  readonly message: Text;
}

/** A form in which some fields are needed only sometimes: reasons for a refusal, a list for a supplement. */
export function withNeeds<S extends z.ZodObject>(form: S, needs: readonly Needed[]): S {
  return form.superRefine((value, issues) => {
    for (const need of needs) {
      const given = (value as Readonly<Record<string, unknown>>)[need.field];
      const empty = given === undefined || given === "" || (Array.isArray(given) && given.length === 0);
      if (empty && need.when(value as Readonly<Record<string, unknown>>)) {
        issues.addIssue({ code: "custom", path: [need.field], message: issueMessage(need.message) });
      }
    }
  }) as S;
}
