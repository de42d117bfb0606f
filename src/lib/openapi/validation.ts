import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { fromUtf8 } from "#lib/crypto/bytes";
import type { Contents, DescribedOperation, OpenApiDocument, Parameter } from "./document.ts";
import { PATTERN_TEXT_MAX_CHARACTERS, PROBLEMS_MAX } from "./limits.ts";
import { isJsonType } from "./media-type.ts";
import { matchPath, type PathValues, pathPatterns } from "./path-match.ts";
import type { PlainSchema } from "./schema-dialect.ts";

/** What is wrong with a message, for whoever sent it: `body/name must be string`. */
export type MessageProblem = string;

export interface MessageBody {
  readonly mediaType: string | undefined;
  /** Undefined where the body is not held: what is not JSON streams by. */
  readonly bytes: Uint8Array | undefined;
}

/** A service's document, compiled: which operation a request is for, and what is wrong with messages of it. */
export interface OpenApiValidator {
  /** Undefined where the document has no such operation. */
  operationFor(method: string, path: string): MatchedOperation | undefined;
  requestProblems(matched: MatchedOperation, request: RequestParts): readonly MessageProblem[];
  /** Of answers with a status below 300: errors and redirects are the provider's own to word. */
  answerProblems(operation: DescribedOperation, status: number, body: MessageBody): readonly MessageProblem[];
  /** Compiles every schema of the document: what is wrong with the first that is none. */
  schemaProblem(): string | undefined;
}

export interface MatchedOperation {
  readonly operation: DescribedOperation;
  /** Still percent-encoded. */
  readonly values: PathValues;
}

export interface RequestParts {
  /** Without its question mark. */
  readonly query: string | undefined;
  readonly header: (name: string) => string | undefined;
  /** Undefined where there is none. */
  readonly body: MessageBody | undefined;
}

