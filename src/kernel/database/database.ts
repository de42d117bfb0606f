import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { assert, Fault } from "../errors/fault.ts";
import { Connection } from "./connection.ts";
import { DatabaseFault, databaseFault, isStalePlan, mayRetry } from "./database-fault.ts";
import * as limits from "./limits.ts";
import { OpenTransaction } from "./open-transaction.ts";
import { holdAdvisoryLock, Listener } from "./sessions.ts";
import type {
  AdvisoryLockOutcome,
  CopySource,
  Database,
  Sql,
  StreamOptions,
  Transaction,
  TransactionOptions,
} from "./sql.ts";
import { StatementNames } from "./statements.ts";
import { toParameter, VALUE_PARSERS } from "./values.ts";

export interface DatabaseOptions {
  /** postgresql://… */
  readonly url: string;
  /** Connections at most; default 10. Locks and listeners have connections of their own. */
  readonly poolSize?: number;
  readonly applicationName?: string;
  readonly statementTimeoutMs?: number;
  readonly transactionTimeoutMs?: number;
  readonly idleInTransactionTimeoutMs?: number;
  /** Whether open but idle connections may keep the process alive; default true. */
  readonly keepsProcessAlive?: boolean;
  /** Told of a connection that broke while nobody used it. */
  readonly onConnectionLost?: (fault: Fault) => void;
}

/** Opens a database of PostgreSQL 18 or newer, after one connection was made to it. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const database = new PooledDatabase(options);
  try {
    await database.checkServer();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** Deeper than any chain of awaits between a write's call and what it sends. */
const TURNS_BEFORE_COMMIT = 32;

