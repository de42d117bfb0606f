import { type Text, text } from "#lib/language/text";

/** Why a document is not taken, and where in it: `#/paths/~1pets/get`. */
export interface OpenApiProblem {
  readonly where: string;
  readonly text: Text;
}

/** Stops the reading of a document. */
export class OpenApiError extends Error {
  readonly problem: OpenApiProblem;

  constructor(where: string, zh: string, en: string) {
    super(`${where}: ${en}`);
    this.problem = { where, text: text(zh, en) };
  }
}
