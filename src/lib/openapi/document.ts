import type { Json } from "#lib/json/canonical";
import { OPERATIONS_MAX } from "./limits.ts";
import { isObject, type JsonObject, plainValue, pointerPart } from "./plain-value.ts";
import { OpenApiError, type OpenApiProblem } from "./problem.ts";
import { resolved } from "./references.ts";
import { type PlainSchema, plainSchema } from "./schema-dialect.ts";

export const OPENAPI_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
export type OpenApiMethod = (typeof OPENAPI_METHODS)[number];

/** A parameter whose value is one word or a list of words. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: PlainSchema | boolean;
  /** Of a list: whether each member stands by itself (`a=1&a=2`), or all in one (`a=1,2`). */
  readonly explode: boolean;
  /** Its value is a JSON text. */
  readonly json: boolean;
}

/** By media type; undefined where its content is not described by a schema. */
export type Contents = ReadonlyMap<string, PlainSchema | boolean | undefined>;

export interface DescribedOperation {
  readonly method: OpenApiMethod;
  /** As in the document: `/pets/{petId}`. */
  readonly path: string;
  readonly id: string | undefined;
  readonly summary: string | undefined;
  readonly parameters: readonly Parameter[];
  /** Undefined: it takes no body. */
  readonly body: { readonly required: boolean; readonly contents: Contents } | undefined;
  /** By `200`, `4XX` or `default`. */
  readonly answers: ReadonlyMap<string, { readonly description: string; readonly contents: Contents }>;
}

/** A foreign service as its own document describes it. */
export interface OpenApiDocument {
  readonly title: string;
  readonly version: string;
  readonly operations: readonly DescribedOperation[];
  /** Schemas that others refer to, as `#/$defs/name`. */
  readonly schemas: Readonly<Record<string, PlainSchema | boolean>>;
  /** The document as it was read, without anything that it does not say. */
  readonly source: JsonObject;
}

/**
 * Reads an OpenAPI 3.0 or 3.1 document, JSON or YAML. Only its own `#/components` are referred to; nothing is fetched.
 * @returns the document, or why it is not taken
 */
export function readOpenApi(source: string): OpenApiDocument | { readonly problem: OpenApiProblem } {
  try {
    return documentOf(plainValue(source));
  } catch (error) {
    if (error instanceof OpenApiError) return { problem: error.problem };
    throw error;
  }
}

function documentOf(value: Json): OpenApiDocument {
  if (!isObject(value)) throw new OpenApiError("#", "文档须为对象", "The document must be an object");
  const version = value["openapi"];
  if (typeof version !== "string" || !/^3\.[01]\.\d+$/.test(version)) {
    throw new OpenApiError("#/openapi", "须为 OpenAPI 3.0 或 3.1 文档", "It must be a document of OpenAPI 3.0 or 3.1");
  }
  const info = isObject(value["info"]) ? value["info"] : {};
  const operations = operationsOf(value);
  if (operations.length === 0) throw new OpenApiError("#/paths", "文档中没有操作", "The document has no operation");
  if (operations.length > OPERATIONS_MAX)
    throw new OpenApiError("#/paths", `操作超过 ${OPERATIONS_MAX} 个`, `It has more than ${OPERATIONS_MAX} operations`);
  return {
    title: textOf(info["title"]) ?? "",
    version: textOf(info["version"]) ?? "",
    operations,
    schemas: schemasOf(value),
    source: value,
  };
}

function schemasOf(document: JsonObject): Readonly<Record<string, PlainSchema | boolean>> {
  const components = document["components"];
  const schemas = isObject(components) && isObject(components["schemas"]) ? components["schemas"] : {};
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      plainSchema(document, schema, `#/components/schemas/${pointerPart(name)}`),
    ]),
  );
}

