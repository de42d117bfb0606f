import { parse } from "yaml";
import type { Json } from "#lib/json/canonical";
import { DOCUMENT_MAX_CHARACTERS, DOCUMENT_MAX_DEPTH, DOCUMENT_MAX_VALUES, YAML_ALIASES_MAX } from "./limits.ts";
import { OpenApiError } from "./problem.ts";

export type JsonObject = { readonly [name: string]: Json | undefined };

/**
 * A JSON or YAML text as plain data, within bounds of size, depth and number of values.
 * @throws OpenApiError
 */
export function plainValue(source: string): Json {
  if (source.length > DOCUMENT_MAX_CHARACTERS) {
    throw new OpenApiError(
      "#",
      `文档超过 ${DOCUMENT_MAX_CHARACTERS} 个字符`,
      `It is longer than ${DOCUMENT_MAX_CHARACTERS} characters`,
    );
  }
  return copied(parsed(source), { path: "#", depth: 0, budget: { values: DOCUMENT_MAX_VALUES } });
}

function parsed(source: string): unknown {
  try {
    return /^\s*[{[]/.test(source)
      ? JSON.parse(source)
      : parse(source, { maxAliasCount: YAML_ALIASES_MAX, schema: "core", uniqueKeys: true });
  } catch {
    throw new OpenApiError("#", "既不是有效的 JSON，也不是有效的 YAML", "It is neither valid JSON nor valid YAML");
  }
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly budget: { values: number };
}

function copied(value: unknown, place: Place): Json {
  place.budget.values -= 1;
  if (place.budget.values < 0)
    throw new OpenApiError("#", `值超过 ${DOCUMENT_MAX_VALUES} 个`, `It has more than ${DOCUMENT_MAX_VALUES} values`);
  if (place.depth > DOCUMENT_MAX_DEPTH)
    throw new OpenApiError(
      place.path,
      `嵌套超过 ${DOCUMENT_MAX_DEPTH} 层`,
      `It is nested deeper than ${DOCUMENT_MAX_DEPTH}`,
    );
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const within = (name: string | number): Place => ({
    path: `${place.path}/${pointerPart(String(name))}`,
    depth: place.depth + 1,
    budget: place.budget,
  });
  if (Array.isArray(value)) return value.map((one, index) => copied(one, within(index)));
  if (typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => {
        if (name === "__proto__")
          throw new OpenApiError(place.path, "不允许名为 __proto__ 的成员", "A member may not be named __proto__");
        return [name, copied(held, within(name))];
      }),
    );
  }
  throw new OpenApiError(place.path, "此值不能用 JSON 表示", "This value has no form in JSON");
}

/** A name as a JSON Pointer writes it (RFC 6901). */
export function pointerPart(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Whether a value is an object of named members. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
