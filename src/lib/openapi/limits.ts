/** A description of a foreign service, as text. */
export const DOCUMENT_MAX_CHARACTERS = 1024 * 1024;
/** Values in it, those that an alias of YAML repeats counted each time. */
export const DOCUMENT_MAX_VALUES = 100_000;
export const DOCUMENT_MAX_DEPTH = 64;
/** Values of YAML that may be repeated by name. */
export const YAML_ALIASES_MAX = 100;
export const OPERATIONS_MAX = 500;
/** References that are followed from one to the next. */
export const REFERENCES_MAX = 16;
/** A regular expression in a schema. */
export const PATTERN_MAX_CHARACTERS = 300;
/** Parts of one pattern that repeat without an end: with the bound of a body they bound the time that a text can take. */
export const PATTERN_REPEATS_MAX = 3;
/** A text that is compared with a pattern. */
export const PATTERN_TEXT_MAX_CHARACTERS = 2_000;
/** Problems that one check tells. */
export const PROBLEMS_MAX = 10;
