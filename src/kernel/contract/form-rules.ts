import type { z } from "zod";
import type { Text } from "#lib/language/text";

/** A message in both languages that zod carries as one string; `inputIssues` reads it back. */
export function issueMessage(message: Text): string {
  return JSON.stringify({ zh: message.zh, en: message.en });
}

type Form = Readonly<Record<string, unknown>>;

/** One field that a form needs when something else in it is so. */
export interface Needed {
  readonly field: string;
  /** Asked only where what it reads was answered, and rightly. */
  readonly when: (form: Form) => boolean;
  readonly message: Text;
}

/**
 * A form in which some fields are needed only sometimes: reasons for a refusal, a list for a supplement. They are looked at whatever
 * else is wrong, so that each screen of a form can name what it lacks while later screens are still empty.
 */
export function withNeeds<S extends z.ZodObject>(form: S, needs: readonly Needed[]): S {
  return form.superRefine(
    (value, context) => {
      const entered = value as Form;
      const wrong = new Set(context.issues.map(({ path }) => String(path?.[0])));
      for (const need of needs) {
        if (isEmpty(entered[need.field]) && isSo(need, entered, wrong)) {
          context.addIssue({ code: "custom", path: [need.field], message: issueMessage(need.message) });
        }
      }
    },
    { when: ({ value }) => typeof value === "object" && value !== null },
  ) as S;
}

function isEmpty(given: unknown): boolean {
  return given === undefined || given === "" || (Array.isArray(given) && given.length === 0);
}

/** Whether a need arises. What it depends on it says by reading it. */
function isSo({ when }: Needed, entered: Form, wrong: ReadonlySet<string>): boolean {
  let answered = true;
  const reading = new Proxy(entered, {
    get: (form, name) => {
      const answer = form[String(name)];
      if (isEmpty(answer) || wrong.has(String(name))) answered = false;
      return answer;
    },
  });
  return when(reading) && answered;
}
