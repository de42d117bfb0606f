/** Every limit of the ledger, in one place. */

/** Entries in one call of `append`. */
export const APPEND_MAX_ENTRIES = 1_000;
/** Whom one entry may concern; longer lists are several entries. */
export const ENTRY_MAX_SUBJECTS = 10_000;
/** The content of one entry, without its subjects. */
export const CONTENT_MAX_BYTES = 256 * 1024;

/** Entries in one round of the sequencer. A bound keeps each checkpoint quick, however long the queue. */
export const ROUND_MAX_ENTRIES = 4_096;
/**
 * From the begin of a round to that of the next while entries arrive. Each costs a signature, a commit and two round trips, however
 * few entries it has; an entry is to be provable within 100 ms.
 */
export const ROUND_INTERVAL_MS = 40;
/** The same when none was announced: another process may have written one. */
export const IDLE_INTERVAL_MS = 100;
/** How long after an announced entry its commit is looked for at the shorter interval. */
export const WAKE_WINDOW_MS = 1_000;
/** Before another attempt to become the one sequencer, or after a failed round. */
export const LOCK_RETRY_MS = 1_000;
/** How often it is told that the log's key is to be followed by another, and that this fails. */
export const NOT_FOLLOWED_INTERVAL_MS = 60_000;

/** How long `sequenceNow` waits for transactions that hold entries back. */
export const SEQUENCE_WAIT_MS = 30_000;
/** How soon it looks again whether they have ended. */
export const SEQUENCE_AGAIN_MS = 20;

/** The actor of entries that tell of the clock: by him they are found. */
export const CLOCK_ACTOR = "clock";

/** Records in one page. */
export const PAGE_MAX_RECORDS = 200;

/** Checkpoints read at once while verifying or exporting: few, so that the database reads on while we hash. */
export const VERIFY_CHECKPOINTS = 8;
/** Entries whose contents are read in one transaction while verifying. */
export const VERIFY_PART_ENTRIES = 16_384;
/** Of so many and more, contents are opened in threads: each takes a moment to start. */
export const VERIFY_ENTRIES_IN_THREADS = 100_000;
export const VERIFY_MAX_THREADS = 8;
/** What a thread may fill before it looks what of it is still needed: contents are opened, compared and forgotten. */
export const VERIFY_YOUNG_OBJECTS_MIB = 96;
/** Rows of subjects that are looked for at once while verifying. */
export const VERIFY_SUBJECT_ROWS = 1_000;
/** A verification stops listing after this many findings. */
export const VERIFY_MAX_FINDINGS = 1_000;
