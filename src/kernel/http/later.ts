import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RoomCall } from "../ports.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { askLater, laterOutcome } from "../system/later.ts";
import { RETRY_AFTER_SECONDS } from "./limits.ts";
import { problem, told } from "./problem.ts";

/** Where the outcome of what was asked for later stands. */
export const LATER_PATH = "/api/later";
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
/** RFC 7240 §2: preferences are a list of tokens with parameters; §4.1: this one has none. */
const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:;[^,]*)?(?:,|$)/i;

/** Whether a request prefers to be answered later. */
export function isAskedForLater(header: string | readonly string[] | undefined): boolean {
  return header !== undefined && RESPOND_ASYNC.test(typeof header === "string" ? header : header.join(","));
}

/** Takes it, and says where its outcome will stand: 202 (RFC 9110 §15.3.3). */
export async function takenLater(kernel: Kernel, reply: FastifyReply, act: Act, call: RoomCall): Promise<FastifyReply> {
  const token = await askLater(kernel, act, call);
  if (token === undefined) {
    reply.header("retry-after", RETRY_AFTER_SECONDS);
    return problem(reply, 503, "too-many-later", TOO_MANY);
  }
  const status = `${LATER_PATH}/${token}`;
  return waiting(reply.header("preference-applied", "respond-async"), status);
}

/**
 * `GET /api/later/<token>`: 202 while it is not done; then what the operation itself would have answered. For whoever asked alone, and for
 * him as long as it is kept.
 */
export function mountLater(
  server: FastifyInstance,
  options: {
    readonly kernel: Kernel;
    readonly actOf: (request: FastifyRequest) => Promise<Act>;
  },
): void {
  server.get<{ Params: { token: string } }>(`${LATER_PATH}/:token`, async (request, reply) => {
    const { token } = request.params;
    const act = await options.actOf(request as FastifyRequest);
    const later = TOKEN.test(token) ? await laterOutcome(options.kernel, act, token) : undefined;
    if (later === undefined) return problem(reply, 404, "later-unknown", UNKNOWN);
    return later.state === "waiting" ? waiting(reply, `${LATER_PATH}/${token}`) : told(reply, later.outcome);
  });
}

function waiting(reply: FastifyReply, status: string): FastifyReply {
  return reply
    .code(202)
    .header("location", status)
    .header("retry-after", RETRY_AFTER_SECONDS)
    .header("cache-control", "no-store")
    .send({ state: "waiting", status });
}

const TOO_MANY = {
  zh: "您已有很多稍后办理的请求在等待，请待其完成后再提交。未作任何更改。",
  en: "Many requests of yours wait to be done later; send this one when they are done. Nothing was changed.",
};
const UNKNOWN = {
  zh: "没有这项稍后办理的请求，或已超过保存期限，或不是您提出的。",
  en: "There is no such request, or its time is over, or it is not yours.",
};
