import type { Sql } from "#kernel/database/sql";

/** A node that follows a register by a grant. */
interface Following {
  readonly register: string;
  readonly node: string;
  readonly grant: number;
  readonly at: string;
}

/** Remembers that a node asked and was given what its grant names. */
export async function noteFollower(
  sql: Sql,
  { register, node, grant, at, attributes }: Following & { readonly attributes: readonly string[] },
): Promise<void> {
  await sql.execute(
    `INSERT INTO datasets.follower (register, node, grant_number, attributes, asked_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (register, node, grant_number) DO UPDATE SET asked_at = $5, attributes = $4, refused = NULL`,
    [register, node, grant, attributes, at],
  );
}

/** Remembers why it was refused, for whoever looks at it here. */
export async function noteRefused(
  sql: Sql,
  { register, node, grant, at, code }: Following & { readonly code: string },
): Promise<void> {
  await sql.execute(
    `INSERT INTO datasets.follower (register, node, grant_number, asked_at, refused) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (register, node, grant_number) DO UPDATE SET asked_at = $4, refused = $5`,
    [register, node, grant, at, code],
  );
}

/** Remembers how far it is. */
export async function noteReached(
  sql: Sql,
  { register, node, grant, at, acknowledged }: Following & { readonly acknowledged: number },
): Promise<void> {
  await sql.execute(
    `UPDATE datasets.follower SET asked_at = $4, acknowledged = $5, refused = NULL
      WHERE register = $1 AND node = $2 AND grant_number = $3`,
    [register, node, grant, at, acknowledged],
  );
}

export interface Follower {
  readonly register: string;
  readonly node: string;
  readonly grant: number;
  readonly attributes: readonly string[];
  readonly acknowledged: number | null;
  readonly asked_at: string;
  readonly refused: string | null;
}

export function followers(sql: Sql): Promise<readonly Follower[]> {
  return sql.query<Follower>(
    `SELECT register, node, grant_number AS grant, attributes, acknowledged, asked_at, refused FROM datasets.follower
      ORDER BY register, node, grant_number`,
  );
}
