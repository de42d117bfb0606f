import { assert } from "../errors/fault.ts";
import type { Connection } from "./connection.ts";
import { databaseFault } from "./database-fault.ts";
import type { CopySource, StreamOptions, Transaction } from "./sql.ts";
import { toParameter } from "./values.ts";

/** The view of a connection that work gets; dead when the transaction has ended. */
export class OpenTransaction implements Transaction {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  #open = true;
  #underWay = 0;
  /** What failed first: later statements only say that the transaction is aborted. */
  firstFault: unknown;

  constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  end(): void {
    this.#open = false;
  }

  query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const send = () => this.#opened().send<Row>(text, values.map(toParameter), this.#timeoutMs);
    return this.#watch(send, ({ rows }) => rows);
  }

  execute(text: string, values: readonly unknown[] = []): Promise<number> {
    const send = () => this.#opened().send(text, values.map(toParameter), this.#timeoutMs);
    return this.#watch(send, ({ rowCount }) => rowCount);
  }

  unanswered(...writes: readonly Promise<unknown>[]): void {
    for (const write of writes) {
      this.#underWay += 1;
      write
        .catch((error: unknown) => {
          this.firstFault ??= error;
        })
        .finally(() => {
          this.#underWay -= 1;
        });
    }
  }

  /** Whether writes that nobody awaits have not ended. */
  get isUnderWay(): boolean {
    return this.#underWay > 0;
  }

  async attempt<T>(work: () => Promise<T>): Promise<T> {
    const before = this.firstFault;
    this.execute("SAVEPOINT attempt").catch(() => undefined); // what follows fails with it
    try {
      const value = await work();
      this.execute("RELEASE SAVEPOINT attempt").catch(() => undefined); // where it fails, so does the transaction
      return value;
    } catch (error) {
      await this.#opened().settled();
      await this.script("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt");
      this.firstFault = before;
      throw error;
    }
  }

  async script(text: string): Promise<void> {
    await this.#watch(() => this.#opened().send(text, undefined, this.#timeoutMs), asItIs);
  }

  async copyFrom(text: string, rows: CopySource): Promise<number> {
    return await this.#watch(() => this.#opened().copyFrom(text, rows), asItIs);
  }

  copyTo(text: string): AsyncIterable<Buffer> {
    return this.#opened().copyTo(text);
  }

  stream<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    options: StreamOptions = {},
  ): AsyncIterable<Row> {
    return this.#opened().stream<Row>(text, values, { ...options, timeoutMs: this.#timeoutMs });
  }

  #opened(): Connection {
    assert(this.#open, "a transaction was used after its end");
    return this.#connection;
  }

  /**
   * Nobody need await a statement: where one fails, so does the transaction, and that is where it is told. What cannot even
   * be sent is noted at once, before a commit could follow.
   */
  #watch<A, T>(send: () => Promise<A>, read: (answer: A) => T): Promise<T> {
    let sent: Promise<A>;
    try {
      sent = send();
    } catch (error) {
      this.firstFault ??= error;
      sent = Promise.reject(error);
    }
    const answered = sent.then(read);
    answered.catch((error: unknown) => {
      this.firstFault ??= databaseFault(error);
    });
    return answered;
  }
}

function asItIs<T>(answer: T): T {
  return answer;
}
