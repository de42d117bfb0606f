/** Every limit of feeds, in one place. */

/** Changes that get their positions in one transaction. */
export const ROUND_MAX_CHANGES = 20_000;
/** Rounds of one call: a bulk import is many. */
export const ROUNDS_MAX = 10_000;
/** Positions that one answer goes forward. */
export const CHANGES_MAX_POSITIONS = 5_000;
/** Versions of one page of a snapshot; the versions of its last entry come all. */
export const PAGE_MAX_VERSIONS = 4_000;
/** Positions behind the newest for which summaries are still told: what changed since is counted back. */
export const BACKWARD_MAX_POSITIONS = 200_000;
/** Leaves of a feed without divisions: 65,536. */
export const LEAF_BITS = 16;
/** Of a feed by divisions: 4,096 in each. */
export const LEAF_BITS_DIVIDED = 12;
/** Changes that one transaction forgets. */
export const TRIM_BATCH_CHANGES = 50_000;
