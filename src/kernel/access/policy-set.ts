import { Buffer } from "node:buffer";
import { toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { canonicalize } from "#lib/json/canonical";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { HASH_SIZE_BYTES, leafHash } from "#lib/merkle/hash";
import { inclusionProof } from "#lib/merkle/proof";
import type { Database, Sql } from "../database/sql.ts";
import type { Policies } from "./policy-terms.ts";

/**
 * All policies that decide at one moment. An entry of the ledger names the set by its root, so that which text decided can be
 * proved years later, when contracts and policies are others.
 */
export interface PolicySet {
  /** base64url of the RFC 9162 root over the policies' texts. */
  readonly root: string;
  /** Canonical JSON of `{ id, policy }`, in the order of their ids. */
  readonly texts: readonly string[];
}

/** One policy of a set, with the proof that it is in it. Bytes are base64url. */
export interface ProvedPolicy {
  readonly index: number;
  readonly text: string;
  readonly proof: readonly string[];
}

export function policySetOf(policies: Policies): PolicySet {
  const ids = Object.keys(policies).sort();
  const texts = ids.map((id) => canonicalize({ id, policy: policies[id] }));
  return { root: toBase64url(rootOf(appendLeaves(EMPTY_RANGE, texts.map(hashOf)))), texts };
}

function hashOf(text: string): Uint8Array {
  return leafHash(utf8(text));
}

/** Keeps sets for good, before anything is decided by them. Those that are kept already cost one look. */
export async function keepPolicySets(database: Database, sets: readonly PolicySet[]): Promise<void> {
  for (const { root, texts } of new Map(sets.map((set) => [set.root, set])).values()) {
    const hashes = texts.map((text) => Buffer.from(hashOf(text)));
    await database.query(
      `WITH wanted AS (SELECT $1::bytea AS root WHERE NOT EXISTS (SELECT FROM access.policy_set WHERE root = $1)),
         kept AS (INSERT INTO access.policy (hash, text)
           SELECT hash, text FROM wanted, unnest($2::bytea[], $3::text[]) AS one (hash, text)
           ON CONFLICT DO NOTHING)
       INSERT INTO access.policy_set (root, hashes) SELECT root, $4 FROM wanted ON CONFLICT DO NOTHING`,
      [Buffer.from(root, "base64url"), hashes, texts, Buffer.concat(hashes)],
    );
  }
}

/**
 * The named policies of a kept set, each with its proof; undefined where the set was never kept here.
 * @param ids as the ledger's entries name them; one that is not in the set is left out
 */
export async function provedPolicies(
  sql: Sql,
  root: string,
  ids: readonly string[],
): Promise<{ readonly root: string; readonly count: number; readonly policies: readonly ProvedPolicy[] } | undefined> {
  const [row] = await sql.query<{ readonly hashes: Buffer }>("SELECT hashes FROM access.policy_set WHERE root = $1", [
    Buffer.from(root, "base64url"),
  ]);
  if (row === undefined) return undefined;
  const count = row.hashes.length / HASH_SIZE_BYTES;
  const hashes = Array.from({ length: count }, (_, at) =>
    row.hashes.subarray(at * HASH_SIZE_BYTES, (at + 1) * HASH_SIZE_BYTES),
  );
  const rows = await sql.query<{ readonly hash: Buffer; readonly text: string }>(
    "SELECT hash, text FROM access.policy WHERE hash = ANY($1::bytea[]) AND text::jsonb ->> 'id' = ANY($2::text[])",
    [hashes, ids],
  );
  const nodes = new Map<string, Uint8Array>();
  appendLeaves(EMPTY_RANGE, hashes, (level, index, hash) => nodes.set(`${level}/${index}`, hash));
  const read = async (wanted: readonly { readonly level: number; readonly index: number }[]) =>
    wanted.map(({ level, index }) => nodes.get(`${level}/${index}`) as Uint8Array);
  const policies = await Promise.all(
    rows.map(async ({ hash, text }) => {
      const index = hashes.findIndex((one) => one.equals(hash));
      return { index, text, proof: (await inclusionProof(index, count, read)).map(toBase64url) };
    }),
  );
  return { root, count, policies: policies.toSorted((one, other) => one.index - other.index) };
}
