/** One fault in the set of rooms: where, and what is wrong there. */
export interface Problem {
  /** `quality.services.foodLicence.slots.issue` */
  readonly where: string;
  readonly message: string;
}

/** Says what is wrong somewhere below a place. */
export type Say = (message: string, ...path: readonly string[]) => Problem;

export function at(...start: readonly string[]): Say {
  return (message, ...path) => ({ where: [...start, ...path].join("."), message });
}

export function when(condition: boolean, problem: Problem): readonly Problem[] {
  return condition ? [problem] : [];
}

/** Values that occur more than once. */
export function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
