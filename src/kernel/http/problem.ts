import type { FastifyReply } from "fastify";
import { type DoorRefusal, isRefusal, type Refusal } from "../contract/refusal.ts";
import { DOOR_STATUS, REFUSED_STATUS } from "./refusal-status.ts";

/** What came of an operation. */
export function told(reply: FastifyReply, outcome: unknown | Refusal): FastifyReply {
  return isRefusal(outcome) ? refused(reply, outcome) : reply.header("cache-control", "no-store").send(outcome ?? {});
}

function refused(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const status = refusal.code in DOOR_STATUS ? DOOR_STATUS[refusal.code as DoorRefusal] : REFUSED_STATUS;
  return problem(reply, status, refusal.code, refusal.text, {
    room: refusal.room,
    issues: refusal.issues,
    ...(refusal.needs && { needs: refusal.needs }),
  });
}

/** One answer in the form of RFC 9457, with both languages. */
export function problem(
  reply: FastifyReply,
  status: number,
  code: string,
  words: { readonly zh: string; readonly en: string },
  more: object = {},
): FastifyReply {
  return reply
    .code(status)
    .type("application/problem+json")
    .header("cache-control", "no-store")
    .send({ type: `urn:zhengtong:refusal:${code}`, title: words.en, status, code, text: words, ...more });
}
