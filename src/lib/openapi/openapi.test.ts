import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utf8 } from "#lib/crypto/bytes";
import { contractSource } from "./contract-source.ts";
import { type OpenApiDocument, readOpenApi } from "./document.ts";
import { DOCUMENT_MAX_CHARACTERS, OPERATIONS_MAX, PATTERN_TEXT_MAX_CHARACTERS } from "./limits.ts";
import { isJsonType, mediaTypeOf } from "./media-type.ts";
import { isSafePattern } from "./safe-pattern.ts";
import { SCHOOLS_YAML, TAXES_JSON } from "./testing-documents.ts";
import { compileOpenApi, type MessageBody, type RequestParts } from "./validation.ts";

function taken(source: string): OpenApiDocument {
  const document = readOpenApi(source);
  assert.ok(!("problem" in document), JSON.stringify(document));
  return document;
}

function problemOf(source: unknown): string {
  const document = readOpenApi(typeof source === "string" ? source : JSON.stringify(source));
  assert.ok("problem" in document, "it should not be taken");
  assert.notEqual(document.problem.text.zh, "");
  return `${document.problem.where} ${document.problem.text.en}`;
}

const minimal = (paths: unknown, components: unknown = {}) => ({
  openapi: "3.1.0",
  info: { title: "t", version: "1" },
  paths,
  components,
});
const answering = (schema: unknown) => ({
  "/a": { get: { responses: { "200": { description: "", content: { "application/json": { schema } } } } } },
});

describe("reading a foreign document", () => {
  test("operations, parameters and bodies are read from both versions", () => {
    const schools = taken(SCHOOLS_YAML);
    assert.deepEqual(
      schools.operations.map(({ method, path }) => `${method} ${path}`),
      [
        "GET /schools",
        "POST /schools",
        "GET /schools/{id}",
        "DELETE /schools/{id}",
        "GET /schools/nearest",
        "PUT /schools/{id}/plan",
      ],
    );
    assert.deepEqual(schools.schemas["School"] as object, {
      type: "object",
      required: ["name", "places"],
      additionalProperties: false,
      properties: {
        id: { type: "string", format: "uuid" },
        name: { type: "string", minLength: 1, maxLength: 50 },
        places: { type: "integer", exclusiveMinimum: 0 },
        kind: { type: ["string", "null"], enum: ["primary", "middle", null] },
        opened: { type: ["string", "null"], format: "date" },
        branches: { type: "array", items: { $ref: "#/$defs/School" }, maxItems: 5 },
        contact: { $ref: "#/$defs/Contact" },
      },
    });
    assert.equal(taken(TAXES_JSON).operations[0]?.id, "assessmentOf");
  });

  test("nothing outside of the document is referred to, and no reference goes round", () => {
    for (const $ref of [
      "https://elsewhere.example/a.json",
      "other.yaml#/A",
      "#/paths/~1a/get",
      "file:///etc/passwd",
      "#",
    ]) {
      assert.match(problemOf(minimal(answering({ $ref }))), /may refer to/);
      assert.match(problemOf(minimal({ "/a": { $ref } })), /may be referred to/);
    }
    assert.match(problemOf(minimal(answering({ $ref: "#/components/schemas/Absent" }))), /leads nowhere/);
    const circle = { pathItems: { a: { $ref: "#/components/pathItems/b" }, b: { $ref: "#/components/pathItems/a" } } };
    assert.match(problemOf(minimal({ "/a": { $ref: "#/components/pathItems/a" } }, circle)), /round in a circle/);
  });

  test("size, depth, number and aliases are bounded", () => {
    assert.match(problemOf(`{"a":"${"x".repeat(DOCUMENT_MAX_CHARACTERS)}"}`), /longer than/);
    assert.match(problemOf(`${"[".repeat(100)}${"]".repeat(100)}`), /nested deeper/);
    assert.match(problemOf("{"), /neither valid JSON/);
    assert.match(
      problemOf(
        "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]",
      ),
      /neither|more than/,
    );
    assert.match(problemOf('{"openapi":"3.1.0","__proto__":{"a":1}}'), /__proto__/);
    const many = Object.fromEntries(Array.from({ length: OPERATIONS_MAX + 1 }, (_, at) => [`/${at}`, { get: {} }]));
    assert.match(problemOf(minimal(many)), /more than 500 operations/);
    assert.match(problemOf(minimal({})), /no operation/);
    assert.match(problemOf({ swagger: "2.0" }), /3\.0 or 3\.1/);
    assert.match(problemOf(minimal({ a: { get: {} } })), /begins with/);
  });

  test("a pattern that a text could keep busy is not taken", () => {
    for (const pattern of [
      "(a+)+$",
      "(a*)*",
      "(?:a|aa)+(?=b)",
      "(a{2,}){3}",
      "\\1(a)",
      "(?<!x)y",
      "((a+)b){5}",
      "a*a*a*a*b",
      "(",
      "([ab]*c)*",
      "x".repeat(301),
    ]) {
      assert.equal(isSafePattern(pattern), false, pattern);
    }
    for (const pattern of [
      "^[0-9]{6}$",
      "^[A-Z]{2}\\d+$",
      "^(?:a|b)?c+$",
      "^\\p{L}+ \\p{L}+$",
      "[*+(]+",
      "^\\(\\d{3}\\)$",
      "a{1,3}",
    ]) {
      assert.equal(isSafePattern(pattern), true, pattern);
    }
    assert.match(problemOf(minimal(answering({ type: "string", pattern: "(a+)+$" }))), /unbounded time/);
  });
});

