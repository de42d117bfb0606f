/** Every limit of data sets, in one place. */

/** Versions of one page, or of one batch of changes, on its way between nodes. */
export const PAGE_VERSIONS = 4_000;
export const CHANGES_POSITIONS = 5_000;
/** Versions that a repair asks for in one call. */
export const REPAIR_VERSIONS = 1_000;
/** Versions that one reconciliation repairs; with more at odds the copy is filled anew. */
export const REPAIR_MAX_VERSIONS = 20_000;
/** The versions of one parcel: so that they, in base64, fit an answer of the exchange. One version alone has a bound of its own. */
export const PARCEL_BYTES = 2_600_000;
/** The same in base64, as it travels. */
export const PARCEL_MAX_CHARACTERS = 3_800_000;
export const ATTRIBUTES_MAX = 200;
/** As the catalogue counts matters. */
export const GRANT_NUMBER_MAX = 999_999_999;
/** Purposes that a grant names. */
export const GRANT_PURPOSES_MAX = 10;
export const CITATIONS_MAX = 20;
export const CITATIONS_IN_PARCEL_MAX = 1_000;
export const NAME_LENGTH_MAX = 200;
/** An authority, an act, the name of a law in a parcel. */
export const TEXT_LENGTH_MAX = 4_000;
export const LIST_LENGTH = 100;
export const FOUND_MAX = 100;
/** After a failure a copy is left alone, twice as long each time. */
export const RETRY_FIRST_SECONDS = 5;
export const RETRY_LONGEST_SECONDS = 600;
/** Steps that tending one copy takes before others have their turn. */
export const STEPS_MAX = 500;
/** How often a copy is held against its source, without anybody asking. */
export const RECONCILE_EVERY_MS = 24 * 3_600_000;
/** For how long changes are kept for whoever is behind. */
export const KEEP_CHANGES_DAYS = 30;
