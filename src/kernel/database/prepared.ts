import { assert } from "../errors/fault.ts";
import type { Column } from "./batch.ts";
import type { StatementNames } from "./statements.ts";
import type { Parameter, WrittenStatement } from "./wire.ts";

/** One statement, its values in the form in which they travel. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly Parameter[];
  /** Whether it is one that comes again. */
  readonly named: boolean;
}

interface Known {
  readonly name: string;
  /** Undefined until its first answer. */
  columns: readonly Column[] | undefined;
}

/** What one connection's server has prepared, and what each statement's rows look like: it is asked once. */
export class PreparedStatements {
  readonly #known = new Map<string, Known>();
  #made = 0;

  /** What is to be sent of a statement that comes now. */
  write({ text, parameters, named }: Statement): WrittenStatement {
    const known = named ? this.#known.get(text) : undefined;
    if (known !== undefined) {
      return { name: known.name, text, parse: false, describe: known.columns === undefined, parameters };
    }
    if (!named) return { name: "", text, parse: true, describe: true, parameters };
    this.#made += 1;
    const name = `zt${this.#made}`;
    this.#known.set(text, { name, columns: undefined });
    return { name, text, parse: true, describe: true, parameters };
  }

  columnsOf({ text }: Statement): readonly Column[] {
    const columns = this.#known.get(text)?.columns;
    assert(columns, "rows of a statement that was not described");
    return columns;
  }

  answered({ text, named }: Statement, columns: readonly Column[]): void {
    if (!named) return;
    const known = this.#known.get(text);
    if (known !== undefined) known.columns ??= columns;
  }

  /**
   * Whether the server still parsed it is not known, unless it was answered before: it is parsed again under another name.
   */
  failed({ text, named }: Statement): void {
    if (named && this.#known.get(text)?.columns === undefined) this.#known.delete(text);
  }
}

/** Statements that are sent as prepared ones though they have no values: each transaction has them. */
const CONTROL = new Set(["BEGIN", "COMMIT", "ROLLBACK"]);

/**
 * How a text is sent: as a statement of the extended protocol, or undefined where it goes as a simple query, which may hold
 * several statements.
 */
export function statementOf(
  text: string,
  parameters: readonly Parameter[],
  names: StatementNames,
): Statement | undefined {
  const named = CONTROL.has(text) || names.comesAgain(text);
  return named || parameters.length > 0 ? { text, parameters, named } : undefined;
}
