/** One statement with its values, made before it is sent. */
export interface SqlStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Statements on one connection or on any. */
export interface Sql {
  /** Runs one statement, `$1` … its parameters, and returns its rows. See `values.ts` for how values are read. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
  /** Runs one statement and returns how many rows it touched. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
}

/** A stream of COPY data: text or binary, as the statement says. Chunks may end anywhere. */
export type CopySource = AsyncIterable<Buffer | string> | Iterable<Buffer | string>;

/**
 * One transaction. Statements that are not awaited one by one are sent together (pipelined) and executed in the order in
 * which they were called. The first that fails leaves out those behind it and undoes the transaction, whether or not it is
 * awaited. BEGIN travels with the first; COMMIT with the last, where the work returns in the turn in which it called them.
 */
export interface Transaction extends Sql {
  /**
   * Writes whose answers nobody needs: the commit travels with them, and does not happen where one of them fails, before it was
   * sent or after. Each sends all that it sends in the turn in which it is called.
   */
  unanswered(...writes: readonly Promise<unknown>[]): void;
  /**
   * Runs work under a savepoint: where it fails, what it did is taken back, and whoever catches the fault may go on with the
   * transaction. The savepoint travels with the work's first statement. Work of the same transaction must not go on beside it.
   */
  attempt<T>(work: () => Promise<T>): Promise<T>;
  /** Runs statements without parameters, separated by semicolons, unprepared: migrations. */
  script(text: string): Promise<void>;
  /** `COPY … FROM STDIN`: returns the number of rows. */
  copyFrom(text: string, rows: CopySource): Promise<number>;
  /** `COPY … TO STDOUT`: to be read to its end, or left with `return`. */
  copyTo(text: string): AsyncIterable<Buffer>;
  /** Reads through a server-side cursor. */
  stream<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    options?: StreamOptions,
  ): AsyncIterable<Row>;
}

export interface StreamOptions {
  readonly batchRows?: number;
}

export type Isolation = "read committed" | "repeatable read" | "serializable";

export interface TransactionOptions {
  readonly readOnly?: boolean;
  /** Default "read committed". */
  readonly isolation?: Isolation;
  /** Of the whole transaction and each of its statements, on the server. */
  readonly timeoutMs?: number;
  /** How often work is run again after a conflict; 0 when it must not be. */
  readonly retries?: number;
}

export type AdvisoryLockOutcome<T> = { readonly held: true; readonly value: T } | { readonly held: false };

export interface Database extends Sql, AsyncDisposable {
  /**
   * Runs work in a transaction: commits when it returns, rolls back when it throws. Work that met a serialization failure, a
   * deadlock or a stale plan is run again from its start, a bounded number of times: it must not do anything else than SQL.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Lends one connection without a transaction: reads that are not awaited one by one travel together, each at its own moment. Only for
   * reads and single statements that bear repetition: work that meets a stale plan is run again from its start.
   */
  together<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Rows through a cursor in a read-only transaction of its own. */
  stream<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    options?: StreamOptions & Pick<TransactionOptions, "timeoutMs">,
  ): AsyncIterable<Row>;
  copyFrom(text: string, rows: CopySource, options?: Pick<TransactionOptions, "timeoutMs">): Promise<number>;
  copyTo(text: string, options?: Pick<TransactionOptions, "timeoutMs">): AsyncIterable<Buffer>;
  /**
   * Calls the handler for each notification on the channel, and with `undefined` after a broken connection came back: then
   * something may have been missed. Returns how to stop listening.
   */
  listen(channel: string, handler: (payload: string | undefined) => void): Promise<() => Promise<void>>;
  /**
   * Runs work while this process alone, in the whole cluster, holds the named lock; says so when another holds it.
   * The signal fires when the connection that holds the lock breaks: then another process may hold it.
   */
  tryAdvisoryLock<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<AdvisoryLockOutcome<T>>;
  /** For `pg`-only consumers (jobs): where this database is, with its password. */
  readonly url: string;
  /** Connections in use, idle and callers that wait: for metrics. */
  readonly load: { readonly open: number; readonly idle: number; readonly waiting: number };
  /** Lets what is running end, for a bounded time, then closes every connection. */
  close(): Promise<void>;
}
