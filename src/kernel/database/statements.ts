import { PREPARED_STATEMENT_LIMIT, STATEMENT_MEMORY_LIMIT } from "./limits.ts";

/**
 * Names for prepared statements. A text gets a name when it is seen a second time, so that texts made for one use do not fill
 * the bounded table; when the table is full, further texts are sent unprepared. Names are the same on each connection.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  #seenOnce = new Set<string>();

  nameOf(text: string): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined) return name;
    if (this.#names.size >= PREPARED_STATEMENT_LIMIT) return undefined;
    if (!this.#seenOnce.delete(text)) {
      if (this.#seenOnce.size >= STATEMENT_MEMORY_LIMIT) this.#seenOnce = new Set();
      this.#seenOnce.add(text);
      return undefined;
    }
    const fresh = `zt${this.#names.size + 1}`;
    this.#names.set(text, fresh);
    return fresh;
  }
}
