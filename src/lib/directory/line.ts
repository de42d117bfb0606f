import type { NodeEntry } from "./entries.ts";

/** A directory is never deeper; a circle by mistake ends as well. */
const DEPTH_MAX = 100;

/** Whether one of two nodes stands above the other, however far: what is aggregated or given back by law goes along such a line alone. */
export function standInLine(
  nodeOf: (code: string) => Pick<NodeEntry, "above"> | undefined,
  one: string,
  other: string,
) {
  return one !== other && (isAbove(nodeOf, one, other) || isAbove(nodeOf, other, one));
}

function isAbove(nodeOf: (code: string) => Pick<NodeEntry, "above"> | undefined, high: string, low: string): boolean {
  let code = nodeOf(low)?.above;
  for (let depth = 0; code !== undefined && depth < DEPTH_MAX; depth++) {
    if (code === high) return true;
    code = nodeOf(code)?.above;
  }
  return false;
}
