import type { Sql } from "../../src/kernel/database/sql.ts";
import type { Records } from "../history/invariants.ts";

type Kind = keyof Records["frames"];

/** What a node's database holds of its exchanges with one other node. */
export async function exchangeRecords(sql: Sql, peer: string): Promise<Records> {
  const frames: Record<Kind, Map<string, string>> = {
    "calls-out": new Map(),
    "calls-in": new Map(),
    "answers-out": new Map(),
    "answers-in": new Map(),
  };
  const rows = await sql.query<{ id: string; kind: Kind; digest: string }>(
    `SELECT id, kind, encode(sha256(base || signature || leaves), 'hex') AS digest FROM exchange.frame WHERE peer = $1`,
    [peer],
  );
  for (const { id, kind, digest } of rows) frames[kind].set(id, digest);
  const calls = await sql.query<{ call: string; answer: string | null; kind: Kind }>(
    `SELECT c.frame || '/' || c.place AS call, c.answer, f.kind
     FROM exchange.call c JOIN exchange.frame f ON f.id = c.frame WHERE f.peer = $1`,
    [peer],
  );
  return {
    frames,
    asked: calls.flatMap(({ call, answer, kind }) =>
      kind === "calls-out" ? { call, answer: answer ?? undefined } : [],
    ),
    taken: calls.flatMap(({ call, kind }) => (kind === "calls-in" ? call : [])),
  };
}
