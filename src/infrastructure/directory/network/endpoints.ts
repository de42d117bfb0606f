/** Where others read this node's directory, and where nodes ask to join: all of it public, bounded and cacheable. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { DoorRefusal } from "#kernel/contract/refusal";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import type { Sql } from "#kernel/database/sql";
import { problem } from "#kernel/http/problem";
import { DOOR_STATUS, REFUSED_STATUS } from "#kernel/http/refusal-status";
import type { Front } from "#kernel/system/context";
import { sha256Hex } from "#lib/crypto/digest";
import type { directory } from "../contract.ts";
import type { NodeDirectory } from "./node-directory.ts";
import { readHeads, readMembership, readNotes, readPart } from "./rows.ts";

export const REQUEST_MAX_BYTES = 128 * 1024;
const NOTES_PAGE = 500;
const HEADS_SHARED_SECONDS = 10;
const ANSWER = "application/json; charset=utf-8";

export interface DirectoryLinks {
  readonly sql: Sql;
  /** The room's own operations, asked as the node, under a key of repetition. */
  readonly front: (idempotencyKey: string) => Pick<Front<typeof directory>, "receiveJoining" | "findJoining">;
  readonly nodes: Pick<NodeDirectory, "noticed">;
}

/** Mounts `/directory/…`. A node that belongs to no directory has none to show. */
export function mountDirectory(server: FastifyInstance, { sql, front, nodes }: DirectoryLinks): void {
  server.get("/directory/anchor", async (_request, reply) => {
    const membership = await readMembership(sql);
    if (membership === undefined) return notFound(reply);
    const { node, anchor: keys } = membership;
    return reply.header("cache-control", "no-cache").type(ANSWER).send({ node, keys });
  });
  server.get("/directory/heads", async (request, reply) => {
    const body = JSON.stringify({ parts: await readHeads(sql) });
    const tag = `"${sha256Hex(body)}"`;
    reply.header("cache-control", `public, max-age=${HEADS_SHARED_SECONDS}`).header("etag", tag);
    if (request.headers["if-none-match"] === tag) return reply.code(304).send();
    return reply.type(ANSWER).send(body);
  });
  server.get<{ Params: { division: string; version: string } }>(
    "/directory/parts/:division/:version",
    async ({ params }, reply) => {
      const place = placeOf(params);
      const part = place && (await readPart(sql, place.division, place.version));
      if (part === undefined) return notFound(reply);
      // An edition never changes: its digest is in the next one.
      reply.header("cache-control", "public, max-age=31536000, immutable");
      return reply.type(ANSWER).send({ note: part.note, document: part.document });
    },
  );
  server.get<{ Params: { division: string; version: string } }>(
    "/directory/notes/:division/:version",
    async ({ params }, reply) => {
      const place = placeOf(params);
      if (place === undefined) return notFound(reply);
      const { division, version: from } = place;
      const notes = await readNotes(sql, { division, from, limit: NOTES_PAGE });
      return reply.header("cache-control", "no-cache").type(ANSWER).send({ notes });
    },
  );
  server.post<{ Body: unknown }>("/directory/joinings", { bodyLimit: REQUEST_MAX_BYTES }, async ({ body }, reply) => {
    const { note, proofs } = isObject(body) ? body : {};
    const key = sha256Hex(JSON.stringify([note, proofs]));
    const outcome = await front(`joining ${key}`).receiveJoining({ note, proofs } as never);
    return isRefusal(outcome) ? refused(reply, outcome) : reply.header("cache-control", "no-store").send(outcome);
  });
  server.get<{ Params: { digest: string } }>("/directory/joinings/:digest", async ({ params }, reply) => {
    const outcome = await front("").findJoining({ digest: params.digest });
    return isRefusal(outcome) ? refused(reply, outcome) : reply.header("cache-control", "no-store").send(outcome);
  });
  server.post<{ Body: unknown }>("/directory/notices", { bodyLimit: REQUEST_MAX_BYTES }, async ({ body }, reply) => {
    const { note } = isObject(body) ? body : {};
    const outcome = await nodes.noticed(typeof note === "string" ? note : "");
    return isRefusal(outcome) ? refused(reply, outcome) : reply.header("cache-control", "no-store").send(outcome);
  });
}

function placeOf({ division, version }: { readonly division: string; readonly version: string }) {
  if (!/^\d{6}$/.test(division) || !/^[1-9]\d{0,14}$/.test(version)) return undefined;
  return { division, version: Number(version) };
}

function isObject(body: unknown): body is Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null;
}

function notFound(reply: FastifyReply) {
  return problem(reply, 404, "not-found", {
    zh: "没有这一项，或者本节点不属于任何节点目录。",
    en: "There is no such thing here, or this node belongs to no directory of nodes.",
  });
}

function refused(reply: FastifyReply, refusal: Refusal) {
  const status = refusal.code in DOOR_STATUS ? DOOR_STATUS[refusal.code as DoorRefusal] : REFUSED_STATUS;
  return problem(reply, refusal.code === "not-found" ? 404 : status, refusal.code, refusal.text);
}
