/** Every limit of the registers, in one place. `MAX_PAGE_ENTRIES` stands with the handle that rooms see. */

export const DEFAULT_PAGE_ENTRIES = 50;
/** A value by which entries are looked up; more would not fit into an index. */
export const LOOKUP_MAX_CHARACTERS = 500;
/** The JSON of one version, sensitive or not. */
export const VERSION_MAX_BYTES = 256 * 1024;
/** Versions of one entry that a history shows. */
export const HISTORY_MAX_VERSIONS = 1_000;
/** Entries that one act remembers having read, to notice that another writer was faster. */
export const SEEN_MAX_ENTRIES = 10_000;
/** Legal bases that are kept read. There are few: a citation per kind of act. */
export const LEGAL_BASES_MAX_KEPT = 10_000;
/** Hits of a name that are sorted; with more, the names are walked in their order instead. */
export const SEARCH_MAX_SORTED_HITS = 20_000;

/** Rows that are checked and sealed in one go. */
export const READY_BATCH_ROWS = 500;
/** Rows that are brought into a live register together. */
export const IMPORT_BATCH_ROWS = 4_000;
/** How often other writers may be faster than one batch before the import gives up. */
export const IMPORT_OVERTAKEN_MAX = 20;
/** Below this, an import is done before threads were up. */
export const SEALING_ROWS_WITHOUT_THREADS = 5_000;
export const SEALING_MAX_THREADS = 4;
/** Of each thread's young objects: enough that rows are gone before they would be moved to the old ones. */
export const SEALING_YOUNG_OBJECTS_MIB = 96;
/** Batches that each thread has before it, so that none waits. */
export const SEALING_BATCHES_AHEAD = 2;
/** Problems of an import that are reported; what follows is not looked at any more. */
export const IMPORT_MAX_PROBLEMS = 100;
/** Fewer rows than this do not change what the planner should know. */
export const ANALYZE_MIN_ROWS = 1_000;
/** Nor does less than this share of what is there; autovacuum sees to smaller ones. */
export const ANALYZE_MIN_SHARE = 0.2;
export const EXPORT_BATCH_ROWS = 1_000;
export const IMPORT_LINE_MAX_CHARACTERS = 1_000_000;
export const CSV_MAX_COLUMNS = 500;
/** A quoted field may go on over lines; an unclosed quote must not swallow the file. */
export const CSV_RECORD_MAX_LINES = 200;
