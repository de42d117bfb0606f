import type { Text } from "#lib/language/text";

/** One thing that somebody did. */
export interface Step {
  readonly who: Text;
  readonly what: Text;
  readonly ms: number;
}

/** Does a step and says what happened and how long it took. */
export type TakeStep = <T>(who: Text, what: Text, doing: () => Promise<T>) => Promise<T>;

/** A step that went wrong, named. */
export class StepFault extends Error {
  readonly who: Text;
  readonly what: Text;

  constructor(step: Omit<Step, "ms">, cause: unknown) {
    super(`${step.who.en}: ${step.what.en}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = "StepFault";
    this.who = step.who;
    this.what = step.what;
  }
}

/** Steps one after the other, each told when it is done. */
export function stepTaker(told: (step: Step) => void): { readonly step: TakeStep; readonly steps: readonly Step[] } {
  const steps: Step[] = [];
  return {
    steps,
    step: async (who, what, doing) => {
      const began = performance.now();
      try {
        const outcome = await doing();
        const done = { who, what, ms: Math.round(performance.now() - began) };
        steps.push(done);
        told(done);
        return outcome;
      } catch (error) {
        throw new StepFault({ who, what }, error);
      }
    },
  };
}