const body = (value: unknown, mediaType: string | undefined = "application/json"): MessageBody => ({
  mediaType,
  bytes: utf8(typeof value === "string" ? value : JSON.stringify(value)),
});

function request(
  document: OpenApiDocument,
  line: string,
  parts: Partial<RequestParts> & { headers?: Record<string, string> } = {},
) {
  const [method = "", target = ""] = line.split(" ");
  const [path = "", query] = target.split("?");
  const validator = compileOpenApi(document);
  const matched = validator.operationFor(method, path);
  if (!matched) return undefined;
  return validator.requestProblems(matched, { query, header: (name) => parts.headers?.[name], body: parts.body });
}

describe("validating messages", () => {
  const schools = taken(SCHOOLS_YAML);
  const school = { name: "清源县第一小学", places: 300, kind: null, branches: [{ name: "b", places: 1 }] };

  test("a request is for the operation whose path fits, fixed words first", () => {
    const validator = compileOpenApi(schools);
    assert.equal(validator.operationFor("GET", "/schools/nearest")?.operation.id, "nearest");
    assert.equal(validator.operationFor("GET", "/schools/x")?.values["id"], "x");
    assert.equal(validator.operationFor("GET", "/schools/x/y"), undefined);
    assert.equal(validator.operationFor("PATCH", "/schools"), undefined);
    assert.equal(validator.operationFor("GET", ""), undefined);
  });

  test("parameters are checked by place, type and form", () => {
    assert.deepEqual(request(schools, "GET /schools?division=990101&grades=1&grades=12"), []);
    assert.deepEqual(request(schools, "GET /schools?division=990101&grades=3"), []);
    assert.deepEqual(request(schools, "GET /schools"), ["query/division is required"]);
    assert.match(String(request(schools, "GET /schools?division=99010x")), /must match pattern/);
    assert.match(String(request(schools, "GET /schools?division=990101&grades=13")), /must be <= 12/);
    assert.match(String(request(schools, "GET /schools?division=990101&admin=1")), /query\/admin is not a parameter/);
    assert.match(
      String(request(schools, "GET /schools?division=990101", { headers: { "x-trace": "x".repeat(11) } })),
      /header\/X-Trace/,
    );
    assert.match(String(request(schools, "GET /schools/not-a-uuid")), /path\/id must match format "uuid"/);
    assert.match(String(request(schools, "GET /schools/%ff")), /not well-formed/);
    const taxes = taken(TAXES_JSON);
    assert.deepEqual(request(taxes, "GET /assessments/2026?filter=%7B%22a%22%3A1%7D"), []);
    assert.match(String(request(taxes, "GET /assessments/2026?filter=%7B")), /not valid JSON/);
    assert.match(String(request(taxes, "GET /assessments/x")), /must be integer/);
  });

  test("bodies are checked by type and schema", () => {
    assert.deepEqual(request(schools, "POST /schools", { body: body(school) }), []);
    assert.deepEqual(request(schools, "POST /schools"), ["body is required"]);
    assert.match(
      String(request(schools, "POST /schools", { body: body({ ...school, places: 0 }) })),
      /body\/places must be > 0/,
    );
    assert.match(
      String(request(schools, "POST /schools", { body: body({ ...school, admin: true }) })),
      /additional properties/,
    );
    assert.match(String(request(schools, "POST /schools", { body: body("{") })), /not valid JSON/);
    assert.match(
      String(request(schools, "POST /schools", { body: body("x", "text/plain") })),
      /text\/plain is not described/,
    );
    assert.match(
      String(request(schools, "DELETE /schools/0190a6f0-0000-7000-8000-000000000000", { body: body("x") })),
      /not taken/,
    );
    assert.deepEqual(
      request(schools, "PUT /schools/1/plan", { body: { mediaType: "image/png", bytes: undefined } }),
      [],
    );
    assert.match(
      String(request(schools, "PUT /schools/1/plan", { body: { mediaType: "video/mp4", bytes: undefined } })),
      /not described/,
    );
  });

  test("answers are checked where they are no errors", () => {
    const validator = compileOpenApi(schools);
    const list = validator.operationFor("GET", "/schools")?.operation;
    const remove = validator.operationFor("DELETE", "/schools/1")?.operation;
    const nearest = validator.operationFor("GET", "/schools/nearest")?.operation;
    assert.ok(list && remove && nearest);
    assert.deepEqual(validator.answerProblems(list, 200, body([school])), []);
    assert.match(
      String(validator.answerProblems(list, 200, body([{ ...school, name: 1 }]))),
      /body\/0\/name must be string/,
    );
    assert.match(String(validator.answerProblems(list, 206, body([]))), /status 206/);
    assert.deepEqual(validator.answerProblems(list, 404, body("gone", "text/html")), []);
    assert.deepEqual(validator.answerProblems(list, 302, body("", undefined)), []);
    assert.deepEqual(validator.answerProblems(remove, 204, { mediaType: undefined, bytes: utf8("") }), []);
    assert.deepEqual(validator.answerProblems(nearest, 203, body({ any: 1 })), []);
  });

  test("each pattern stays its own, and none is tried on a long text", () => {
    const document = taken(
      JSON.stringify(
        minimal(
          answering({
            type: "object",
            properties: { a: { type: "string", pattern: "^a+$" }, b: { type: "string", pattern: "^b+$" } },
          }),
        ),
      ),
    );
    const validator = compileOpenApi(document);
    const operation = validator.operationFor("GET", "/a")?.operation;
    assert.ok(operation);
    assert.deepEqual(validator.answerProblems(operation, 200, body({ a: "aa", b: "bb" })), []);
    assert.match(String(validator.answerProblems(operation, 200, body({ a: "bb" }))), /body\/a/);
    assert.match(
      String(validator.answerProblems(operation, 200, body({ a: "a".repeat(PATTERN_TEXT_MAX_CHARACTERS + 1) }))),
      /body\/a/,
    );
  });

  test("media types are told without their parameters", () => {
    assert.equal(mediaTypeOf("Application/JSON; charset=utf-8"), "application/json");
    assert.equal(mediaTypeOf(" "), undefined);
    assert.equal(isJsonType("application/problem+json"), true);
    assert.equal(isJsonType("text/json-like"), false);
  });
});

test("what a document says cannot leave its place in the written contract", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is to look like one
  const hostile = '"); process.exit(1); ("*/ ${1} `\u2028';
  const source = contractSource(
    taken(
      JSON.stringify(
        minimal({
          "/a": {
            get: {
              operationId: hostile,
              summary: hostile,
              parameters: [{ name: hostile, in: "query", schema: { enum: [hostile] } }],
              responses: { "404": { description: hostile } },
            },
          },
        }),
      ),
    ),
    { id: "hostile", steward: hostile },
  );
  assert.ok(!/^[^"]*process\.exit/m.test(source.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')));
});
