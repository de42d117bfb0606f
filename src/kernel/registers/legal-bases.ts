import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import type { Citation } from "../contract/citation.ts";
import type { Sql } from "../database/sql.ts";
import { RegisterFault } from "./faults.ts";
import { LEGAL_BASES_MAX_KEPT } from "./limits.ts";

const DIGEST_BYTES = 16;

/** Citations are stored once, under a digest of their content, which never changes: what was read is kept. */
const known = new Map<string, readonly Citation[]>();

export function digestOf(citations: readonly Citation[]): string {
  return Buffer.from(sha256(utf8(canonicalize(citations))))
    .subarray(0, DIGEST_BYTES)
    .toString("hex");
}

/** Stores citations; to be sent before the versions that name them. */
export async function storeLegalBasis(sql: Sql, citations: readonly Citation[]): Promise<void> {
  await sql.execute(
    "INSERT INTO register.legal_basis (digest, citations) VALUES (decode($1, 'hex'), $2) ON CONFLICT DO NOTHING",
    [digestOf(citations), JSON.stringify(citations)],
  );
}

/** Makes sure that {@link legalBasis} has all of these. */
export async function readLegalBases(sql: Sql, digests: Iterable<string>, register: string): Promise<void> {
  const missing = [...new Set(digests)].filter((digest) => !known.has(digest));
  if (missing.length === 0) return;
  const rows = await sql.query<{ digest: string; citations: readonly Citation[] }>(
    "SELECT encode(digest, 'hex') AS digest, citations FROM register.legal_basis WHERE encode(digest, 'hex') = ANY ($1)",
    [missing],
  );
  if (known.size + rows.length > LEGAL_BASES_MAX_KEPT) known.clear();
  for (const { digest, citations } of rows) {
    if (digestOf(citations) !== digest) damaged(register, digest);
    known.set(digest, citations);
  }
}

export function legalBasis(digest: string, register: string): readonly Citation[] {
  return known.get(digest) ?? damaged(register, digest);
}

function damaged(register: string, digest: string): never {
  throw new RegisterFault("ERR_REGISTER_DAMAGED", { register, message: `the legal basis ${digest}` });
}
