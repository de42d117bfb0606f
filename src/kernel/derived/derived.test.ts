import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { text } from "#lib/language/text";
import { kiosk } from "../access/sample-contract.ts";
import { field } from "../contract/field.ts";
import { contractDocument } from "./contract-document.ts";
import { formDescriptors } from "./form-descriptors.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { openApi } from "./open-api.ts";

const title = text("题", "Title");

test("a JSON Schema says what the contract says beyond types", () => {
  const schema = jsonSchemaOf(
    z.object({
      number: field(z.string().max(18), { title, sensitive: true, lookup: "unique" }),
      day: z.iso.date(),
      note: field(z.string().max(5).optional(), { title, hint: text("提示", "Hint") }),
    }),
  );
  assert.deepEqual(schema, {
    type: "object",
    properties: {
      number: {
        type: "string",
        maxLength: 18,
        title: "题",
        "x-title": title,
        "x-sensitive": true,
        "x-lookup": "unique",
      },
      day: { type: "string", format: "date" },
      note: {
        type: "string",
        maxLength: 5,
        title: "题",
        "x-title": title,
        description: "提示",
        "x-hint": { zh: "提示", en: "Hint" },
      },
    },
    required: ["number", "day"],
  });
});

test("what is given stays open to additions; what is sent is as strict as the contract", () => {
  const strict = z.strictObject({ id: z.string().max(3).default("a") });
  assert.equal(jsonSchemaOf(strict, "input").additionalProperties, false);
  assert.equal(jsonSchemaOf(strict, "output").additionalProperties, undefined);
  assert.deepEqual(jsonSchemaOf(strict, "output").required, ["id"]);
});

test("the API description has every operation, with its refusals by status", () => {
  const api = openApi([kiosk], { publicUrl: "https://example.test/" });
  assert.deepEqual(
    Object.keys(api.paths),
    Object.keys(kiosk.operations).map((name) => `/api/kiosk/v1/${name}`),
  );
  assert.equal(api.servers[0]?.url, "https://example.test");
  const { get, post } = api.paths["/api/kiosk/v1/findKeeper"] as Record<string, Record<string, unknown>>;
  assert.ok(get && post);
  const responses = post["responses"] as Record<string, { description: string }>;
  assert.deepEqual(Object.keys(responses), ["200", "202", "400", "403", "409", "422", "429", "503"]);
  assert.match(responses["409"]?.description ?? "", /not-found/);
  assert.doesNotMatch(JSON.stringify(get), /Idempotency-Key/);
  const command = api.paths["/api/kiosk/v1/closeStand"] as Record<string, unknown>;
  assert.deepEqual(Object.keys(command), ["post"]);
  assert.match(JSON.stringify(command), /IdempotencyKey/);
  assert.equal((command["post"] as Record<string, unknown>)["x-duty"], "kiosk.close");
});

test("every reference in the API description leads somewhere", () => {
  const api = openApi([kiosk], { publicUrl: "https://example.test" });
  const references = [...JSON.stringify(api).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  assert.ok(references.length > 0);
  for (const [, part, name] of references) {
    assert.ok((api.components[part ?? ""] as Record<string, unknown>)[name ?? ""], `${part}/${name}`);
  }
  const ids = [...JSON.stringify(api).matchAll(/"operationId":"([^"]+)"/g)].map((match) => match[1]);
  assert.equal(new Set(ids).size, ids.length);
});

test("a contract's document is plain data and the same each time", () => {
  const document = contractDocument(kiosk);
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document);
  assert.equal(JSON.stringify(contractDocument(kiosk)), JSON.stringify(document));
  assert.equal(document.registers["keeper"]?.schema.properties?.["identityNumber"]?.["x-sensitive"], true);
  assert.equal(document.services["permit"]?.procedure.diagram, "sample.bpmn");
});

test("a form is derived in the contract's order, each field with the kind that fits", () => {
  const fields = formDescriptors(
    z.object({
      name: field(z.string().min(1).max(100), { title }),
      story: field(z.string().max(2000).optional(), { title, hint: title }),
      born: field(z.iso.date(), { title }),
      seats: field(z.number().int().min(1).max(50), { title }),
      sure: field(z.boolean().default(false), { title }),
      way: field(z.enum(["a", "b"]), { title, options: { a: text("甲", "A"), b: text("乙", "B") } }),
      many: field(z.array(z.enum(["a", "b"])).max(2), { title, options: { a: title, b: title } }),
      number: field(z.string().max(18), { title, kind: "identity-number", sensitive: true }),
    }),
  );
  assert.deepEqual(
    fields.map(({ name, kind, required }) => [name, kind, required]),
    [
      ["name", "text", true],
      ["story", "textarea", false],
      ["born", "date", true],
      ["seats", "number", true],
      ["sure", "boolean", false],
      ["way", "radios", true],
      ["many", "checkboxes", true],
      ["number", "identity-number", true],
    ],
  );
  assert.equal(fields[0]?.maxLength, 100);
  assert.deepEqual([fields[3]?.min, fields[3]?.max], [1, 50]);
  assert.deepEqual(fields[5]?.options, [
    { value: "a", title: { zh: "甲", en: "A" } },
    { value: "b", title: { zh: "乙", en: "B" } },
  ]);
  assert.equal(fields[7]?.sensitive, true);
});
