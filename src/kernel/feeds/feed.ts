import type { Transaction } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import "./faults.ts";

/** A feed as it stands in one snapshot of the database. */
export interface Feed {
  readonly id: number;
  readonly store: RegisterStore;
  readonly epoch: string;
  readonly salt: Buffer;
  readonly divisionAttribute: string | undefined;
  readonly leafBits: number;
  /** Of the newest change. */
  readonly position: number;
  /** Changes behind it are kept. */
  readonly oldest: number;
}

interface FeedRow {
  readonly id: number;
  readonly epoch: string;
  readonly salt: Buffer;
  readonly division_attribute: string | null;
  readonly leaf_bits: number;
  readonly position: number;
  readonly oldest: number;
}

/**
 * Reads a feed that is ready.
 * @param lock holds it against whoever gives positions
 * @throws ERR_FEED_UNKNOWN
 */
export async function readFeed(tx: Pick<Transaction, "query">, store: RegisterStore, lock = false): Promise<Feed> {
  const [row] = await tx.query<FeedRow>(
    `SELECT id, epoch, salt, division_attribute, leaf_bits, position, oldest FROM feed.feed
      WHERE register = $1 AND state = 'ready' ${lock ? "FOR UPDATE" : ""}`,
    [store.id],
  );
  if (row === undefined) throw new Fault("ERR_FEED_UNKNOWN", { message: store.id });
  return {
    ...{ id: row.id, store, epoch: row.epoch, salt: row.salt, position: row.position, oldest: row.oldest },
    divisionAttribute: row.division_attribute ?? undefined,
    leafBits: row.leaf_bits,
  };
}

/** Divisions that begin with what a scope says: `9901` is a city and all in it; empty is everything. */
export function inScope(column: string, parameter: string): string {
  return `(${column} >= ${parameter} COLLATE "C" AND ${column} < ${parameter} || '~' COLLATE "C")`;
}

/** Digest of the version `v` of a register, as the feed takes it. */
export function digestOf(salt: string): string {
  return `feed.digest(${salt}, v.key, v.valid, v.recorded_from, v.authority, v.legal_basis, v.act_id, v.data)`;
}