function operationsOf(document: JsonObject): readonly DescribedOperation[] {
  const paths = document["paths"];
  if (!isObject(paths)) throw new OpenApiError("#/paths", "缺少 paths", "There are no paths");
  return Object.entries(paths).flatMap(([path, value]) => {
    if (path.startsWith("x-")) return [];
    const where = `#/paths/${pointerPart(path)}`;
    if (!path.startsWith("/") || path.includes("?") || path.includes("#"))
      throw new OpenApiError(where, "路径须以 / 开头", "A path begins with /");
    const item = resolved(document, value, where);
    return OPENAPI_METHODS.flatMap((method) => {
      const operation = item[method.toLowerCase()];
      if (operation === undefined) return [];
      return [operationOf(document, { method, path, item, operation, where: `${where}/${method.toLowerCase()}` })];
    });
  });
}

interface Described {
  readonly method: OpenApiMethod;
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: Json;
  readonly where: string;
}

function operationOf(document: JsonObject, described: Described): DescribedOperation {
  const { method, path, item, where } = described;
  const operation = resolved(document, described.operation, where);
  const body = operation["requestBody"];
  return {
    method,
    path,
    id: textOf(operation["operationId"]),
    summary: textOf(operation["summary"]),
    parameters: parametersOf(document, [...listOf(item["parameters"]), ...listOf(operation["parameters"])], where),
    body: body === undefined ? undefined : bodyOf(document, resolved(document, body, `${where}/requestBody`), where),
    answers: answersOf(document, operation["responses"], where),
  };
}

/** Of several of one name and place the last counts: those of an operation come after those of its path. */
function parametersOf(document: JsonObject, listed: readonly Json[], where: string): readonly Parameter[] {
  const found = new Map<string, Parameter>();
  for (const [index, one] of listed.entries()) {
    const place = `${where}/parameters/${index}`;
    const parameter = resolved(document, one, place);
    const { name, in: location } = parameter;
    if (typeof name !== "string") throw new OpenApiError(place, "参数没有名称", "The parameter has no name");
    if (location === "cookie") continue;
    if (location !== "path" && location !== "query" && location !== "header") {
      throw new OpenApiError(place, "参数位置不明", "It is not said where the parameter stands");
    }
    const content = parameter["content"];
    const json = isObject(content);
    const media = json ? Object.values(content)[0] : undefined;
    const schema = plainSchema(
      document,
      (json ? isObject(media) && media["schema"] : parameter["schema"]) || {},
      `${place}/schema`,
    );
    found.set(`${location} ${name}`, {
      name,
      in: location,
      required: location === "path" || parameter["required"] === true,
      schema,
      explode: typeof parameter["explode"] === "boolean" ? parameter["explode"] : location === "query",
      json,
    });
  }
  return [...found.values()];
}

function bodyOf(document: JsonObject, body: JsonObject, where: string) {
  return {
    required: body["required"] === true,
    contents: contentsOf(document, body["content"], `${where}/requestBody/content`),
  };
}

function answersOf(document: JsonObject, value: Json | undefined, where: string): DescribedOperation["answers"] {
  const answers = isObject(value) ? value : {};
  return new Map(
    Object.entries(answers)
      .filter(([status]) => /^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status))
      .map(([status, one]) => {
        const place = `${where}/responses/${status}`;
        const answer = resolved(document, one, place);
        return [
          status,
          {
            description: textOf(answer["description"]) ?? "",
            contents: contentsOf(document, answer["content"], place),
          },
        ];
      }),
  );
}

function contentsOf(document: JsonObject, value: Json | undefined, where: string): Contents {
  if (!isObject(value)) return new Map();
  return new Map(
    Object.entries(value).map(([type, media]) => {
      const schema = isObject(media) ? media["schema"] : undefined;
      const plain =
        schema === undefined ? undefined : plainSchema(document, schema, `${where}/${pointerPart(type)}/schema`);
      return [type.toLowerCase().split(";", 1)[0]?.trim() ?? "", plain];
    }),
  );
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
