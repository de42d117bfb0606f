import type { Citation } from "#kernel/contract/citation";
import type { Sql } from "#kernel/database/sql";

/** What one node may have of a register. */
export interface Offer {
  readonly register: string;
  readonly node: string;
  readonly division: string;
  readonly attributes: readonly string[];
  readonly basis: readonly Citation[];
}

/** @param about.today YYYY-MM-DD in Asia/Shanghai: on its last day an agreement still stands */
export async function offerInForce(
  sql: Sql,
  about: { readonly register: string; readonly node: string; readonly today: string },
): Promise<Offer | undefined> {
  const { register, node, today } = about;
  const [row] = await sql.query<Offer>(
    `SELECT register, node, division, attributes, basis FROM datasets.offer
      WHERE register = $1 AND node = $2 AND ended_at IS NULL AND ends_on >= $3`,
    [register, node, today],
  );
  return row;
}

/** Remembers where the other side is, for whoever looks at the agreement. */
export async function noteAsked(
  sql: Sql,
  about: { readonly register: string; readonly node: string; readonly at: string; readonly acknowledged: number },
): Promise<void> {
  const { register, node, at, acknowledged } = about;
  await sql.execute(
    "UPDATE datasets.offer SET asked_at = $3, acknowledged = $4 WHERE register = $1 AND node = $2 AND ended_at IS NULL",
    [register, node, at, acknowledged],
  );
}

/** Whether an act gives one of the grounds that were agreed on. */
export function isOnBasis(offer: Offer, legalBasis: readonly Citation[]): boolean {
  return offer.basis.some((agreed) =>
    legalBasis.some((given) => given.law.zh === agreed.law.zh && given.article === agreed.article),
  );
}
