import { type Text, text } from "#lib/language/text";
import { citationText } from "../contract/citation.ts";
import type { Contract, Operation } from "../contract/contract.ts";
import { DOOR_REFUSALS } from "../contract/door-refusals.ts";
import { DOOR_STATUS, MAX_KEY_CHARACTERS, REFUSED_STATUS } from "../http/refusal-status.ts";
import { PURPOSES } from "../system/act.ts";
import { jsonSchemaOf } from "./json-schema.ts";

/** An OpenAPI 3.1 document, as plain data. */
export interface OpenApi {
  readonly openapi: "3.1.1";
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, unknown>>;
}

/** Describes the HTTP API of a set of rooms: every operation that its contracts promise, and every refusal of each. */
export function openApi(contracts: readonly Contract[], options: { readonly publicUrl: string }): OpenApi {
  return {
    openapi: "3.1.1",
    info: {
      title: "政通 Zhengtong",
      version: "1",
      description:
        "由各系统的契约生成。Derived from the contracts of the rooms. Refusals are problem details (RFC 9457) with a code and both texts.",
    },
    servers: [{ url: options.publicUrl.replace(/\/$/, "") }],
    tags: contracts.map(({ id, title }) => ({ name: id, description: `${title.zh} ${title.en}` })),
    paths: Object.fromEntries(contracts.flatMap(pathsOf)),
    components: {
      schemas: { Problem: PROBLEM, Text: TEXT },
      parameters: { Purpose: PURPOSE, IdempotencyKey: IDEMPOTENCY_KEY, Prefer: PREFER },
      responses: { Later: LATER },
    },
  };
}

function pathsOf(contract: Contract): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  const major = contract.version.split(".")[0];
  return Object.entries(contract.operations).map(([name, operation]) => {
    const path = `/api/${contract.id}/v${major}/${name}`;
    const described = describe(contract, name, operation);
    const post = {
      ...described,
      operationId: `${contract.id}.${name}`,
      parameters: [
        ref("parameters", "Purpose"),
        ref("parameters", "Prefer"),
        ...(operation.kind === "command" ? [ref("parameters", "IdempotencyKey")] : []),
      ],
      requestBody: { required: true, content: json(jsonSchemaOf(operation.input, "input")) },
    };
    if (operation.kind === "command") return [path, { post }];
    const get = {
      ...described,
      operationId: `${contract.id}.${name}.get`,
      parameters: [
        ref("parameters", "Purpose"),
        ref("parameters", "Prefer"),
        { name: "input", in: "query", required: false, content: json(jsonSchemaOf(operation.input, "input")) },
      ],
    };
    return [path, { get, post }];
  });
}

function describe(contract: Contract, name: string, operation: Operation) {
  return {
    tags: [contract.id],
    summary: `${operation.title.zh} ${operation.title.en}`,
    description: descriptionOf(operation),
    "x-title": operation.title,
    "x-audience": operation.audience,
    ...(operation.duty !== undefined && { "x-duty": operation.duty }),
    ...(operation.assurance && { "x-assurance": operation.assurance }),
    "x-legal-basis": operation.legalBasis.map(citationText),
    "x-contract": `${contract.id}@${contract.version}/${name}`,
    responses: responsesOf(operation),
  };
}

function descriptionOf(operation: Operation): string {
  const who = `可调用者 Audience: ${operation.audience.join(", ")}`;
  const duty = operation.duty === undefined ? [] : [`岗位职责 Duty: ${operation.duty}`];
  const basis = operation.legalBasis.map((citation) => `依据 Legal basis: ${citationText(citation).zh}`);
  return [who, ...duty, ...basis].join("\n\n");
}

/** What the HTTP layer refuses before a door is reached. */
const REQUEST_REFUSALS: Readonly<Record<string, Text>> = {
  "input-malformed": text("请求内容不是有效的 JSON。", "What was sent is not valid JSON."),
  "idempotency-key-missing": text("缺少 Idempotency-Key 请求头。", "The header Idempotency-Key is missing."),
};

function responsesOf(operation: Operation): Readonly<Record<string, unknown>> {
  const byStatus = new Map<number, Record<string, Text>>();
  const add = (status: number, code: string, words: Text) => {
    byStatus.set(status, { ...byStatus.get(status), [code]: words });
  };
  for (const [code, words] of Object.entries(REQUEST_REFUSALS)) {
    if (operation.kind === "command" || code !== "idempotency-key-missing") add(400, code, words);
  }
  for (const [code, words] of Object.entries(DOOR_REFUSALS)) {
    if (operation.kind === "command" || code !== "repeated-differently") {
      add(DOOR_STATUS[code as keyof typeof DOOR_STATUS], code, words);
    }
  }
  for (const [code, words] of Object.entries(operation.refusals)) add(REFUSED_STATUS, code, words);
  const statuses = [...byStatus].sort(([one], [other]) => one - other);
  return {
    "200": { description: "完成 Done", content: json(jsonSchemaOf(operation.output, "output")) },
    "202": ref("responses", "Later"),
    ...Object.fromEntries(statuses.map(([status, codes]) => [String(status), refusalResponse(codes)])),
  };
}

function refusalResponse(codes: Readonly<Record<string, Text>>) {
  const lines = Object.entries(codes).map(([code, words]) => `- \`${code}\`: ${words.zh} ${words.en}`);
  return {
    description: lines.join("\n"),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [ref("schemas", "Problem"), { properties: { code: { enum: Object.keys(codes) } } }],
        },
      },
    },
  };
}

function json(schema: unknown) {
  return { "application/json": { schema } };
}

function ref(part: string, name: string) {
  return { $ref: `#/components/${part}/${name}` };
}

const TEXT = {
  type: "object",
  properties: { zh: { type: "string" }, en: { type: "string" } },
  required: ["zh", "en"],
};

/** RFC 9457, with the code, both languages, and what is wrong in which field. */
const PROBLEM = {
  type: "object",
  properties: {
    type: { type: "string", format: "uri" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string" },
    text: ref("schemas", "Text"),
    room: { type: "string" },
    issues: {
      type: "array",
      items: {
        type: "object",
        properties: { path: { type: "string" }, text: ref("schemas", "Text") },
        required: ["path", "text"],
      },
    },
  },
  required: ["type", "title", "status", "code", "text"],
};

const PURPOSE = {
  name: "Zhengtong-Purpose",
  in: "header",
  required: true,
  description: "为何请求；没有目的的请求一律拒绝。Why this is asked; a request without a purpose is refused.",
  schema: { enum: PURPOSES },
};

const PREFER = {
  name: "Prefer",
  in: "header",
  required: false,
  description:
    "respond-async：稍后办理，对方系统停机数日也不丢失（RFC 7240）。Done later, also where the other side is down for days.",
  schema: { type: "string" },
};

const LATER = {
  description: "已受理，稍后办理。Taken, to be done later; the address of its outcome is `Location`.",
  headers: { Location: { schema: { type: "string" } }, "Retry-After": { schema: { type: "integer" } } },
  content: {
    "application/json": {
      schema: {
        type: "object",
        properties: { state: { const: "waiting" }, status: { type: "string" } },
        required: ["state", "status"],
      },
    },
  },
};

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description: "同一编号和内容只执行一次。The same key and content take effect once.",
  schema: { type: "string", minLength: 1, maxLength: MAX_KEY_CHARACTERS },
};