class PooledDatabase implements Database {
  readonly url: string;
  readonly #pool: pg.Pool;
  readonly #clientConfig: pg.ClientConfig;
  readonly #names = new StatementNames();
  readonly #connections = new WeakMap<pg.ClientBase, Connection>();
  readonly #statementTimeoutMs: number;
  readonly #transactionTimeoutMs: number;
  #listener: Listener | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: DatabaseOptions) {
    const poolSize = options.poolSize ?? limits.DEFAULT_POOL_SIZE;
    assert(poolSize >= 1 && poolSize <= limits.MAX_POOL_SIZE, `poolSize must be 1 to ${limits.MAX_POOL_SIZE}`);
    this.url = options.url;
    this.#statementTimeoutMs = options.statementTimeoutMs ?? limits.DEFAULT_STATEMENT_TIMEOUT_MS;
    this.#transactionTimeoutMs = options.transactionTimeoutMs ?? limits.DEFAULT_TRANSACTION_TIMEOUT_MS;
    this.#clientConfig = {
      connectionString: options.url,
      application_name: options.applicationName ?? "zhengtong",
      connectionTimeoutMillis: limits.CONNECT_TIMEOUT_MS,
      keepAlive: true,
      types: VALUE_PARSERS,
      pipeline: true,
      options: sessionSettings({
        statement_timeout: this.#statementTimeoutMs,
        transaction_timeout: this.#transactionTimeoutMs,
        idle_in_transaction_session_timeout:
          options.idleInTransactionTimeoutMs ?? limits.DEFAULT_IDLE_IN_TRANSACTION_TIMEOUT_MS,
      }),
    };
    this.#pool = new pg.Pool({
      ...this.#clientConfig,
      max: poolSize,
      connectionTimeoutMillis: limits.CONNECTION_WAIT_TIMEOUT_MS,
      idleTimeoutMillis: limits.IDLE_CONNECTION_TIMEOUT_MS,
      allowExitOnIdle: options.keepsProcessAlive === false,
    });
    // While a client is checked out, a broken socket is reported here and by the statement under way: once is enough. From its
    // first moment: a server that dies may say so in the same packet in which it says that it is ready.
    this.#pool.on("connect", (client) => {
      client.on("error", () => undefined);
    });
    // Without a listener, an idle connection that breaks would end the process.
    this.#pool.on("error", (cause) => {
      if (this.#closing) return;
      options.onConnectionLost?.(new DatabaseFault("ERR_DATABASE_UNREACHABLE", { cause }));
    });
  }

  get load() {
    return { open: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  async checkServer(): Promise<void> {
    const [row] = await this.query<{ version: number }>("SELECT current_setting('server_version_num')::int AS version");
    const major = Math.floor((row?.version ?? 0) / 10_000);
    if (major < limits.OLDEST_SERVER_VERSION) throw new Fault("ERR_DATABASE_TOO_OLD", { message: `it is ${major}` });
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const parameters = values.map(toParameter);
    const send = (connection: Connection) => connection.send<Row>(text, parameters, this.#statementTimeoutMs);
    return (await this.#statement(send)).rows;
  }

  async execute(text: string, values: readonly unknown[] = []): Promise<number> {
    const parameters = values.map(toParameter);
    const send = (connection: Connection) => connection.send(text, parameters, this.#statementTimeoutMs);
    return (await this.#statement(send)).rowCount;
  }

  /** One statement outside a transaction did nothing when its plan was stale: it may be sent again, on a fresh connection. */
  async #statement<T>(send: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#withConnection(send);
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      return await this.#withConnection(send);
    }
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const retries = options.retries ?? limits.TRANSACTION_RETRIES;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#withConnection((connection) => this.#attempt(connection, work, options));
      } catch (error) {
        if (attempt >= retries || !mayRetry(error)) throw error;
        await sleep(limits.TRANSACTION_RETRY_BASE_DELAY_MS * 3 ** attempt * (0.5 + Math.random()));
      }
    }
  }

  async together<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return await this.#statement(async (connection) => {
      const lent = new OpenTransaction(connection, this.#statementTimeoutMs);
      try {
        return await work(lent);
      } finally {
        lent.end();
        // Work that failed at one answer may have left others under way.
        await connection.settled();
      }
    });
  }

  async #attempt<T>(
    connection: Connection,
    work: (tx: Transaction) => Promise<T>,
    options: TransactionOptions,
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.#transactionTimeoutMs;
    // BEGIN travels with the first statement of the work: no round trip of its own.
    const begun = begin(connection, options, timeoutMs);
    begun.catch(() => undefined);
    const tx = new OpenTransaction(connection, options.timeoutMs ?? this.#statementTimeoutMs);
    let value: T;
    try {
      value = await work(tx);
      // One that failed before it sent anything tells so some microtasks later; what was sent leaves after all of them.
      for (let turn = 0; turn < TURNS_BEFORE_COMMIT && tx.isUnderWay; turn += 1) await undefined;
      if (tx.firstFault !== undefined) throw tx.firstFault;
      // With settings of its own it is a batch by itself, whose failure would not leave out what follows.
      if (options.timeoutMs !== undefined) await begun;
    } catch (error) {
      tx.end();
      await connection.settled();
      if (!mustDiscard(tx.firstFault ?? error)) await connection.send("ROLLBACK", [], timeoutMs);
      // 25P02 only says that an earlier statement, not awaited yet, failed: that one tells more.
      throw (isAborted(error) ? tx.firstFault : undefined) ?? error;
    }
    tx.end();
    // COMMIT travels with what was not awaited: where one of those fails it is left out, or answered by ROLLBACK.
    await this.#commit(connection, tx, timeoutMs);
    return value;
  }

  async #commit(connection: Connection, tx: OpenTransaction, timeoutMs: number): Promise<void> {
    let command: string;
    try {
      command = (await connection.send("COMMIT", [], timeoutMs)).command;
    } catch (error) {
      const fault = databaseFault(error);
      if (isAborted(fault)) command = await this.#undo(connection, tx, timeoutMs);
      else if (fault instanceof DatabaseFault && fault.sqlState !== undefined) throw fault;
      else throw new DatabaseFault("ERR_DATABASE_OUTCOME_UNKNOWN", { cause: fault });
    }
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK: the work swallowed a fault.
    if (command !== "COMMIT") {
      // What failed was answered before, but its promise may be rejected a few microtasks later.
      await setImmediate();
      throw tx.firstFault ?? new DatabaseFault("ERR_DATABASE_ABORTED", {});
    }
    if (tx.isUnderWay) await setImmediate();
    assert(!tx.isUnderWay && tx.firstFault === undefined, "a write that nobody awaits was sent in one turn");
  }

  /** COMMIT was left out: a statement that was sent with it failed. */
  async #undo(connection: Connection, tx: OpenTransaction, timeoutMs: number): Promise<string> {
    await setImmediate();
    if (mustDiscard(tx.firstFault)) return "";
    return (await connection.send("ROLLBACK", [], timeoutMs)).command;
  }

  async *stream<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    options: StreamOptions & Pick<TransactionOptions, "timeoutMs"> = {},
  ): AsyncGenerator<Row, void, undefined> {
    yield* this.#reading(options, (connection, timeoutMs) =>
      connection.stream<Row>(text, values, { ...options, timeoutMs }),
    );
  }

  async *copyTo(text: string, options: Pick<TransactionOptions, "timeoutMs"> = {}): AsyncGenerator<Buffer> {
    yield* this.#reading(options, (connection) => connection.copyTo(text));
  }

  /** What is read over a longer time, in a read-only transaction that ends with the reading. */
  async *#reading<T>(
    options: Pick<TransactionOptions, "timeoutMs">,
    read: (connection: Connection, timeoutMs: number) => AsyncGenerator<T, void, undefined>,
  ): AsyncGenerator<T, void, undefined> {
    const timeoutMs = options.timeoutMs ?? limits.LONG_TRANSACTION_TIMEOUT_MS;
    const client = await this.#connect();
    const connection = this.#connectionOf(client);
    let broken: unknown;
    try {
      await begin(connection, { readOnly: true, timeoutMs }, timeoutMs);
      yield* read(connection, timeoutMs);
    } catch (error) {
      broken = error;
      throw error;
    } finally {
      if (!mustDiscard(broken)) {
        await connection.send("ROLLBACK", [], timeoutMs).catch((error) => {
          broken = error;
        });
      }
      client.release(mustDiscard(broken));
    }
  }

  async copyFrom(text: string, rows: CopySource, options: Pick<TransactionOptions, "timeoutMs"> = {}): Promise<number> {
    const timeoutMs = options.timeoutMs ?? limits.LONG_TRANSACTION_TIMEOUT_MS;
    return await this.transaction((tx) => tx.copyFrom(text, rows), { timeoutMs, retries: 0 });
  }

  async listen(channel: string, handler: (payload: string | undefined) => void): Promise<() => Promise<void>> {
    if (this.#closing !== undefined) throw new DatabaseFault("ERR_DATABASE_CLOSED", {});
    this.#listener ??= new Listener(this.#sessionConfig());
    return await this.#listener.listen(channel, handler);
  }

  async tryAdvisoryLock<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<AdvisoryLockOutcome<T>> {
    if (this.#closing !== undefined) throw new DatabaseFault("ERR_DATABASE_CLOSED", {});
    return await holdAdvisoryLock(this.#sessionConfig(), name, work);
  }

  /** A connection outside the pool, that stays open and idle for long. */
  #sessionConfig(): pg.ClientConfig {
    return { ...this.#clientConfig, pipeline: false };
  }

  async #withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let broken: unknown;
    try {
      return await work(this.#connectionOf(client));
    } catch (error) {
      broken = error;
      throw error;
    } finally {
      client.release(mustDiscard(broken));
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    if (this.#closing !== undefined) throw new DatabaseFault("ERR_DATABASE_CLOSED", {});
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw databaseFault(error);
    }
  }

  #connectionOf(client: pg.PoolClient): Connection {
    const known = this.#connections.get(client);
    if (known !== undefined) return known;
    const connection = new Connection(client, this.#names);
    this.#connections.set(client, connection);
    return connection;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#listener?.close();
    const timeout = new AbortController();
    const waited = sleep(limits.CLOSE_TIMEOUT_MS, undefined, { signal: timeout.signal, ref: false });
    await Promise.race([this.#pool.end(), waited.catch(() => undefined)]);
    timeout.abort();
  }
}

function sessionSettings(timeouts: Readonly<Record<string, number>>): string {
  const settings = {
    ...timeouts,
    timezone: "UTC",
    datestyle: "ISO",
    intervalstyle: "iso_8601",
    bytea_output: "hex",
    client_min_messages: "warning",
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

/** Travels with whatever is sent in the same turn. */
function begin(connection: Connection, options: TransactionOptions, waitMs: number): Promise<unknown> {
  const { isolation, readOnly, timeoutMs } = options;
  const modes = [
    ...(isolation === undefined ? [] : [` ISOLATION LEVEL ${isolation.toUpperCase()}`]),
    ...(readOnly === true ? [" READ ONLY"] : []),
  ];
  const statement = `BEGIN${modes.join("")}`;
  if (timeoutMs === undefined) return connection.send(statement, [], waitMs);
  assert(
    Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs <= limits.LONG_TRANSACTION_TIMEOUT_MS,
    `timeoutMs must be 1 to ${limits.LONG_TRANSACTION_TIMEOUT_MS}`,
  );
  // A running timer is not changed by a new value, so it is switched off first (assign_transaction_timeout of PostgreSQL).
  const timer = `SET LOCAL transaction_timeout = 0; SET LOCAL transaction_timeout = ${timeoutMs}`;
  return connection.send(`${statement}; ${timer}; SET LOCAL statement_timeout = ${timeoutMs}`, undefined, waitMs);
}

function isAborted(error: unknown): boolean {
  return error instanceof DatabaseFault && error.sqlState === "25P02";
}

/** Idle-in-transaction and transaction timeouts: the server ends the session. */
const ENDS_SESSION = new Set(["25P03", "25P04"]);

/** Whether a connection that met this error goes back into the pool. */
function mustDiscard(error: unknown): boolean {
  if (!(error instanceof DatabaseFault)) return false;
  if (error.sqlState === undefined) return error.code !== "ERR_DATABASE_ABORTED";
  return error.code === "ERR_DATABASE_UNREACHABLE" || ENDS_SESSION.has(error.sqlState) || isStalePlan(error);
}
