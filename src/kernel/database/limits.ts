/** Every limit of the database layer, in one place. */

export const OLDEST_SERVER_VERSION = 18;

export const DEFAULT_POOL_SIZE = 10;
export const MAX_POOL_SIZE = 200;
/** How long a caller waits for a free connection. */
export const CONNECTION_WAIT_TIMEOUT_MS = 10_000;
export const CONNECT_TIMEOUT_MS = 5_000;
export const IDLE_CONNECTION_TIMEOUT_MS = 60_000;

export const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000;
/**
 * An open write transaction anywhere in the cluster holds back the snapshot behind which the ledger's sequencer reads,
 * so none may stay open for long.
 */
export const DEFAULT_TRANSACTION_TIMEOUT_MS = 60_000;
export const DEFAULT_IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
/** The longest that a transaction may ask for: migrations, imports, backups. */
export const LONG_TRANSACTION_TIMEOUT_MS = 24 * 3_600_000;
/** How much longer than the server's own timeout we wait for its answer. */
export const ANSWER_GRACE_MS = 5_000;

/** Attempts after the first, of a transaction that met a serialization failure, a deadlock or a stale plan. */
export const TRANSACTION_RETRIES = 4;
export const TRANSACTION_RETRY_BASE_DELAY_MS = 4;

/** Texts that are prepared; texts beyond this number are sent unprepared. */
export const PREPARED_STATEMENT_LIMIT = 1_000;
/** Texts seen once that are remembered, to tell whether they come again. */
export const STATEMENT_MEMORY_LIMIT = 4_000;

export const DEFAULT_STREAM_BATCH_ROWS = 500;
export const MAX_STREAM_BATCH_ROWS = 10_000;

export const LISTEN_RETRY_DELAY_MS = 500;
export const LISTEN_MAX_RETRY_DELAY_MS = 10_000;

export const CLOSE_TIMEOUT_MS = 10_000;

export const MIGRATION_FILE_LIMIT_BYTES = 1_000_000;
