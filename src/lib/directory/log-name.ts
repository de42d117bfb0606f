import type { NodeEntry } from "./entries.ts";

/** The name of a log in a line with its key. */
export function logNameOf(verifierKey: string): string {
  return verifierKey.slice(0, verifierKey.indexOf("+"));
}

/** A log that an entry names and another node has, of whatever state: names of logs are not given again. */
export function takenLog(
  entry: Pick<NodeEntry, "code" | "logKeys">,
  nodes: readonly Pick<NodeEntry, "code" | "logKeys">[],
): { readonly log: string; readonly node: string } | undefined {
  const wanted = new Set(entry.logKeys.map(logNameOf));
  for (const { code, logKeys } of nodes) {
    const log = code === entry.code ? undefined : logKeys.map(logNameOf).find((name) => wanted.has(name));
    if (log !== undefined) return { log, node: code };
  }
  return undefined;
}
