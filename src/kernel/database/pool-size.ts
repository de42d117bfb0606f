import { availableParallelism } from "node:os";

/**
 * Connections of a node's pool. More than this do not make so many processors quicker: each is a process of a dozen megabytes with plans
 * and a picture of the tables of its own, which PostgreSQL makes anew. None that is held waits for another.
 */
const CONNECTIONS_A_PROCESSOR = 4;
const POOL_MIN = 8;
const POOL_MAX = 20;

export function nodePoolSize(processors = availableParallelism()): number {
  return Math.min(POOL_MAX, Math.max(POOL_MIN, CONNECTIONS_A_PROCESSOR * processors));
}
