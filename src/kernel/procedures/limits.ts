/** A BPMN file, in characters. */
export const PROCEDURE_SOURCE_LENGTH_MAX = 1_000_000;
export const PROCEDURE_SOURCES_MAX = 20;
/** Elements and flows of one procedure. */
export const PROCEDURE_ELEMENTS_MAX = 2_000;
/** Elements that one event may pass through before the case rests again: a loop without a wait passes it. */
export const ADVANCE_STEPS_MAX = 10_000;
/** Places where one case may rest at a time. */
export const CASE_TOKENS_MAX = 500;
/** Sub-processes and calls inside one another. */
export const SCOPE_DEPTH_MAX = 20;
/** Parallel instances of one user task. */
export const TASK_INSTANCES_MAX = 100;
/** A case's variables, as JSON. */
export const CASE_VARIABLES_LENGTH_MAX = 256_000;
/** Rows of one page of tasks, timers or history. */
export const PROCEDURE_PAGE_MAX = 500;
/** Compiled definitions that a process keeps at hand. */
export const PROCEDURE_CACHE_MAX = 500;
/** Cases that a process remembers after it moved them on, and how large the variables of such a case may be, as JSON. */
export const CASE_MEMORY_MAX = 1_000;
export const REMEMBERED_VARIABLES_LENGTH_MAX = 16_000;
/** Rules of contracts that a process keeps compiled. */
export const COMPILED_RULES_MAX = 1_000;
