import type { Sql } from "#kernel/database/sql";
import { readDocument } from "#lib/directory/document";
import type { KnownPart, NodeZone, SignedPart } from "#lib/directory/entries";
import { readNote } from "#lib/directory/part";

/** Of which directory a node is one. */
export interface Membership {
  readonly node: string;
  readonly division: string;
  readonly zone: NodeZone;
  readonly anchor: readonly string[];
  /** Where the node above publishes the directory; the centre has none. */
  readonly above: string | null;
  /** The certificate of its connections and those above it but for the root, PEM. */
  readonly chain: string;
}

/** One edition as it is kept. */
export interface KeptPart extends SignedPart {
  readonly division: string;
  readonly version: number;
  readonly digest: string;
}

export interface KeptHead {
  readonly division: string;
  readonly version: number;
  readonly digest: string;
}

export async function readMembership(sql: Sql): Promise<Membership | undefined> {
  const [row] = await sql.query<Membership>(
    "SELECT node, division, zone, anchor, above, chain FROM directory.membership",
  );
  return row;
}

export async function writeMembership(sql: Sql, { at, ...row }: Membership & { readonly at: string }): Promise<void> {
  await sql.query(
    `INSERT INTO directory.membership (node, division, zone, anchor, above, chain, joined_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [row.node, row.division, row.zone, row.anchor, row.above, row.chain, at],
  );
}

export async function replaceChain(sql: Sql, chain: string): Promise<void> {
  await sql.query("UPDATE directory.membership SET chain = $1", [chain]);
}

export async function replaceAbove(sql: Sql, above: string): Promise<void> {
  await sql.query("UPDATE directory.membership SET above = $1", [above]);
}

/** The newest head of each part. */
export async function readHeads(sql: Sql): Promise<readonly KeptHead[]> {
  return await sql.query<KeptHead>(
    `SELECT DISTINCT ON (division) division, version::float8 AS version, digest FROM directory.part
     ORDER BY division, version DESC`,
  );
}

/** The newest edition of each part. */
export async function readParts(sql: Sql): Promise<readonly KeptPart[]> {
  return await sql.query<KeptPart>(
    `SELECT division, version::float8 AS version, digest, note, document FROM (
       SELECT DISTINCT ON (division) * FROM directory.part ORDER BY division, version DESC) AS newest
     WHERE document IS NOT NULL ORDER BY division`,
  );
}

/** One edition, where its document is kept. */
export async function readPart(sql: Sql, division: string, version: number): Promise<KeptPart | undefined> {
  const [row] = await sql.query<KeptPart>(
    `SELECT division, version::float8 AS version, digest, note, document FROM directory.part
     WHERE division = $1 AND version = $2 AND document IS NOT NULL`,
    [division, version],
  );
  return row;
}

/** The notes of a part from a version on, oldest first. */
export async function readNotes(
  sql: Sql,
  { division, from, limit }: { readonly division: string; readonly from: number; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await sql.query<{ note: string }>(
    "SELECT note FROM directory.part WHERE division = $1 AND version >= $2 ORDER BY version LIMIT $3",
    [division, from, limit],
  );
  return rows.map(({ note }) => note);
}

/** Keeps editions; others' older documents are left out, their heads stay. */
export async function keepParts(
  sql: Sql,
  parts: readonly (SignedPart & { readonly isOwn: boolean })[],
  at: string,
): Promise<number> {
  let kept = 0;
  for (const { note, document, between = [], isOwn } of parts) {
    for (const older of between) kept += await keepOne(sql, older, null, at);
    kept += await keepOne(sql, note, document, at);
    const division = readNote(note)?.head.division;
    if (!isOwn) {
      await sql.query(
        `UPDATE directory.part SET document = NULL WHERE division = $1 AND document IS NOT NULL
           AND version < (SELECT max(version) FROM directory.part WHERE division = $1)`,
        [division],
      );
    }
  }
  return kept;
}

async function keepOne(sql: Sql, note: string, document: string | null, at: string): Promise<number> {
  const read = readNote(note);
  if (read === undefined) return 0;
  const { head, digest } = read;
  return await sql.execute(
    `INSERT INTO directory.part (division, version, digest, note, document, valid_until, taken_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (division, version) DO NOTHING`,
    [head.division, head.version, digest, note, document, head.until, at],
  );
}

/** What is known of each part, for `openDirectory`. */
export function knownOf(parts: readonly KeptPart[]): Map<string, KnownPart> {
  return new Map(
    parts.map(({ division, version, digest, note, document }) => {
      const keys = readNote(note)?.head.keys ?? [];
      return [division, { version, digest, keys, document: readDocument(document) }];
    }),
  );
}

/** Of two that change the directory at once, one waits for the other. */
export async function lockDirectory(sql: Sql): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('zhengtong directory', 0))");
}
