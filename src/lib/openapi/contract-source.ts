import type { DescribedOperation, OpenApiDocument, Parameter } from "./document.ts";
import { isJsonType } from "./media-type.ts";
import type { PlainSchema } from "./schema-dialect.ts";
import { LIST_BOUND, TEXT_BOUND, zodSource } from "./zod-source.ts";

/** The bounds that the written contract gives where the document says none. */
const TEXT_MAX_CHARACTERS = 10_000;
const LIST_MAX = 1_000;

export interface ContractNames {
  /** The room's id: `pet-store`. */
  readonly id: string;
  /** The department that answers for the service. */
  readonly steward: string;
}

/**
 * The `contract.ts` of a room that stands for a foreign service: an operation for each of its own, with the same input and output,
 * and which request each stands for. What the document says in one language stands in both until someone translates it.
 */
export function contractSource(document: OpenApiDocument, { id, steward }: ContractNames): string {
  const constant = camelCase(id.split("-"));
  const definitions = writeDefinitions(document);
  const operations = namedOperations(document.operations);
  const write = (schema: PlainSchema | boolean | undefined) => zodSource(schema, definitions);
  const written = operations.map(([name, operation]) => `${name}: ${operationSource(operation, write)},`);
  const requests = operations.map(([name, operation]) => `${name}: ${requestSource(operation)},`);
  const [major = "1", minor = "0"] =
    /^v?(\d+)(?:\.(\d+))?/
      .exec(document.version)
      ?.slice(1, 3)
      .map((part) => part ?? "0") ?? [];
  const title = document.title || id;
  const source = `
    defineContract({
      id: ${JSON.stringify(id)},
      version: "${Number(major) === 0 ? "1.0" : `${Number(major)}.${Number(minor)}`}",
      title: ${bothSource(title)},
      steward: ${bothSource(steward)},
      operations: { ${written.join("\n")} },
    });`;
  const all = [...definitions.sources, source].join("\n");
  const kinds = ["command", "query"].filter((kind) => all.includes(`: ${kind}({`));
  return `
import { z } from "zod";
import { ${[...kinds, "defineContract"].sort().join(", ")} } from "#kernel/contract/contract";
import { text } from "#lib/language/text";

${all.includes(TEXT_BOUND) ? `/** Where the service's document gives no bound for a text. */\nconst ${TEXT_BOUND} = ${grouped(TEXT_MAX_CHARACTERS)};` : ""}
${all.includes(LIST_BOUND) ? `/** Where the service's document gives no bound for a list. */\nconst ${LIST_BOUND} = ${grouped(LIST_MAX)};` : ""}

${definitions.sources.join("\n")}

/** ${commentText(title)}: made from its OpenAPI document (version ${commentText(document.version)}). */
export const ${constant} = ${source.trim()}

/**
 * The request that each operation stands for, and where the members of its input stand in it: \`requestTo\` of
 * \`#lib/openapi/request-to\` makes of one and its input what \`exchange.askProvider\` and \`exchange.tellProvider\` take.
 */
export const ${constant}Requests = { ${requests.join("\n")} } as const;
`;
}

function grouped(value: number): string {
  return value.toString().replace(/\B(?=(?:\d{3})+$)/g, "_");
}

/** Definitions as constants, each after those that it needs. One that refers back to itself is read late, and then typed as unknown. */
function writeDefinitions(document: OpenApiDocument) {
  const names = new Map<string, string>();
  for (const definition of Object.keys(document.schemas)) {
    names.set(definition, unused(pascalCase(words(definition)), new Set(names.values())));
  }
  const state = new Map<string, "being written" | "written">();
  const sources: string[] = [];
  const constantOf = (definition: string): string | undefined => {
    const name = names.get(definition);
    const schema = document.schemas[definition];
    if (name === undefined || schema === undefined) return undefined;
    if (state.get(definition) === "being written") return `z.lazy((): z.ZodType => ${name})`;
    if (state.get(definition) === undefined) {
      state.set(definition, "being written");
      sources.push(`const ${name} = ${zodSource(schema, { constantOf })};`);
      state.set(definition, "written");
    }
    return name;
  };
  return { sources, constantOf };
}

/** What changes something is a message to the exchange: the case that waits is told what came of it (design, section 3, doors). */
const SENT = "z.object({ messageId: z.uuid() })";

type Write = (schema: PlainSchema | boolean | undefined) => string;

