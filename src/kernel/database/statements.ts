import { PREPARED_STATEMENT_LIMIT, STATEMENT_MEMORY_LIMIT } from "./limits.ts";

/**
 * Which texts are worth preparing: those that are seen a second time, so that texts made for one use do not fill the
 * bounded table; when the table is full, further texts are sent unprepared.
 */
export class StatementNames {
  readonly #again = new Set<string>();
  #seenOnce = new Set<string>();

  comesAgain(text: string): boolean {
    if (this.#again.has(text)) return true;
    if (this.#again.size >= PREPARED_STATEMENT_LIMIT) return false;
    if (!this.#seenOnce.delete(text)) {
      if (this.#seenOnce.size >= STATEMENT_MEMORY_LIMIT) this.#seenOnce = new Set();
      this.#seenOnce.add(text);
      return false;
    }
    this.#again.add(text);
    return true;
  }
}
