/** The largest file that the store keeps: it is held in memory while it is sealed. */
export const FILE_MAX_BYTES = 50 * 1024 * 1024;
export const FILE_NAME_MAX_CHARACTERS = 200;
/** Orphans are younger than this while the transaction that will name them runs. */
export const ORPHAN_MIN_AGE_MS = 3_600_000;
/** Digests that are asked about together while sweeping. */
export const SWEEP_BATCH_FILES = 500;
export const CLAMD_TIMEOUT_MS = 30_000;
export const CLAMD_CHUNK_BYTES = 64 * 1024;
export const CLAMD_ANSWER_MAX_BYTES = 4_096;
