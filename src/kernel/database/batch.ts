import type { Writable } from "node:stream";
import pg from "pg";
import { DatabaseFault, databaseFault } from "./database-fault.ts";
import type { PreparedStatements, Statement } from "./prepared.ts";
import { parserOf } from "./values.ts";
import { writeBatch } from "./wire.ts";

/** One statement's answer. */
export interface Answer<Row extends object> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
  readonly command: string;
}

/** A column as the server describes it, as far as we read it. */
export interface Column {
  readonly name: string;
  readonly parse: (value: string) => unknown;
}

/** A statement that waits for its answer. */
export interface Asked {
  readonly statement: Statement;
  readonly resolve: (answer: Answer<object>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Statements that were asked in one turn, sent in one write with one Sync behind them: the server answers them together.
 * After the first that fails it leaves out the others, whose fault is then `ERR_DATABASE_ABORTED`.
 *
 * To `pg` this is one query. Its client lets its own class alone share a pipeline, so this one stands below it; like
 * `pg`'s own it ends with its Sync, and takes nothing of the answers to others.
 */
export class Batch {
  callback: (() => void) | undefined;
  readonly #asked: readonly Asked[];
  readonly #prepared: PreparedStatements;
  readonly #onEnd: () => void;
  /** What is told to whoever asked when the server has ended the batch: before that, nothing of it is sure. */
  readonly #tell: (() => void)[] = [];
  #columns: readonly Column[] | undefined;
  #rows: object[] = [];
  #unreadable: unknown;
  #ended = false;

  constructor(asked: readonly Asked[], prepared: PreparedStatements, onEnd: () => void) {
    this.#asked = asked;
    this.#prepared = prepared;
    this.#onEnd = onEnd;
  }

  submit({ stream }: { readonly stream: Writable }): null {
    stream.write(writeBatch(this.#asked.map(({ statement }) => this.#prepared.write(statement))));
    return null;
  }

  handleRowDescription({
    fields,
  }: {
    readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  }) {
    this.#columns = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#columns ??= this.#prepared.columnsOf(this.#current().statement);
    const row: Record<string, unknown> = {};
    try {
      for (let at = 0; at < fields.length; at++) {
        const column = this.#columns[at] as Column;
        const value = fields[at];
        row[column.name] = typeof value === "string" ? column.parse(value) : null;
      }
    } catch (error) {
      this.#unreadable ??= error;
    }
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#answered({ rows: this.#rows, ...readTag(text) });
  }

  handleEmptyQuery(): void {
    this.#answered({ rows: [], rowCount: 0, command: "" });
  }

  /** The server refused a statement, or the connection is gone. */
  handleError(error: unknown): void {
    if (this.#ended) return;
    // Of a connection that is gone nothing is sure. A refusal after the last answer is one of its commit.
    const refused = error instanceof pg.DatabaseError;
    const sure = refused ? Math.min(this.#tell.length, this.#asked.length - 1) : 0;
    for (const tell of this.#tell.splice(0).slice(0, sure)) tell();
    this.#asked.slice(sure).forEach(({ statement, reject }, place) => {
      this.#prepared.failed(statement);
      const leftOut = refused && place > 0;
      reject(leftOut ? new DatabaseFault("ERR_DATABASE_ABORTED", { sqlState: ABORTED }) : databaseFault(error));
    });
    this.#end();
  }

  handleReadyForQuery(): void {
    if (this.#ended) return;
    for (const tell of this.#tell) tell();
    this.#end();
  }

  #answered(answer: Answer<object>): void {
    const { statement, resolve, reject } = this.#current();
    const unreadable = this.#unreadable;
    this.#prepared.answered(statement, this.#columns ?? []);
    this.#tell.push(unreadable === undefined ? () => resolve(answer) : () => reject(databaseFault(unreadable)));
    this.#columns = undefined;
    this.#rows = [];
    this.#unreadable = undefined;
  }

  #current(): Asked {
    return this.#asked[this.#tell.length] as Asked;
  }

  #end(): void {
    this.#ended = true;
    this.#onEnd();
  }
}

/** SQLSTATE in_failed_sql_transaction. */
const ABORTED = "25P02";

Object.setPrototypeOf(Batch.prototype, pg.Query.prototype);

/** A command's tag: `INSERT 0 1`, `SELECT 5`, `BEGIN`. */
function readTag(text: string): { readonly command: string; readonly rowCount: number } {
  const space = text.indexOf(" ");
  if (space < 0) return { command: text, rowCount: 0 };
  const count = Number(text.slice(text.lastIndexOf(" ") + 1));
  return { command: text.slice(0, space), rowCount: Number.isNaN(count) ? 0 : count };
}
