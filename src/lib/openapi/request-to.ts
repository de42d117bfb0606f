/** Where a member of an operation's input stands in the request that the operation stands for. */
interface Place {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  /** A JSON text, or a list with commas; absent: each value by itself. */
  readonly as?: "json" | "joined";
}

/** As `contract from-openapi` writes it. */
export interface RequestPlaces {
  readonly method: string;
  /** As in the document: `/pets/{petId}`. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, Place>>;
}

interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** A request to a foreign service, with values in their places. */
export interface ServiceRequest<M extends string> {
  readonly method: M;
  readonly path: string;
  readonly query: NamedValue[];
  readonly headers: NamedValue[];
  readonly body?: unknown;
}

/**
 * The request that an operation of a foreign service stands for.
 * @param input as the written contract has it: parameters by name, the body as `body`
 */
export function requestTo<P extends RequestPlaces>(
  { method, path, parameters }: P,
  input: Readonly<Record<string, unknown>>,
): ServiceRequest<P["method"]> {
  const query: NamedValue[] = [];
  const headers: NamedValue[] = [];
  let filled = path;
  for (const [member, place] of Object.entries(parameters)) {
    const given = input[member];
    const values = wordsOf(given, place);
    if (place.in === "query" && place.as === undefined && isObject(given)) {
      // Spread over its members (style `form`, explode).
      query.push(...Object.entries(given).flatMap(([name, value]) => named(name, wordsOf(value, place))));
    } else if (place.in === "query") query.push(...named(place.name, values));
    else if (values.length > 0) {
      const value = values.join(",");
      if (place.in === "header") headers.push({ name: place.name, value });
      else filled = filled.replaceAll(`{${place.name}}`, () => encodeURIComponent(value));
    }
  }
  const { body } = input;
  return { method, path: filled, query, headers, ...(body !== undefined && { body }) };
}

function named(name: string, values: readonly string[]): readonly NamedValue[] {
  return values.map((value) => ({ name, value }));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wordsOf(value: unknown, { as }: Place): readonly string[] {
  if (value === undefined) return [];
  if (as === "json") return [JSON.stringify(value)];
  if (!Array.isArray(value)) return [String(value)];
  return as === "joined" ? [value.map(String).join(",")] : value.map(String);
}
