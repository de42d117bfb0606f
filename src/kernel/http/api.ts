import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isUuid } from "#lib/crypto/uuid";
import type { Principals } from "../ports.ts";
import { type Act, PURPOSES, type Purpose } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { perform } from "../system/perform.ts";
import { cookieName } from "./cookies.ts";
import { isAskedForLater, mountLater, takenLater } from "./later.ts";
import { problem, told } from "./problem.ts";
import { MAX_KEY_CHARACTERS } from "./refusal-status.ts";

/**
 * The API that is derived from the contracts: `GET|POST /api/<room>/v<major>/<operation>`. A query's input is the body, or
 * the parameter `input` as JSON; a command's is the body, with the header `Idempotency-Key`. The purpose is the header
 * `Zhengtong-Purpose`. Refusals are problem details (RFC 9457). With `Prefer: respond-async` it is done later (`later.ts`).
 */
export function mountApi(
  server: FastifyInstance,
  {
    kernel,
    principals,
    secure,
  }: { readonly kernel: Kernel; readonly principals: Principals; readonly secure: boolean },
): void {
  const asking = (
    request: FastifyRequest,
    about: { readonly purpose: Purpose | undefined; readonly key: string | undefined },
  ) => actOf(kernel, principals, request, { ...about, token: request.cookies[cookieName("session", secure)] });
  mountLater(server, { kernel, actOf: (request) => asking(request, { purpose: undefined, key: undefined }) });
  for (const { contract } of kernel.systems.values()) {
    const major = contract.version.split(".")[0];
    for (const [name, operation] of Object.entries(contract.operations)) {
      const url = `/api/${contract.id}/v${major}/${name}`;
      const answer = async (request: FastifyRequest, reply: FastifyReply, input: unknown) => {
        const purpose = purposeOf(request.headers["zhengtong-purpose"]);
        const key = keyOf(request.headers["idempotency-key"]);
        if (operation.kind === "command" && key === undefined)
          return problem(reply, 400, "idempotency-key-missing", KEY_MISSING);
        if (holdsNul(input)) return problem(reply, 400, "input-malformed", NUL_REFUSED);
        const act = await asking(request, { purpose, key });
        const call = { room: contract.id, operation: name, input };
        if (isAskedForLater(request.headers["prefer"]) && operation.input.safeParse(input).success && purpose) {
          return takenLater(kernel, reply, act, call);
        }
        return told(reply, await perform(kernel, act, call));
      };
      server.post(url, (request, reply) => answer(request, reply, request.body));
      if (operation.kind === "query") {
        server.get<{ Querystring: { input?: string } }>(url, (request, reply) => {
          const input = parsedInput(request.query.input);
          return input === undefined
            ? problem(reply, 400, "input-malformed", INPUT_MALFORMED)
            : answer(request, reply, input.value);
        });
      }
    }
  }
}

const KEY_MISSING = {
  zh: "缺少 Idempotency-Key 请求头。未作任何更改。",
  en: "The header Idempotency-Key is missing. Nothing was changed.",
};
const INPUT_MALFORMED = {
  zh: "参数 input 不是有效的 JSON。",
  en: "The parameter input is not valid JSON.",
};

const NUL_REFUSED = {
  zh: "输入中含有空字符（U+0000）。未作任何更改。",
  en: "The input holds the character U+0000. Nothing was changed.",
};

/** No text of PostgreSQL holds it. */
function holdsNul(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, held]) => name.includes("\0") || holdsNul(held));
}

function purposeOf(header: unknown): Purpose | undefined {
  return PURPOSES.find((purpose) => purpose === header);
}

function keyOf(header: unknown): string | undefined {
  return typeof header === "string" && header.length > 0 && header.length <= MAX_KEY_CHARACTERS ? header : undefined;
}

function parsedInput(json: string | undefined): { readonly value: unknown } | undefined {
  try {
    return { value: json === undefined ? {} : JSON.parse(json) };
  } catch {
    return undefined;
  }
}

/** Who asks over HTTP, and why. */
async function actOf(
  kernel: Kernel,
  principals: Principals,
  request: FastifyRequest,
  about: {
    readonly purpose: Purpose | undefined;
    readonly key: string | undefined;
    readonly token: string | undefined;
  },
): Promise<Act> {
  const at = kernel.now();
  const session = about.token === undefined ? undefined : await principals.session(about.token, at);
  const caseId = request.headers["zhengtong-case"];
  return {
    id: kernel.newId(),
    principal: session?.principal ?? { kind: "public" },
    onBehalfOf: session?.onBehalfOf,
    purpose: about.purpose,
    legalBasis: [],
    caseId: typeof caseId === "string" && isUuid(caseId) ? caseId : undefined,
    zone: kernel.zone,
    language: "zh",
    at,
    idempotencyKey: about.key,
  };
}
