import type { DescribedOperation } from "./document.ts";

/** Values of the parameters in a path, by name, still percent-encoded. */
export type PathValues = Readonly<Record<string, string>>;

export interface PathPattern {
  readonly operation: DescribedOperation;
  readonly segments: readonly Segment[];
}

type Segment =
  | { readonly literal: string }
  | { readonly before: string; readonly name: string; readonly after: string };

/** The paths of a document, those with more fixed words first: `/pets/mine` before `/pets/{petId}` (OpenAPI 3.1, Paths Object). */
export function pathPatterns(operations: readonly DescribedOperation[]): readonly PathPattern[] {
  const patterns = operations.map((operation) => ({
    operation,
    segments: operation.path.slice(1).split("/").map(segmentOf),
  }));
  const rank = ({ segments }: PathPattern) => segments.map((one) => ("literal" in one ? "0" : "1")).join("");
  return patterns.sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

const PARAMETER = /^([^{}]*)\{([^{}]+)\}([^{}]*)$/;

function segmentOf(segment: string): Segment {
  const [, before = "", name, after = ""] = PARAMETER.exec(segment) ?? [];
  return name === undefined ? { literal: segment } : { before, name, after };
}

/** The operation that an address is for. */
export function matchPath(
  patterns: readonly PathPattern[],
  method: string,
  path: string,
): { readonly operation: DescribedOperation; readonly values: PathValues } | undefined {
  const parts = (path === "" ? "/" : path).slice(1).split("/");
  for (const { operation, segments } of patterns) {
    if (operation.method !== method || segments.length !== parts.length) continue;
    const values = valuesOf(segments, parts);
    if (values) return { operation, values };
  }
  return undefined;
}

function valuesOf(segments: readonly Segment[], parts: readonly string[]): PathValues | undefined {
  const values: Record<string, string> = Object.create(null);
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? "";
    if ("literal" in segment) {
      if (part !== segment.literal) return undefined;
      continue;
    }
    const { before, name, after } = segment;
    const isLong = part.length > before.length + after.length;
    if (!isLong || !part.startsWith(before) || !part.endsWith(after)) return undefined;
    values[name] = part.slice(before.length, part.length - after.length);
  }
  return values;
}