function operationSource(operation: DescribedOperation, write: Write): string {
  const { method, summary, id, path } = operation;
  const isQuery = method === "GET" || method === "HEAD" || method === "OPTIONS";
  const input = [
    ...inputParameters(operation).map(
      ([name, { schema, required }]) => `${JSON.stringify(name)}: ${write(schema)}${required ? "" : ".optional()"}`,
    ),
    ...(operation.body === undefined
      ? []
      : [`body: ${write(jsonContent(operation.body.contents))}${operation.body.required ? "" : ".optional()"}`]),
  ];
  return `${isQuery ? "query" : "command"}({
    title: ${bothSource(summary ?? id ?? `${method} ${path}`)},
    audience: ["node"],
    input: z.object({ ${input.join(", ")} }),
    output: ${isQuery ? outputSource(operation, write) : SENT},
    refusals: { ${isQuery ? refusalSources(operation).join("\n") : ""} },
    legalBasis: [],
  })`;
}

/** By the name that each has in the input: its own, or with its place before it where two share one. */
function inputParameters({ parameters }: DescribedOperation): readonly (readonly [string, Parameter])[] {
  const taken = new Set(["body"]);
  return parameters.map((parameter) => {
    const name = taken.has(parameter.name) ? `${parameter.in}-${parameter.name}` : parameter.name;
    taken.add(name);
    return [name, parameter];
  });
}

function outputSource(operation: DescribedOperation, write: Write): string {
  const done = [...operation.answers]
    .filter(([status]) => /^2/.test(status))
    .map(([, { contents }]) => jsonContent(contents));
  const described = done.filter((schema) => schema !== undefined);
  return described.length === 0
    ? "z.object({})"
    : described.length === 1
      ? write(described[0])
      : `z.union([${described.map(write).join(", ")}])`;
}

function jsonContent(
  contents: ReadonlyMap<string, PlainSchema | boolean | undefined>,
): PlainSchema | boolean | undefined {
  for (const [type, schema] of contents) if (isJsonType(type) || type === "*/*") return schema ?? true;
  return undefined;
}

/** Each error that the document describes is a refusal. */
function refusalSources({ answers }: DescribedOperation): readonly string[] {
  return [...answers].flatMap(([status, { description }]) => {
    if (!/^4\d\d$/.test(status)) return [];
    const told = description || `HTTP ${status}`;
    return [
      `"status-${status}": text(${JSON.stringify(`对方系统答复 ${status}：${told}`)}, ${JSON.stringify(`The other system answered ${status}: ${told}`)}),`,
    ];
  });
}

function requestSource(operation: DescribedOperation): string {
  const places = inputParameters(operation).map(([name, one]) => {
    const written = one.json ? `, as: "json"` : one.in !== "query" || one.explode ? "" : `, as: "joined"`;
    return `${JSON.stringify(name)}: { name: ${JSON.stringify(one.name)}, in: "${one.in}"${written} }`;
  });
  return `{ method: "${operation.method}", path: ${JSON.stringify(operation.path)}, parameters: { ${places.join(", ")} } }`;
}

function namedOperations(
  operations: readonly DescribedOperation[],
): readonly (readonly [string, DescribedOperation])[] {
  const taken = new Set<string>();
  return operations.map((operation) => {
    const own = operation.id === undefined ? [operation.method, ...operation.path.split("/")] : [operation.id];
    const name = unused(camelCase(own.flatMap(words)), taken);
    taken.add(name);
    return [name, operation];
  });
}

function words(value: string): readonly string[] {
  return value
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z\d]+/)
    .filter((word) => word !== "");
}

function pascalCase(parts: readonly string[]): string {
  const name = parts.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join("");
  return /^[A-Za-z]/.test(name) && !RESERVED_TYPES.has(name) ? name : `Schema${name}`;
}

function camelCase(parts: readonly string[]): string {
  const name = parts
    .map((word, index) =>
      index === 0 ? word.toLowerCase() : `${word.charAt(0).toUpperCase()}${word.slice(1).toLowerCase()}`,
    )
    .join("");
  return /^[a-z]/.test(name) && !RESERVED.has(name) ? name : `do${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** Words that a constant cannot be called, and names that the file itself uses. */
const RESERVED = new Set(
  "break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static await async of z text query command".split(
    " ",
  ),
);
const RESERVED_TYPES = new Set([
  "RegExp",
  "Object",
  "Array",
  "String",
  "Number",
  "Boolean",
  "Date",
  "Map",
  "Set",
  "Error",
  "Symbol",
  "Promise",
]);

function unused(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number++) if (!taken.has(`${name}${number}`)) return `${name}${number}`;
}

function bothSource(words: string): string {
  return `text(${JSON.stringify(words)}, ${JSON.stringify(words)})`;
}

function commentText(value: string): string {
  return value.replaceAll("*/", "* /").replace(/\s+/g, " ");
}
