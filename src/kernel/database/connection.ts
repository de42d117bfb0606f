import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFromStream, to as copyToStream } from "pg-copy-streams";
import { assert } from "../errors/fault.ts";
import { type Answer, type Asked, Batch } from "./batch.ts";
import { DatabaseFault, databaseFault } from "./database-fault.ts";
import { ANSWER_GRACE_MS, DEFAULT_STREAM_BATCH_ROWS, MAX_STREAM_BATCH_ROWS } from "./limits.ts";
import { PreparedStatements, type Statement, statementOf } from "./prepared.ts";
import type { CopySource, StreamOptions } from "./sql.ts";
import type { StatementNames } from "./statements.ts";
import { toParameter } from "./values.ts";
import type { Parameter } from "./wire.ts";

/**
 * One connection in pipeline mode: a statement is sent without waiting for the answers to those before it, and all that
 * were asked in one turn of the event loop leave in one write and are answered in one: waking the other side is dear.
 * COPY cannot share a pipeline, so it waits for what is under way and keeps others waiting.
 */
export class Connection {
  readonly #client: pg.ClientBase;
  readonly #names: StatementNames;
  readonly #prepared = new PreparedStatements();
  #asked: Asked[] = [];
  #timeoutMs = 0;
  #inFlight = 0;
  #idle: (() => void)[] = [];
  #copying: Promise<void> | undefined;
  #cursors = 0;

  constructor(client: pg.ClientBase, names: StatementNames) {
    this.#client = client;
    this.#names = names;
  }

  /**
   * @param parameters undefined for a text that goes by itself, and may hold several statements
   * @param timeoutMs of the server; we wait a little longer before we give the connection up
   */
  async send<Row extends object>(
    text: string,
    parameters: readonly Parameter[] | undefined,
    timeoutMs: number,
  ): Promise<Answer<Row>> {
    if (this.#copying !== undefined) await this.#copying;
    const statement = parameters && statementOf(text, parameters, this.#names);
    return statement === undefined
      ? await this.#sendAlone<Row>(text, timeoutMs)
      : ((await this.#enqueue(statement, timeoutMs)) as Answer<Row>);
  }

  #enqueue(statement: Statement, timeoutMs: number): Promise<Answer<object>> {
    if (this.#asked.length === 0) {
      this.#inFlight += 1;
      process.nextTick(() => this.#flush());
    }
    this.#timeoutMs = Math.max(this.#timeoutMs, timeoutMs);
    return new Promise((resolve, reject) => {
      this.#asked.push({ statement, resolve, reject });
    });
  }

  #flush(): void {
    if (this.#asked.length === 0) return; // a statement that goes alone took them along
    const asked = this.#asked;
    this.#asked = [];
    const timer = setTimeout(() => {
      batch.handleError(new DatabaseFault("ERR_DATABASE_TIMEOUT", { message: "no answer" }));
      this.#stream.destroy();
    }, this.#timeoutMs + ANSWER_GRACE_MS);
    this.#timeoutMs = 0;
    const batch = new Batch(asked, this.#prepared, () => {
      clearTimeout(timer);
      this.#ended();
    });
    this.#client.query(batch as unknown as pg.Submittable);
  }

  /** A text without values, which may hold several statements. */
  async #sendAlone<Row extends object>(text: string, timeoutMs: number): Promise<Answer<Row>> {
    const stream = this.#stream;
    stream.cork();
    process.nextTick(() => stream.uncork());
    this.#flush();
    this.#inFlight += 1;
    try {
      const config = { text, query_timeout: timeoutMs + ANSWER_GRACE_MS };
      const result = await this.#client.query<Row>(config);
      return { rows: result.rows, rowCount: result.rowCount ?? 0, command: result.command };
    } catch (error) {
      throw databaseFault(error);
    } finally {
      this.#ended();
    }
  }

  get #stream(): Writable {
    return (this.#client as unknown as { readonly connection: { readonly stream: Writable } }).connection.stream;
  }

  #ended(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) for (const wake of this.#idle.splice(0)) wake();
  }

  /** Resolves when every statement sent so far has been answered. */
  async settled(): Promise<void> {
    while (this.#inFlight > 0 || this.#copying !== undefined) {
      await (this.#copying ?? this.#answered());
    }
  }

  async #answered(): Promise<void> {
    while (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async copyFrom(text: string, rows: CopySource): Promise<number> {
    return await this.#alone(async () => {
      const stream = this.#client.query(copyFromStream(text));
      await pipeline(Readable.from(rows, { objectMode: true }), stream);
      return stream.rowCount;
    });
  }

  async *copyTo(text: string): AsyncGenerator<Buffer, void, undefined> {
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
    const { promise: started, resolve: start, reject: fail } = Promise.withResolvers<Readable>();
    const whole = this.#alone(async () => {
      start(this.#client.query(copyToStream(text)));
      await finished;
    });
    whole.catch(fail);
    const stream = await started;
    try {
      for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
    } catch (error) {
      throw databaseFault(error);
    } finally {
      // Leaving early: what the server still sends is read and dropped, so that the connection stays usable.
      if (!stream.readableEnded && !stream.errored) await drain(stream);
      finish();
      await whole;
    }
  }

  /** Rows of a cursor, the next batch asked for while the caller works on this one. */
  async *stream<Row extends object>(
    text: string,
    values: readonly unknown[],
    options: StreamOptions & { readonly timeoutMs: number },
  ): AsyncGenerator<Row, void, undefined> {
    const batchRows = options.batchRows ?? DEFAULT_STREAM_BATCH_ROWS;
    assert(
      Number.isInteger(batchRows) && batchRows > 0 && batchRows <= MAX_STREAM_BATCH_ROWS,
      `batchRows must be 1 to ${MAX_STREAM_BATCH_ROWS}`,
    );
    this.#cursors += 1;
    const cursor = `zt_cursor_${this.#cursors}`;
    await this.send(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${text}`, values.map(toParameter), options.timeoutMs);
    const fetch = () => this.send<Row>(`FETCH FORWARD ${batchRows} FROM ${cursor}`, undefined, options.timeoutMs);
    let next = fetch();
    try {
      while (true) {
        const { rows } = await next;
        const last = rows.length < batchRows;
        if (!last) {
          next = fetch();
          next.catch(() => undefined); // seen when it is awaited
        }
        yield* rows;
        if (last) return;
      }
    } finally {
      await next.catch(() => undefined);
      await this.send(`CLOSE ${cursor}`, undefined, options.timeoutMs).catch(() => undefined);
    }
  }

  /** Runs a COPY on the bare connection: pipeline mode is left for its duration, when nothing is under way. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const earlier = this.#copying;
    this.#copying = promise; // from here on, others wait: the order of the calls is kept
    await earlier;
    await this.#answered();
    const client = this.#client as pg.ClientBase & { pipeline: boolean };
    client.pipeline = false;
    try {
      return await work();
    } catch (error) {
      throw databaseFault(error);
    } finally {
      client.pipeline = true;
      if (this.#copying === promise) this.#copying = undefined;
      resolve();
    }
  }
}

async function drain(stream: Readable): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.once("end", resolve);
    stream.once("error", () => resolve());
    stream.once("close", resolve);
    stream.resume();
  });
}
