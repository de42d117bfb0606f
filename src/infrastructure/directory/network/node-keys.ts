import { Fault } from "#kernel/errors/fault";
import type { NodeKeys } from "#kernel/ports";
import "../faults.ts";

const provided = new Map<string, NodeKeys>();

/** Gives the room the keys of a node, by its code; a node that is opened anew in the same process gives its own. */
export function provideNodeKeys(node: string, keys: NodeKeys): void {
  provided.set(node, keys);
}

/** @throws {Fault} ERR_DIRECTORY_NO_KEYS where nobody gave them */
export function nodeKeysOf(node: string): NodeKeys {
  const keys = provided.get(node);
  if (keys === undefined) throw new Fault("ERR_DIRECTORY_NO_KEYS", { message: node });
  return keys;
}
