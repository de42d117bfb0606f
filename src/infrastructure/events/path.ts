/** Levels that a directory has at most: centre, province, city, county, and what lies below. */
const MAX_LEVELS = 16;

/**
 * The next node on the way along the hierarchy: down where the destination lies below this node, up where not.
 * @returns undefined where there is no way: the directory does not know the destination, or its levels go in a circle
 */
export function nextHop(
  { self, above }: { readonly self: string; readonly above: (code: string) => string | undefined },
  destination: string,
): string | undefined {
  if (destination === self) return undefined;
  const own = upFrom(self, above);
  const theirs = upFrom(destination, above);
  if (own === undefined || theirs === undefined) return undefined;
  const place = theirs.indexOf(self);
  if (place > 0) return theirs[place - 1];
  // Without a node that is above both there is no way.
  return own.at(-1) === theirs.at(-1) ? own[1] : undefined;
}

/** The node and those above it. */
function upFrom(code: string, above: (code: string) => string | undefined): readonly string[] | undefined {
  const nodes: string[] = [];
  for (let at: string | undefined = code; at !== undefined; at = above(at)) {
    if (nodes.length === MAX_LEVELS || nodes.includes(at)) return undefined;
    nodes.push(at);
  }
  return nodes;
}