/** Compiles the schemas of a document, each when it is first needed. */
export function compileOpenApi(document: OpenApiDocument): OpenApiValidator {
  const compile = compiler(document);
  const patterns = pathPatterns(document.operations);
  return {
    operationFor: (method, path) => matchPath(patterns, method, path),
    requestProblems: (matched, request) =>
      [
        ...parameterProblems(compile, matched, request),
        ...bodyProblems(compile, matched.operation, request.body),
      ].slice(0, PROBLEMS_MAX),
    answerProblems: (operation, status, body) =>
      answerProblems(compile, operation, status, body).slice(0, PROBLEMS_MAX),
    schemaProblem() {
      try {
        for (const schema of schemasOf(document)) compile(schema);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

function schemasOf({ operations, schemas }: OpenApiDocument): readonly (PlainSchema | boolean)[] {
  const contents = operations.flatMap(({ body, answers }) => [
    ...(body?.contents.values() ?? []),
    ...[...answers.values()].flatMap(({ contents: held }) => [...held.values()]),
  ]);
  const parameters = operations.flatMap((operation) => operation.parameters.map(({ schema }) => schema));
  return [...Object.values(schemas), ...parameters, ...contents.filter((schema) => schema !== undefined)];
}

type Compile = (schema: PlainSchema | boolean) => ValidateFunction;

function compiler(document: OpenApiDocument): Compile {
  // Generated code sees one engine for all patterns, which does not look at long texts.
  const regExp = Object.assign((pattern: string, flags: string) => boundedPattern(new RegExp(pattern, flags)), {
    code: "boundedPattern",
  });
  const ajv = new Ajv2020({ strict: false, validateFormats: true, code: { regExp } });
  formats.default(ajv);
  const compiled = new Map<PlainSchema | boolean, ValidateFunction>();
  return (schema) => {
    let known = compiled.get(schema);
    if (known === undefined) {
      known = ajv.compile(typeof schema === "boolean" ? schema : { ...schema, $defs: document.schemas });
      compiled.set(schema, known);
    }
    return known;
  };
}

/** A pattern that no text beyond its bound fits. */
function boundedPattern(pattern: RegExp) {
  return {
    test: (value: string) => value.length <= PATTERN_TEXT_MAX_CHARACTERS && pattern.test(value),
    // The compiler tells patterns apart by it.
    toString: () => pattern.toString(),
  };
}

function told(validate: ValidateFunction, value: unknown, what: string): readonly MessageProblem[] {
  if (validate(value)) return [];
  return (validate.errors ?? [])
    .slice(0, PROBLEMS_MAX)
    .map(({ instancePath, message = "" }) => `${what}${instancePath} ${message}`);
}

/** Headers that the protocol or HTTP itself speaks of: a document's word on them does not count (OpenAPI 3.1, Parameter Object). */
const NOT_PARAMETERS = new Set(["accept", "content-type", "authorization"]);

function parameterProblems(
  compile: Compile,
  { operation, values }: MatchedOperation,
  request: RequestParts,
): readonly MessageProblem[] {
  const query = new URLSearchParams(request.query ?? "");
  const known = new Set(operation.parameters.filter((one) => one.in === "query").map(({ name }) => name));
  const open = operation.parameters.some((one) => one.in === "query" && !one.json && isObjectSchema(one.schema));
  const unknown = open ? [] : [...new Set(query.keys())].filter((name) => !known.has(name));
  return [
    ...unknown.slice(0, PROBLEMS_MAX).map((name) => `query/${name} is not a parameter of this operation`),
    ...operation.parameters.flatMap((parameter) => {
      if (parameter.in === "header" && NOT_PARAMETERS.has(parameter.name.toLowerCase())) return [];
      const given = givenWords(parameter, { values, query, header: request.header });
      const what = `${parameter.in}/${parameter.name}`;
      if (given === undefined) return [`${what} is not well-formed`];
      if (given.length === 0)
        return parameter.required && !(parameter.in === "query" && open && isObjectSchema(parameter.schema))
          ? [`${what} is required`]
          : [];
      return valueProblems(compile, parameter, given, what);
    }),
  ];
}

function givenWords(
  parameter: Parameter,
  from: { readonly values: PathValues; readonly query: URLSearchParams; readonly header: RequestParts["header"] },
): readonly string[] | undefined {
  if (parameter.in === "query") return from.query.getAll(parameter.name);
  if (parameter.in === "header") {
    const value = from.header(parameter.name.toLowerCase());
    return value === undefined ? [] : [value];
  }
  const value = from.values[parameter.name];
  if (value === undefined) return [];
  try {
    return [decodeURIComponent(value)];
  } catch {
    return undefined;
  }
}

function valueProblems(
  compile: Compile,
  parameter: Parameter,
  given: readonly string[],
  what: string,
): readonly MessageProblem[] {
  const validate = compile(parameter.schema);
  if (parameter.json) {
    const parsed = parsedJson(given[0] ?? "");
    return parsed === undefined ? [`${what} is not valid JSON`] : told(validate, parsed.value, what);
  }
  // How an object is written out in words is not judged.
  if (isObjectSchema(parameter.schema)) return [];
  const readings = possibleValues(parameter, given);
  if (readings.some((value) => validate(value))) return [];
  validate(readings[0]);
  return told(validate, readings[0], what);
}

function isObjectSchema(schema: PlainSchema | boolean): boolean {
  return typeof schema === "object" && (schema["type"] === "object" || schema["properties"] !== undefined);
}

/** Words have no type of their own: a parameter is right where one reading of them is. */
function possibleValues({ schema, explode }: Parameter, given: readonly string[]): readonly unknown[] {
  const isList = typeof schema === "object" && (schema["type"] === "array" || schema["items"] !== undefined);
  if (isList) {
    const words = explode && given.length > 1 ? given : given.flatMap((one) => (explode ? [one] : one.split(",")));
    return [words.map((word) => readings(word)[0]), words];
  }
  return given.length === 1 ? readings(given[0] ?? "") : [given];
}

function readings(word: string): readonly unknown[] {
  const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word);
  const other = isNumber
    ? [Number(word)]
    : word === "true"
      ? [true]
      : word === "false"
        ? [false]
        : word === "null"
          ? [null]
          : [];
  return [...other, word];
}

function bodyProblems(
  compile: Compile,
  { body }: DescribedOperation,
  sent: MessageBody | undefined,
): readonly MessageProblem[] {
  if (sent === undefined) return body?.required ? ["body is required"] : [];
  if (body === undefined) return ["body is not taken by this operation"];
  return contentProblems(compile, body.contents, sent, "body");
}

function answerProblems(
  compile: Compile,
  operation: DescribedOperation,
  status: number,
  body: MessageBody,
): readonly MessageProblem[] {
  if (status >= 300 || status < 200) return [];
  const answer =
    operation.answers.get(String(status)) ??
    operation.answers.get(`${Math.floor(status / 100)}XX`) ??
    operation.answers.get("default");
  if (answer === undefined) return [`status ${status} is not described`];
  const isEmpty =
    status === 204 || operation.method === "HEAD" || (body.bytes?.length === 0 && answer.contents.size === 0);
  return isEmpty ? [] : contentProblems(compile, answer.contents, body, "body");
}

function contentProblems(
  compile: Compile,
  contents: Contents,
  { mediaType, bytes }: MessageBody,
  what: string,
): readonly MessageProblem[] {
  const found = contentFor(contents, mediaType);
  if (found === undefined) return [`${what} of the type ${mediaType ?? "that is not said"} is not described`];
  if (!isJsonType(mediaType) || found.schema === undefined || bytes === undefined) return [];
  const parsed = parsedJson(bytes);
  return parsed === undefined ? [`${what} is not valid JSON`] : told(compile(found.schema), parsed.value, what);
}

function contentFor(
  contents: Contents,
  mediaType: string | undefined,
): { readonly schema: PlainSchema | boolean | undefined } | undefined {
  if (mediaType === undefined) return undefined;
  for (const type of [mediaType, `${mediaType.split("/", 1)[0]}/*`, "*/*"]) {
    if (contents.has(type)) return { schema: contents.get(type) };
  }
  return undefined;
}

function parsedJson(source: string | Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(typeof source === "string" ? source : fromUtf8(source)) };
  } catch {
    return undefined;
  }
}
